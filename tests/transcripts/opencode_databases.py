"""Make small databases as OpenCode makes them: a session, its messages, their parts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

SESSION = "ses_0000000000000000000001"
START = 1_772_442_000_000
"""Milliseconds since the epoch."""

_TABLES = """
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, project_id TEXT, parent_id TEXT, directory TEXT, title TEXT, version TEXT,
    time_created INTEGER, time_updated INTEGER);
CREATE TABLE IF NOT EXISTS message (
    id TEXT PRIMARY KEY, session_id TEXT, time_created INTEGER, time_updated INTEGER, data TEXT);
CREATE TABLE IF NOT EXISTS part (
    id TEXT PRIMARY KEY, message_id TEXT, session_id TEXT, time_created INTEGER, time_updated INTEGER,
    data TEXT);
"""


def create(path: Path, session: str = SESSION, directory: str = "/home/ada/shop") -> sqlite3.Connection:
    """Make a database in write-ahead mode with one session; the caller closes it."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")
    database.executescript(_TABLES)
    row = (session, "p", None, directory, "Mend", "1.18.0", START, START + 30_000)
    database.execute("INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    database.commit()
    return database


def put(database: sqlite3.Connection, message: dict[str, Any], session: str = SESSION) -> None:
    """Write a message of an export, or write it again."""
    info = {name: value for name, value in message["info"].items() if name not in ("id", "sessionID")}
    identity = message["info"]["id"]
    row = (identity, session, info["time"]["created"], 0, json.dumps(info))
    database.execute("INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?)", row)
    for number, part in enumerate(message["parts"]):
        data = {name: value for name, value in part.items() if name != "id"}
        held = (f"prt_{identity}_{number:04d}", identity, session, 0, 0, json.dumps(data))
        database.execute("INSERT OR REPLACE INTO part VALUES (?, ?, ?, ?, ?, ?)", held)
    database.commit()


def fill(path: Path, messages: Iterable[dict[str, Any]]) -> Path:
    """Make a database that is closed, with some messages."""
    database = create(path)
    for message in messages:
        put(database, message)
    database.close()
    return path


def exported() -> list[dict[str, Any]]:
    """Return the messages of the export among the fixtures."""
    fixture = Path(__file__).parent / "fixtures" / "opencode-export.json"
    messages: list[dict[str, Any]] = json.loads(fixture.read_bytes())["messages"]
    return messages
