"""Claude Code: hooks in ``settings.json``, MCP servers in ``.claude.json``, a status line of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from holdfast.connect.wiring.agent import SECONDS, Agent, Member, Surroundings, launcher_command


@dataclass(frozen=True)
class ClaudeCode(Agent):
    """Claude Code, whose MCP servers are in the home itself unless its folder was moved."""

    def server_file(self, around: Surroundings) -> Path | None:
        """Return ``.claude.json``."""
        return (around.named("CLAUDE_CONFIG_DIR") or around.home) / ".claude.json"


def _handler(command: str, _: str) -> dict[str, Any]:
    return {"type": "command", "command": command, "timeout": SECONDS}


def status_line(launcher: str) -> Member:
    """Return the status line; one of the user's own is never replaced."""
    command = launcher_command(launcher, "claude-code", "statusline")
    return Member(("statusLine",), {"type": "command", "command": command}, "the status line")


AGENT = ClaudeCode(
    name="claude-code",
    title="Claude Code",
    record="claude-code",
    programs=("claude",),
    folder=(".claude",),
    variables=(("CLAUDE_CONFIG_DIR", ()),),
    events={
        "start": "SessionStart", "prompt": "UserPromptSubmit", "call": "PreToolUse", "result": "PostToolUse",
        "failure": "PostToolUseFailure", "compact": "PreCompact", "end": "SessionEnd", "stop": "Stop",
    },
    user_file="settings.json",
    tracked_file=".claude/settings.json",
    handler=_handler,
    matchers={"call": "Bash|Edit|MultiEdit|Write|NotebookEdit|AskUserQuestion"},
    server=(".claude.json", ("mcpServers",)),
    server_entry=lambda command: {"type": "stdio", "command": command[0], "args": command[1:], "env": {}},
)  # fmt: skip
