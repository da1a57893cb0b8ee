"""What is due to be read: sessions that hooks saw end, and those that fell silent without saying so.

The list is ``due.jsonl`` in local state, to which `holdfast.hook.due` adds. Local state may have come with a
copied clone, so a line only says where to look: a log is read when it names a directory of this repository.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import msgspec

from holdfast.evidence import journal
from holdfast.hook import due
from holdfast.repo.location import Repository
from holdfast.transcripts.discovery import discover, expand
from holdfast.transcripts.origin import FileOrigin, Origin
from holdfast.transcripts.search import Search
from holdfast.transcripts.walking import is_folder

MOST_TRIES = due.MOST_TRIES


class Due(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line: a session that is to be read.

    Attributes:
        at: When it ended, in seconds since the epoch; of one that is open, when it was looked at.
        agent, session, transcript, cwd: Of the session, as its agent's hooks told them.
        reason: Why it ended; ``open`` for one that had not.
        tries: How often reading it was begun and not finished.
    """

    at: float = 0.0
    agent: str = ""
    session: str = ""
    transcript: str = ""
    cwd: str = ""
    reason: str = ""
    tries: int = 0

    @property
    def key(self) -> str:
        """Return the session's key, under which its journal stands."""
        return hashlib.sha256(f"{self.agent}\n{self.session}".encode("utf-8", "replace")).hexdigest()[:16]


class DueList:
    """The list of one repository, as it was when made; hooks may add to it all the while."""

    def __init__(self, repository: Repository) -> None:
        self._path = repository.state_dir / due.NAME
        with self._locked() as file:
            data = file.read() if file is not None else b""
        self._size = len(data)
        self.lines = list(_decoded(data))

    def keep(self, left: Iterable[Due]) -> None:
        """Put in place of what was read what is left of it; what was added meanwhile stays."""
        left = list(left)
        with self._locked(make=bool(left)) as file:
            if file is None:
                return
            added = file.read()[self._size :]
            kept = b"".join(msgspec.json.encode(each) + b"\n" for each in left)
            file.seek(0)
            file.write(kept + added)
            file.truncate()
            self._size = len(kept)

    @contextmanager
    def _locked(self, *, make: bool = False) -> Iterator[BinaryIO | None]:
        flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_CREAT if make else 0)
        try:
            descriptor = os.open(self._path, flags, 0o600)
        except OSError:
            yield None
            return
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield file


class Finder:
    """Find the logs of sessions that are due, among those of one repository.

    Args:
        repository: Which.
        home: The user's home.
    """

    def __init__(self, repository: Repository, home: Path) -> None:
        self._roots = repository.worktrees()
        self._home = home

    def logs(self, line: Due) -> list[Origin]:
        """Return the log of a session with those of its subagents; none when it is not found."""
        path = Path(line.transcript) if line.transcript else None
        if path is not None and path.is_absolute() and path.is_file():
            beside = path.with_suffix("")
            places = [path, beside] if is_folder(beside) else [path]
            return [origin for origin in expand(places) if self._is_ours(origin)]
        name = line.session
        return [origin for origin in self._discovered if len(name) > 7 and name in origin.name]

    def _is_ours(self, origin: Origin) -> bool:
        if self._search.concerns(origin.directory):
            return True
        return isinstance(origin, FileOrigin) and self._search.wants(origin.path)

    @cached_property
    def _search(self) -> Search:
        roots = [str(spelling) for root in self._roots for spelling in (root, root.resolve())]
        return Search(roots, self._home, os.environ, everywhere=False)

    @cached_property
    def _discovered(self) -> list[Origin]:
        return [found.origin for found in discover(self._roots, self._home)]


def silent(repository: Repository, now: float, known: Iterable[Due]) -> Iterator[Due]:
    """Yield the sessions that began and did not say that they ended, besides those that are known.

    Those that were idle long enough come as ended, others as open: they may be at work.
    """
    listed = {line.key for line in known}
    for found in journal.read_all(repository, since=looked(repository)):
        started = found.started
        if started is None or found.ended or found.key in listed:
            continue
        line = Due(
            at=now, agent=started.agent, session=started.session, transcript=started.transcript,
            cwd=started.root, reason=due.OPEN,
        )  # fmt: skip
        if line.key == found.key and _names_paths(line):
            yield line


def is_idle(repository: Repository, line: Due, now: float) -> bool:
    """Tell whether neither the journal nor the log of a session was written to for a while."""
    places = [
        repository.state_dir / journal.FOLDER / f"{line.key}.jsonl",
        Path(line.transcript or "/nowhere"),
    ]
    return now - max(map(_changed, places)) >= due.IDLE


def looked(repository: Repository) -> float:
    """Return when the journals were looked through last, in seconds since the epoch; 0 for never."""
    return _changed(repository.state_dir / due.LOOKED)


def note_looked(repository: Repository, now: float) -> None:
    """Note that the journals that were written before now have been looked through."""
    path = repository.ensure_state() / due.LOOKED
    path.touch(mode=0o600)
    os.utime(path, (now, now))


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _decoded(data: bytes) -> Iterator[Due]:
    for line in data.splitlines():
        try:
            found = msgspec.json.decode(line, type=Due, strict=False)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        if (found.session or found.transcript) and _names_paths(found):
            yield found


def _names_paths(line: Due) -> bool:
    """Tell whether what a line gives as paths can be some: none holds a NUL."""
    return "\0" not in line.transcript + line.cwd
