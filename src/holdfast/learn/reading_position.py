"""Where reading was left off: which transcripts were read how far, and which calls were seen.

A cache in local state. Losing it costs re-reading: segments name the bytes they were computed from, so the
same bytes are not counted twice. What is kept of a session is redacted, since a failure that is still open
is kept in its own words.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

import msgspec

from holdfast.evidence.episodes import EpisodeState
from holdfast.evidence.outline import OutlineState
from holdfast.evidence.segments import session_key
from holdfast.learn.observations import ObservationState
from holdfast.learn.redact import find
from holdfast.transcripts.events import SessionInfo
from holdfast.transcripts.origin import Origin
from holdfast.transcripts.transcript import Checkpoint

_SCHEMA = """
CREATE TABLE IF NOT EXISTS transcripts (path TEXT PRIMARY KEY, start BLOB NOT NULL, position BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS transcripts_by_start ON transcripts(start);
CREATE TABLE IF NOT EXISTS seen (call BLOB PRIMARY KEY) WITHOUT ROWID;
"""
_LINE = 4096
"""Bytes of a file's first line by which it is known again."""
_LOOKED_AT = 20
"""Positions that are tried for one transcript."""
_HELD = 500_000
"""Calls seen that are held in memory (about 40 MB); more are looked up one by one."""
_VERBATIM = frozenset("seen paths pairs session subagent turn head tail id call_id specific whole".split())
"""Fields of a position that hold ids, digests and directories; reading on needs them as they are."""


class Position(msgspec.Struct, kw_only=True):
    """How far a transcript was read, and what was still open there.

    ``outline`` is None in a position from before outlines were kept: the transcript is then read once more
    for its outline alone.
    """

    checkpoint: Checkpoint
    episodes: EpisodeState
    observations: ObservationState
    outline: OutlineState | None = None


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
        self._known = self._all_seen()
        self._positions: dict[str, tuple[bytes, Position]] = {}

    def _open(self) -> sqlite3.Connection:
        for _ in range(2):
            try:
                return self._open_file()
            except sqlite3.OperationalError:
                break  # not the file's fault: the place cannot be read or written
            except sqlite3.DatabaseError:
                discard(self._path)
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
        if digest in self._reading or digest in self._noted or self._is_known(digest):
            return False
        self._reading.add(digest)
        return True

    def _all_seen(self) -> set[bytes] | None:
        """Return all calls seen; None when they are too many to hold in memory."""
        rows = self._database.execute("SELECT call FROM seen LIMIT ?", [_HELD + 1]).fetchall()
        return {call for (call,) in rows} if len(rows) <= _HELD else None

    def _is_known(self, digest: bytes) -> bool:
        if self._known is not None:
            return digest in self._known
        return bool(self._database.execute("SELECT 1 FROM seen WHERE call = ?", [digest]).fetchone())

    def forget(self) -> None:
        """Forget the calls of a transcript that could not be read to its end."""
        self._reading.clear()

    def positions(self, origin: Origin) -> Iterator[Position]:
        """Yield how far a transcript may have been read: under its own key, else under others.

        A transcript that was moved or copied begins with the same line. Whether it is the same up to a
        position is for the caller to see; positions of other versions of this program are left out.
        """
        sql = """SELECT position FROM transcripts WHERE path = ? OR start = ?
                 ORDER BY path = ? DESC, path LIMIT ?"""
        yield from self._select(sql, [origin.key, _start(origin), origin.key, _LOOKED_AT])

    def positions_of(self, session: SessionInfo) -> Iterator[Position]:
        """Yield how far a session's whole document was read, whatever file it stood in."""
        if session.id:
            sql = "SELECT position FROM transcripts WHERE start = ? ORDER BY path LIMIT ?"
            yield from self._select(sql, [_start_of(session), _LOOKED_AT])

    def _select(self, sql: str, values: list[object]) -> Iterator[Position]:
        for (data,) in self._database.execute(sql, values).fetchall():
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                yield msgspec.json.decode(data, type=Position)

    def note(self, origin: Origin, position: Position) -> None:
        """Remember how far a transcript was read, and its calls, once `commit` is called."""
        self._noted |= self._reading
        self._reading.clear()
        left = position.checkpoint
        start = _start_of(left.session) if left.whole is not None else _start(origin)
        self._positions[origin.key] = start, position

    def commit(self) -> None:
        """Keep what was noted. Call it only after the records are safe in git."""
        rows = [(path, start, encode(position)) for path, (start, position) in self._positions.items()]
        # a cache: where it cannot be written, the next time reads again and counts nothing twice
        with contextlib.suppress(sqlite3.OperationalError), self._database:
            self._database.executemany("INSERT OR REPLACE INTO transcripts VALUES (?, ?, ?)", rows)
            self._database.executemany(
                "INSERT OR IGNORE INTO seen VALUES (?)", [(digest,) for digest in self._noted]
            )
        self._positions.clear()
        if self._known is not None:
            self._known |= self._noted
        self._noted.clear()

    def close(self) -> None:
        """Close the file; what was not committed is forgotten."""
        self._database.close()


def transcripts_read(path: Path) -> list[str]:
    """Return the keys of the logs that a store has positions of; none when it cannot be read."""
    if not path.is_file():
        return []
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            return [key for (key,) in database.execute("SELECT path FROM transcripts ORDER BY path")]
    except sqlite3.Error:
        return []


def discard(path: Path) -> None:
    """Remove the file of a store, so that everything is read anew; one that cannot be removed stays."""
    with contextlib.suppress(OSError):
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def encode(position: Position) -> bytes:
    """Return a position as it is stored: without secrets and personal names."""
    return msgspec.json.encode(_walk(msgspec.to_builtins(position)))


def _walk(value: object) -> object:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, dict):
        return {key: item if key in _VERBATIM else _walk(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(item) for item in value]
    return value


@lru_cache(maxsize=4096)
def redacted(text: str) -> str:
    """Redact all but home directories: paths must still be told apart by the session's own root."""
    for found in reversed(find(text)):
        if found.kind != "home":
            text = f"{text[: found.start]}[redacted:{found.kind}]{text[found.end :]}"
    return text


def _start(origin: Origin) -> bytes:
    """Return a digest of a log's first line."""
    try:
        with origin.open() as file:
            line = file.readline(_LINE)
    except OSError:
        line = b""
    return blake2b(line, digest_size=16).digest()


def _start_of(session: SessionInfo) -> bytes:
    """Return what stands for the first line of a whole document, whose first lines may change."""
    return blake2b(b"session " + session_key(session).encode(), digest_size=16).digest()
