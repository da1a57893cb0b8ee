"""Look for files in folders within bounds: of entries, of depth, and of where links may lead."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from heapq import nlargest
from itertools import islice
from pathlib import Path
from typing import NamedTuple

LISTED = 200_000
"""Names that are listed of one agent's folders."""
KEPT = 20_000
"""Logs that are kept of one of an agent's folders: the newest ones."""
DEPTH = 6
"""Folders in folders that are entered."""


class File(NamedTuple):
    """A file that is not empty, with its size in bytes and its time of change."""

    path: Path
    size: int
    mtime: float


class Skipped(NamedTuple):
    """A place that was not looked at, or not all of it, and why."""

    place: str
    reason: str


class Walk:
    """List the files of one agent's folders, the newest folders first, within bounds.

    No link is followed out of a boundary, and none to a folder.

    Attributes:
        told: What was not looked at.
    """

    def __init__(self, boundary: Path) -> None:
        self._boundary = boundary
        self._left = LISTED
        self._over = False
        self.told: list[Skipped] = []

    def folders(self, directory: Path) -> list[Path]:
        """Return the folders in a folder, the newest first; links inside the boundary count."""
        if not self.is_inside(directory):
            return []
        found = (entry for entry in self._listed(directory) if _is(entry.is_dir))
        inside = [entry for entry in found if not entry.is_symlink() or self.is_inside(Path(entry.path))]
        return [Path(entry.path) for entry in sorted(inside, key=_changed, reverse=True)]

    def files(self, directory: Path, wanted: Callable[[str], bool], *, depth: int = DEPTH) -> Iterator[File]:
        """Give the files below a folder whose names are wanted; none when it lies outside the boundary."""
        if self.is_inside(directory):
            yield from self._files(directory, wanted, depth)

    def newest(self, files: Iterator[File]) -> list[File]:
        """Return the newest files, as many as are kept; say so when there were more."""
        found = list(files)
        if len(found) <= KEPT:
            return found
        reason = f"of {len(found):,} logs the newest {KEPT:,} were looked at"
        self.told.append(Skipped(str(found[0].path.parent), reason))
        return nlargest(KEPT, found, key=lambda file: file.mtime)

    def file(self, path: Path) -> Iterator[File]:
        """Give a file when it is a regular one, not empty, and no link leads out of the boundary."""
        yield from self._file(path)

    def is_inside(self, path: Path) -> bool:
        """Tell whether a path, its links followed, lies inside the boundary."""
        return is_inside(path, self._boundary)

    def _file(self, found: Path | os.DirEntry[str]) -> Iterator[File]:
        try:
            facts = found.stat()
            linked = found.is_symlink()
        except OSError:
            return
        if stat.S_ISREG(facts.st_mode) and facts.st_size and (not linked or self.is_inside(Path(found))):
            yield File(Path(found), facts.st_size, facts.st_mtime)

    def _files(self, directory: Path, wanted: Callable[[str], bool], depth: int) -> Iterator[File]:
        below: list[os.DirEntry[str]] = []
        for entry in self._listed(directory):
            if _is(lambda entry=entry: entry.is_dir(follow_symlinks=False)):  # type: ignore[misc]
                below.append(entry)
            elif wanted(entry.name):
                yield from self._file(entry)
        if depth > 0:
            for entry in sorted(below, key=_changed, reverse=True):
                if entry.name != ".git":
                    yield from self._files(Path(entry.path), wanted, depth - 1)

    def _listed(self, directory: Path) -> list[os.DirEntry[str]]:
        """Return the entries of a folder by name, as many as may still be listed."""
        try:
            with os.scandir(directory) as entries:
                found = list(islice(entries, self._left + 1))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as problem:
            self.told.append(Skipped(str(directory), problem.strerror or str(problem)))
            return []
        if len(found) > self._left:
            if not self._over:
                self.told.append(Skipped(str(directory), f"only the first {LISTED:,} files were looked at"))
            self._over = True
            del found[self._left :]
        self._left -= len(found)
        return sorted(found, key=lambda entry: entry.name)


def is_inside(path: Path, boundary: Path) -> bool:
    """Tell whether a path, its links followed, lies inside a folder whose own path holds no link."""
    try:
        return path.resolve().is_relative_to(boundary)
    except (OSError, RuntimeError):
        return False


def is_folder(path: Path) -> bool:
    """Tell whether there is a folder at a path; not when what it is in may not be entered."""
    return _is(path.is_dir)


def walk(directory: Path, *, depth: int, told: list[Skipped] | None = None) -> Iterator[Path]:
    """Give all files below a folder in the order of their names; links to folders are not followed.

    Args:
        directory: The folder.
        depth: How many folders in folders are entered.
        told: Filled with the folders that could not be listed.
    """
    try:
        with os.scandir(directory) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as problem:
        if told is not None:
            told.append(Skipped(str(directory), problem.strerror or str(problem)))
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if depth > 0 and entry.name != ".git":
                yield from walk(Path(entry.path), depth=depth - 1, told=told)
        elif _is(entry.is_file):
            yield Path(entry.path)


def head_of(file: Path, size: int) -> bytes:
    """Return the first bytes of a regular file; none when it cannot be read."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return b""
    try:
        return os.read(descriptor, size) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _is(test: Callable[[], bool]) -> bool:
    try:
        return test()
    except OSError:  # a link to itself
        return False


def _changed(entry: os.DirEntry[str]) -> tuple[float, str]:
    try:
        return entry.stat().st_mtime, entry.name
    except OSError:
        return 0.0, entry.name
