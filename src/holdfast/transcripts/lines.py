"""Read a log line by line in bounded memory, with the evidence of which bytes were read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

LINE_LIMIT = 16 * 1024 * 1024
"""Bytes of the longest line that is read; a longer one is passed over and counted."""

CHUNK = 256 * 1024
BLANK = b" \t\r\n"


class LineReader:
    """Give the complete lines of a binary file between two offsets.

    A last line without a newline is not given: it is kept in `tail`, because its writer may not
    have finished it. Memory is bounded by the line limit, whatever the file holds.

    Args:
        file: An open binary file.
        start: The offset of the first byte to read.
        end: The offset to stop at: the size of the file when it was opened.
        limit: The longest line given, in bytes.

    Attributes:
        offset: The offset just after the last complete line, whether given or passed over.
        oversized: How many lines were passed over.
        line: The number of the line last given, counted from the start of this go.
        complete: How many lines before the offset end with a newline.
        tail: What follows the last newline; empty when that is longer than the limit.
    """

    def __init__(self, file: BinaryIO, start: int, end: int, *, limit: int = LINE_LIMIT) -> None:
        self._file = file
        self._start = start
        self._end = end
        self._limit = limit
        self._hash = hashlib.sha256()
        self.offset = start
        self.oversized = 0
        self.tail = b""
        self.line = 0
        self.complete = 0

    def __iter__(self) -> Iterator[bytes]:
        """Give each complete line that is not blank, without its newline."""
        self._file.seek(self._start)
        position = self._start
        running = self._hash.copy()
        parts: list[bytes] = []
        held = 0
        while position < self._end:
            chunk = self._file.read(min(CHUNK, self._end - position))
            if not chunk:
                break  # the file shrank while it was read
            first = chunk.find(b"\n")
            last = chunk.rfind(b"\n")
            if first < 0:
                held = self._hold(parts, chunk, held)
                running.update(chunk)
                position += len(chunk)
                continue
            self._hold(parts, chunk[:first], held)
            running.update(memoryview(chunk)[: last + 1])
            self._hash = running.copy()
            running.update(memoryview(chunk)[last + 1 :])
            self.offset = position + last + 1
            position += len(chunk)
            self.line += 1
            if held + first > self._limit:
                self.oversized += 1
            else:
                line = b"".join(parts)
                if line.strip(BLANK):
                    yield line
            parts = []
            if last > first:
                for line in chunk[first + 1 : last].split(b"\n"):
                    self.line += 1
                    if len(line) > self._limit:
                        self.oversized += 1
                    elif line.strip(BLANK):
                        yield line
            held = self._hold(parts, chunk[last + 1 :], 0)
        self.complete = self.line
        self.tail = b"".join(parts) if held <= self._limit else b""

    def take_tail(self) -> None:
        """Count the unfinished last line as read: it proved to be a whole record."""
        self._hash.update(self.tail)
        self.offset += len(self.tail)
        self.tail = b""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the bytes from the start to `offset`, in hexadecimal."""
        return self._hash.hexdigest()

    def _hold(self, parts: list[bytes], piece: bytes, held: int) -> int:
        """Keep a piece of an unfinished line, or let go of it all once it is too long."""
        if held + len(piece) > self._limit:
            parts.clear()
        else:
            parts.append(piece)
        return held + len(piece)
