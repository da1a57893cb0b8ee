"""Find the documents nearest to a query: BM25 over stems and split identifiers, a word counting by its field.

A document's score is the sum, over the words of the query that it holds, of
``weight * idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / average))`` with
``idf = ln(1 + (N - n + 0.5) / (n + 0.5))`` (Robertson & Zaragoza 2009, §3.6, with the idf of Lucene,
which stays above 0 in an index of three documents). ``tf`` is the weight of the best field that holds the
word; ``length`` counts a word as often as its field weighs. ``N``, ``n`` and ``average`` are those of the
kinds and sources that are asked for, as if nothing else were in the index. All inputs are integers of the
documents at hand and scores are summed as integers, so neither the history of the index nor the order of its
rows can change a score.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from holdfast.index import postings
from holdfast.index.documents import Hit, decode
from holdfast.index.postings import Bitmap
from holdfast.index.ranking import Sums, best
from holdfast.index.schema import Damaged
from holdfast.index.stems import stems
from holdfast.index.tokens import Term, content_terms, scrub

K1 = 1.2
B = 0.75

MAX_QUERY = 20_000
"""Characters of a query that are read; a prompt says what it is about before that."""

MAX_TERMS = 256
"""Distinct terms of a query that are looked up."""

MAX_SCORED = 32
"""Stems that are scored: the rarest ones of those that occur."""

LEAST_CHOSEN = 64
"""Documents of each class of length whose scores are computed."""

_SCALE = 1_000_000_000


class _Word(msgspec.Struct):
    """One stem of the query: the word it stands for, where it occurs, and how much it counts."""

    stem: str
    word: str
    weight: float
    held: Bitmap | None
    idf: float


class _Within(msgspec.Struct):
    """The documents that a query is kept to: which, how many, how long; and the size of all bitmaps."""

    documents: int
    count: int
    length: int
    size: int


def search(
    connection: sqlite3.Connection,
    query: str,
    limit: int,
    kinds: Collection[str] | None,
    sources: Collection[str] | None,
    weights: Mapping[str, float],
) -> list[Hit]:
    """Return the best hits of a text, best first, equal ones by id."""
    if len(query) > MAX_QUERY:
        query = query[:MAX_QUERY].rsplit(None, 1)[0]
    given = {term: weight for word, weight in weights.items() for term in content_terms(word, MAX_TERMS)}
    terms = {term: given.get(term, 1.0) for term in content_terms(query, MAX_TERMS)}
    return _search(connection, terms, limit, kinds, sources)


def search_terms(
    connection: sqlite3.Connection,
    words: Sequence[tuple[str, float]],
    limit: int,
    kinds: Collection[str] | None,
    sources: Collection[str] | None,
) -> list[Hit]:
    """Return the best hits of weighted words, best first, equal ones by id."""
    terms: dict[Term, float] = {}
    for word, weight in words:
        for term in content_terms(word[:MAX_QUERY], MAX_TERMS):
            terms[term] = max(weight, terms.get(term, 0.0))
        if len(terms) >= MAX_TERMS:
            break
    return _search(connection, terms, limit, kinds, sources)


def frequency(connection: sqlite3.Connection, word: str) -> int:
    """Return how many documents hold a word."""
    terms = content_terms(word, 1)
    names = stems([terms[0].whole])[terms[0].whole] if terms else ()
    return min(postings.frequencies(connection, names).values(), default=0)


def _search(
    connection: sqlite3.Connection,
    terms: Mapping[Term, float],
    limit: int,
    kinds: Collection[str] | None,
    sources: Collection[str] | None,
) -> list[Hit]:
    terms = {term: weight for term, weight in terms.items() if 0 < weight < math.inf}
    within = _within(connection, kinds, sources) if terms and limit > 0 else None
    if within is None:
        return []
    asked = _look_up(connection, terms, within)
    scored = [word for word in asked if word.held is not None]
    if not scored:
        return []
    whole = sum(word.weight * word.idf for word in asked)
    hits = []
    for data, score, held in _rank(connection, scored, within, limit):
        matched = [word for word in asked if word.stem in held]
        share = min(1.0, sum(word.weight * word.idf for word in matched) / whole)
        words = tuple(word.word for word in matched)
        hits.append(Hit(decode(data), score / _SCALE, words, len(asked), share))
    return hits


def _within(
    connection: sqlite3.Connection, kinds: Collection[str] | None, sources: Collection[str] | None
) -> _Within | None:
    """Return the documents of some kinds and sources; None when there are none, or none with a word."""
    marks: list[list[str]] = []
    conditions, parameters = "", list[str]()
    for column, mark, allowed in (
        ("kind", postings.kind_mark, kinds),
        ("source", postings.source_mark, sources),
    ):
        if allowed is not None:
            names = [scrub(name) for name in dict.fromkeys(allowed)]
            marks.append([mark(name) for name in names])
            conditions += f" AND {column} IN ({', '.join('?' * len(names))})"
            parameters += names
    sql = f"SELECT sum(documents), sum(length) FROM totals WHERE 1{conditions}"  # noqa: S608 - ours
    count, length = connection.execute(sql, parameters).fetchone()
    if not count or not length:
        return None
    if not isinstance(count, int) or not isinstance(length, int):
        raise Damaged("lengths of documents")
    size = postings.size(connection)
    documents = (1 << size) - 1
    for names in marks:
        documents &= postings.joined(postings.read(connection, name, size).any for name in names)
    return _Within(documents, count, length, size)


def _look_up(connection: sqlite3.Connection, terms: Mapping[Term, float], within: _Within) -> list[_Word]:
    """Return the distinct stems of the terms in their order, with where they occur.

    A compound that no document holds as a whole counts by its parts; one that some document holds
    does not count parts that none holds. Of stems that occur the rarest count, the others are left out.
    """
    stemmed = stems(scrub(word) for term in terms for word in (term.whole, *term.parts))
    frequency = postings.frequencies(connection, {stem for found in stemmed.values() for stem in found})
    occurring = sorted((count, stem) for stem, count in frequency.items() if count)
    held: dict[str, Bitmap] = {}
    for _, stem in occurring[:MAX_SCORED]:
        bitmap = postings.read(connection, stem, within.size)
        bitmap.any &= within.documents
        if bitmap.any:
            held[stem] = bitmap
    common = {stem for _, stem in occurring[MAX_SCORED:]}
    chosen: dict[str, tuple[str, float]] = {}
    for term, weight in terms.items():
        for name in _names(term, stemmed, held.keys() | common):
            for stem in stemmed[name]:
                if stem not in common:
                    word, most = chosen.get(stem, (name, 0.0))
                    chosen[stem] = (word, max(most, weight))
    return [_word(stem, word, weight, held.get(stem), within) for stem, (word, weight) in chosen.items()]


def _names(term: Term, stemmed: Mapping[str, Sequence[str]], held: Collection[str]) -> list[str]:
    """Return by which of its words a term is searched."""
    whole, parts = scrub(term.whole), [scrub(part) for part in term.parts]
    if not parts:
        return [whole]
    occur = [name for name in (whole, *parts) if any(stem in held for stem in stemmed[name])]
    return occur if whole in occur else parts


def _word(stem: str, word: str, weight: float, held: Bitmap | None, within: _Within) -> _Word:
    n = min(held.any.bit_count(), within.count) if held else 0
    return _Word(stem, word, weight, held, math.log(1 + (within.count - n + 0.5) / (n + 0.5)))


def _rank(
    connection: sqlite3.Connection, scored: Sequence[_Word], within: _Within, limit: int
) -> list[tuple[object, int, set[str]]]:
    """Return the data of the best documents, their scores, and the stems that they hold."""
    average = within.length / within.count
    chosen = _choose(connection, scored, within, max(limit, LEAST_CHOSEN))
    names, norms = [], []
    for number in chosen:
        row = connection.execute(
            "SELECT CAST(id AS TEXT), length FROM documents WHERE rowid = ?", (number,)
        ).fetchone()
        if row is None or not isinstance(row[1], int):
            raise Damaged("a document that its own index names is not there")
        names.append(row[0])
        norms.append(K1 * (1 - B + B * row[1] / average))
    scores, held = [0] * len(chosen), [set[str]() for _ in chosen]
    for word in scored:
        if word.held is None:
            continue
        low, high, unit = word.held.low, word.held.high, _SCALE * word.weight * word.idf * (K1 + 1)
        for at, number in enumerate(chosen):  # the innermost loop of a search: no calls in it
            byte, bit = number >> 3, number & 7
            place = (low[byte] >> bit & 1) | (high[byte] >> bit & 1) << 1
            if place:
                tf = postings.WEIGHT_OF_PLACE[place]
                scores[at] += round(unit * tf / (tf + norms[at]))
                held[at].add(word.stem)
    found = [
        (-score, name, number, stems_held)
        for score, name, number, stems_held in zip(scores, names, chosen, held, strict=True)
    ]
    found.sort(key=lambda each: each[:2])
    sql = "SELECT CAST(data AS BLOB) FROM documents WHERE rowid = ?"
    return [
        (connection.execute(sql, (number,)).fetchone()[0], -score, stems_held)
        for score, _, number, stems_held in found[:limit]
    ]


def _choose(connection: sqlite3.Connection, scored: Sequence[_Word], within: _Within, most: int) -> list[int]:
    """Return the documents of each class of length that hold most of the query, the newest of equal ones."""
    sums = Sums(max(word.weight * word.idf for word in scored))
    holding = 0
    for word in scored:
        if word.held is not None:
            allowed = word.held.any
            sums.add(word.weight * word.idf, allowed, word.held.text & allowed, word.held.title & allowed)
            holding |= allowed
    if holding.bit_count() <= most:
        return postings.numbers(holding)
    digits = _Digits(connection, within.size, sums.digits)
    chosen = 0
    for number in range(len(postings.LENGTHS) + 1):
        group = postings.read(connection, postings.length_mark(number), within.size).any & holding
        if group:
            chosen |= best(group, digits, most, digits.first)
    return postings.numbers(chosen)


class _Digits:
    """Digits by which documents are ordered: of their sums, their day, and their id; the last when needed."""

    def __init__(self, connection: sqlite3.Connection, size: int, sums: Sequence[int]) -> None:
        self._connection, self._size = connection, size
        self._known = list(sums)
        marks = [postings.day_mark(digit) for digit in reversed(range(postings.DAY_DIGITS))]
        self._marks = marks + [postings.id_mark(digit) for digit in reversed(range(postings.ID_DIGITS))]

    def __iter__(self) -> Iterator[int]:
        yield from self._known
        while self._marks:
            read = postings.read(self._connection, self._marks.pop(0), self._size).any
            self._known.append(read)
            yield read

    def first(self, group: int, most: int) -> int:
        """Return the documents whose ids come first, of those that no digit tells apart."""
        sql = "SELECT CAST(id AS TEXT) FROM documents WHERE rowid = ?"
        named = [
            (self._connection.execute(sql, (number,)).fetchone(), number)
            for number in postings.numbers(group)
        ]
        return sum(1 << number for _, number in sorted(named)[:most])
