"""Read what hooks may tell: one sorted file of ``key<TAB>JSON`` lines, searched by bisection.

The whole of Holdfast computes it (`holdfast.recall.publish`) and replaces it by rename, so that a hook never
waits for a lock, never sees half of it, and imports no database. A file that is damaged tells nothing.

The first line is the format's name. Keys are sorted by their bytes. Those with a colon hold one answer each
(``fix:1:SPECIFIC``, ``fix:0:FAMILY``, ``calls:COMMAND``), the others what is read whole (``meta``, ``start``,
``guards``).
"""

from __future__ import annotations

import os

from .json_reading import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME = "hook.lines"
HEADER = b"holdfast.hook/1\n"
_STEP = 512
_LONGEST = 1 << 20


class Published:
    """The answers of one repository, open to read.

    Args:
        path: The file.

    Raises:
        OSError: It is not there, or is no file of this format.
    """

    __slots__ = ("_descriptor", "_known", "_size")

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._size = os.fstat(self._descriptor).st_size
        self._known: dict[str, Any] = {}
        if os.pread(self._descriptor, len(HEADER), 0) != HEADER:
            os.close(self._descriptor)
            raise OSError("not what this version publishes")

    def get(self, key: str) -> Any:
        """Return the value of a key; None when there is none, or none that can be read."""
        if key not in self._known:
            self._known[key] = self._read(escaped(key))
        return self._known[key]

    def close(self) -> None:
        """Let go of the file; a hook need not, since it ends."""
        os.close(self._descriptor)

    def _read(self, key: bytes) -> Any:
        low, high = len(HEADER), self._size
        while low < high:
            middle = (low + high) // 2
            start = self._line_from(middle, low)
            if start >= high:
                high = middle
                continue
            line = self._line(start)
            found, tab, value = line.partition(b"\t")
            if not tab:
                return None
            if found == key:
                try:
                    return read(value.decode("utf-8", "replace"))
                except (ValueError, RecursionError):
                    return None
            if found < key:
                low = start + len(line) + 1
            else:
                high = middle
        return None

    def _line_from(self, at: int, low: int) -> int:
        """Return where the first line begins that begins at a place or after it."""
        if at <= low:
            return low
        at -= 1
        while at < self._size:
            part = os.pread(self._descriptor, _STEP, at)
            end = part.find(b"\n")
            if end >= 0:
                return at + end + 1
            if not part:
                break
            at += len(part)
        return self._size

    def _line(self, start: int) -> bytes:
        size = _STEP
        while True:
            part = os.pread(self._descriptor, size, start)
            end = part.find(b"\n")
            if end >= 0:
                return part[:end]
            if len(part) < size or size > _LONGEST:
                return part
            size *= 8


def meta_of(path: str) -> dict[str, Any]:
    """Return what is published of a repository as a whole; empty when nothing is."""
    try:
        published = Published(path)
    except OSError:
        return {}
    try:
        found = published.get("meta")
    finally:
        published.close()
    return found if isinstance(found, dict) else {}


def escaped(key: str) -> bytes:
    """Return a key as it stands in the file: tabs, line ends and backslashes escaped."""
    folded = key.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return folded.encode("utf-8", "replace")


def lines_of(values: dict[str, str]) -> bytes:
    """Return the file that holds some values, each JSON on one line, by their keys."""
    rows = sorted((escaped(key), value.encode("utf-8", "replace")) for key, value in values.items())
    return HEADER + b"".join(key + b"\t" + value + b"\n" for key, value in rows)
