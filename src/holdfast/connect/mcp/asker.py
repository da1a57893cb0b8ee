"""Who asks: which agent, and in which of its sessions, as far as its client says so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_CLIENTS = {
    "claude-code": "claude-code",
    "codex-mcp-client": "codex",
    "gemini-cli-mcp-client": "gemini-cli",
    "qwen-code-mcp-client": "qwen-code",
    "copilot": "copilot-cli",
    "github-copilot-cli": "copilot-cli",
}
"""Names that clients give themselves, with the name that the agent's sessions have on record."""
_UNFIT = re.compile(r"[^a-z0-9._-]+")
_LONGEST = 40


class Asker(NamedTuple):
    """An agent, and its own id of the session that asks; empty where it is not known."""

    agent: str = ""
    session: str = ""


def asker_of(client: str, meta: Mapping[str, Any], environment: Mapping[str, str]) -> Asker:
    """Return who asks.

    Claude Code names its session in the environment of the servers that it starts, Codex in each call (seen
    with 2.1.330 and 0.169.0).

    Args:
        client: The name that the client gives itself.
        meta: The ``_meta`` of the call.
        environment: The variables of the server that this client alone started.
    """
    agent = _CLIENTS.get(client) or _UNFIT.sub("-", client.lower())[:_LONGEST].strip("-")
    session: object = ""
    if agent == "claude-code":
        session = environment.get("CLAUDE_CODE_SESSION_ID")
    elif agent == "codex":
        turn = meta.get("x-codex-turn-metadata")
        session = turn.get("session_id") if isinstance(turn, Mapping) else meta.get("sessionId")
    return Asker(agent, session if isinstance(session, str) else "")
