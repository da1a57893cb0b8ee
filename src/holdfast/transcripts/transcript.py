"""Open an agent's log and stream its events, from the start or from where it was left.

The evidence of what was read is the byte range and its SHA-256, hashed while streaming.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from holdfast.errors import EnvironmentProblem, TranscriptError
from holdfast.transcripts.checkpoint import Checkpoint, has_only_grown, probe
from holdfast.transcripts.discovery import expand
from holdfast.transcripts.events import AnyEvent, Call, Counts, Result, SessionInfo, Usage
from holdfast.transcripts.lines import LINE_LIMIT, LineReader
from holdfast.transcripts.origin import FileOrigin, Origin, origin_of
from holdfast.transcripts.reader import Reader, SeenCalls, Source, is_whole_reader, read_sidecar
from holdfast.transcripts.readers import (
    HEAD,
    LONGEST_HEAD,
    describe,
    find_reader,
    is_cut,
    reader_named,
)
from holdfast.transcripts.records import BOM, is_whole
from holdfast.transcripts.whole import WHOLE_LIMIT, Given, WholeState, counts_since

__all__ = ["Checkpoint", "Transcript", "expand", "open_transcript"]

SIDECAR_LIMIT = 64 * 1024


class Transcript:
    """One agent's log: `events` streams it once; the other attributes are filled while it does.

    Attributes:
        origin: Where it stands.
        whole: True when its format is one document, rewritten whole as the session grows.
        resumed: True when only what was added since a checkpoint is given.
        unchanged: True when it is a whole document in which nothing changed since then.
        warnings: Plain sentences about readers of other packages that could not be used.
    """

    def __init__(
        self,
        origin: Origin,
        reader: Reader,
        *,
        since: Checkpoint | None = None,
        warnings: tuple[str, ...] = (),
    ) -> None:
        self.origin = origin
        self.whole = is_whole_reader(type(reader))
        self.resumed = since is not None
        self.unchanged = False
        self.warnings = warnings
        self._reader = reader
        self._past = since.whole if since else None
        self._start = since.offset if since and not self.whole else 0
        self._end = self._start
        self._size = 0
        self._digest = hashlib.sha256().hexdigest()
        self._ends: tuple[str, str] | None = None
        self._began = False
        self._before = since.lines if since and not self.whole else 0
        self._lines: LineReader | None = None
        self._position = 0
        self._added: Counts | None = None
        self._left: WholeState | None = None

    @property
    def session(self) -> SessionInfo:
        """Return what the log says about its session, as far as it has been read."""
        return self._reader.session

    @property
    def counts(self) -> Counts:
        """Return how many records were read in this go, and how many were understood."""
        return self._added or self._reader.counts

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
        """Return the number of the line, counted from 1, that the event last given stands in.

        In a whole document it is the number of the message.
        """
        if self.whole:
            return self._position
        return self._before + (self._lines.line if self._lines else 0)

    @property
    def unfinished(self) -> int:
        """Return how many bytes of an unfinished last line were left for the next time."""
        return self._size - self._end

    def events(self) -> Iterator[AnyEvent]:
        """Stream the events of the log. Call it once.

        Raises:
            EnvironmentProblem: The file cannot be read.
            TranscriptError: It was called a second time, or is a document that is too large.
        """
        if self._began:
            raise TranscriptError(
                f"{self.origin.name} was read already", "Open the transcript again to read it again."
            )
        self._began = True
        try:
            with self.origin.open() as file:
                self._size = file.seek(0, os.SEEK_END)
                yield from self._document(file) if self.whole else self._stream(file)
        except OSError as problem:
            raise _unreadable(self.origin, problem) from problem

    def checkpoint(self) -> Checkpoint:
        """Return where the log was left, for the next `open_transcript` of the same log.

        Raises:
            TranscriptError: `events` has not been read to its end.
        """
        if self._ends is None:
            raise TranscriptError(
                f"{self.origin.name} has not been read to its end",
                "Read all of events() before asking for the checkpoint.",
            )
        head, tail = self._ends
        return Checkpoint(
            reader=self._reader.agent,
            offset=self._end,
            size=self._size,
            head=head,
            tail=tail,
            state={} if self.whole else self._reader.state(),
            session=self.session,
            lines=self._position if self.whole else self._before + self._complete(),
            whole=self._left,
        )

    def _complete(self) -> int:
        return self._lines.complete if self._lines else 0

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
        self._ends = probe(file, lines.offset)

    def _feed(self, line: bytes) -> Iterable[AnyEvent]:
        try:
            return tuple(self._reader.feed(line))
        except OSError:
            raise
        except Exception:  # readers of other packages too: one bad record leaves the others readable
            self.counts.malformed += 1
            return ()

    def _document(self, file: BinaryIO) -> Iterator[AnyEvent]:
        """Give the events of a whole document that were not given before."""
        data = _content(file, self.origin)
        given = Given(self._past.given if self._past else "")
        for event in read_whole(self._reader, data):
            self._position = max(self._position, getattr(self._reader, "position", 0))
            if given.add(event):
                yield event
            elif isinstance(event, (Call, Result, Usage)):
                self._reader.counts.repeated += 1
        self._position = max(self._position, getattr(self._reader, "position", 0))
        self._size = self._end = len(data)
        self._digest = hashlib.sha256(data).hexdigest()
        self._ends = probe(file, self._end)
        counts = self._reader.counts
        self._left = WholeState(digest=self._digest, given=given.dump(), counts=counts)
        self._added = counts_since(counts, self._past.counts) if self._past else counts


class _Unchanged(Transcript):
    """A whole document in which nothing changed since it was read: it gives nothing."""

    def __init__(self, origin: Origin, reader: Reader, since: Checkpoint) -> None:
        super().__init__(origin, reader, since=since)
        self.unchanged = True
        self._since = since
        self._start = self._end = self._size = since.size
        self._position = since.lines

    def events(self) -> Iterator[AnyEvent]:
        """Give nothing."""
        return iter(())

    def checkpoint(self) -> Checkpoint:
        """Return where it was left."""
        return self._since


def open_transcript(
    path: str | os.PathLike[str] | Origin,
    *,
    since: Checkpoint | None = None,
    root: str | None = None,
    roots: Iterable[str] = (),
    seen: SeenCalls | None = None,
) -> Transcript:
    """Open an agent's log, whose format is told by its content.

    Args:
        path: The file, or another origin: a file in git, a session in a database.
        since: Where it was left the last time. A log that has only grown is read from there; one that
            was rewritten, cut or replaced is read from the start. Of a format that is one document, what
            was given then is not given again.
        root: The session's root directory, when the caller knows better than the log.
        roots: The roots of a repository and its worktrees: a session that began in a directory of one has
            that one as its root, so that its paths are the repository's.
        seen: What was read before in other files, so that calls copied by forks and resumes count once.

    Raises:
        TranscriptError: No reader recognises the content.
        EnvironmentProblem: The file is missing, or cannot be read.
    """
    origin = origin_of(path)
    source = Source(root=root, roots=tuple(roots), seen=seen, directory=origin.directory)
    try:
        with origin.open() as file:
            if isinstance(origin, FileOrigin):
                source.sidecar = _sidecar(origin.path)
            left = _left(file, origin, source, since) if since is not None else None
            if left is not None:
                return left
            file.seek(0)
            head = file.read(HEAD)
            kind, warnings = find_reader(head)
            if kind is None and is_cut(head):
                head += file.read(LONGEST_HEAD - HEAD)
                kind, warnings = find_reader(head)
    except OSError as problem:
        raise _unreadable(origin, problem) from problem
    if kind is None:
        raise _unknown_format(origin, head, warnings)
    return Transcript(origin, kind(source), warnings=warnings)


def _left(file: BinaryIO, origin: Origin, source: Source, since: Checkpoint) -> Transcript | None:
    """Return the log as it goes on from a checkpoint; None when it does not."""
    kind = reader_named(since.reader, whole=since.whole is not None)
    if kind is None:
        return None
    if since.whole is not None:
        return _left_document(file, origin, kind, source, since)
    if not has_only_grown(file, file.seek(0, os.SEEK_END), since):
        return None
    reader = kind(source)
    try:
        reader.restore(since.state, since.session)
    except Exception:  # what another version of the reader left; a stranger's may raise anything
        return None
    return Transcript(origin, reader, since=since)


def _left_document(
    file: BinaryIO, origin: Origin, kind: type[Reader], source: Source, since: Checkpoint
) -> Transcript | None:
    assert since.whole is not None
    file.seek(0)
    if find_reader(file.read(HEAD))[0] is not kind:
        return None
    data = _content(file, origin)
    if hashlib.sha256(data).hexdigest() == since.whole.digest:
        reader = kind(source)
        reader.session = since.session
        return _Unchanged(origin, reader, since)
    alone = kind(Source(root=source.root, roots=source.roots, directory=source.directory))
    first = next(read_whole(alone, data), None)
    if first is None or alone.session.id != since.session.id:
        return None
    if not since.session.id and first not in Given(since.whole.given):
        return None
    return Transcript(origin, kind(source), since=since)


def read_whole(reader: Reader, data: bytes) -> Iterator[AnyEvent]:
    """Give the events of a document up to the first that cannot be read."""
    try:
        yield from reader.feed(data.removeprefix(BOM))
        yield from reader.finish()
    except OSError:
        raise
    except Exception:  # readers of other packages too: what came before stays readable
        reader.counts.malformed += 1


def _content(file: BinaryIO, origin: Origin) -> bytes:
    file.seek(0)
    data = file.read(WHOLE_LIMIT + 1)
    if len(data) > WHOLE_LIMIT:
        limit = WHOLE_LIMIT // 1024 // 1024
        raise TranscriptError(
            f"{origin.name} is one document of more than {limit} MB", "Split the session, or leave it out."
        )
    return data


def _sidecar(path: Path) -> dict[str, Any]:
    beside = path.with_name(path.stem + ".meta.json") if path.name.startswith("agent-") else None
    if beside is None or not beside.is_file():
        return {}
    with FileOrigin(beside).open() as file:
        return read_sidecar(file.read(SIDECAR_LIMIT))


def _unreadable(origin: Origin, problem: OSError) -> EnvironmentProblem:
    reason = problem.strerror or str(problem)
    hint = (
        "Check the path." if isinstance(problem, FileNotFoundError) else "Check the file and its permissions."
    )
    return EnvironmentProblem(f"cannot read {origin.name}: {reason}", hint)


def _unknown_format(origin: Origin, head: bytes, warnings: tuple[str, ...]) -> TranscriptError:
    name = describe(head)
    if name is None:
        message = f"{origin.name} is not a transcript that Holdfast knows"
    elif name.startswith(("an empty", "a binary")):
        message = f"{origin.name} is {name}, not a transcript"
    else:
        message = f"{origin.name} looks like {name}: there is no reader for this format yet"
    hint = (
        "Readable are the logs of Claude Code, Codex, Gemini CLI, Qwen Code, Copilot CLI, OpenCode, Pi, "
        "aider, mini-swe-agent and SpecStory. Other readers can be added by packages."
    )
    return TranscriptError(message, "\n".join([hint, *warnings]))
