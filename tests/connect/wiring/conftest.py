"""A home with the folders of agents, and a repository."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.connect.wiring.agent import Surroundings, called
from holdfast.connect.wiring.installing import Plan, Wiring
from holdfast.connect.wiring.json_text import Document
from holdfast.repo.location import Repository

FOLDERS = {
    "claude-code": ".claude", "codex": ".codex", "copilot": ".copilot", "gemini": ".gemini",
    "qwen": ".qwen", "cursor": ".cursor", "opencode": "config/opencode",
}  # fmt: skip

Init = Callable[..., Wiring]
Install = Callable[..., None]

CLAUDE = ".claude/settings.json"
THEIRS: dict[str, str] = {
    CLAUDE: '{\n    "model": "opus", // mine\n    "hooks": {\n        "Stop": [],\n'
    '        "SessionStart": [\n            {"hooks": [{"type": "command", "command": "date"}]}\n'
    "        ]\n    }\n}\n",
    ".codex/hooks.json": '{"hooks":{"PreToolUse":[{"matcher":"Bash",'
    '"hooks":[{"type":"command","command":"x"}]}]}}',
    ".codex/config.toml": 'model = "gpt-5.5" # mine\n\n[mcp_servers.notes]\ncommand = "notes"',
    ".gemini/settings.json": '{\r\n\t"theme": "dark"\r\n}',
    ".qwen/settings.json": "",
    ".cursor/hooks.json": '{"version": 1, "hooks": {}}\n',
    ".copilot/mcp-config.json": "{}",
    "config/opencode/opencode.json": '{\n  "model": "x/y",\n}\n',
}
"""Settings of somebody who uses these agents, in the many ways that such files are written."""


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


@pytest.fixture
def used(home: Path, install: Install) -> Path:
    """A home whose agents have settings."""
    install()
    for name, text in THEIRS.items():
        (home / name).write_bytes(text.encode())
    return home


def commands(value: Any) -> list[str]:
    """Return every command line in some settings."""
    if isinstance(value, dict):
        own = [value[name] for name in ("command", "bash") if isinstance(value.get(name), str)]
        return own + [each for inner in value.values() for each in commands(inner)]
    return [each for inner in value for each in commands(inner)] if isinstance(value, list) else []


def wired(path: Path) -> set[tuple[str, str]]:
    """Return the agents and events that a file of settings calls us for."""
    if not path.exists():
        return set()
    return {found for each in commands(Document(path.read_text()).value()) if (found := called(each))}


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder, and the folders, but for git's own settings."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"<folder>"
        for path in sorted(folder.rglob("*"))
        if path.name != ".gitconfig"
    }
