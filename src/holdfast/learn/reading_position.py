"""Where reading was left off: which transcripts were read how far, and which calls were seen.

A cache in local state. Losing it costs re-reading: segments name the bytes they were computed from, so the
same bytes are not counted twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

import msgspec

from holdfast.evidence.corrections import CorrectionState
from holdfast.evidence.episodes import EpisodeState
from holdfast.transcripts.transcript import Checkpoint

_SCHEMA = """
CREATE TABLE IF NOT EXISTS transcripts (path TEXT PRIMARY KEY, position BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seen (call BLOB PRIMARY KEY) WITHOUT ROWID;
"""


class Position(msgspec.Struct, kw_only=True):
    """How far a transcript was read, and what was still open there."""

    checkpoint: Checkpoint
    episodes: EpisodeState
    corrections: CorrectionState


class ProgressStore:
    """Keep positions and seen calls in one SQLite file, made anew when it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = self._open()
        self._seen = {row[0] for row in self._database.execute("SELECT call FROM seen")}
        self._new: set[bytes] = set()
        self._positions: dict[str, Position] = {}

    def _open(self) -> sqlite3.Connection:
        for attempt in (1, 2):
            try:
                database = sqlite3.connect(self._path, timeout=10)
                database.execute("PRAGMA journal_mode=WAL")
                database.executescript(_SCHEMA)
            except sqlite3.DatabaseError as error:
                if attempt == 2 or isinstance(error, sqlite3.OperationalError):
                    break
                self._path.unlink(missing_ok=True)
            else:
                self._path.chmod(0o600)
                return database
        database = sqlite3.connect(":memory:")
        database.executescript(_SCHEMA)
        return database

    def add(self, call_id: str) -> bool:
        """Remember a call's id; return True when it was not seen before, in any transcript."""
        digest = blake2b(call_id.encode("utf-8", "replace"), digest_size=8).digest()
        if digest in self._seen:
            return False
        self._seen.add(digest)
        self._new.add(digest)
        return True

    def position(self, path: Path) -> Position | None:
        """Return how far a transcript was read; None when it was not, or not by this version."""
        row = self._database.execute(
            "SELECT position FROM transcripts WHERE path = ?", [str(path)]
        ).fetchone()
        if row is None:
            return None
        try:
            return msgspec.json.decode(row[0], type=Position)
        except (msgspec.MsgspecError, RecursionError):
            return None

    def note(self, path: Path, position: Position) -> None:
        """Remember how far a transcript was read, once `commit` is called."""
        self._positions[str(path)] = position

    def commit(self) -> None:
        """Keep what was noted. Call it only after the records are safe in git."""
        rows = [(path, msgspec.json.encode(position)) for path, position in self._positions.items()]
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO transcripts VALUES (?, ?)", rows)
            self._database.executemany("INSERT OR IGNORE INTO seen VALUES (?)", _rows(self._new))
        self._positions.clear()
        self._new.clear()

    def close(self) -> None:
        """Close the file; what was not committed is forgotten."""
        self._database.close()


def _rows(digests: Iterable[bytes]) -> Iterable[tuple[bytes]]:
    return ((digest,) for digest in digests)
