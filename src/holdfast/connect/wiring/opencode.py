"""OpenCode: a plug-in of one file in its own folder, never in a repository.

A plug-in in a repository would make OpenCode install packages there at its next start.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from holdfast.connect.wiring.agent import Addition, Agent, Surroundings, Text

_EVENTS = ("start", "prompt", "call", "result", "failure", "compact", "end")


@dataclass(frozen=True)
class OpenCode(Agent):
    """OpenCode, which loads a program in place of calling commands."""

    def hooks(self, events: tuple[str, ...], launcher: str | None) -> list[Addition]:
        """Return the plug-in; nothing for a repository."""
        if launcher is None or not events:
            return []
        text = resources.files("holdfast.connect.wiring").joinpath("opencode_plugin.js").read_text("utf-8")
        wired = json.dumps(self.wired_events(events))
        text = text.replace('["EVENTS"]', wired).replace('"LAUNCHER"', json.dumps(launcher))
        return [Text(text, "a plug-in")]

    def server_file(self, around: Surroundings) -> Path | None:
        """Return its settings, with or without comments."""
        with_comments = self.place(around) / "opencode.jsonc"
        return with_comments if with_comments.is_file() else self.place(around) / "opencode.json"


AGENT = OpenCode(
    name="opencode",
    title="OpenCode",
    record="opencode",
    programs=("opencode",),
    folder=(".config", "opencode"),
    variables=(("OPENCODE_CONFIG_DIR", ()), ("XDG_CONFIG_HOME", ("opencode",))),
    events={event: event for event in _EVENTS},
    user_file="plugins/holdfast.js",
    server=("opencode.json", ("mcp",)),
    server_entry=lambda command: {"type": "local", "command": command, "enabled": True},
    tells="with its first plug-in, OpenCode installs a package of its own into its folder (half a minute)",
)
