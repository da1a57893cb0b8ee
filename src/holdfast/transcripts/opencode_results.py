"""Read the outcome of an OpenCode tool call from its state.

Exit codes stand in the metadata. What a person or a rule refused is an error whose text is one of a few
fixed sentences of the client.
"""

from __future__ import annotations

import re
from typing import Any

from holdfast.hook.patterns import regex
from holdfast.transcripts.hook_texts import without_hooks
from holdfast.transcripts.outcome import Outcome
from holdfast.transcripts.tools import tool_of
from holdfast.transcripts.values import exit_code_of, table, text_of

_REFUSED = regex(
    r"(?:Error: |\w*RejectedError: )?(?:The user rejected permission to use this|"
    r"The user has specified a rule which prevents you|The user dismissed this question|"
    r"Tool execution aborted|User aborted the command)"
)
_FEEDBACK = regex(r"with the following feedback: (.+)", re.DOTALL)
_NOTES = ("bash_metadata", "shell_metadata")
_ABORTED = "User aborted the command"
_INVALID = "invalid"
"""The tool that a call is given to when its name or its arguments are wrong."""


def read_outcome(name: str, state: dict[str, Any]) -> Outcome | None:
    """Return the outcome that a tool part's state holds; None while the call runs.

    Args:
        name: The tool's name.
        state: The part's ``state``.
    """
    if state.get("status") == "error":
        text = text_of(state.get("error"))
        if not _REFUSED.match(text):
            return Outcome("failed", text)
        said = _FEEDBACK.search(text)
        return Outcome("rejected", text, None, said[1].strip() or None if said else None)
    if state.get("status") != "completed":
        return None
    text = without_hooks(text_of(state.get("output")))
    if tool_of(name) != "Bash":
        return Outcome("failed" if name == _INVALID else "ok", text)
    metadata = table(state.get("metadata"))
    code = exit_code_of(metadata.get("exit"))
    noted = _noted(text)
    if code is None and _ABORTED in noted:
        return Outcome("rejected", text)
    killed = code is None and (noted != "" or "exit" in metadata)
    return Outcome("failed" if code or killed else "ok", text, code)


def _noted(text: str) -> str:
    """Return what the client noted below a command's output; "" when it noted nothing."""
    text = text.rstrip()
    for name in _NOTES:
        _, opened, note = text.rpartition(f"<{name}>\n")
        if opened and note.endswith(f"</{name}>"):
            return note
    return ""
