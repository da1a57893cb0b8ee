"""Vectors of documents beside their words: kept in the index, and searched exactly.

A vector is kept as half-precision numbers of length 1, so a dot product is the cosine of two texts. They are
removed with their document. A search reads all vectors of a model into one matrix, which an open index keeps
until the index changes; the best are computed again in double precision, so that neither the order of rows
nor the number of threads decides between two documents. Needs numpy; nothing here is loaded by a hook.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec

from holdfast.index.documents import Document, decode
from holdfast.index.schema import Damaged
from holdfast.index.store import Index
from holdfast.index.tokens import scrub
from holdfast.index.write import revision

LATER = ("commit", "statement")
"""Sources of many small texts, whose vectors are made after all others."""

_CLOSE = 2e-3
"""How far a product of single precision numbers can be from that of doubles, with room to spare."""
_DIGITS = 6
_PART = 2048
"""Vectors that are read at once."""


class Unread(msgspec.Struct, frozen=True):
    """A document that has no vector yet: its row in the index, and its bytes as they were read."""

    row: int
    document: Document
    data: bytes


class Close(msgspec.Struct, frozen=True):
    """A document that a search found.

    Attributes:
        cosine: Of its vector and the query's, -1 to 1.
        above: By how many standard deviations it is nearer than the mean of those searched.
        among: How many were searched.
    """

    document: Document
    cosine: float
    above: float
    among: int


class _Matrix(msgspec.Struct):
    mark: tuple[str, int, str, int]
    rows: Any
    numbers: Any
    allowed: dict[tuple[str, ...], Any]


_OPEN: weakref.WeakKeyDictionary[Index, _Matrix] = weakref.WeakKeyDictionary()
"""The matrix of each open index; it goes when the index does."""


def missing(index: Index, model: str, without: Collection[str]) -> list[int]:
    """Return the rows of the documents that have no vector of a model: learnings first, then the newest.

    Args:
        index: The index.
        model: The name of the encoder.
        without: Sources that get none.
    """
    sql = f"""
        SELECT rowid FROM documents WHERE source NOT IN ({_places(without)})
            AND rowid NOT IN (SELECT document FROM vectors WHERE model = ?)
        ORDER BY source IN ({_places(LATER)}), newest DESC, id"""  # noqa: S608 - question marks
    values = [*map(scrub, without), scrub(model), *LATER]
    return index.ask(lambda connection: [int(row[0]) for row in connection.execute(sql, values)], [])


def read(index: Index, rows: Iterable[int]) -> list[Unread]:
    """Return the documents of rows, in their order; those that went away meanwhile are left out."""

    def question(connection: sqlite3.Connection) -> list[Unread]:
        found = []
        for row in rows:
            kept = _data(connection, row)
            if kept is not None:
                found.append(Unread(row, decode(kept), kept))
        return found

    return index.ask(question, [])


def store(index: Index, model: str, made: Sequence[tuple[Unread, Sequence[float]]]) -> bool:
    """Keep the vectors of documents; of one that was replaced since it was read none is kept.

    A vector that is no direction (of length 0, or with a number that is none) is kept as nothing: its
    document is not near to any query and is not asked about again.
    """
    values = [(scrub(model), _packed(vector), each.row, each.data) for each, vector in made]
    sql = """INSERT OR REPLACE INTO vectors(model, document, data)
             SELECT ?, rowid, ? FROM documents WHERE rowid = ? AND data = ?"""

    def change(connection: sqlite3.Connection) -> bool:
        connection.executemany(sql, values)
        return True

    return index.change(change)


def forget(index: Index, *, but: str = "") -> int:
    """Remove the vectors of all models but one; return how many were removed."""
    removed = 0

    def change(connection: sqlite3.Connection) -> bool:
        nonlocal removed
        removed = connection.execute("DELETE FROM vectors WHERE model != ?", (scrub(but),)).rowcount
        return True

    others = [name for name in counts(index) if name != scrub(but)]
    return removed if others and index.change(change) else 0


def counts(index: Index) -> dict[str, int]:
    """Return how many documents have a vector, by model."""
    sql = "SELECT CAST(model AS TEXT), count(*) FROM vectors GROUP BY model ORDER BY model"
    return index.ask(lambda connection: dict(connection.execute(sql).fetchall()), {})


def coverage(connection: sqlite3.Connection, model: str, without: Collection[str]) -> tuple[int, int]:
    """Return how many documents have a vector of a model, and how many could have one."""
    sql = "SELECT count(*) FROM vectors WHERE model = ?"
    made = connection.execute(sql, (scrub(model),)).fetchone()[0]
    sql = f"SELECT count(*) FROM documents WHERE source NOT IN ({_places(without)})"  # noqa: S608 - question marks
    return made, connection.execute(sql, tuple(without)).fetchone()[0]


def nearest(
    index: Index,
    model: str,
    vector: Sequence[float],
    limit: int,
    *,
    sources: Collection[str] | None = None,
) -> list[Close]:
    """Return the documents whose vectors are nearest to a vector, nearest first, equal ones by id.

    Args:
        index: The index.
        model: The name of the encoder that made the vector.
        vector: The query's.
        limit: Documents at most.
        sources: What they come from; anything by default.
    """
    import numpy

    packed = _packed(vector)
    if not packed or limit <= 0:
        return []
    query = numpy.frombuffer(packed, dtype="<f2").astype("float64")

    def question(connection: sqlite3.Connection) -> list[Close]:
        matrix = _matrix(index, connection, scrub(model), len(query))
        return _best(connection, matrix, query, limit, sources)

    return index.ask(question, [])


def _best(
    connection: sqlite3.Connection,
    matrix: _Matrix,
    query: Any,
    limit: int,
    sources: Collection[str] | None,
) -> list[Close]:
    import numpy

    cosines, rows = matrix.numbers @ query.astype("float32"), matrix.rows
    places = _places_of(connection, matrix, sources)
    if places is not None:
        cosines, rows = cosines[places], rows[places]
    if not len(rows):
        return []
    limit = min(limit, len(rows))
    least = float(numpy.partition(cosines, len(rows) - limit)[len(rows) - limit])
    close = numpy.flatnonzero(cosines >= least - _CLOSE)
    at = close if places is None else places[close]
    exact = numpy.round(matrix.numbers[at].astype("float64") @ query, _DIGITS)
    mean, spread = float(cosines.mean()), float(cosines.std()) or 1.0
    return [
        Close(document, cosine, round((cosine - mean) / spread, 2), len(rows))
        for document, cosine in _ranked(connection, rows[close].tolist(), exact.tolist(), limit)
    ]


def _ranked(
    connection: sqlite3.Connection, rows: list[int], cosines: list[float], limit: int
) -> list[tuple[Document, float]]:
    """Return the best documents of some rows, with their cosines; equal ones by id."""
    least = sorted(cosines, reverse=True)[limit - 1]
    sql = "SELECT CAST(id AS TEXT) FROM documents WHERE rowid = ?"
    named = []
    for row, cosine in zip(rows, cosines, strict=True):
        if cosine >= least:
            found = connection.execute(sql, (row,)).fetchone()
            if found is None:
                raise Damaged("a vector of a document that is not there")
            named.append((-cosine, found[0], row))
    return [(decode(_data(connection, row)), -cosine) for cosine, _, row in sorted(named)[:limit]]


def _matrix(index: Index, connection: sqlite3.Connection, model: str, dimension: int) -> _Matrix:
    """Return all vectors of a model, from memory when the index is as it was."""
    import numpy

    count = connection.execute("SELECT count(*) FROM vectors").fetchone()[0]
    mark = (model, dimension, revision(connection), count)
    held = _OPEN.get(index)
    if held is not None and held.mark == mark:
        return held
    sql = """SELECT document, CAST(data AS BLOB) FROM vectors WHERE model = ? AND length(data) = ?
             ORDER BY document"""
    rows, numbers = numpy.empty(count, "int64"), numpy.empty((count, dimension), "float32")
    cursor, size = connection.execute(sql, (model, 2 * dimension)), 0
    while part := cursor.fetchmany(_PART):  # in parts, so that not all of it is held twice
        end = size + len(part)
        rows[size:end] = [row for row, _ in part]
        packed = b"".join([data for _, data in part])
        numbers[size:end] = numpy.frombuffer(packed, dtype="<f2").reshape(len(part), dimension)
        size = end
    made = _Matrix(mark, rows[:size], numbers[:size], {})
    _OPEN[index] = made
    return made


def _places_of(connection: sqlite3.Connection, matrix: _Matrix, sources: Collection[str] | None) -> Any:
    """Return the places in the matrix of what comes from some sources; None for all."""
    import numpy

    if sources is None:
        return None
    named = tuple(sorted(map(scrub, sources)))
    if named not in matrix.allowed:
        sql = f"SELECT rowid FROM documents WHERE source IN ({_places(named)})"  # noqa: S608 - question marks
        rows = numpy.fromiter((row[0] for row in connection.execute(sql, named)), dtype="int64")
        matrix.allowed[named] = numpy.flatnonzero(numpy.isin(matrix.rows, rows))
    return matrix.allowed[named]


def _packed(vector: Sequence[float]) -> bytes:
    """Return a vector of length 1 as bytes; nothing for one that has no direction."""
    import numpy

    numbers = numpy.asarray(vector, dtype="float64")
    with numpy.errstate(over="ignore"):
        length = float(numpy.linalg.norm(numbers))
    if not 0 < length < float("inf"):
        return b""
    return bytes((numbers / length).astype("<f2").tobytes())


def _data(connection: sqlite3.Connection, row: int) -> bytes | None:
    found = connection.execute("SELECT CAST(data AS BLOB) FROM documents WHERE rowid = ?", (row,)).fetchone()
    return None if found is None else found[0]


def _places(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))
