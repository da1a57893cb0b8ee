"""One stretch of one transcript: what was added since it was last read, as events, failures and words."""

from __future__ import annotations

import msgspec

from holdfast.evidence.episodes import Episode, EpisodeTracker
from holdfast.evidence.findings import Ended
from holdfast.evidence.outline import OutlineTracker
from holdfast.evidence.segments import SegmentBuilder, session_key
from holdfast.learn.coverage import MESSAGES, Coverage, Span, digest_of, lines_in
from holdfast.learn.observations import Observations
from holdfast.learn.reading_position import Position, ProgressStore, redacted
from holdfast.transcripts.events import Call, Counts, SessionInfo
from holdfast.transcripts.origin import BlobOrigin, Origin
from holdfast.transcripts.transcript import Transcript, open_transcript
from holdfast.transcripts.whole import WHOLE_LIMIT

_EVERYTHING = 1 << 62
_LOST = 20
"""Records not understood, at least a tenth of all, from which a stretch is recorded for that alone."""


class Stretch:
    """Read a transcript on from a position, once, when made.

    Bytes that a segment already covers are read again only for what they leave open: a failure in them is
    not counted, its fix after them is.

    Args:
        origin: The transcript.
        store: Where it may have been left, and the calls read before in any transcript.
        coverage: The bytes of transcripts that were counted before.
        roots: The repository's worktrees, so that paths of a session begun in a folder of one are its own.

    Attributes:
        span: The bytes that are new; of a whole document, the messages.
        builder: The statistics of the new bytes.
        observations: What else it teaches, in all that was read.
        outline: What was said and edited in all that was read.

    Raises:
        TranscriptError: No reader recognises the file.
        EnvironmentProblem: It cannot be read.
    """

    def __init__(
        self,
        origin: Origin,
        store: ProgressStore,
        coverage: Coverage,
        roots: tuple[str, ...] = (),
    ) -> None:
        self._transcript, resumed = _opened(origin, store, roots)
        self._tracker = EpisodeTracker(resumed.episodes if resumed else None)
        self.observations = Observations(resumed.observations if resumed else None)
        self.outline = OutlineTracker(resumed.outline if resumed else None)
        # an open failure was kept redacted, so what it is compared with must be too
        self._redacts = any("[redacted:" in episode.failure.command for episode in self._tracker.state.open)
        self.builder = SegmentBuilder(self._tracker.state.pending)
        self._first_new: int | None = None
        self._counted = 0, 0, 0
        self.span = (
            self._document(coverage, resumed) if self._transcript.whole else self._log(coverage, resumed)
        )
        self.still_open = self._tracker.finish()
        self.observations.finish()
        if resumed is not None and resumed.outline is None:
            self.outline = _outlined(origin, roots)

    def _log(self, coverage: Coverage, resumed: Position | None) -> Span:
        """Read a log of lines; return the bytes of it that were not counted before."""
        origin, start = self._transcript.origin, self._transcript.byte_range[0]
        session = session_key(resumed.checkpoint.session if resumed else _first_session(origin))
        counted = _EVERYTHING if _is_copied(origin, session, coverage) else 0
        counted = counted or coverage.reaches(origin, start, session)
        self._read(lines_in(origin, start, counted) if counted > start else 0)
        end = self._transcript.byte_range[1]
        counted = min(counted, end)
        if counted <= start:
            return Span(self._transcript.digest, start, end)
        return Span(digest_of(origin, counted, end), counted, end)

    def _document(self, coverage: Coverage, resumed: Position | None) -> Span:
        """Read a document that is rewritten as its session grows; return the messages that are new."""
        left = resumed.checkpoint if resumed else None
        session = left.session if left else _first_session(self._transcript.origin)
        digest = digest_of(self._transcript.origin, 0, WHOLE_LIMIT)
        counted = coverage.messages(digest, session_key(session) if session.id else None)
        self._read(counted if left is None or counted > left.lines else 0)
        end = self._transcript.line
        start = end if self._first_new is None else max(self._first_new - 1, 0)
        return Span(MESSAGES + self._transcript.digest, start, end)

    def _read(self, counted_lines: int) -> None:
        """Feed the events to those who count; forget what the lines counted before have made."""
        transcript, tracker = self._transcript, self._tracker
        before = counted_lines + transcript.line
        counted = counted_lines > 0
        for event in transcript.events():
            line = transcript.line
            if counted and line > before:
                self._forget_counted()
                counted = False
            if not counted and self._first_new is None:
                self._first_new = line
            if self._redacts and isinstance(event, Call) and event.command:
                event = msgspec.structs.replace(event, command=redacted(event.command))
            self.builder.feed(event, tracker.feed(event, line))
            self.observations.feed(event, line)
            self.outline.feed(event, line)
        if counted:
            self._forget_counted()

    def _forget_counted(self) -> None:
        counts = self._transcript.counts
        self._counted = counts.records, counts.unknown, counts.malformed
        self._tracker.mark_counted()
        self.builder = SegmentBuilder(self._tracker.state.pending)

    @property
    def is_new(self) -> bool:
        """Tell whether there was anything that had not been counted."""
        if self._transcript.whole:
            return self._first_new is not None
        return self.span.end > self.span.start

    @property
    def first_new(self) -> int:
        """Return the first line, of a document the first message, that had not been counted."""
        return self._first_new or 0

    @property
    def worth_keeping(self) -> bool:
        """Tell whether anything happened: without edit, commit, failure or fix there is no segment.

        A log of which much was not understood leaves one too, since nobody can tell what happened in it.
        """
        happened = self.builder.worth_keeping or self.closed or self.commits
        return self.is_new and bool(happened or self._is_not_understood)

    @property
    def session(self) -> SessionInfo:
        """Return what the transcript says about its session."""
        return self._transcript.session

    @property
    def counts(self) -> Counts:
        """Return how many records were read, and how many were understood."""
        return self._transcript.counts

    @property
    def _is_not_understood(self) -> bool:
        counts = self.new_counts
        lost = counts["unknown"] + counts["malformed"]
        return lost >= _LOST and lost * 10 >= counts["records"] + counts["malformed"]

    @property
    def new_counts(self) -> dict[str, int]:
        """Return how many of the new records there were, as a segment keeps them."""
        counts = self._transcript.counts
        numbers = zip((counts.records, counts.unknown, counts.malformed), self._counted, strict=True)
        named = zip(("records", "unknown", "malformed"), numbers, strict=True)
        return {name: max(0, now - before) for name, (now, before) in named}

    @property
    def size(self) -> int:
        """Return how many bytes were read."""
        start, end = self._transcript.byte_range
        return end - start

    @property
    def closed(self) -> list[Episode]:
        """Return the failures that were got past."""
        return self._tracker.closed

    @property
    def findings(self) -> list[Ended]:
        """Return the findings of linters that were met, and what ended them."""
        return list(self._tracker.findings.found)

    @property
    def commits(self) -> list[str]:
        """Return the commits that were made."""
        return self._tracker.commits

    def position(self) -> Position:
        """Return where reading goes on the next time; call it when everything was taken out."""
        self._tracker.mark_counted()
        return Position(
            checkpoint=self._transcript.checkpoint(),
            episodes=self._tracker.state,
            observations=self.observations.state,
            outline=self.outline.state,
        )


def _outlined(origin: Origin, roots: tuple[str, ...]) -> OutlineTracker:
    """Return the outline of a whole transcript that was read before outlines were kept."""
    transcript, tracker = open_transcript(origin, roots=roots), OutlineTracker()
    for event in transcript.events():
        tracker.feed(event, transcript.line)
    return tracker


def _opened(
    origin: Origin, store: ProgressStore, roots: tuple[str, ...]
) -> tuple[Transcript, Position | None]:
    """Open a transcript at the position that has the most of it, or at its start."""
    best: tuple[Transcript, Position | None] | None = None
    for position in store.positions(origin):
        transcript = open_transcript(origin, since=position.checkpoint, seen=store, roots=roots)
        if transcript.resumed and (best is None or transcript.byte_range[0] > best[0].byte_range[0]):
            best = transcript, position
    if best is not None and not best[0].whole:
        return best
    transcript = best[0] if best else open_transcript(origin, seen=store, roots=roots)
    if not transcript.whole or transcript.unchanged:
        return best or (transcript, None)
    return _opened_document(origin, store, roots) or best or (transcript, None)


def _opened_document(
    origin: Origin, store: ProgressStore, roots: tuple[str, ...]
) -> tuple[Transcript, Position] | None:
    """Open a document where its session was left, in whatever file it was read the furthest."""
    known = store.positions_of(_first_session(origin))
    for position in sorted(known, key=lambda position: -position.checkpoint.lines):
        transcript = open_transcript(origin, since=position.checkpoint, seen=store, roots=roots)
        if transcript.resumed:
            return transcript, position
    return None


def _is_copied(origin: Origin, session: str, coverage: Coverage) -> bool:
    """Tell whether a session was counted from its own log, of which this is a copy with other bytes."""
    copy = isinstance(origin, BlobOrigin) and origin.copy
    return copy and coverage.knows(session) and coverage.reaches(origin, 0, session) == 0


def _first_session(origin: Origin) -> SessionInfo:
    """Return what a transcript says about its session until it names it."""
    transcript: Transcript = open_transcript(origin)
    for _ in transcript.events():
        if transcript.session.id:
            break
    return transcript.session
