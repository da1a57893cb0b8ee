"""One finding of `holdfast doctor`: what was found, where, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found.

    Attributes:
        level: ``ok``; ``note`` is worth knowing; ``problem`` keeps something from working.
        name: What was looked at.
        what: What was found.
        where: The path or ref it was found at; may be empty.
        hint: What to do next; empty when nothing is to be done.
    """

    level: Literal["ok", "note", "problem"]
    name: str
    what: str
    where: str = ""
    hint: str = ""


def ok(name: str, what: str, where: Path | str = "") -> Finding:
    """Return a finding that all is well."""
    return Finding(level="ok", name=name, what=what, where=_text(where))


def note(name: str, what: str, where: Path | str = "", hint: str = "") -> Finding:
    """Return a finding worth knowing."""
    return Finding(level="note", name=name, what=what, where=_text(where), hint=hint)


def problem(name: str, what: str, where: Path | str = "", hint: str = "") -> Finding:
    """Return a finding that keeps something from working."""
    return Finding(level="problem", name=name, what=what, where=_text(where), hint=hint)


def _text(where: Path | str) -> str:
    return str(where).encode("utf-8", "backslashreplace").decode()
