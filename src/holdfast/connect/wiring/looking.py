"""Look at how agents are wired for a repository: what is there, and what keeps it from working."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from holdfast.connect.wiring import change, registry
from holdfast.connect.wiring.agent import Agent, Surroundings, called
from holdfast.connect.wiring.agents import AGENTS
from holdfast.connect.wiring.json_text import Document
from holdfast.evidence import journal
from holdfast.hook import clock
from holdfast.hook.run import QUIET
from holdfast.repo.location import Repository
from holdfast.transcripts.discovery import discover

_LOOKED_BACK = 14 * 86_400.0
_OFF = {
    "claude-code": (("disableAllHooks",), True),
    "qwen": (("disableAllHooks",), True),
    "gemini": (("hooksConfig", "enabled"), False),
}
"""The setting by which an agent runs no hooks at all."""


class Hook(NamedTuple):
    """A hook of ours in a file of settings: what it calls, the agent's event, and its place in the file."""

    event: str
    own_event: str
    group: int
    inner: int


def document(path: Path, top: Path | None = None) -> Document | None:
    """Return a JSON file of settings; None where there is none that can be read."""
    data, _ = change.read(path, top)
    try:
        return Document(data.decode("utf-8")) if data else None
    except ValueError:
        return None


def hooks_in(found: Document | None) -> Iterator[Hook]:
    """Yield the hooks of ours in a file."""
    hooks = found.value(("hooks",)) if found is not None else None
    for own_event, groups in (hooks if isinstance(hooks, dict) else {}).items():
        for group, value in enumerate(groups if isinstance(groups, list) else ()):
            inside = value.get("hooks", [value]) if isinstance(value, dict) else []
            for inner, each in enumerate(inside if isinstance(inside, list) else ()):
                line = each.get("command", each.get("bash")) if isinstance(each, dict) else None
                if (ours := called(line)) is not None:
                    yield Hook(ours.event, own_event, group, inner)


def is_off(agent: Agent, around: Surroundings) -> str:
    """Return the setting by which the user switched all hooks of an agent off; empty when they run."""
    if agent.name not in _OFF:
        return ""
    place, value = _OFF[agent.name]
    found = document(agent.hooks_file(around))
    return ".".join(place) if found is not None and found.value(place) is value else ""


def unreviewed(agent: Agent, around: Surroundings) -> list[str]:
    """Return the events whose hooks Codex has not been told to run.

    It keeps what was accepted in ``config.toml`` under ``hooks.state``, by file, event, and place in it.
    """
    path = agent.hooks_file(around)
    ours = list(hooks_in(document(path)))
    data, _ = change.read(agent.place(around) / "config.toml", None)
    try:
        settings = tomllib.loads((data or b"").decode("utf-8"))
    except (ValueError, RecursionError):
        return []
    state = _table(_table(settings, "hooks"), "state")
    names = {str(path), str(path.resolve())}
    accepted = {
        name
        for name, told in state.items()
        if isinstance(told, dict) and told.get("enabled", True) is not False
    }
    return [
        hook.own_event
        for hook in ours
        if not any(f"{name}:{_snake(hook.own_event)}:{hook.group}:{hook.inner}" in accepted for name in names)
    ]


class Activity:
    """What agents did in a repository of late: their sessions, and those that called Holdfast.

    Args:
        repository: Which.
        around: The user's home.
    """

    def __init__(self, repository: Repository, around: Surroundings) -> None:
        self.repository, self.around = repository, around

    def never_called(self, agent: Agent, relying: registry.Relying) -> bool:
        """Tell whether an agent had sessions here since it was wired, and none of them called Holdfast.

        A journal without a start, as of an agent that does not tell it, may be any agent's. Journals of
        sessions long silent are moved away, so only the last weeks count; while hooks are told to be quiet
        nothing does.
        """
        if (self.repository.state_dir / QUIET).exists():
            return False
        since = max(relying.since, relying.agents_since.get(agent.name, 0), clock.now() - _LOOKED_BACK)
        names = (agent.name, agent.record)
        started = (each.started for each in journal.read_all(self.repository, since))
        if any(start is None or start.agent in names for start in started):
            return False
        return self._latest.get(agent.record, 0.0) > since

    @cached_property
    def _latest(self) -> dict[str, float]:
        """When each agent last wrote a log of a session here, in seconds since the epoch."""
        roots = self.repository.worktrees() or [self.repository.directory]
        logs = discover(roots, self.around.home, environ=self.around.variables)
        return {log.agent: log.mtime for log in logs}  # the oldest first, so the newest stays


def shared_hooks(repository: Repository, agent: Agent) -> str:
    """Return the file in this repository that calls Holdfast for an agent, too; empty for none."""
    if repository.root is None or not agent.tracked_file:
        return ""
    names = [agent.tracked_file]
    if agent.name == "claude-code":
        names.append(".claude/settings.local.json")
    for name in names:
        if any(hooks_in(document(repository.root / name, repository.root))):
            return name
    return ""


def calls_by_shared(repository: Repository, name: str, around: Surroundings) -> bool:
    """Tell whether an agent calls Holdfast by a file in this repository, and what that calls is installed."""
    return bool(shared_hooks(repository, AGENTS[name]) and shared_program(around))


def shared_program(around: Surroundings) -> str | None:
    """Return the program that files for colleagues call; None where it is not installed."""
    return shutil.which("holdfast-hook", path=around.variables.get("PATH"))


def _table(found: Any, name: str) -> dict[str, Any]:
    value = found.get(name) if isinstance(found, dict) else None
    return value if isinstance(value, dict) else {}


def _snake(name: str) -> str:
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).lstrip("_")
