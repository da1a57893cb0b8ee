"""Where a transcript stands: a file, a file in git, or a session in an agent's database.

An origin knows where its log is and opens it; it does not know what the log says.
"""

from __future__ import annotations

import io
import os
import stat
import tempfile
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from holdfast.errors import HoldfastError
from holdfast.transcripts.git_trees import contents_of

IN_MEMORY = 16 * 1024 * 1024
"""Bytes of a log out of git or a database that are held in memory; a longer one goes to a nameless file."""


class Origin(Protocol):
    """A place that one transcript is read from.

    Attributes:
        key: Its identity, the same from run to run, under which is kept how far it was read.
        name: What it is called before a person.
        size: Bytes, as well as they are known before it is opened.
        mtime: When it last changed, in seconds since the epoch; 0 when that is not known.
        directory: The directory that the session worked in, when the place of the log tells it.
    """

    @property
    def key(self) -> str:
        """Return its identity."""
        ...

    @property
    def name(self) -> str:
        """Return what it is called."""
        ...

    @property
    def size(self) -> int:
        """Return its size in bytes."""
        ...

    @property
    def mtime(self) -> float:
        """Return when it last changed."""
        ...

    @property
    def directory(self) -> str | None:
        """Return the session's directory."""
        ...

    def open(self) -> BinaryIO:
        """Open it for reading; the stream can seek.

        Raises:
            OSError: It is missing, or cannot be read.
            EnvironmentProblem: What holds it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileOrigin:
    """A file. Opening it waits for nobody, whatever stands at its path."""

    path: Path
    directory: str | None = None

    @property
    def key(self) -> str:
        """Return the path without links."""
        return _resolved(self.path)

    @property
    def name(self) -> str:
        """Return the path as it was given."""
        return str(self.path)

    @property
    def size(self) -> int:
        """Return the size of the file; 0 when it is not there."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    @property
    def mtime(self) -> float:
        """Return when the file was last written."""
        try:
            return self.path.stat().st_mtime
        except OSError:
            return 0.0

    def open(self) -> BinaryIO:
        """Open a regular file; anything else is an OSError."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(0, "it is not a regular file")
        return os.fdopen(descriptor, "rb")


@dataclass(frozen=True, slots=True)
class BlobOrigin:
    """A transcript in git, in one blob or cut into several; read without a checkout.

    Nothing is fetched for it: a blob that this clone lacks is missing.

    Attributes:
        repository: A directory of the repository.
        blobs: The ids of the blobs, in order.
        name: What it is called before a person, such as ``REF:path``.
        key: Its identity, when the blob's own is not it: a session's later checkpoints replace the earlier.
        size: Bytes of all blobs.
        mtime: When it was committed.
        copy: True when it is a copy of a session's own log that may differ in its bytes: secrets were taken
            out of it.
    """

    repository: Path
    blobs: tuple[str, ...]
    name: str
    key: str = ""
    size: int = 0
    mtime: float = 0.0
    directory: str | None = None
    copy: bool = False

    def __post_init__(self) -> None:
        if not self.key:
            object.__setattr__(self, "key", "blob:" + "+".join(self.blobs))

    def open(self) -> BinaryIO:
        """Open the blobs as one stream; one that is missing is an OSError."""
        return _blobs(self.repository, self.blobs).open()


@dataclass(frozen=True, slots=True)
class DatabaseOrigin:
    """A session in OpenCode's database, as lines of JSON, one finished message a line.

    Attributes:
        path: The database.
        session: The session's id in it.
    """

    path: Path
    session: str
    size: int = 0
    mtime: float = 0.0
    directory: str | None = None

    @property
    def key(self) -> str:
        """Return the database's path without links, and the session."""
        return f"{_resolved(self.path)}#{self.session}"

    @property
    def name(self) -> str:
        """Return the database's path and the session."""
        return f"{self.path}#{self.session}"

    def open(self) -> BinaryIO:
        """Open the session's lines as they are now."""
        beside = self.path.with_name(self.path.name + "-wal")
        return _lines(self.path, self.session, (*_stamp(self.path), *_stamp(beside))).open()


@dataclass(frozen=True, slots=True)
class UnreadableOrigin:
    """A file that was to hold transcripts and cannot be read; opening it says why."""

    path: Path
    reason: str
    size: int = 0
    mtime: float = 0.0
    directory: str | None = None

    @property
    def key(self) -> str:
        """Return the path without links."""
        return _resolved(self.path)

    @property
    def name(self) -> str:
        """Return the path as it was given."""
        return str(self.path)

    def open(self) -> BinaryIO:
        """Raise why it cannot be read."""
        raise OSError(0, self.reason)


def origin_of(place: str | os.PathLike[str] | Origin) -> Origin:
    """Return a path as the origin of the file there, and an origin as it is."""
    return FileOrigin(Path(place)) if isinstance(place, str | os.PathLike) else place


class Gathered:
    """Bytes that were gathered once and can be opened again and again."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - as long as this
        weakref.finalize(self, self.file.close)
        self.size = 0
        for piece in pieces:
            self.file.write(piece)
            self.size += len(piece)

    def open(self) -> BinaryIO:
        """Return a stream of its own over the bytes."""
        return cast("BinaryIO", io.BufferedReader(_Window(self), 1 << 16))


class _Window(io.RawIOBase):
    """One reader's place in content that several read."""

    def __init__(self, content: Gathered) -> None:
        self._content = content
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._content.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._content.file.seek(self._at)
        data = self._content.file.read(len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


@lru_cache(maxsize=1)  # one transcript is opened several times while it is read, then never again
def _blobs(repository: Path, blobs: tuple[str, ...]) -> Gathered:
    try:
        return Gathered(contents_of(repository, blobs))
    except HoldfastError as error:
        raise OSError(0, error.message) from error


@lru_cache(maxsize=1)
def _lines(path: Path, session: str, _stamp: tuple[int, ...]) -> Gathered:
    from holdfast.transcripts import opencode_database

    return Gathered(line.rstrip(b"\n") + b"\n" for line in opencode_database.lines(path, session))


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _resolved(path: Path) -> str:
    try:
        path = path.resolve()
    except (OSError, RuntimeError):  # a link to itself
        path = path.absolute()
    return str(path).encode("utf-8", "backslashreplace").decode()
