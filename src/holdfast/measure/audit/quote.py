"""Quote lines of a memory in a report: one line, no secret, no escape, not too long."""

from __future__ import annotations

from holdfast.hook.signature import plain
from holdfast.learn.redact import redact
from holdfast.measure.audit.credentials import without_secrets
from holdfast.measure.audit.finding import MAX_TEXT, Place
from holdfast.measure.audit.memory import Entry, Memory

_AROUND = 3
"""Lines on either side of a line that may tell that it holds a secret."""


def quote(memory: Memory, line: int, end: int | None = None) -> str:
    """Return what stands on some lines, fit to be shown; the lines around them help to know a secret."""
    first, last = max(line - 1 - _AROUND, 0), (end or line) + _AROUND
    clean = hidden("\n".join(memory.lines[first:last])).split("\n")
    return shown("\n".join(clean[line - 1 - first : (end or line) - first]))


def shown(text: str) -> str:
    """Return a text fit to be shown: without secrets, on one line, cut."""
    clean = text[: MAX_TEXT * 10].encode("utf-8", "replace").decode()
    flat = " ".join(plain(redact(hidden(clean))).split())
    return flat if len(flat) <= MAX_TEXT else flat[: MAX_TEXT - 1] + "…"


def hidden(text: str) -> str:
    """Return a text with a mark in place of each secret, line by line as it was."""
    return without_secrets(text, "[redacted:{}]", keep_lines=True)


def place(memory: Memory, entry: Entry) -> Place:
    """Return where an entry stands."""
    text = shown(entry.text) if memory.format != "markdown" else quote(memory, entry.line, entry.end)
    return Place(path=memory.path, line=entry.line, end=entry.end, text=text)
