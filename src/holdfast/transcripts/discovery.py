"""Find the logs of agents: those of a repository in a user's home, or those at given paths.

Only names and the first bytes of files are read. Nobody is asked here: the caller asks first.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from holdfast.errors import HoldfastError
from holdfast.transcripts.origin import DatabaseOrigin, FileOrigin, Origin
from holdfast.transcripts.paths import is_below
from holdfast.transcripts.readers import HEAD, find_reader, third_party_readers
from holdfast.transcripts.records import BOM

PROBE = 4096
CWD_HEAD = 128 * 1024
"""Bytes of a log's beginning in which its working directory is looked for."""

DEPTH = 6
_SQLITE = b"SQLite format 3\0"
_NAME_LIMIT = 200
"""Characters of a project directory's name that Claude Code keeps of a long path."""

_CWD = re.compile(rb'"cwd"\s*:\s*("(?:[^"\\]|\\.){1,4096}")')


class Found(NamedTuple):
    """A log that discovery found: where it stands, its agent, its size in bytes, its time of change."""

    origin: Origin
    agent: str
    size: int
    mtime: float

    @property
    def path(self) -> Path:
        """Return the path of its file, or of the database that holds it."""
        return self.origin.path if isinstance(self.origin, FileOrigin | DatabaseOrigin) else Path()


def discover(
    repository_root_paths: Sequence[Path],
    home: Path,
    everywhere: bool = False,
    *,
    environ: Mapping[str, str] | None = None,
) -> list[Found]:
    """Return the logs of sessions that worked in a repository, the oldest first.

    Args:
        repository_root_paths: The repository's root and the roots of its worktrees.
        home: The user's home directory.
        everywhere: Return the logs of all directories.
        environ: Where ``CLAUDE_CONFIG_DIR`` and ``CODEX_HOME`` are looked up; the process's own by default.
    """
    settings = os.environ if environ is None else environ
    roots = _spellings(repository_root_paths)
    found = [
        *_claude_code(
            _place(settings.get("CLAUDE_CONFIG_DIR"), home, ".claude"), roots, everywhere=everywhere
        ),
        *_codex(_place(settings.get("CODEX_HOME"), home, ".codex"), roots, everywhere=everywhere),
    ]
    return sorted(found, key=lambda log: (log.mtime, log.origin.name))


def expand(paths: Iterable[Path | Origin]) -> Iterator[Origin]:
    """Give the logs at some paths, in a stable order.

    A file is given as it is, and so is what is an origin already. A directory is walked, without
    following links to directories, for files whose content some reader recognises. An agent's database
    gives the sessions in it.

    Raises:
        HoldfastError: A database that was named cannot be read.
    """
    for path in paths:
        if not isinstance(path, Path):
            yield path
        elif path.is_dir():
            for file in _walk(path, depth=64):
                yield from _logs_in(file)
        elif is_database(path):
            yield from sessions_in(path)
        else:
            yield FileOrigin(path)


def is_database(path: Path) -> bool:
    """Tell whether a file is a database of SQLite, by its first bytes."""
    return path.is_file() and _head(path, len(_SQLITE)) == _SQLITE


def sessions_in(path: Path) -> Iterator[DatabaseOrigin]:
    """Give the sessions of an agent's database.

    Raises:
        HoldfastError: It is no agent's, or cannot be read.
    """
    from holdfast.transcripts import opencode_database

    for session, directory, updated, size in opencode_database.sessions(path):
        yield DatabaseOrigin(path, session, size, updated, directory or None)


def _logs_in(file: Path) -> Iterator[Origin]:
    """Give the log that a file among others is, or those in it."""
    if _is_recognized(file):
        yield FileOrigin(file)
    elif is_database(file):
        with contextlib.suppress(HoldfastError, OSError):  # somebody else's database
            yield from list(sessions_in(file))


def project_directory_name(directory: str) -> str:
    """Return the name that Claude Code gives to the log directory of a working directory."""
    return re.sub(r"[^A-Za-z0-9]", "-", directory)


class _Home(NamedTuple):
    """An agent's directory, and the directory out of which no link is followed."""

    directory: Path
    boundary: Path


def _place(setting: str | None, home: Path, name: str) -> _Home:
    if setting and Path(setting).is_absolute():
        return _Home(Path(setting), Path(setting).resolve())
    return _Home(home / name, home.resolve())


def _claude_code(place: _Home, roots: Sequence[str], *, everywhere: bool) -> Iterator[Found]:
    names = [project_directory_name(root)[:_NAME_LIMIT] for root in roots]
    for directory in _subdirectories(place.directory / "projects", place.boundary):
        name = directory.name[:_NAME_LIMIT]
        exact = name in names
        if not everywhere and not exact and not any(name.startswith(f"{wanted}-") for wanted in names):
            continue
        for file in _walk(directory, depth=DEPTH):
            if file.suffix != ".jsonl":
                continue
            if everywhere or _belongs(file, roots, unknown=exact):
                yield from _found(file, "claude-code", place.boundary)


def _codex(place: _Home, roots: Sequence[str], *, everywhere: bool) -> Iterator[Found]:
    for name in ("sessions", "archived_sessions"):
        directory = place.directory / name
        if not _is_inside(directory, place.boundary):
            continue
        for file in _walk(directory, depth=DEPTH):
            if not file.name.startswith("rollout-") or file.suffix != ".jsonl":
                continue
            if everywhere or _belongs(file, roots, unknown=False):
                yield from _found(file, "codex", place.boundary)


def _belongs(file: Path, roots: Sequence[str], *, unknown: bool) -> bool:
    """Tell whether a log's session worked in one of the roots or below it."""
    match = _CWD.search(_head(file, CWD_HEAD))
    if match is None:
        return unknown
    try:
        directory = json.loads(match[1])
    except ValueError:
        return unknown
    return any(is_below(directory, root) for root in roots)


def _found(file: Path, agent: str, boundary: Path) -> Iterator[Found]:
    try:
        facts = file.stat()
    except OSError:
        return
    if (
        stat.S_ISREG(facts.st_mode)
        and facts.st_size
        and (not file.is_symlink() or _is_inside(file, boundary))
    ):
        yield Found(FileOrigin(file), agent, facts.st_size, facts.st_mtime)


def _subdirectories(directory: Path, boundary: Path) -> list[Path]:
    if not _is_inside(directory, boundary):
        return []
    try:
        entries = sorted(directory.iterdir())
    except OSError:
        return []
    return [entry for entry in entries if entry.is_dir() and _is_inside(entry, boundary)]


def _walk(directory: Path, *, depth: int) -> Iterator[Path]:
    """Give the files below a directory in the order of their names; links to directories are not followed."""
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if depth > 0 and entry.name != ".git":
                yield from _walk(Path(entry.path), depth=depth - 1)
        elif _is_file(entry):
            yield Path(entry.path)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself
        return False


def _is_inside(path: Path, boundary: Path) -> bool:
    try:
        return path.resolve().is_relative_to(boundary)
    except (OSError, RuntimeError):
        return False


def _is_recognized(file: Path) -> bool:
    start = _head(file, PROBE).removeprefix(BOM).lstrip()
    if b"\0" in start and not third_party_readers().readers:
        return False  # the built-in readers read text
    return any(find_reader(_head(file, size))[0] is not None for size in (HEAD // 16, HEAD))


def _head(file: Path, size: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(size)
    except OSError:
        return b""


def _spellings(roots: Sequence[Path]) -> list[str]:
    """Return each root as given and with its links resolved."""
    return list(dict.fromkeys(str(spelling) for root in roots for spelling in (root, root.resolve())))
