"""A home with the folders of agents, and a repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.connect.wiring.agent import Surroundings
from holdfast.connect.wiring.installing import Plan, Wiring
from holdfast.repo.location import Repository

FOLDERS = {
    "claude-code": ".claude", "codex": ".codex", "copilot": ".copilot", "gemini": ".gemini",
    "qwen": ".qwen", "cursor": ".cursor", "opencode": "config/opencode",
}  # fmt: skip

Init = Callable[..., Wiring]


@pytest.fixture
def around(home: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """A home in which no agent is installed; ``PATH`` has none either."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return Surroundings(home, dict(os.environ, PATH=""))


@pytest.fixture
def install(home: Path) -> Callable[..., None]:
    """Make the folders that agents make in a home."""

    def make(*names: str) -> None:
        for name in names or FOLDERS:
            (home / FOLDERS[name]).mkdir(parents=True, exist_ok=True)

    return make


@pytest.fixture
def init(around: Surroundings, repository: Repository) -> Init:
    """Wire agents for the repository, or another one."""

    def do(level: str = "foundation", **options: object) -> Wiring:
        of = options.pop("of", repository)
        return Plan(of, level=level, around=around, **options).do()  # type: ignore[arg-type]

    return do


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder, and the folders, but for git's own settings."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"<folder>"
        for path in sorted(folder.rglob("*"))
        if path.name != ".gitconfig"
    }
