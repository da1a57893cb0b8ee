"""Keep figures that were derived from the index, until it changes."""

from __future__ import annotations

import sqlite3

from holdfast.index.tokens import scrub
from holdfast.index.write import revision


def keep(connection: sqlite3.Connection, name: str, value: bytes) -> bool:
    """Keep a figure under a name, for the revision that the index is at."""
    row = (scrub(name), revision(connection), value)
    connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", row)
    return True


def kept(connection: sqlite3.Connection, name: str) -> bytes | None:
    """Return the figure kept under a name at this revision, or None."""
    sql = "SELECT CAST(value AS BLOB) FROM kept WHERE name = ? AND revision = ?"
    row = connection.execute(sql, (scrub(name), revision(connection))).fetchone()
    return bytes(row[0]) if row else None
