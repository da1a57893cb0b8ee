"""Open an agent's log and stream its events, from the start or from where it was left.

The evidence of what was read is the byte range and its SHA-256, hashed while streaming.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from holdfast.errors import EnvironmentProblem, TranscriptError
from holdfast.transcripts.discovery import expand
from holdfast.transcripts.events import AnyEvent, Counts, SessionInfo
from holdfast.transcripts.lines import LINE_LIMIT, LineReader
from holdfast.transcripts.reader import Reader, SeenCalls, Source, read_sidecar
from holdfast.transcripts.readers import HEAD, describe, find_reader, reader_named
from holdfast.transcripts.records import is_whole

__all__ = ["Checkpoint", "Transcript", "expand", "open_transcript"]

PROBE = 4096
"""Bytes at the start of a file, and before the offset, by which a rewritten file is told."""

SIDECAR_LIMIT = 64 * 1024
CHECKPOINT_VERSION = 2


class Checkpoint(msgspec.Struct, kw_only=True, frozen=True):
    """Where a log was left: enough to go on when it has grown, and to notice when it was rewritten.

    Attributes:
        reader: The agent whose reader read it.
        offset: The offset after the last complete line.
        size: The size of the file then.
        head: The SHA-256 of the first bytes of the file (at most `PROBE`, and none beyond the offset).
        tail: The SHA-256 of the bytes before the offset (at most `PROBE`).
        state: What the reader needs to go on.
        session: What is known of the session so far.
        lines: How many lines before the offset end with a newline.
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


class Transcript:
    """One agent's log: `events` streams it once; the other attributes are filled while it does.

    Attributes:
        path: The file.
        resumed: True when only what was added since a checkpoint is read.
        warnings: Plain sentences about readers of other packages that could not be used.
    """

    def __init__(
        self, path: Path, reader: Reader, *, start: int, before: int = 0, warnings: tuple[str, ...] = ()
    ) -> None:
        self.path = path
        self.resumed = start > 0
        self.warnings = warnings
        self._reader = reader
        self._start = start
        self._end = start
        self._size = 0
        self._digest = hashlib.sha256().hexdigest()
        self._ends: tuple[str, str] | None = None
        self._began = False
        self._before = before
        self._lines: LineReader | None = None

    @property
    def session(self) -> SessionInfo:
        """Return what the log says about its session, as far as it has been read."""
        return self._reader.session

    @property
    def counts(self) -> Counts:
        """Return how many records were read in this go, and how many were understood."""
        return self._reader.counts

    @property
    def digest(self) -> str:
        """Return the SHA-256, in hexadecimal, of the bytes read in this go."""
        return self._digest

    @property
    def byte_range(self) -> tuple[int, int]:
        """Return the offsets of the first byte read in this go and of the one after the last."""
        return self._start, self._end

    @property
    def line(self) -> int:
        """Return the number of the line, counted from 1, that the event last given stands in."""
        return self._before + (self._lines.line if self._lines else 0)

    @property
    def unfinished(self) -> int:
        """Return how many bytes of an unfinished last line were left for the next time."""
        return self._size - self._end

    def events(self) -> Iterator[AnyEvent]:
        """Stream the events of the log. Call it once.

        Raises:
            EnvironmentProblem: The file cannot be read.
            TranscriptError: It was called a second time.
        """
        if self._began:
            raise TranscriptError(
                f"{self.path} was read already", "Open the transcript again to read it again."
            )
        self._began = True
        try:
            with _open(self.path) as file:
                self._size = os.fstat(file.fileno()).st_size
                yield from self._stream(file)
        except OSError as problem:
            raise _unreadable(self.path, problem) from problem

    def checkpoint(self) -> Checkpoint:
        """Return where the log was left, for the next `open_transcript` of the same file.

        Raises:
            TranscriptError: `events` has not been read to its end.
        """
        if self._ends is None:
            raise TranscriptError(
                f"{self.path} has not been read to its end",
                "Read all of events() before asking for the checkpoint.",
            )
        head, tail = self._ends
        return Checkpoint(
            reader=self._reader.agent,
            offset=self._end,
            size=self._size,
            head=head,
            tail=tail,
            state=self._reader.state(),
            session=self.session,
            lines=self._before + (self._lines.complete if self._lines else 0),
        )

    def _stream(self, file: BinaryIO) -> Iterator[AnyEvent]:
        lines = self._lines = LineReader(file, self._start, self._size, limit=LINE_LIMIT)
        for line in lines:
            yield from self._feed(line)
        if lines.tail and is_whole(lines.tail):
            lines.line += 1
            yield from self._feed(lines.tail)
            lines.take_tail()
        yield from self._reader.finish()
        self.counts.oversized += lines.oversized
        self._end = lines.offset
        self._digest = lines.digest
        self._ends = _probe(file, lines.offset)

    def _feed(self, line: bytes) -> Iterable[AnyEvent]:
        try:
            return tuple(self._reader.feed(line))
        except OSError:
            raise
        except Exception:  # readers of other packages too: one bad record leaves the others readable
            self.counts.malformed += 1
            return ()


def open_transcript(
    path: str | os.PathLike[str],
    *,
    since: Checkpoint | None = None,
    root: str | None = None,
    roots: Iterable[str] = (),
    seen: SeenCalls | None = None,
) -> Transcript:
    """Open an agent's log, whose format is told by its content.

    Args:
        path: The file.
        since: Where it was left the last time. A file that has only grown is read from there; one
            that was rewritten, cut or replaced is read from the start.
        root: The session's root directory, when the caller knows better than the log.
        roots: The roots of a repository and its worktrees: a session that began in a directory of one has
            that one as its root, so that its paths are the repository's.
        seen: What was read before in other files, so that calls copied by forks and resumes count once.

    Raises:
        TranscriptError: No reader recognises the content.
        EnvironmentProblem: The file is missing, or cannot be read.
    """
    place = Path(path)
    try:
        with _open(place) as file:
            size = os.fstat(file.fileno()).st_size
            source = Source(root=root, roots=tuple(roots), seen=seen, sidecar=_sidecar(place))
            if since is not None and _has_only_grown(file, size, since):
                kind = reader_named(since.reader)
                if kind is not None:
                    reader = kind(source)
                    reader.restore(since.state, since.session)
                    return Transcript(place, reader, start=since.offset, before=since.lines)
            file.seek(0)
            head = file.read(HEAD)
    except OSError as problem:
        raise _unreadable(place, problem) from problem
    kind, warnings = find_reader(head)
    if kind is None:
        raise _unknown_format(place, head, warnings)
    return Transcript(place, kind(source), start=0, warnings=warnings)


def _open(path: Path) -> BinaryIO:
    """Open a regular file without waiting, whatever else stands at the path."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "it is not a regular file")
    return os.fdopen(descriptor, "rb", buffering=0)


def _has_only_grown(file: BinaryIO, size: int, since: Checkpoint) -> bool:
    if since.version != CHECKPOINT_VERSION or not 0 < since.offset <= size:
        return False
    return _probe(file, since.offset) == (since.head, since.tail)


def _probe(file: BinaryIO, offset: int) -> tuple[str, str]:
    """Return the digests of the first bytes of a file and of those before an offset."""
    file.seek(0)
    head = file.read(min(PROBE, offset))
    start = max(0, offset - PROBE)
    file.seek(start)
    tail = file.read(offset - start)
    return hashlib.sha256(head).hexdigest(), hashlib.sha256(tail).hexdigest()


def _sidecar(path: Path) -> dict[str, Any]:
    beside = path.with_name(path.stem + ".meta.json") if path.name.startswith("agent-") else None
    if beside is None or not beside.is_file():
        return {}
    with _open(beside) as file:
        return read_sidecar(file.read(SIDECAR_LIMIT))


def _unreadable(path: Path, problem: OSError) -> EnvironmentProblem:
    reason = problem.strerror or str(problem)
    hint = (
        "Check the path." if isinstance(problem, FileNotFoundError) else "Check the file and its permissions."
    )
    return EnvironmentProblem(f"cannot read {path}: {reason}", hint)


def _unknown_format(path: Path, head: bytes, warnings: tuple[str, ...]) -> TranscriptError:
    name = describe(head)
    if name is None:
        message = f"{path} is not a transcript that Holdfast knows"
    elif name.startswith(("an empty", "a binary")):
        message = f"{path} is {name}, not a transcript"
    else:
        message = f"{path} looks like {name}: there is no reader for this format yet"
    hint = "Readable so far: the logs of Claude Code and Codex. Other readers can be added by packages."
    return TranscriptError(message, "\n".join([hint, *warnings]))
