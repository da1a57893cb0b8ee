"""Where reading was left off: which transcripts were read how far, and which calls were seen.

A cache in local state. Losing it costs re-reading: segments name the bytes they were computed from, so the
same bytes are not counted twice. What is kept of a session is redacted, since a failure that is still open
is kept in its own words.
"""

from __future__ import annotations

import contextlib
import sqlite3
from hashlib import blake2b
from pathlib import Path

import msgspec

from holdfast.evidence.corrections import CorrectionState
from holdfast.evidence.episodes import EpisodeState
from holdfast.learn.redact import find
from holdfast.transcripts.transcript import Checkpoint

_SCHEMA = """
CREATE TABLE IF NOT EXISTS transcripts (path TEXT PRIMARY KEY, position BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (call BLOB PRIMARY KEY) WITHOUT ROWID;
"""
_VERBATIM = frozenset("seen paths pairs session subagent turn head tail id call_id specific".split())
"""Fields of a position that hold ids, digests and directories; reading on needs them as they are."""


class Position(msgspec.Struct, kw_only=True):
    """How far a transcript was read, and what was still open there."""

    checkpoint: Checkpoint
    episodes: EpisodeState
    corrections: CorrectionState


class ProgressStore:
    """Keep positions and seen calls in one SQLite file, made anew when it cannot be read.

    Where it cannot be written it lasts as long as the process. It remembers calls for a reader
    (see `holdfast.transcripts.reader.SeenCalls`): those of a transcript count once it is noted.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = self._open()
        self._reading: set[bytes] = set()
        self._noted: set[bytes] = set()
        self._positions: dict[str, Position] = {}

    def _open(self) -> sqlite3.Connection:
        for _ in range(2):
            try:
                return self._open_file()
            except sqlite3.OperationalError:
                break  # not the file's fault: the place cannot be read or written
            except sqlite3.DatabaseError:
                with contextlib.suppress(OSError):
                    for suffix in ("", "-wal", "-shm"):
                        self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        return self._open_memory()

    def _open_file(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path, timeout=10)
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.executescript(_SCHEMA)
            if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("damaged")
            with contextlib.suppress(OSError):
                self._path.chmod(0o600)
        except BaseException:
            database.close()
            raise
        return database

    @staticmethod
    def _open_memory() -> sqlite3.Connection:
        database = sqlite3.connect(":memory:")
        database.executescript(_SCHEMA)
        return database

    def add(self, call_id: str) -> bool:
        """Remember a call's id; return True when it was not seen before, in any transcript."""
        digest = blake2b(call_id.encode("utf-8", "replace"), digest_size=8).digest()
        if digest in self._reading or digest in self._noted:
            return False
        if self._database.execute("SELECT 1 FROM seen WHERE call = ?", [digest]).fetchone():
            return False
        self._reading.add(digest)
        return True

    def forget(self) -> None:
        """Forget the calls of a transcript that could not be read to its end."""
        self._reading.clear()

    def position(self, path: Path) -> Position | None:
        """Return how far a transcript was read; None when it was not, or not by this version."""
        row = self._database.execute(
            "SELECT position FROM transcripts WHERE path = ?", [_name(path)]
        ).fetchone()
        if row is None:
            return None
        try:
            return msgspec.json.decode(row[0], type=Position)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def note(self, path: Path, position: Position) -> None:
        """Remember how far a transcript was read, and its calls, once `commit` is called."""
        self._noted |= self._reading
        self._reading.clear()
        self._positions[_name(path)] = position

    def commit(self) -> None:
        """Keep what was noted. Call it only after the records are safe in git."""
        rows = [(path, encode(position)) for path, position in self._positions.items()]
        # a cache: where it cannot be written, the next time reads again and counts nothing twice
        with contextlib.suppress(sqlite3.OperationalError), self._database:
            self._database.executemany("INSERT OR REPLACE INTO transcripts VALUES (?, ?)", rows)
            self._database.executemany(
                "INSERT OR IGNORE INTO seen VALUES (?)", [(digest,) for digest in self._noted]
            )
        self._positions.clear()
        self._noted.clear()

    def close(self) -> None:
        """Close the file; what was not committed is forgotten."""
        self._database.close()


def encode(position: Position) -> bytes:
    """Return a position as it is stored: without secrets and personal names."""
    return msgspec.json.encode(_walk(msgspec.to_builtins(position)))


def _walk(value: object) -> object:
    if isinstance(value, str):
        return _redacted(value)
    if isinstance(value, dict):
        return {key: item if key in _VERBATIM else _walk(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item) for item in value]
    return value


def _redacted(text: str) -> str:
    """Redact all but home directories: paths must still be told apart by the session's own root."""
    for found in reversed(find(text)):
        if found.kind != "home":
            text = f"{text[: found.start]}[redacted:{found.kind}]{text[found.end :]}"
    return text


def _name(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode()
