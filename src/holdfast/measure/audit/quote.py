"""Quote lines of a memory in a report: one line, no secret, no escape, not too long."""

from __future__ import annotations

from holdfast.hook.signature import plain
from holdfast.learn.redact import redact
from holdfast.measure.audit.finding import MAX_TEXT, Place
from holdfast.measure.audit.memory import Entry, Memory


def quote(memory: Memory, line: int, end: int | None = None) -> str:
    """Return what stands on some lines, fit to be shown."""
    return shown("\n".join(memory.lines[line - 1 : end or line]))


def shown(text: str) -> str:
    """Return a text fit to be shown: without secrets, on one line, cut."""
    clean = text[: MAX_TEXT * 10].encode("utf-8", "replace").decode()
    flat = " ".join(plain(redact(clean)).split())
    return flat if len(flat) <= MAX_TEXT else flat[: MAX_TEXT - 1] + "…"


def place(memory: Memory, entry: Entry) -> Place:
    """Return where an entry stands."""
    text = shown(entry.text) if memory.format != "markdown" else quote(memory, entry.line, entry.end)
    return Place(path=memory.path, line=entry.line, end=entry.end, text=text)
