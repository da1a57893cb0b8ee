"""Compressed copies of transcripts, kept because agents delete theirs.

They are private originals: made only when a person asked for it, readable by their owner alone, in local
state, sent nowhere, and deleted by nobody but a person. Each is an ordinary gzip file (RFC 1952), so that
``gunzip`` gives back the log; what the log was called stands in the header's extra field.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import msgspec

from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.transcripts.origin import BlobOrigin, FileOrigin, Gathered, Origin

FOLDER = "archive"
"""Its place in local state."""

_HEADER = b"\x1f\x8b\x08\x04" + b"\0" * 4 + b"\0\xff"  # deflate, with an extra field, at no time, anywhere
_FIELD = b"HF"
_LEVEL = 6
_CHUNK = 1 << 18
LARGEST = 2 << 30
"""Bytes of a log that is archived; a copy that says it holds more is none of ours."""


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """What an archived transcript was.

    Attributes:
        key, name, directory: As those of the origin it was copied from.
        session: The id of its session.
        size: Bytes of the log.
        mtime: When the log had last changed.
    """

    key: str
    name: str
    session: str
    size: int
    mtime: float
    directory: str | None = None


@dataclass(frozen=True, slots=True)
class ArchiveOrigin:
    """An archived transcript. It has the key of the log that it is a copy of."""

    path: Path
    label: Label

    @property
    def key(self) -> str:
        """Return the key of the log."""
        return self.label.key

    @property
    def name(self) -> str:
        """Return what the log was called."""
        return f"{self.label.name} (archived)"

    @property
    def size(self) -> int:
        """Return the bytes of the log."""
        return self.label.size

    @property
    def mtime(self) -> float:
        """Return when the log had last changed."""
        return self.label.mtime

    @property
    def directory(self) -> str | None:
        """Return the session's directory, when the place of the log told it."""
        return self.label.directory

    def open(self) -> BinaryIO:
        """Open the log's bytes; a damaged copy is an OSError."""
        found = self.path.stat()
        return _unpacked(self.path, (found.st_ino, found.st_mtime_ns, found.st_size)).open()


class Archive:
    """The archive of one repository, shared by its worktrees."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.folder = repository.state_dir / FOLDER

    def keep(self, origin: Origin, session: str) -> bool:
        """Keep a copy of a transcript, unless the one there is as long; tell whether it was written.

        A copy is only ever replaced by a longer one of the same session. What stands in git, and what is
        longer than `LARGEST`, is not copied.

        Args:
            origin: The transcript.
            session: The id of its session: another session under the same name has a copy of its own.

        Raises:
            EnvironmentProblem: It cannot be written; the copy before it is as it was.
            OSError: The transcript cannot be read.
        """
        if isinstance(origin, ArchiveOrigin | BlobOrigin):
            return False
        path = self.folder / f"{_digest(origin.key, session)}.gz"
        kept = read_label(path)
        if kept is not None and _is_as_it_was(origin, kept):
            return False
        with origin.open() as source:
            size = source.seek(0, os.SEEK_END)
            if (kept is not None and kept.size >= size) or size > LARGEST:
                return False
            source.seek(0)
            label = Label(
                key=origin.key,
                name=origin.name,
                session=session,
                size=size,
                mtime=origin.mtime,
                directory=origin.directory,
            )
            self._write(path, label, source)
        return True

    def origins(self) -> list[ArchiveOrigin]:
        """Return what is in it, the oldest first; a file that is none of ours is passed over."""
        if self.folder.is_symlink():
            return []
        files = [
            path for path in sorted(self.folder.glob("*.gz")) if path.is_file() and not path.is_symlink()
        ]
        found = [(path, read_label(path)) for path in files]
        kept = [ArchiveOrigin(path, label) for path, label in found if label is not None]
        return sorted(kept, key=lambda origin: (origin.mtime, origin.name))

    def _write(self, path: Path, label: Label, source: BinaryIO) -> None:
        self.repository.ensure_state()
        name = None
        try:
            if self.folder.is_symlink():
                raise OSError(0, "the archive is a symbolic link, and what it leads to is not written")
            self.folder.mkdir(mode=0o700, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")  # for its owner alone
            with os.fdopen(descriptor, "wb") as file:
                _pack(source, file, label)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException as error:
            if name is not None:
                Path(name).unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise git.disk_problem(error, f"Cannot write {path}") from error
            raise


def archived(repository: Repository, home_keys: Collection[str]) -> list[ArchiveOrigin]:
    """Return the archived transcripts whose logs are gone, the oldest first.

    A log that was found under the same name in another place has only moved, if that name tells the session.

    Args:
        repository: Whose archive.
        home_keys: The keys of the logs that were found.
    """
    known = set(home_keys)
    names = {Path(key).name for key in known}
    return [
        origin
        for origin in Archive(repository).origins()
        if origin.key not in known and not _is_there(origin) and not _has_moved(origin, names)
    ]


def _has_moved(origin: ArchiveOrigin, names: Collection[str]) -> bool:
    name, session = Path(origin.key).name, origin.label.session
    return bool(session) and session in name and name in names


def read_label(path: Path) -> Label | None:
    """Return what a file of the archive says it is a copy of; None when it is none."""
    try:
        with path.open("rb") as file:
            if file.read(len(_HEADER)) != _HEADER:
                return None
            (extra,) = struct.unpack("<H", file.read(2))
            field, size = struct.unpack("<2sH", file.read(4))
            if field != _FIELD or size + 4 != extra:
                return None
            label = msgspec.json.decode(file.read(size), type=Label)
            return label if 0 <= label.size <= LARGEST else None
    except (OSError, struct.error, msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _is_as_it_was(origin: Origin, kept: Label) -> bool:
    """Tell without reading it whether a log has nothing new; of a database the size is an estimate."""
    if isinstance(origin, FileOrigin):
        return kept.size >= origin.size
    return 0 < origin.mtime <= kept.mtime


def _is_there(origin: ArchiveOrigin) -> bool:
    """Tell whether the log that was copied is still where it was: a file, or a session of a database."""
    path, _, session = origin.key.rpartition("#")
    if path and session == origin.label.session:
        return False  # a session that is no longer found in its database
    return os.path.lexists(origin.key)


def _digest(key: str, session: str) -> str:
    return hashlib.sha256(f"{key}\n{session}".encode("utf-8", "replace")).hexdigest()[:32]


def _pack(source: BinaryIO, file: BinaryIO, label: Label) -> None:
    """Write a gzip file: header, extra field, deflated bytes, their CRC-32 and length."""
    told = msgspec.json.encode(label)
    if len(told) > 60_000:
        raise OSError(0, "its name is too long")
    file.write(_HEADER + struct.pack("<H2sH", len(told) + 4, _FIELD, len(told)) + told)
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    check = length = 0
    while length < label.size and (data := source.read(min(_CHUNK, label.size - length))):
        check = zlib.crc32(data, check)
        length += len(data)
        file.write(packer.compress(data))
    if length < label.size:
        raise OSError(0, "the transcript became shorter while it was read")
    file.write(packer.flush() + struct.pack("<II", check, length & 0xFFFFFFFF))


@lru_cache(maxsize=1)  # one transcript is opened several times while it is read, then never again
def _unpacked(path: Path, _stamp: tuple[int, ...]) -> Gathered:
    return Gathered(_unpack(path))


def _unpack(path: Path) -> Iterator[bytes]:
    """Give the bytes of an archived log; a damaged one is an OSError, and so is one longer than it says."""
    label = read_label(path)
    if label is None:
        raise OSError(0, "it is no archived transcript")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    length = 0
    with path.open("rb") as file:
        data = file.read(_CHUNK)
        while data and not unpacker.eof:
            try:
                piece = unpacker.decompress(data, _CHUNK)
            except zlib.error as error:
                raise OSError(0, f"the archived copy is damaged: {error}") from error
            length += len(piece)
            if length > label.size:
                raise OSError(0, "the archived copy is damaged: it is longer than it says")
            yield piece
            data = unpacker.unconsumed_tail or file.read(_CHUNK)
    if not unpacker.eof or length != label.size:
        raise OSError(0, "the archived copy is damaged: its end is missing")
