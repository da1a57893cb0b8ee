"""The tables of the index, and how its file is opened, checked and replaced.

The file is a cache. One that cannot be read, or that another schema wrote, is removed; a file that
Holdfast did not make is set aside under another name. Files are swapped under an exclusive lock on
``<name>.lock``, opened under a shared one; all else is locked by SQLite.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path

SCHEMA = 6
"""Raise it with every change of a table or of how text is cut into words."""

APPLICATION = 0x486F6C64
"""Marks the file as ours (``Hold``), in SQLite's header field for it."""

PATIENCE = 5.0
"""Seconds to wait while another process keeps the index locked, unless the caller has less time."""

FIELD_WEIGHTS = {"title": 4, "text": 2, "terms": 2, "detail": 1}
"""The searched columns: how many times a word counts in each."""

_STORAGE_FAULTS = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
}
_DAMAGE = {sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_CORRUPTFS}

_TABLES = """
CREATE TABLE documents(
    rowid INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, source TEXT NOT NULL, kind TEXT NOT NULL,
    newest REAL NOT NULL, branch TEXT NOT NULL, session TEXT NOT NULL, digest TEXT NOT NULL,
    length INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX documents_newest ON documents(newest DESC, id);
CREATE INDEX documents_source ON documents(source, newest DESC, id);
CREATE INDEX documents_branch ON documents(branch, newest DESC, id) WHERE branch != '';
CREATE INDEX documents_session ON documents(session, newest DESC, id) WHERE session != '';
CREATE INDEX documents_digest ON documents(digest) WHERE digest != '';
CREATE INDEX documents_named ON documents(source, id);
CREATE TABLE signatures(
    exact INTEGER NOT NULL, signature TEXT NOT NULL, document INTEGER NOT NULL,
    PRIMARY KEY(exact, signature, document)) WITHOUT ROWID;
CREATE INDEX signatures_document ON signatures(document);
CREATE TABLE paths(
    path TEXT NOT NULL, newest REAL NOT NULL, document INTEGER NOT NULL,
    PRIMARY KEY(path, newest, document)) WITHOUT ROWID;
CREATE INDEX paths_document ON paths(document);
CREATE TABLE occurrences(
    segment TEXT NOT NULL, place INTEGER NOT NULL, session TEXT NOT NULL, day TEXT, position, family TEXT,
    specific TEXT, command TEXT, count, resolved, steps, tokens, learning TEXT, fixes TEXT,
    PRIMARY KEY(segment, place)) WITHOUT ROWID;
CREATE INDEX occurrences_session ON occurrences(session);
CREATE INDEX occurrences_family ON occurrences(family);
CREATE INDEX occurrences_specific ON occurrences(specific);
CREATE INDEX occurrences_learning ON occurrences(learning) WHERE learning IS NOT NULL;
CREATE TABLE stretches(
    segment TEXT PRIMARY KEY, session TEXT NOT NULL, position INTEGER NOT NULL,
    data BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX stretches_session ON stretches(session);
CREATE TABLE commands(
    family TEXT NOT NULL, segment TEXT NOT NULL, session TEXT NOT NULL, position INTEGER NOT NULL,
    ok INTEGER NOT NULL, failed INTEGER NOT NULL, PRIMARY KEY(family, segment)) WITHOUT ROWID;
CREATE INDEX commands_segment ON commands(segment);
CREATE INDEX commands_session ON commands(session);
CREATE TABLE vectors(
    model TEXT NOT NULL, document INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY(model, document)) WITHOUT ROWID;
CREATE INDEX vectors_document ON vectors(document);
CREATE TABLE kept(name TEXT PRIMARY KEY, revision TEXT NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE state(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE postings(
    stem TEXT NOT NULL, block INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY(stem, block)) WITHOUT ROWID;
CREATE TABLE stems(stem TEXT PRIMARY KEY, documents INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE totals(
    source TEXT NOT NULL, kind TEXT NOT NULL, documents INTEGER NOT NULL, length INTEGER NOT NULL,
    PRIMARY KEY(source, kind)) WITHOUT ROWID;
"""

_FILLED = (
    *("documents", "signatures", "paths", "occurrences", "stretches", "commands", "vectors", "kept", "state"),
    *("postings", "stems", "totals"),
)


class Unready(Exception):  # noqa: N818 - a finding about a file, never shown to anyone
    """Say why the file at a path is not an index to use: ``new``, ``broken``, ``schema`` or ``foreign``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Damaged(Exception):  # noqa: N818 - caught in `store`, never shown to anyone
    """Say that the index answered what it cannot hold."""


def open_file(path: Path, patience: float) -> tuple[sqlite3.Connection, str]:
    """Open the index at a path, replacing what cannot be used.

    Returns:
        The connection, and why the index begins empty (the reasons of `Unready`), or "".

    Raises:
        BlockingIOError: Another process held the lock for longer than ``patience`` seconds.
        OSError, sqlite3.Error: The file cannot be made or written there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _file_lock(path, fcntl.LOCK_SH, patience):
            return connect(path, patience), ""
    except BlockingIOError as fault:
        # files are swapped in an instant: whoever holds the lock for longer hangs, and what stands will do
        try:
            return connect(path, 0), ""
        except Unready:
            raise fault from None
    except Unready:
        pass
    with _file_lock(path, fcntl.LOCK_EX, patience):
        try:
            return connect(path, patience), ""
        except Unready as finding:
            _clear(path, foreign=finding.reason == "foreign")
            return _create(path, patience), finding.reason


def discard(path: Path, identity: tuple[int, int] | None, patience: float) -> None:
    """Remove a damaged index, unless another process has replaced it already."""
    with _file_lock(path, fcntl.LOCK_EX, patience):
        if identity == file_identity(path):
            _clear(path, foreign=False)


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return the device and inode at a path, or None."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def open_memory() -> sqlite3.Connection:
    """Open an empty index that lives as long as the connection."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _make_tables(connection)
    _prepare(connection)
    return connection


def connect(path: Path, patience: float) -> sqlite3.Connection:
    """Connect to an index that is there already; raise `Unready` when it is not one to use."""
    _inspect(path)
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA:
            raise Unready("schema")
        connection.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()
        _prepare(connection)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        connection.close()
        if is_storage_fault(error):
            raise
        raise Unready("broken") from None
    except BaseException:
        connection.close()
        raise
    return connection


def is_storage_fault(error: Exception) -> bool:
    """Tell whether the disk, a permission or a lock is at fault, so that a new file would not help."""
    code = getattr(error, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return False
    return code & 0xFF in _STORAGE_FAULTS and code not in _DAMAGE


def is_busy(error: Exception) -> bool:
    """Tell whether another process held a lock for longer than there was time to wait."""
    if isinstance(error, BlockingIOError):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def has_our_tables(connection: sqlite3.Connection) -> bool:
    """Tell whether the tables are defined as this version defines them."""
    sql = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
    sound = open_memory()
    try:
        return connection.execute(sql).fetchall() == sound.execute(sql).fetchall()
    finally:
        sound.close()


def empty(connection: sqlite3.Connection) -> None:
    """Remove all documents, statistics and state, inside the caller's transaction."""
    for table in _FILLED:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the line above


def _inspect(path: Path) -> None:
    """Check what is at a path without SQLite: nothing, ours, or somebody else's."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except FileNotFoundError:
        raise Unready("new") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path} is not a file")
        header = os.read(descriptor, 100)
        if not status.st_size:
            raise Unready("new")
        ours = header[:16] == b"SQLite format 3\0" and header[68:72] == APPLICATION.to_bytes(4, "big")
        if not ours:
            raise Unready("foreign")
        if status.st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _create(path: Path, patience: float) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        # the mark goes to the main file before the write-ahead log exists: `_inspect` reads it there
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        _make_tables(connection)
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.executescript(f"BEGIN IMMEDIATE; {_TABLES}")
    meta = [("epoch", secrets.token_hex(8)), ("revision", "0"), ("view", None)]
    connection.executemany("INSERT INTO meta VALUES (?, ?)", meta)
    connection.execute(f"PRAGMA user_version = {SCHEMA}")
    connection.execute("COMMIT")


def _prepare(connection: sqlite3.Connection) -> None:
    connection.executescript(
        "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;"
        "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = 67108864;"
    )


def _clear(path: Path, *, foreign: bool) -> None:
    """Move a foreign file aside, remove one of ours; with its write-ahead log, main file first."""
    aside = _free_name(path) if foreign else None
    for suffix in ("", "-journal", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        with contextlib.suppress(FileNotFoundError):
            if aside is None:
                part.unlink()
            else:
                part.rename(aside.with_name(aside.name + suffix))


def _free_name(path: Path) -> Path:
    number = 1
    while (name := path.with_name(f"{path.name}.set-aside-{number}")).exists():
        number += 1
    return name


@contextlib.contextmanager
def _file_lock(path: Path, mode: int, patience: float) -> Iterator[None]:
    lock = os.open(path.with_name(path.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(lock, mode | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        yield
    finally:
        os.close(lock)
