"""Where a log was left, so that the next reading goes on from there."""

from __future__ import annotations

import hashlib
from typing import Any, BinaryIO

import msgspec

from holdfast.transcripts.events import SessionInfo
from holdfast.transcripts.whole import WholeState

PROBE = 4096
"""Bytes at the start of a file, and before the offset, by which a rewritten file is told."""

CHECKPOINT_VERSION = 2


class Checkpoint(msgspec.Struct, kw_only=True, frozen=True):
    """Where a log was left: enough to go on when it has grown, and to notice when it was rewritten.

    Attributes:
        reader: The agent whose reader read it.
        offset: The offset after the last complete line; the size of a whole document.
        size: The size of the file then.
        head: The SHA-256 of the first bytes of the file (at most `PROBE`, and none beyond the offset).
        tail: The SHA-256 of the bytes before the offset (at most `PROBE`).
        state: What the reader needs to go on.
        session: What is known of the session so far.
        lines: How many lines before the offset end with a newline; the messages of a whole document.
        whole: What was taken out of it, when its format is one document that is rewritten as it grows.
    """

    version: int = CHECKPOINT_VERSION
    reader: str
    offset: int
    size: int
    head: str
    tail: str
    state: dict[str, Any]
    session: SessionInfo
    lines: int = 0
    whole: WholeState | None = None


def has_only_grown(file: BinaryIO, size: int, since: Checkpoint) -> bool:
    """Tell whether the bytes of a log up to a checkpoint are those that were read then."""
    if since.version != CHECKPOINT_VERSION or not 0 < since.offset <= size:
        return False
    return probe(file, since.offset) == (since.head, since.tail)


def probe(file: BinaryIO, offset: int) -> tuple[str, str]:
    """Return the digests of the first bytes of a file and of those before an offset."""
    file.seek(0)
    head = file.read(min(PROBE, offset))
    start = max(0, offset - PROBE)
    file.seek(start)
    tail = file.read(offset - start)
    return hashlib.sha256(head).hexdigest(), hashlib.sha256(tail).hexdigest()
