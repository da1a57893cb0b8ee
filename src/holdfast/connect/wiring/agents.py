"""The agents that Holdfast can be wired into, and which of them are on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from holdfast.connect.wiring import claude_code, codex, copilot, cursor, gemini, opencode, qwen
from holdfast.connect.wiring.agent import Agent, Surroundings
from holdfast.errors import UsageError

AGENTS: dict[str, Agent] = {
    module.AGENT.name: module.AGENT
    for module in (claude_code, codex, copilot, gemini, qwen, cursor, opencode)
}
"""All, by the name that their hooks are called with."""

NONE = "none"
"""The name that stands for no agent at all."""

_OTHER_NAMES = {
    "claude": "claude-code", "copilot-cli": "copilot", "gemini-cli": "gemini", "qwen-code": "qwen",
    "cursor-agent": "cursor",
}  # fmt: skip

_WITHOUT_HOOKS = {"mini-swe-agent": "mini-swe-agent", "mini": "mini-swe-agent", "aider": "aider"}


class FoundAgent(NamedTuple):
    """An agent on this machine, and by what it was found."""

    agent: Agent
    by: str


def installed(around: Surroundings) -> list[FoundAgent]:
    """Return the agents that are on this machine: whose program can be run, or whose folder is there."""
    found = (FoundAgent(agent, agent.found(around)) for agent in AGENTS.values())
    return [each for each in found if each.by]


def named(names: Sequence[str]) -> tuple[Agent, ...]:
    """Return agents by name; ``none`` alone gives none.

    Raises:
        UsageError: There is no agent of a name.
    """
    if NONE in names:
        if len(set(names)) > 1:
            raise UsageError("--agent none goes alone.", "Leave it out, or the others.")
        return ()
    known = [_OTHER_NAMES.get(name, name) for name in names]
    for name in known:
        if name in _WITHOUT_HOOKS:
            hint = "Leave it out: `holdfast ingest` reads its sessions afterwards."
            raise UsageError(f"{_WITHOUT_HOOKS[name]} has no hooks to call Holdfast by.", hint)
        if name not in AGENTS:
            raise UsageError(f"There is no agent '{name}'.", f"One of: {', '.join(AGENTS)}, none.")
    return tuple(AGENTS[name] for name in dict.fromkeys(known))
