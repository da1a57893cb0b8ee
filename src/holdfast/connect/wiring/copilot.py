"""Copilot CLI: a file of hooks of our own, MCP servers in ``mcp-config.json``."""

from __future__ import annotations

from typing import Any

from holdfast.connect.wiring.agent import SECONDS, Agent, Member


def _handler(command: str, _: str) -> dict[str, Any]:
    return {"type": "command", "bash": command, "timeoutSec": SECONDS}


AGENT = Agent(
    name="copilot",
    title="Copilot CLI",
    record="copilot-cli",
    programs=("copilot",),
    folder=(".copilot",),
    variables=(("COPILOT_HOME", ()),),
    events={
        "start": "sessionStart", "prompt": "userPromptSubmitted", "call": "preToolUse",
        "result": "postToolUse", "failure": "postToolUseFailure", "compact": "preCompact",
        "end": "sessionEnd", "stop": "agentStop",
    },
    fails_by=("failure", "result"),  # a command that exits with an error is a tool that succeeded
    user_file="hooks/holdfast.json",
    tracked_file=".github/hooks/holdfast.json",
    form="flat",
    handler=_handler,
    needs=(Member(("version",), 1, "the version", support=True),),
    server=("mcp-config.json", ("mcpServers",)),
    server_entry=lambda command: {
        "type": "local", "command": command[0], "args": command[1:], "tools": ["*"],
    },
    asks_tracked="runs them only in folders it trusts; it asks when it starts in one",
)  # fmt: skip
