"""Qwen Code: Claude Code's events in ``settings.json``, times in milliseconds."""

from __future__ import annotations

from typing import Any

from holdfast.connect.wiring.agent import SECONDS, Agent


def _handler(command: str, event: str) -> dict[str, Any]:
    return {"type": "command", "command": command, "name": f"holdfast-{event}", "timeout": SECONDS * 1000}


AGENT = Agent(
    name="qwen",
    title="Qwen Code",
    record="qwen-code",
    programs=("qwen",),
    folder=(".qwen",),
    variables=(("QWEN_HOME", ()),),
    # without a person at it, it tells neither start nor end of a session, nor failures as such
    events={
        "start": "SessionStart", "prompt": "UserPromptSubmit", "call": "PreToolUse", "result": "PostToolUse",
        "compact": "PreCompact", "end": "SessionEnd", "stop": "Stop",
    },
    ends_by=("end", "stop"),
    user_file="settings.json",
    tracked_file=".qwen/settings.json",
    handler=_handler,
    matchers={"call": "run_shell_command|edit|replace|write_file"},
    server=("settings.json", ("mcpServers",)),
)  # fmt: skip
