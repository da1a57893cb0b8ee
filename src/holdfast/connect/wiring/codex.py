"""Codex: hooks in ``hooks.json``, which a person reviews once; MCP servers in ``config.toml``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from holdfast.connect.wiring.agent import SECONDS, Addition, Agent, Block

_SHORTEST = 3
"""Seconds that Codex gives to a hook at the end of a session, at most."""


@dataclass(frozen=True)
class Codex(Agent):
    """Codex, whose settings are TOML."""

    def mcp_server(self, command: list[str]) -> Addition:
        """Return the table of the MCP server; JSON's strings and arrays of them are TOML's, too.

        It is not ``required``: a server that cannot start would keep Codex from starting.
        """
        text = (
            "[mcp_servers.holdfast]\n"
            f"command = {json.dumps(command[0])}\nargs = {json.dumps(command[1:])}\n"
            "startup_timeout_sec = 20\n"
        )
        return Block(("mcp_servers", "holdfast"), text, "the MCP server `holdfast`")


def _handler(command: str, event: str) -> dict[str, Any]:
    return {"type": "command", "command": command, "timeout": _SHORTEST if event == "end" else SECONDS}


AGENT = Codex(
    name="codex",
    title="Codex",
    record="codex",
    programs=("codex",),
    folder=(".codex",),
    variables=(("CODEX_HOME", ()),),
    events={
        "start": "SessionStart", "prompt": "UserPromptSubmit", "call": "PreToolUse", "result": "PostToolUse",
        "compact": "PreCompact", "end": "SessionEnd", "stop": "Stop",
    },
    user_file="hooks.json",
    tracked_file=".codex/hooks.json",
    handler=_handler,
    server=("config.toml", ("mcp_servers",)),
    asks="once: type /hooks in Codex and accept them; until then it leaves them out and says nothing",
    asks_tracked="runs them only in a project that it trusts; once: type /hooks in Codex and accept them",
)  # fmt: skip
