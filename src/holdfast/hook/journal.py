"""The journal of one session: what it was told and when, one JSON object a line, only ever added to.

It is what keeps an item from being told twice in one context, and what belief is later computed from. A
compaction or clearing begins a new context, and an agent inside another has a context of its own.
"""

from __future__ import annotations

import fcntl
import os

from .json_reading import read_object, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOLDER = "journal"
OLD = "old"
"""Below it: the journals of sessions long silent (`holdfast.evidence.journal.put_away`)."""
UNASKED = 3
"""Texts told unasked after the start of a session, unless the last one was followed."""
_UNASKED = ("prompt", "failure", "call")
"""Surfaces that count: a guard, the meter and what was asked for do not."""
_MOST = 1 << 22
_TWICE = 2.0
"""Seconds within which the same event of one session is the same event, called by two installations."""


class Journal:
    """What was written of one session.

    Args:
        state: Holdfast's local state of the repository.
        key: The session's key.
        subagent: The agent inside the session whose context is meant; "" for the session's own.

    Attributes:
        lines: All lines, oldest first.
    """

    __slots__ = ("_read_to", "_subagent", "lines", "path")

    def __init__(self, state: str, key: str, subagent: str = "") -> None:
        self.path = os.path.join(state, FOLDER, f"{key}.jsonl")
        self.lines: list[dict[str, Any]] = []
        self._read_to = 0
        self._subagent = subagent
        self._take_put_away(key)
        self._take_new()

    def add(self, now: float, word: str, **told: object) -> None:
        """Write a line; a failure to write is not the agent's concern."""
        with _Locked(self.path) as descriptor:
            if descriptor is not None:
                self._write(descriptor, self._line(now, word, told))

    def add_once(self, now: float, word: str, **told: object) -> bool:
        """Write a line unless the same was written in the last two seconds; tell whether it was new."""
        with _Locked(self.path) as descriptor:
            if descriptor is None:
                return True
            self._take_new()
            line = self._line(now, word, told)
            for known in self.lines:
                if abs(now - _time(known)) < _TWICE and {**known, "at": line["at"]} == line:
                    return False
            self._write(descriptor, line)
            return True

    def tell(self, now: float, surface: str, ids: list[str], **told: object) -> bool:
        """Write that items are told now; False when one of them was in this context already."""
        with _Locked(self.path) as descriptor:
            if descriptor is None:
                return False  # what cannot be written down would be told again and again
            self._take_new()
            if not ids or set(ids) & self.told():
                return False
            self._write(descriptor, self._line(now, "told", {"surface": surface, "ids": ids, **told}))
            return True

    def withhold(self, now: float, surface: str, item: str, family: str) -> None:
        """Write, once a session, that an item is left untold because it is held out."""
        told = {"surface": surface, "ids": [item], "family": family}
        if not any(
            line.get("do") == "withheld" and {name: line.get(name) for name in told} == told
            for line in self.lines
        ):
            self.add_once(now, "withheld", **told)

    def told(self) -> set[str]:
        """Return the items that were told in this context, unasked or because the agent asked."""
        found: set[str] = set()
        for line in self.lines:
            if line.get("sub", "") != self._subagent:
                continue
            if line.get("do") == "context":
                found.clear()
            elif line.get("do") in ("told", "asked"):
                found.update(each for each in line.get("ids", ()) if isinstance(each, str))
        return found

    def has_room(self) -> bool:
        """Tell whether one more text may be told unasked."""
        count = 0
        for line in self.lines:
            if line.get("do") == "told" and line.get("surface") in _UNASKED:
                count += 1
            elif line.get("do") == "followed":
                count = max(0, count - 1)
        return count < UNASKED

    def last(self, word: str) -> dict[str, Any] | None:
        """Return the last line of a word; None without one."""
        return next((line for line in reversed(self.lines) if line.get("do") == word), None)

    def _line(self, now: float, word: str, told: dict[str, object]) -> dict[str, Any]:
        line: dict[str, Any] = {"at": round(now, 3), "do": word}
        line.update((name, value) for name, value in told.items() if value not in ("", None))
        if self._subagent:
            line["sub"] = self._subagent
        return line

    def _write(self, descriptor: int, line: dict[str, Any]) -> None:
        os.write(descriptor, (write(line) + "\n").encode("ascii"))
        self._take_new()

    def _take_put_away(self, key: str) -> None:
        """Read what was written before a silence so long that it was put away."""
        self._take(os.path.join(os.path.dirname(self.path), OLD, f"{key}.jsonl"), 0)

    def _take_new(self) -> None:
        """Read what was added since the last reading; a line that is not whole yet is left for the next."""
        self._read_to += self._take(self.path, self._read_to)

    def _take(self, path: str, start: int) -> int:
        """Take the whole lines of a file from an offset on; return their bytes."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return 0
        try:
            data = os.pread(descriptor, _MOST, start)
        except OSError:
            return 0
        finally:
            os.close(descriptor)
        whole = data[: data.rfind(b"\n") + 1]
        for line in whole.split(b"\n"):
            if line:
                told = read_object(line.decode("utf-8", "replace"))
                if told:
                    self.lines.append(told)
        return len(whole)


class _Locked:
    """A journal open to add to, with nobody else adding; None where it cannot be written."""

    __slots__ = ("_descriptor", "_path")

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor: int | None = None

    def __enter__(self) -> int | None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        folder = os.path.dirname(self._path)
        try:
            os.makedirs(folder, 0o700, exist_ok=True)
            if os.path.islink(folder):
                return None
            self._descriptor = os.open(self._path, flags, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except OSError:
            self._close()
        return self._descriptor

    def __exit__(self, *_: object) -> None:
        self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _time(line: dict[str, Any]) -> float:
    at = line.get("at")
    return float(at) if isinstance(at, int | float) else 0.0
