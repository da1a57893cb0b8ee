"""One stretch of one transcript: what was added since it was last read, as events, failures and words."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from holdfast.evidence.corrections import Correction, CorrectionTracker
from holdfast.evidence.episodes import Episode, EpisodeTracker
from holdfast.evidence.segments import SegmentBuilder, session_key
from holdfast.learn.coverage import Coverage, Span, digest_of, lines_in
from holdfast.learn.reading_position import Position, redacted
from holdfast.transcripts.events import Call, Counts, SessionInfo
from holdfast.transcripts.reader import SeenCalls
from holdfast.transcripts.transcript import Transcript, open_transcript


class Stretch:
    """Read a transcript on from a position, once, when made.

    Bytes that a segment already covers are read again only for what they leave open: a failure in them is
    not counted, its fix after them is.

    Args:
        path: The transcript.
        positions: Where it may have been left, the likeliest first.
        seen: The calls read before, in any transcript.
        coverage: The bytes of transcripts that were counted before.
        roots: The repository's worktrees, so that paths of a session begun in a folder of one are its own.

    Attributes:
        span: The bytes that are new.
        builder: The statistics of the new bytes.
        corrections: What a person said against the agent, in all that was read.

    Raises:
        TranscriptError: No reader recognises the file.
        EnvironmentProblem: It cannot be read.
    """

    def __init__(
        self,
        path: Path,
        positions: Iterable[Position],
        seen: SeenCalls,
        coverage: Coverage,
        roots: tuple[str, ...] = (),
    ) -> None:
        self._transcript, resumed = _opened(path, positions, seen, roots)
        self._tracker = EpisodeTracker(resumed.episodes if resumed else None)
        self._told = CorrectionTracker(resumed.corrections if resumed else None)
        # an open failure was kept redacted, so what it is compared with must be too
        self._redacts = any("[redacted:" in episode.failure.command for episode in self._tracker.state.open)
        self.builder = SegmentBuilder(self._tracker.state.pending)
        start = self._transcript.byte_range[0]
        session = session_key(resumed.checkpoint.session) if resumed else _first_session(path)
        counted = coverage.reaches(path, start, session)
        self._read(lines_in(path, start, counted) if counted > start else 0)
        self.span = self._span(path, counted)
        self.still_open = self._tracker.finish()

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
            if self._redacts and isinstance(event, Call) and event.command:
                event = msgspec.structs.replace(event, command=redacted(event.command))
            self.builder.feed(event, tracker.feed(event, line))
            self._told.feed(event, line)
        if counted:
            self._forget_counted()

    def _forget_counted(self) -> None:
        self._tracker.mark_counted()
        self.builder = SegmentBuilder(self._tracker.state.pending)

    def _span(self, path: Path, counted: int) -> Span:
        start, end = self._transcript.byte_range
        if counted <= start:
            return Span(self._transcript.digest, start, end)
        return Span(digest_of(path, counted, end), counted, end)

    @property
    def is_new(self) -> bool:
        """Tell whether there was anything that had not been counted."""
        return self.span.end > self.span.start

    @property
    def worth_keeping(self) -> bool:
        """Tell whether anything happened: without edit, commit, failure or fix there is no segment."""
        return self.is_new and bool(self.builder.worth_keeping or self.closed or self.commits)

    @property
    def session(self) -> SessionInfo:
        """Return what the transcript says about its session."""
        return self._transcript.session

    @property
    def counts(self) -> Counts:
        """Return how many records were read, and how many were understood."""
        return self._transcript.counts

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
    def commits(self) -> list[str]:
        """Return the commits that were made."""
        return self._tracker.commits

    @property
    def corrections(self) -> list[Correction]:
        """Return what a person said against what the agent was about to do."""
        return self._told.found

    def position(self) -> Position:
        """Return where reading goes on the next time; call it when everything was taken out."""
        self._tracker.mark_counted()
        return Position(
            checkpoint=self._transcript.checkpoint(),
            episodes=self._tracker.state,
            corrections=self._told.state,
        )


def _opened(
    path: Path, positions: Iterable[Position], seen: SeenCalls, roots: tuple[str, ...]
) -> tuple[Transcript, Position | None]:
    """Open a transcript at the position that has the most of it, or at its start."""
    best: tuple[Transcript, Position | None] | None = None
    for position in positions:
        transcript = open_transcript(path, since=position.checkpoint, seen=seen, roots=roots)
        if transcript.resumed and (best is None or transcript.byte_range[0] > best[0].byte_range[0]):
            best = transcript, position
    return best or (open_transcript(path, seen=seen, roots=roots), None)


def _first_session(path: Path) -> str:
    """Return the key of the session that a transcript names first."""
    transcript: Transcript = open_transcript(path)
    for _ in transcript.events():
        if transcript.session.id:
            break
    return session_key(transcript.session)
