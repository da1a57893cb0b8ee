"""What `holdfast init --level` installs into agents: what the level has, nothing later, up and down."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from holdfast.connect import levels
from holdfast.hook.levels import NAMES
from holdfast.repo.location import Repository
from holdfast.testing import repositories

AGENTS = ("claude-code", "codex", "copilot", "gemini", "qwen", "cursor", "opencode")
NEAREST = {"failure": "result", "end": "stop"}
"""What an agent is given that lacks an event."""
_CALL = re.compile(rf"({'|'.join(AGENTS)})\W+(start|prompt|call|result|failure|compact|end|stop)\b")
_DERIVED = (".local/state", ".gitconfig")

Install = Callable[..., None]


class Installed(NamedTuple):
    """What stands in a home and in a repository's files."""

    files: dict[str, str]

    @property
    def events(self) -> set[str]:
        """Return the events at which any agent calls the hook."""
        return {event for text in self.files.values() for _, event in _CALL.findall(text)}

    @property
    def parts(self) -> set[str]:
        """Return what is there besides hooks."""
        told = "\n".join(self.files.values())
        signs = {
            "status-line": "statusLine" in told,
            "mcp": "mcpServers" in told or "mcp_servers" in told,
            "skills": any(path.endswith("SKILL.md") for path in self.files),
            "blocks": "project/AGENTS.md" in self.files,
        }
        return {part for part, there in signs.items() if there}


@pytest.fixture
def project(isolated_home: Path, tmp_path: Path) -> Repository:
    return repositories.make_repository(tmp_path / "project")


@pytest.fixture
def install(project: Repository, program: Callable[..., object]) -> Install:
    def run(level: str) -> None:
        wanted = [word for agent in AGENTS for word in ("--agent", agent)]
        done = program("init", "--yes", "--level", level, *wanted, cwd=project.directory)
        assert getattr(done, "code", 1) == 0, done

    return run


def installed(home: Path, project: Repository) -> Installed:
    """Read what stands there, but git's own files, and what Holdfast notes of itself."""
    files = {}
    for name, top in (("home", home), ("project", project.directory)):
        for path in sorted(top.rglob("*")):
            place = path.relative_to(top).as_posix()
            if path.is_file() and not place.startswith((".git/", "state/", *_DERIVED)):
                files[f"{name}/{place}"] = path.read_text(errors="replace")
    return Installed(files)


@pytest.mark.parametrize("level", NAMES)
def test_a_level_installs_what_it_has_and_nothing_of_a_later_one(
    isolated_home: Path, project: Repository, install: Install, level: str
) -> None:
    install(level)
    found = installed(isolated_home, project)
    wanted = set(levels.events(level))
    assert wanted <= found.events <= wanted | {NEAREST[event] for event in wanted & set(NEAREST)}
    assert found.parts == set(levels.parts(level))


def test_going_down_and_up_leaves_the_same_as_going_there_at_once(
    isolated_home: Path, project: Repository, install: Install
) -> None:
    at = {}
    for level in NAMES:
        install(level)
        at[level] = installed(isolated_home, project)
    for level in (*reversed(NAMES), "knowledge", "foundation", "quickstart"):
        install(level)
        assert installed(isolated_home, project) == at[level], level
    assert at["quickstart"].events == set()
