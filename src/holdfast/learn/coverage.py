"""Which bytes of a transcript were counted before, told by the segments alone.

Where reading was left off is a cache that can be lost, and another clone may have read the same
transcript less far. Segments say which bytes they were computed from, so the bytes themselves tell what
was counted, whatever the file is called now. Of a document that is rewritten as its session grows they
say which messages, under a digest of the document that begins with `MESSAGES`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple

from holdfast.transcripts.origin import Origin

_CHUNK = 1 << 20
MESSAGES = "messages-"


class Span(NamedTuple):
    """The bytes that one segment was computed from; or the messages, from ``start`` (of 0) to ``end``."""

    digest: str
    start: int
    end: int


class Coverage:
    """The bytes of transcripts that were counted, by where they start and by session."""

    def __init__(self, read: Mapping[str, list[tuple[str, int, int]]]) -> None:
        self._starting: dict[int, list[tuple[Span, str]]] = {}
        self._of_session: dict[str, list[Span]] = {}
        self._messages: dict[str, int] = {}
        for session, spans in read.items():
            for span in spans:
                self.add(session, Span(*span))

    def add(self, session: str, span: Span) -> None:
        """Take note of what was counted."""
        if span.digest.startswith(MESSAGES):
            for key in (span.digest, session):
                self._messages[key] = max(span.end, self._messages.get(key, 0))
            return
        self._starting.setdefault(span.start, []).append((span, session))
        self._of_session.setdefault(session, []).append(span)

    def knows(self, session: str) -> bool:
        """Tell whether anything of a session was counted."""
        return session in self._of_session or session in self._messages

    def messages(self, digest: str, session: str | None) -> int:
        """Return how many messages of a whole document were counted.

        Args:
            digest: The document's SHA-256: as it is now, it may have been counted whole.
            session: The session's key, by which it is known when it has grown; None when it has no id.
        """
        by_session = self._messages.get(session, 0) if session else 0
        return max(self._messages.get(MESSAGES + digest, 0), by_session)

    def reaches(self, origin: Origin, start: int, session: str) -> int:
        """Return the offset up to which a log's bytes from ``start`` on were counted; else ``start``.

        A stretch in which nothing happened leaves no segment, so stretches of the same session may have
        gaps between them.

        Args:
            origin: The log.
            start: Where reading would begin.
            session: The session's key, as far as it is known.
        """
        sessions = {session}
        with origin.open() as file:
            size = file.seek(0, 2)
            while start < size:
                found = self._longest(file, start, size) or self._later(file, start, size, sessions)
                if found is None:
                    break
                start = found[0].end
                sessions.add(found[1])
        return start

    def _longest(self, file: BinaryIO, start: int, size: int) -> tuple[Span, str] | None:
        starting = self._starting.get(start, ())
        known = sorted((span.end, span, session) for span, session in starting if span.end <= size)
        longest = None
        for (end, span, session), digest in _digests(file, start, known):
            if digest == span.digest and end > start:
                longest = span, session
        return longest

    def _later(self, file: BinaryIO, start: int, size: int, sessions: set[str]) -> tuple[Span, str] | None:
        spans = [(span, session) for session in sessions for span in self._of_session.get(session, ())]
        for span, session in sorted(spans, key=lambda entry: (entry[0].start, -entry[0].end)):
            if start < span.start < span.end <= size:
                found = self._longest(file, span.start, size)
                if found is not None:
                    return found[0], session
        return None


def lines_in(origin: Origin, start: int, end: int) -> int:
    """Return how many lines, the last one perhaps unfinished, stand between two offsets of a log."""
    count, last = 0, b"\n"
    with origin.open() as file:
        for chunk in _chunks(file, start, end):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


def digest_of(origin: Origin, start: int, end: int) -> str:
    """Return the SHA-256 of the bytes between two offsets of a log."""
    digest = hashlib.sha256()
    with origin.open() as file:
        for chunk in _chunks(file, start, end):
            digest.update(chunk)
    return digest.hexdigest()


_Known = tuple[int, Span, str]


def _digests(file: BinaryIO, start: int, known: list[_Known]) -> Iterator[tuple[_Known, str]]:
    """Give the digest of the bytes from ``start`` to each of the ends, which are in order; one pass."""
    digest, position, ended = hashlib.sha256(), start, ""
    for entry in known:
        if entry[0] != position or not ended:
            for chunk in _chunks(file, position, entry[0]):
                digest.update(chunk)
            position, ended = entry[0], digest.hexdigest()
        yield entry, ended


def _chunks(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    file.seek(start)
    while start < end and (chunk := file.read(min(_CHUNK, end - start))):
        start += len(chunk)
        yield chunk
