"""Gemini CLI: hooks and MCP servers in ``settings.json``, times in milliseconds.

Its ``PreCompress`` comes before every call of the model, whether anything is compressed or not: of no use.
"""

from __future__ import annotations

from typing import Any

from holdfast.connect.wiring.agent import SECONDS, Agent


def _handler(command: str, event: str) -> dict[str, Any]:
    return {"name": f"holdfast-{event}", "type": "command", "command": command, "timeout": SECONDS * 1000}


AGENT = Agent(
    name="gemini",
    title="Gemini CLI",
    record="gemini-cli",
    programs=("gemini",),
    folder=(".gemini",),
    variables=(("GEMINI_CLI_HOME", (".gemini",)),),
    events={
        "start": "SessionStart", "prompt": "BeforeAgent", "call": "BeforeTool", "result": "AfterTool",
        "end": "SessionEnd", "stop": "AfterAgent",
    },
    user_file="settings.json",
    tracked_file=".gemini/settings.json",
    handler=_handler,
    matchers={"call": "run_shell_command|replace|write_file"},
    server=("settings.json", ("mcpServers",)),
    asks_tracked="shows them, and asks once, when it starts in this folder",
)  # fmt: skip
