"""Change the index: prepare a change outside the lock, write it inside one transaction."""

from __future__ import annotations

import datetime
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from holdfast.index import postings, schema, statistics
from holdfast.index.documents import Document, Occurrence, Stretch, decode, encode, storable, storable_stretch
from holdfast.index.tokens import scrub

UNDATED = -1e18
"""When a document is from that does not say so: before all others."""

_EPOCH = datetime.date(1970, 1, 1).toordinal()


_AT_ONCE = 4000
"""Documents whose words are in memory at once; those of a larger change are cut while it is written."""


class Prepared(msgspec.Struct):
    """A document as it will be given back, its bytes, and its words."""

    document: Document
    data: bytes
    words: postings.Words


class Change(msgspec.Struct, kw_only=True):
    """Hold what one transaction does; the arguments of ``Index.apply``, made storable."""

    view: str | None
    add: dict[str, Prepared | bytes]
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
    documents: dict[str, Prepared | bytes] = {}
    for given in add:
        document, data = encode(given)
        few = len(documents) < _AT_ONCE
        documents[document.id] = Prepared(document, data, postings.words_of(document)) if few else data
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
    """Remove, then replace in place, then add under free numbers; postings are written once a block."""
    changes, totals = postings.Changes(), _Totals()
    fresh = dict(change.add)
    for place, name in enumerate(sorted({*change.remove, *change.add}), start=1):
        row = connection.execute("SELECT rowid, data FROM documents WHERE id = ?", (name,)).fetchone()
        if row is None:
            continue
        given = fresh.pop(name, None)
        new = None if given is None else _prepared(given)
        if new and row[1] == new.data:
            continue
        old = decode(row[1])
        words = postings.words_of(old)
        totals.count(old, -1, words.length)
        changes.replace(row[0], _held(old, words), _held(new.document, new.words) if new else {})
        same = new is not None and searched_text(new.document) == searched_text(old)
        _delete(connection, row[0], vectors=not same)
        if new:
            totals.count(new.document, 1, new.words.length)
            _insert(connection, row[0], new)
        if place % _AT_ONCE == 0:
            changes.write(connection)
    # in the order of ids, so that the documents of a worktree or a session stand together
    numbers = postings.free(connection, len(fresh)) if fresh else []
    for place, (number, name) in enumerate(zip(numbers, sorted(fresh), strict=True), start=1):
        new = _prepared(fresh[name])
        totals.count(new.document, 1, new.words.length)
        changes.replace(number, {}, _held(new.document, new.words))
        _insert(connection, number, new)
        if place % _AT_ONCE == 0:
            changes.write(connection)
    changes.write(connection)
    totals.write(connection)


def _prepared(given: Prepared | bytes) -> Prepared:
    if isinstance(given, Prepared):
        return given
    document = decode(given)
    return Prepared(document, given, postings.words_of(document))


def searched_text(document: Document) -> tuple[str, str, str]:
    """Return what a document says: its vectors hold as long as it stays the same."""
    return document.title, document.text, document.detail


def _held(document: Document, words: postings.Words) -> dict[str, int]:
    return {**words.places, **dict.fromkeys(postings.marks_of(document, words.length), 1)}


class _Totals:
    """How many documents each kind of a source has more, and how much longer they are together."""

    def __init__(self) -> None:
        self._more: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])

    def count(self, document: Document, sign: int, length: int) -> None:
        """Count a document that came, or one that went."""
        more = self._more[document.source, document.kind]
        more[0] += sign
        more[1] += sign * length

    def write(self, connection: sqlite3.Connection) -> None:
        """Write the totals, inside the caller's transaction."""
        connection.executemany(
            "INSERT INTO totals VALUES (?, ?, ?, ?) ON CONFLICT(source, kind) DO UPDATE SET "
            "documents = documents + excluded.documents, length = length + excluded.length",
            [(source, kind, *more) for (source, kind), more in sorted(self._more.items())],
        )
        connection.execute("DELETE FROM totals WHERE documents = 0")


def _delete(connection: sqlite3.Connection, rowid: int, *, vectors: bool) -> None:
    connection.execute("DELETE FROM documents WHERE rowid = ?", (rowid,))
    connection.execute("DELETE FROM signatures WHERE document = ?", (rowid,))
    connection.execute("DELETE FROM paths WHERE document = ?", (rowid,))
    if vectors:
        connection.execute("DELETE FROM vectors WHERE document = ?", (rowid,))


def _insert(connection: sqlite3.Connection, rowid: int, new: Prepared) -> None:
    document, newest = new.document, _newest(new.document)
    connection.execute(
        "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(rowid, document.id, document.source, document.kind, newest, document.branch, document.session),
            *(document.digest, new.words.length, new.data),
        ),
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
