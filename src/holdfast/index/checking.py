"""Check that the index holds what its documents say, for a doctor."""

from __future__ import annotations

import sqlite3
from collections import Counter

from holdfast.index import postings, schema
from holdfast.index.documents import decode
from holdfast.index.transaction import transaction


def problems(connection: sqlite3.Connection) -> list[str]:
    """Return what is wrong with an index, whatever may be; raise what reading damaged files raises."""
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    if not schema.has_our_tables(connection):
        found.append("the definition of a table is damaged")
    with transaction(connection, "BEGIN"):
        found += differences(connection)
    return [line for line in found if line != "ok"]


def differences(connection: sqlite3.Connection) -> list[str]:
    """Return what the tables say of documents that the documents do not; reads every document."""
    frequency: Counter[str] = Counter()
    count: Counter[tuple[str, str]] = Counter()
    length: Counter[tuple[str, str]] = Counter()
    for rowid, data in connection.execute("SELECT rowid, CAST(data AS BLOB) FROM documents"):
        if not isinstance(rowid, int) or rowid < 0:
            return ["a document has no number"]
        document = decode(data)
        words = postings.words_of(document)
        frequency.update(words.places.keys())
        frequency.update(postings.marks_of(document, words.length))
        count[document.source, document.kind] += 1
        length[document.source, document.kind] += words.length
    found = []
    if dict(connection.execute("SELECT stem, documents FROM stems").fetchall()) != dict(frequency):
        found.append("the words of documents are counted wrongly")
    totals = {key: (count[key], length[key]) for key in count}
    held = connection.execute("SELECT source, kind, documents, length FROM totals").fetchall()
    if {(source, kind): (documents, size) for source, kind, documents, size in held} != totals:
        found.append("the documents are counted wrongly")
    size = postings.size(connection)
    for stem, documents in frequency.items():
        if postings.read(connection, stem, size).any.bit_count() != documents:
            return [*found, "the words of documents are held wrongly"]
    return found
