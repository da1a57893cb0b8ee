"""Read the sessions in OpenCode's SQLite database, without a trace beside it.

The database is its owner's, who may be writing it in write-ahead mode: it is opened for reading alone,
with its log of pending writes. Where no such log exists it is opened as immutable, and where the log lacks
its index both are copied away first, so that SQLite makes no file beside it.
"""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from holdfast.errors import EnvironmentProblem, TranscriptError
from holdfast.transcripts.events import MAX_TEXT
from holdfast.transcripts.values import cut, table, text_of

_WAIT = 5.0
"""Seconds to wait for a writer."""

_MILLION = 1_000_000
_STEPS = 1_000
"""Millions of SQLite's steps that reading may take (about half a minute): far more than a session needs."""

_BYTES = "octet_length(data)" if sqlite3.sqlite_version_info >= (3, 43) else "1024"
"""The size of a part, without reading it: where SQLite cannot tell it, the usual size."""

_SESSIONS = f"""
    SELECT session.id, session.directory, session.time_updated, coalesce(held.bytes, 0)
    FROM session LEFT JOIN
        (SELECT session_id, sum({_BYTES}) AS bytes FROM part GROUP BY session_id) AS held
        ON held.session_id = session.id
    ORDER BY session.time_updated, session.id
"""  # noqa: S608  (made of constants)
_NO_TABLES = """
    SELECT name FROM sqlite_master
    WHERE lower(name) IN ('session', 'message', 'part') AND sql NOT LIKE 'CREATE TABLE %'
"""
"""What stands where a table should: a view may compute for ever."""
_SESSION = "SELECT id, directory, version, parent_id, time_created FROM session WHERE id = ?"
_MESSAGES = "SELECT id, data FROM message WHERE session_id = ? ORDER BY time_created, id"
_PARTS = "SELECT id, data FROM part WHERE message_id = ? ORDER BY id"
_FOREIGN = (
    "It may be of another program, or of another version of OpenCode: `opencode export` gives a session as a "
    "file that can be read."
)
_INFO = ("role", "agent", "mode", "modelID", "path", "tokens", "time", "finish", "error", "summary")
_PART = ("type", "text", "synthetic", "ignored", "time", "callID", "tool", "auto", "tokens")
_STATE = ("status", "input", "output", "error")


def sessions(path: Path) -> list[tuple[str, str, float, int]]:
    """Return the id, directory, time of change (seconds since the epoch) and bytes of each session.

    Raises:
        EnvironmentProblem: The database cannot be opened, or is locked for too long.
        TranscriptError: It is not a database of OpenCode's, or it is damaged.
    """
    with _opened(path) as database:
        rows = database.execute(_SESSIONS).fetchall()
    return [
        (str(identity), text_of(directory), _seconds(updated), size if isinstance(size, int) else 0)
        for identity, directory, updated, size in rows
        if identity is not None
    ]


def lines(path: Path, session_id: str) -> Iterator[bytes]:
    """Give a session as lines of JSON: the session, then each finished message, in the order of their making.

    Of a record only what does not change any more is given, so that the lines of a session only grow. They
    end before the first message that is still being written; one that was left so is given once another
    answer follows it.

    Raises:
        EnvironmentProblem: The database cannot be opened, or is locked for too long.
        TranscriptError: It is not a database of OpenCode's, it is damaged, or it lacks the session.
    """
    with _opened(path) as database:
        row = database.execute(_SESSION, (session_id,)).fetchone()
        if row is None:
            raise TranscriptError(
                f"{path} has no session {session_id}",
                "It may have been deleted: run `opencode session list`.",
            )
        yield _session_line(row)
        rows = database.execute(_MESSAGES, (session_id,)).fetchall()
        infos = [(str(identity), _object(data)) for identity, data in rows]
        roles = [info.get("role") for _, info in infos]
        answered = max((place for place, role in enumerate(roles) if role == "assistant"), default=-1)
        for place, (identity, info) in enumerate(infos):
            parts = [(str(part), _object(data)) for part, data in database.execute(_PARTS, (identity,))]
            last = place >= answered if roles[place] == "assistant" else place == len(infos) - 1
            if last and not _is_finished(info, [part for _, part in parts]):
                return
            yield _message_line(identity, session_id, info, parts)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        with _readable(path) as uri, closing(sqlite3.connect(uri, uri=True, timeout=_WAIT)) as database:
            database.text_factory = lambda data: data.decode("utf-8", "replace")
            steps = itertools.count()
            database.set_progress_handler(lambda: next(steps) >= _STEPS, _MILLION)
            database.execute("BEGIN")  # all that is read is of one moment
            for (name,) in database.execute(_NO_TABLES):
                raise TranscriptError(f"{path} is not a database of OpenCode: {name} is no table", _FOREIGN)
            yield database
    except sqlite3.Error as problem:
        raise _explained(path, problem) from problem
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise EnvironmentProblem(
            f"cannot read {path}: {reason}", "Check the path and its permissions."
        ) from problem


@contextmanager
def _readable(path: Path) -> Iterator[str]:
    """Give the address by which SQLite reads a database and makes no file beside it."""
    if not path.is_file():
        raise FileNotFoundError(2, "there is no such file")
    log, index = (path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))
    if not log.exists():
        yield f"{_address(path)}?mode=ro&immutable=1"
    elif index.exists():
        yield f"{_address(path)}?mode=ro"
    else:
        stamps = ((found.st_mtime_ns, found.st_size) for found in (path.stat(), log.stat()))
        copy = _copied(path, log, tuple(stamps))
        yield f"{_address(copy.path)}?mode=ro"


class _Copy:
    """A copy of a database and of its log, in a folder that lasts as long as this."""

    def __init__(self, path: Path, log: Path) -> None:
        folder = tempfile.mkdtemp(prefix="holdfast-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.path = Path(folder) / "opencode.db"
        shutil.copyfile(path, self.path)
        shutil.copyfile(log, self.path.with_name("opencode.db-wal"))


@lru_cache(maxsize=1)  # each session of a database is opened by itself
def _copied(path: Path, log: Path, _stamps: tuple[tuple[int, int], ...]) -> _Copy:
    return _Copy(path, log)


def _address(path: Path) -> str:
    return "file:" + quote(str(path.absolute()))


def _explained(path: Path, problem: sqlite3.Error) -> EnvironmentProblem | TranscriptError:
    said = str(problem)
    if "no such table" in said or "no such column" in said:
        return TranscriptError(f"{path} is not a database that this Holdfast can read: {said}", _FOREIGN)
    if "locked" in said or "busy" in said:
        return EnvironmentProblem(f"{path} is being written: {said}", "Try again in a moment.")
    if "interrupted" in said:
        return TranscriptError(
            f"{path} takes too long to read", "`opencode export` gives a session as a file that can be read."
        )
    if "unable to open" in said:
        return EnvironmentProblem(f"cannot read {path}: {said}", "Check the path and its permissions.")
    return TranscriptError(
        f"{path} is damaged or only half written: {said}",
        "Try again when OpenCode is closed; `opencode export` gives a session as a file.",
    )


def _is_finished(info: dict[str, Any], parts: list[dict[str, Any]]) -> bool:
    """Tell whether a message says itself that it will not change any more; a prompt never does."""
    if info.get("role") != "assistant":
        return False
    if not table(info.get("time")).get("completed") and not info.get("error"):
        return False
    running = ("pending", "running")
    return not any(table(part.get("state")).get("status") in running for part in parts)


def _session_line(row: tuple[Any, ...]) -> bytes:
    identity, directory, version, parent, created = row
    info = {"id": identity, "directory": directory, "version": version, "time": {"created": created}}
    if parent is not None:
        info["parentID"] = parent
    return _line({"type": "opencode.session", "info": info})


def _message_line(
    identity: str, session_id: str, info: dict[str, Any], parts: list[tuple[str, dict[str, Any]]]
) -> bytes:
    kept = {field: info[field] for field in _INFO if field in info}
    if kept.get("summary") is not True:
        kept.pop("summary", None)  # of a user's message: the changes so far, written again and again
    if "error" in kept:
        kept["error"] = {"name": table(kept["error"]).get("name")}
    model = table(info.get("model")).get("modelID")
    if "modelID" not in kept and model is not None:
        kept["modelID"] = model
    kept |= {"id": identity, "sessionID": session_id}
    shown = [_part(part, data) for part, data in parts]
    return _line({"type": "opencode.message", "info": kept, "parts": shown})


def _part(identity: str, data: dict[str, Any]) -> dict[str, Any]:
    kind = data.get("type")
    if kind == "reasoning":
        return {"id": identity, "type": kind}
    kept = {"id": identity, **{field: data[field] for field in _PART if field in data}}
    if "state" in data:
        kept["state"] = _state(table(data["state"]))
    return kept


def _state(data: dict[str, Any]) -> dict[str, Any]:
    kept = {field: data[field] for field in _STATE if field in data}
    for field in ("output", "error"):
        if isinstance(kept.get(field), str):
            kept[field] = cut(kept[field], MAX_TEXT)
    metadata = table(data.get("metadata"))
    kept["metadata"] = {field: metadata[field] for field in ("exit", "sessionId") if field in metadata}
    time = table(data.get("time"))
    kept["time"] = {field: time[field] for field in ("start", "end") if field in time}
    return kept


def _line(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _object(data: Any) -> dict[str, Any]:
    """Return the JSON object of a column; an empty one when it holds anything else."""
    try:
        return table(json.loads(data))
    except (ValueError, TypeError, RecursionError):
        return {}


def _seconds(value: Any) -> float:
    return value / 1000 if isinstance(value, int | float) else 0.0
