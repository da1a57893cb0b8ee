"""Cursor: hooks in ``hooks.json``, MCP servers in ``mcp.json``."""

from __future__ import annotations

from typing import Any

from holdfast.connect.wiring.agent import SECONDS, Agent, Member


def _handler(command: str, _: str) -> dict[str, Any]:
    return {"command": command, "timeout": SECONDS}


AGENT = Agent(
    name="cursor",
    title="Cursor",
    record="cursor",
    programs=("cursor-agent", "cursor"),
    folder=(".cursor",),
    events={
        "start": "sessionStart", "prompt": "beforeSubmitPrompt", "call": "preToolUse",
        "result": "postToolUse", "failure": "postToolUseFailure", "compact": "preCompact",
        "end": "sessionEnd", "stop": "stop",
    },
    fails_by=("failure", "result"),  # it does not say which one tells of a command's exit code
    user_file="hooks.json",
    tracked_file=".cursor/hooks.json",
    form="flat",
    handler=_handler,
    needs=(Member(("version",), 1, "the version", support=True),),
    server=("mcp.json", ("mcpServers",)),
)  # fmt: skip
