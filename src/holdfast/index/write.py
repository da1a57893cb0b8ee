"""Change the index: prepare a change outside the lock, write it inside one transaction."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterable, Mapping

import msgspec

from holdfast.index import schema, statistics
from holdfast.index.documents import Document, Occurrence, Stretch, encode, storable, storable_stretch
from holdfast.index.tokens import scrub, split

UNDATED = -1e18
"""When a document is from that does not say so: before all others."""

_EPOCH = datetime.date(1970, 1, 1).toordinal()


class Change(msgspec.Struct, kw_only=True):
    """Hold what one transaction does; the arguments of ``Index.apply``, made storable."""

    view: str | None
    add: dict[str, tuple[Document, bytes]]
    remove: set[str]
    state: dict[str, str | None]
    occurrences: dict[str, list[Occurrence]]
    stretches: list[Stretch]
    remove_sessions: list[str]
    remove_segments: list[str]
    since: str | None


def prepare(
    *,
    view: str | None,
    add: Iterable[Document],
    remove: Iterable[str],
    state: Mapping[str, str | None],
    occurrences: Iterable[Occurrence],
    stretches: Iterable[Stretch],
    remove_sessions: Iterable[str],
    remove_segments: Iterable[str],
    since: str | None,
) -> Change:
    """Return the change as it can be stored; of two documents of one id the later is kept."""
    documents = {}
    for given in add:
        document, data = encode(given)
        documents[document.id] = (document, data)
    segments: dict[str, list[Occurrence]] = {}
    for row in map(storable, occurrences):
        segments.setdefault(row.segment, []).append(row)
    return Change(
        view=None if view is None else scrub(view),
        add=documents,
        remove={scrub(name) for name in remove},
        state={scrub(key): None if value is None else scrub(value) for key, value in state.items()},
        occurrences=segments,
        stretches=[storable_stretch(stretch) for stretch in stretches],
        remove_sessions=[scrub(session) for session in remove_sessions],
        remove_segments=[scrub(segment) for segment in remove_segments],
        since=since,
    )


def write(connection: sqlite3.Connection, change: Change) -> bool:
    """Write the change inside the caller's transaction; False when the index moved since."""
    if change.since is not None and change.since != revision(connection):
        return False
    held = connection.execute("SELECT value FROM meta WHERE key = 'view'").fetchone()
    if change.view is not None and (change.view,) != held:
        schema.empty(connection)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'view'", (change.view,))
    _write_documents(connection, change)
    _write_statistics(connection, change)
    for key, value in change.state.items():
        if value is None:
            connection.execute("DELETE FROM state WHERE key = ?", (key,))
        else:
            connection.execute("INSERT OR REPLACE INTO state VALUES (?, ?)", (key, value))
    connection.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'")
    return True


def revision(connection: sqlite3.Connection) -> str:
    """Return the mark of what the index holds: the random name of this file, and a count of changes."""
    meta = dict(connection.execute("SELECT key, CAST(value AS TEXT) FROM meta").fetchall())
    return f"{meta.get('epoch')}:{meta.get('revision')}"


def _write_documents(connection: sqlite3.Connection, change: Change) -> None:
    stale, fresh = [], dict(change.add)
    for name in {*change.remove, *change.add}:
        row = connection.execute("SELECT rowid, data FROM documents WHERE id = ?", (name,)).fetchone()
        if row is None:
            continue
        if name in fresh and row[1] == fresh[name][1]:
            del fresh[name]
        else:
            stale.append(row[0])
    # ascending: the full-text table flushes whenever a row comes out of order
    for rowid in sorted(stale):
        _delete(connection, rowid)
    top = connection.execute("SELECT coalesce(max(rowid), 0) FROM documents").fetchone()[0]
    for place, (document, data) in enumerate(fresh.values(), start=top + 1):
        _insert(connection, place, document, data)


def _delete(connection: sqlite3.Connection, rowid: int) -> None:
    connection.execute("DELETE FROM documents WHERE rowid = ?", (rowid,))
    connection.execute("DELETE FROM fulltext WHERE rowid = ?", (rowid,))
    connection.execute("DELETE FROM signatures WHERE document = ?", (rowid,))
    connection.execute("DELETE FROM paths WHERE document = ?", (rowid,))
    connection.execute("DELETE FROM vectors WHERE document = ?", (rowid,))


def _insert(connection: sqlite3.Connection, rowid: int, document: Document, data: bytes) -> None:
    about = (*document.tags, *document.commands, *document.paths, document.path or "")
    fields = {
        "title": split(document.title),
        "text": split(document.text),
        "terms": split("\n".join(about)),
        "detail": split(document.detail),
    }
    length = sum(len(words) * schema.FIELD_WEIGHTS[field] for field, words in fields.items())
    newest = _newest(document)
    values = (rowid, document.id, document.source, document.kind, newest, document.branch, document.session)
    connection.execute("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, length, data))
    connection.execute(
        "INSERT INTO fulltext(rowid, title, text, terms, detail) VALUES (?, ?, ?, ?, ?)",
        (rowid, *(" ".join(words) for words in fields.values())),
    )
    signatures = {(1, each) for each in document.specifics} | {(0, each) for each in document.families}
    connection.executemany(
        "INSERT INTO signatures VALUES (?, ?, ?)", [(exact, each, rowid) for exact, each in signatures]
    )
    paths = {*document.paths, *([document.path] if document.path else [])}
    connection.executemany("INSERT INTO paths VALUES (?, ?, ?)", [(path, newest, rowid) for path in paths])


def _write_statistics(connection: sqlite3.Connection, change: Change) -> None:
    for session in change.remove_sessions:
        statistics.remove_session(connection, session)
    for segment in change.remove_segments:
        statistics.remove_segment(connection, segment)
    for segment, rows in change.occurrences.items():
        statistics.write_occurrences(connection, segment, rows)
    for stretch in change.stretches:
        statistics.write_stretch(connection, stretch)


def _newest(document: Document) -> float:
    """Return when a document is from, in seconds since the epoch; else the start of its day."""
    if document.at is not None:
        return document.at
    try:
        day = datetime.date.fromisoformat(document.day or "")
    except ValueError:
        return UNDATED
    return (day.toordinal() - _EPOCH) * 86400.0
