"""Statistics of sessions beside the documents: occurrences of failures, stretches, how commands ended."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from holdfast.index.documents import Occurrence, Stretch
from holdfast.index.tokens import scrub

_NAMES = Occurrence.__struct_fields__
_COLUMNS = "segment, session, day, position, family, specific, command, count, resolved, steps, tokens"


def occurrences(
    connection: sqlite3.Connection,
    family: str | None = None,
    specific: str | None = None,
    learning: str | None = None,
) -> list[Occurrence]:
    """Return the occurrences of a signature, of a learning, or of all, in the order of sessions."""
    where, parameters = ["(family IS NOT NULL OR specific IS NOT NULL)"], []
    for column, value in (("family", family), ("specific", specific), ("learning", learning)):
        if value is not None:
            where.append(f"{column} = ?")
            parameters.append(scrub(value))
    sql = (
        f"SELECT {_COLUMNS}, learning, fixes FROM occurrences WHERE {' AND '.join(where)} "  # noqa: S608
        "ORDER BY position, day, session, segment, place"
    )
    found = (dict(zip(_NAMES, row, strict=True)) for row in connection.execute(sql, parameters))
    return [msgspec.convert(values, Occurrence) for values in found]


def sessions(connection: sqlite3.Connection) -> int:
    """Return how many sessions the occurrences come from."""
    return int(connection.execute("SELECT count(DISTINCT session) FROM occurrences").fetchone()[0])


def session_days(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return each session with its first day, in the order of time."""
    sql = """SELECT session, min(day), min(position) AS first FROM occurrences WHERE day IS NOT NULL
             GROUP BY session ORDER BY first, session"""
    return [(session, day) for session, day, _ in connection.execute(sql).fetchall()]


def stretches(connection: sqlite3.Connection) -> list[Stretch]:
    """Return all stretches in the order of sessions."""
    sql = "SELECT CAST(data AS BLOB) FROM stretches ORDER BY position, session, segment"
    return [msgspec.json.decode(row[0], type=Stretch) for row in connection.execute(sql)]


def command_counts(connection: sqlite3.Connection, family: str) -> list[tuple[str, int, int]]:
    """Return for each session that ran a command how often it succeeded and failed, in the order of time."""
    sql = """SELECT session, sum(ok), sum(failed) FROM commands WHERE family = ?
             GROUP BY session ORDER BY min(position), session"""
    return [(str(row[0]), int(row[1]), int(row[2])) for row in connection.execute(sql, [scrub(family)])]


def command_totals(connection: sqlite3.Connection) -> list[tuple[str, int, int, int]]:
    """Return each command family with its sessions, successes and failures, sorted by family."""
    sql = """SELECT family, count(DISTINCT session), sum(ok), sum(failed) FROM commands
             GROUP BY family ORDER BY family"""
    return [(str(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in connection.execute(sql)]


def remove_segment(connection: sqlite3.Connection, segment: str) -> None:
    """Remove the occurrences, the stretch and the commands of a segment."""
    for table in ("occurrences", "stretches", "commands"):
        connection.execute(f"DELETE FROM {table} WHERE segment = ?", (segment,))  # noqa: S608


def remove_session(connection: sqlite3.Connection, session: str) -> None:
    """Remove the occurrences, the stretches and the commands of a session."""
    for table in ("occurrences", "stretches", "commands"):
        connection.execute(f"DELETE FROM {table} WHERE session = ?", (session,))  # noqa: S608


def write_occurrences(connection: sqlite3.Connection, segment: str, rows: Iterable[Occurrence]) -> None:
    """Replace the occurrences of a segment."""
    connection.execute("DELETE FROM occurrences WHERE segment = ?", (segment,))
    for place, row in enumerate(rows):
        values = (segment, place, *msgspec.structs.astuple(row)[1:])
        marks = ", ".join("?" * len(values))
        connection.execute(f"INSERT INTO occurrences VALUES ({marks})", values)  # noqa: S608


def write_stretch(connection: sqlite3.Connection, stretch: Stretch) -> None:
    """Replace the stretch of a segment and how its commands ended."""
    connection.execute("DELETE FROM commands WHERE segment = ?", (stretch.segment,))
    connection.execute(
        "INSERT OR REPLACE INTO stretches VALUES (?, ?, ?, ?)",
        (stretch.segment, stretch.session, stretch.order, msgspec.json.encode(stretch)),
    )
    connection.executemany(
        "INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?)",
        [
            (family, stretch.segment, stretch.session, stretch.order, ok, failed)
            for family, (ok, failed) in stretch.commands.items()
        ],
    )
