"""Read and create files of the worktree without ever following a link.

A clone may hold ``.holdfast`` or a file in it as a symbolic link to anything on the machine. So each
component of a path is opened by itself, relative to the folder before it and without following
links (``O_NOFOLLOW``); only regular files of at most `LIMIT` bytes are read. Nothing can be swapped
between a check and the read: what is checked is the open file.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from holdfast.errors import EnvironmentProblem
from holdfast.repo import git
from holdfast.repo.replacing import give

LIMIT = 1 << 20
"""Bytes that a file may have to be read."""

MOST_FILES = 500
"""Files that a folder may hold, folders in it included."""

_DEEPEST = 8
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a named pipe must not wait for a writer
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_ABSENT = (errno.ENOENT, errno.ENOTDIR)
_LINK = (errno.ELOOP, errno.EMLINK, errno.ENOTDIR)


class Found(NamedTuple):
    """One file below a folder: its content, or why it is not read."""

    path: str
    """Relative to the top, with ``/``."""
    data: bytes | None
    refused: str
    """Why it is never read, in words that finish "it …"; empty when it was read."""


def read(top: Path, path: str, limit: int = LIMIT) -> bytes | None:
    """Return the bytes of a regular file below ``top``, or None when there is none.

    Args:
        top: The folder that the path stays in; itself given by the caller, links and all.
        path: Relative, with ``/``; no component may be ``..`` or a link.
        limit: Bytes read at most.

    Raises:
        EnvironmentProblem: Something stands there that is never read, or this user may not read it.
    """
    parts = _parts(path)
    try:
        with _folder(top, parts[:-1]) as folder:
            data, refused = _read_entry(folder, parts[-1], limit)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None
        if error.errno in _LINK:
            data, refused = None, _unfollowed(top, parts)
        else:
            raise _unreadable(path, error) from error
    if refused == "is not there":
        return None
    if data is None:
        raise EnvironmentProblem(
            f"{path} is not read: it {refused}.", "Put a regular file there, or remove it."
        )
    return data


def read_text(top: Path, path: str, limit: int = LIMIT) -> str | None:
    """Return the text of a file below ``top``; None when there is none, or none that is ever read.

    What is not UTF-8 in it is replaced.
    """
    try:
        data = read(top, path, limit)
    except EnvironmentProblem:
        return None
    return None if data is None else data.decode("utf-8", "replace")


def list_directory(top: Path, path: str) -> list[str]:
    """Return the names in a folder below ``top``; none when it is absent, behind a link or unreadable."""
    try:
        with _folder(top, _parts(path)) as folder, os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries)
    except OSError:
        return []


def below(top: Path, folder: str) -> list[Found]:
    """Return every file below a folder of ``top``, in order of path; nothing when there is none.

    What is no regular file, is larger than `LIMIT`, lies too deep or cannot be read comes without data
    and with the reason. After `MOST_FILES` one last entry says that there are more.

    Raises:
        EnvironmentProblem: This user may not list ``top``.
    """
    parts = _parts(folder)
    try:
        with _folder(top, parts[:-1]) as parent:
            found = _first(_visit(parent, parts[-1], folder, 0))
    except OSError as error:
        if error.errno in _ABSENT:
            return []
        raise _unreadable(folder, error) from error
    return [entry for entry in found if entry.refused != "is not there"]


def create(top: Path, path: str, data: bytes) -> None:
    """Write a new file below ``top``, making its folders; no link is followed and nothing replaced.

    Raises:
        FileExistsError: Something stands there already.
        EnvironmentProblem: It cannot be written, or a folder on the way is a link.
    """
    parts = _parts(path)
    try:
        with _folder(top, parts[:-1], make=True) as folder:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(parts[-1], flags, 0o644, dir_fd=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
            except OSError:
                os.unlink(parts[-1], dir_fd=folder)  # no half of a file is left
                raise
    except FileExistsError:
        raise
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def overwrite(top: Path, path: str, data: bytes) -> None:
    """Replace a file that exists below ``top`` as a whole, keeping owner and mode; no link is followed.

    Raises:
        EnvironmentProblem: It cannot be written; it is as it was.
    """
    parts = _parts(path)
    try:
        with _folder(top, parts[:-1]) as folder:
            before = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)
            name = f".{parts[-1]}.{os.getpid()}.new"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(name, flags, 0o600, dir_fd=folder)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(data)
                    give(descriptor, before)
                os.rename(name, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                os.unlink(name, dir_fd=folder)
                raise
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def _unreadable(path: str, error: OSError) -> EnvironmentProblem:
    return EnvironmentProblem(
        f"Cannot read {path}: {error.strerror}.", "Give this user the right to read it, or remove it."
    )


def _parts(path: str) -> list[str]:
    parts = path.split("/")
    if not all(part and part not in (".", "..") and "\0" not in part for part in parts):
        raise EnvironmentProblem(
            f"{path!r} is not a path inside the repository.", "Use names and / alone, without `..`."
        )
    return parts


@contextmanager
def _folder(top: Path, parts: list[str], *, make: bool = False) -> Iterator[int]:
    """Open the folder that ``parts`` lead to, one component at a time; yields its descriptor."""
    descriptor = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=descriptor)
            following = os.open(part, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = following
        yield descriptor
    finally:
        os.close(descriptor)


def _unfollowed(top: Path, parts: list[str]) -> str:
    at = top
    for part in parts[:-1]:
        at = at / part
        if at.is_symlink():
            return f"lies behind the symbolic link {at.relative_to(top)}"
    return "lies below something that is not a folder"


def _read_entry(folder: int, name: str, limit: int) -> tuple[bytes | None, str]:
    """Return the bytes of an entry of an open folder, or why they are not read."""
    try:
        descriptor = os.open(name, _FILE, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return None, "is not there"
        if error.errno in _LINK:
            return None, f"is a symbolic link to {_target(folder, name)}"
        if error.errno in (errno.ENXIO, errno.EOPNOTSUPP):
            return None, "is a socket or device"
        return None, f"cannot be opened ({error.strerror})"
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            return None, "is not a regular file"
        data = bytearray()
        while len(data) <= limit and (chunk := os.read(descriptor, limit + 1 - len(data))):
            data += chunk
    except OSError as error:
        return None, f"cannot be read ({error.strerror})"
    finally:
        os.close(descriptor)
    return (bytes(data), "") if len(data) <= limit else (None, f"is larger than {limit:,} bytes")


def _visit(folder: int, name: str, path: str, depth: int) -> Iterator[Found]:
    try:
        descriptor = os.open(name, _FOLDER, dir_fd=folder)
    except OSError as error:
        if error.errno in _LINK:  # no folder: a file, a link, or something else
            yield Found(path, *_read_entry(folder, name, LIMIT))
        elif error.errno == errno.ENOENT:
            yield Found(path, None, "is not there")
        else:
            yield Found(path, None, f"cannot be opened ({error.strerror})")
        return
    try:
        if depth >= _DEEPEST:
            yield Found(path, None, "lies too deep")
            return
        with os.scandir(descriptor) as entries:
            names = sorted(entry.name for entry in entries)
        for child in names:
            yield from _visit(descriptor, child, f"{path}/{child}", depth + 1)
    except OSError as error:
        yield Found(path, None, f"cannot be listed ({error.strerror})")
    finally:
        os.close(descriptor)


def _first(entries: Iterator[Found]) -> list[Found]:
    found: list[Found] = []
    for entry in entries:
        if len(found) == MOST_FILES:
            found.append(Found(entry.path, None, f"and what follows it is beyond {MOST_FILES} files"))
            break
        found.append(entry)
    return found


def _target(folder: int, name: str) -> str:
    try:
        return os.readlink(name, dir_fd=folder)
    except OSError:
        return "something"
