"""Keep in mind what outlives a Claude Code call's own record: background commands and subagents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

KEPT = 1000
"""How many unfinished commands and subagents are kept in mind."""

T = TypeVar("T")


class Tasks:
    """Follow the commands that went on in the background and the subagents that calls began."""

    def __init__(self) -> None:
        self._commands: dict[str, str] = {}
        self._kinds: dict[str, str | None] = {}
        self._agents: dict[str, str] = {}

    def went_to_background(self, task: str, call: str) -> None:
        """Take note that a call's command goes on as a task."""
        _keep(self._commands, task, call)

    def came_back(self, task: str) -> str | None:
        """Return the call whose command ran as a task, once."""
        return self._commands.pop(task, None)

    def called_subagent(self, call: str, kind: str | None) -> None:
        """Take note that a call begins a subagent of a kind."""
        _keep(self._kinds, call, kind)

    def saw_subagent(self, call: str, agent: str) -> str | None:
        """Take note which subagent a call began; return its kind."""
        if call in self._kinds:
            _keep(self._agents, call, agent)
        return self._kinds.get(call)

    def is_subagent_call(self, call: str) -> bool:
        """Tell whether a call begins a subagent and has no result yet."""
        return call in self._kinds

    def subagent_returned(self, call: str) -> tuple[str | None, str | None]:
        """Return the kind of the subagent that a call began, and its id when it was seen."""
        return self._kinds.pop(call, None), self._agents.pop(call, None)

    def state(self) -> dict[str, Any]:
        """Return what is kept in mind."""
        return {"commands": self._commands, "kinds": self._kinds, "agents": self._agents}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._commands = dict(state["commands"])
        self._kinds = dict(state["kinds"])
        self._agents = dict(state["agents"])


def _keep(known: dict[str, T], key: str, value: T) -> None:
    """Keep the most recent entries only, so that no log makes memory grow without end."""
    known[key] = value
    if len(known) > KEPT:
        del known[next(iter(known))]
