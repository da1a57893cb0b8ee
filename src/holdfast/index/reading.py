"""Read documents from the index by what they are, apply to and come from; newest first."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from holdfast.index.documents import Document, decode
from holdfast.index.tokens import scrub

MAX_LIMIT = 1 << 31
"""More than any list is long; keeps what callers pass within SQLite's integers."""

_DATA = "SELECT CAST(documents.data AS BLOB) FROM documents"
_NEWEST = "ORDER BY documents.newest DESC, documents.id"


def listed(
    connection: sqlite3.Connection,
    kinds: Collection[str] | None,
    sources: Collection[str] | None,
    limit: int | None,
) -> list[Document]:
    """Return the documents of some kinds and sources."""
    where, parameters = allowed(kinds, sources)
    return _read(connection, f"{_DATA} WHERE 1{where} {_NEWEST}", parameters, limit)


def count(connection: sqlite3.Connection, kind: str | None = None) -> int:
    """Return how many documents there are, of one kind or of all."""
    if kind is None:
        return int(connection.execute("SELECT count(*) FROM documents").fetchone()[0])
    sql = "SELECT coalesce(sum(documents), 0) FROM totals WHERE kind = ?"
    return int(connection.execute(sql, (scrub(kind),)).fetchone()[0])


def by_id(connection: sqlite3.Connection, id: str) -> Document | None:  # noqa: A002 - the field's own name
    """Return the document of an id, or None."""
    found = _read(connection, f"{_DATA} WHERE id = ?", [scrub(id)], 1)
    return found[0] if found else None


def by_column(
    connection: sqlite3.Connection,
    column: str,
    value: str,
    sources: Collection[str] | None,
    limit: int | None,
) -> list[Document]:
    """Return the documents of one branch, session or digest; none for the empty value."""
    where, parameters = allowed(None, sources)
    sql = f"{_DATA} WHERE {column} = ? AND {column} != ''{where} {_NEWEST}"
    return _read(connection, sql, [scrub(value), *parameters], limit)


def by_path(
    connection: sqlite3.Connection, path: str, sources: Collection[str] | None, limit: int | None
) -> list[Document]:
    """Return the documents that are, or apply to, exactly this path."""
    where, parameters = allowed(None, sources)
    sql = f"""{_DATA.replace("FROM documents", "FROM paths CROSS JOIN documents")}
        ON documents.rowid = paths.document WHERE paths.path = ?{where}
        ORDER BY paths.newest DESC, documents.id"""
    return _read(connection, sql, [scrub(path), *parameters], limit)


def by_signature(connection: sqlite3.Connection, exact: int, signature: str) -> list[Document]:
    """Return the documents about a failure of this exact signature, or of this family."""
    where = "rowid IN (SELECT document FROM signatures WHERE exact = ? AND signature = ?)"
    return _read(connection, f"{_DATA} WHERE {where} {_NEWEST}", [exact, scrub(signature)], None)


def ids(connection: sqlite3.Connection, source: str | None, prefix: str) -> list[str]:
    """Return the ids of all documents, or of one source, that begin so; sorted."""
    sql, parameters = "SELECT CAST(id AS TEXT) FROM documents WHERE 1", list[object]()
    if source is not None:
        sql, parameters = f"{sql} AND source = ?", [scrub(source)]
    if prefix:
        sql += " AND id >= ? AND id < ?"
        parameters += [scrub(prefix), scrub(prefix) + "\U0010ffff"]
    return [row[0] for row in connection.execute(f"{sql} ORDER BY id", parameters)]


def beside(connection: sqlite3.Connection, id: str, sources: Collection[str]) -> list[str]:  # noqa: A002
    """Return the ids next to one in the order of ids, before and after, for each source."""
    found: list[str] = []
    for sign, order in (("<", "DESC"), (">", "ASC")):
        sql = f"""SELECT CAST(id AS TEXT) FROM documents WHERE source = ? AND id {sign} ?
                  ORDER BY id {order} LIMIT 1"""  # noqa: S608 - ours
        for source in sources:
            found += [row[0] for row in connection.execute(sql, (scrub(source), scrub(id)))]
    return found


def allowed(kinds: Collection[str] | None, sources: Collection[str] | None) -> tuple[str, list[object]]:
    """Return the condition that keeps documents to kinds and sources, with its parameters."""
    where, parameters = "", list[object]()
    for column, names in (("kind", kinds), ("source", sources)):
        if names is not None:
            where += f" AND documents.{column} IN ({', '.join('?' * len(names))})"
            parameters += [scrub(name) for name in names]
    return where, parameters


def _read(
    connection: sqlite3.Connection, sql: str, parameters: list[object], limit: int | None
) -> list[Document]:
    most = -1 if limit is None else min(max(0, limit), MAX_LIMIT)
    return [decode(row[0]) for row in connection.execute(f"{sql} LIMIT ?", [*parameters, most])]
