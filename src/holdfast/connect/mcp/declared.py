"""What a client is told of the server and its tools: plain data, because it must be told at once.

Every word of it may stand in each request to a model, so there are few. Only the standard library is needed.
"""

from __future__ import annotations

from typing import Any

NAME = "holdfast"
"""What the server is called; agents make it part of the tools' names."""
VERSION = "0.1.0"
"""The version of this package; looking it up takes longer than all the rest of an answer."""
INSTRUCTIONS = "Lessons of earlier sessions. Recall after a failure, before a decision."

_OUTCOMES = ["helped", "wrong", "stale"]


def _tool(
    name: str, description: str, properties: dict[str, Any], *required: str, reads: bool
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    hints = {"readOnlyHint": reads, "openWorldHint": False}
    if not reads:
        hints |= {"destructiveHint": False, "idempotentHint": True}
    return {"name": name, "description": description, "inputSchema": schema, "annotations": hints}


def _text() -> dict[str, str]:
    return {"type": "string"}


TOOLS: tuple[dict[str, Any], ...] = (
    _tool(
        "recall",
        "What is known of words, an id or file (query), a command, its failure (output), an approach.",
        {"query": _text(), "command": _text(), "output": _text(), "approach": _text()},
        reads=True,
    ),
    _tool(
        "learn",
        "Propose a lesson: do X because Y; Z failed. Quote the user's exact words if they said so.",
        {"text": _text(), "quote": _text()},
        "text",
        reads=False,
    ),
    _tool(
        "cite",
        "Say how a lesson turned out.",
        {"id": _text(), "outcome": {"enum": _OUTCOMES}, "note": _text()},
        "id",
        "outcome",
        reads=False,
    ),
    _tool("brief", "What is known for a task.", {"task": _text()}, "task", reads=True),
)
"""The tools as ``tools/list`` gives them, in the order in which an agent needs them."""
