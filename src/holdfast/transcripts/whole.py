"""Read a format that is one document, rewritten whole as the session grows.

Bytes say nothing of what is new in such a document: a count near its start may have changed. What was
given before is known by the events themselves.
"""

from __future__ import annotations

import base64
from collections import Counter
from hashlib import blake2b

import msgspec

from holdfast.transcripts.events import AnyEvent, Counts

WHOLE_LIMIT = 256 * 1024 * 1024
"""Bytes of the longest document that is read."""


class WholeState(msgspec.Struct, kw_only=True, frozen=True):
    """What was taken out of a document the last time.

    Attributes:
        digest: The SHA-256 of the document.
        given: The events that were given, as `Given.dump` returns them.
        counts: How many records there were in it.
    """

    digest: str
    given: str = ""
    counts: Counts = msgspec.field(default_factory=Counts)


class Given:
    """Remember which events of a document were given, each as often as it occurred."""

    def __init__(self, dumped: str = "") -> None:
        packed = base64.b64decode(dumped)
        self._known = Counter(packed[start : start + 8] for start in range(0, len(packed), 8))
        self._left = self._known.copy()

    def __contains__(self, event: AnyEvent) -> bool:
        """Tell whether an event was given before."""
        return _digest(event) in self._known

    def add(self, event: AnyEvent) -> bool:
        """Take an event of the document as it is now; return True when it was not given before."""
        digest = _digest(event)
        if self._left[digest] > 0:
            self._left[digest] -= 1
            return False
        self._known[digest] += 1
        return True

    def dump(self) -> str:
        """Return what is remembered as one text."""
        return base64.b64encode(b"".join(sorted(self._known.elements()))).decode("ascii")


def counts_since(now: Counts, before: Counts) -> Counts:
    """Return the counts of what was added to a document; ``repeated`` is what was met again."""
    names = {
        name: number - before.unknown_types.get(name, 0)
        for name, number in now.unknown_types.items()
        if number > before.unknown_types.get(name, 0)
    }
    added = {
        field: max(0, getattr(now, field) - getattr(before, field))
        for field in ("records", "understood", "ignored", "unknown", "malformed", "oversized")
    }
    return Counts(repeated=now.repeated, unknown_types=names, **added)


def _digest(event: AnyEvent) -> bytes:
    try:
        data = msgspec.json.encode(event)
    except (UnicodeEncodeError, ValueError):  # half a surrogate pair, as a cut text has
        data = repr(event).encode("utf-8", "backslashreplace")
    return blake2b(data, digest_size=8).digest()
