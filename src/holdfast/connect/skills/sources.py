"""The skills that ship with the package: folders by the Agent Skills standard, one copy for every use.

Each lies in ``texts/<name>/SKILL.md`` and is installed as it is; a plug-in, which puts its own name before
theirs, has them under their short names. The standard: https://agentskills.io/specification
"""

from __future__ import annotations

import re
from importlib import resources

import msgspec

PREFIX = "holdfast-"
"""How the names begin, so that they stand together and meet no other skill."""
NAMES = ("holdfast-research", "holdfast-validate", "holdfast-learn")
"""The skills, in the order in which a task meets them."""

_NAME = re.compile(r"^name: .*$", re.MULTILINE)


class Skill(msgspec.Struct, frozen=True, kw_only=True):
    """One skill.

    Attributes:
        name: Its name, which is that of its folder.
        description: When to use it, and what it does: all that is told before it is used.
        text: Its whole ``SKILL.md``.
    """

    name: str
    description: str
    text: str

    @property
    def line(self) -> str:
        """Return what a session is told of it at its start, as clients list it."""
        return f"- {self.name}: {self.description}\n"


def skills() -> tuple[Skill, ...]:
    """Return the skills that ship with the package, each complete in one file."""
    return tuple(_skill(name) for name in NAMES)


def renamed(skill: Skill, name: str) -> Skill:
    """Return a skill under another name, the rest as it is."""
    text = _NAME.sub(f"name: {name}", skill.text, count=1)
    return msgspec.structs.replace(skill, name=name, text=text)


def short_name(skill: Skill) -> str:
    """Return the name of a skill where that of the package stands before it already."""
    return skill.name.removeprefix(PREFIX)


def _skill(name: str) -> Skill:
    text = resources.files(__package__).joinpath("texts", name, "SKILL.md").read_text("utf-8")
    told = re.search(r"^description: (.*)$", text, re.MULTILINE)
    return Skill(name=name, description=told.group(1) if told else "", text=text)
