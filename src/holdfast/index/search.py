"""Find the documents nearest to a query: BM25F over weighted fields, stems and split identifiers.

A document's score is the sum, over the words of the query that it holds, of
``idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / average))`` with
``idf = ln(1 + (N - n + 0.5) / (n + 0.5))`` (Robertson & Zaragoza 2009, §3.6, with the idf of Lucene,
which stays above 0 in an index of three documents). ``tf`` and ``length`` count a word as often as its
field weighs. All inputs are integers of the documents at hand and scores are summed as integers, so
neither the history of the index nor the order of its rows can change a score.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Collection, Mapping, Sequence

import msgspec

from holdfast.index.documents import Hit, decode
from holdfast.index.schema import FIELD_WEIGHTS, Damaged
from holdfast.index.tokens import Term, content_terms, scrub

K1 = 1.2
B = 0.75

MAX_QUERY = 20_000
"""Characters of a query that are read; a prompt says what it is about before that."""

MAX_TERMS = 256
"""Distinct terms of a query that are looked up."""

MAX_SCORED = 40
"""Stems that are scored: the rarest ones of those that occur."""

_SCALE = 1_000_000_000


class _Word(msgspec.Struct):
    """One stem of the query: the word it stands for, and in how many documents it occurs."""

    stem: str
    word: str
    documents: int
    idf: float


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
    if not terms:
        return 0
    stems = _stem(connection, [terms[0].whole]).get(terms[0].whole, [])
    found = _frequencies(connection, stems)
    return min(found.values(), default=0)


def _search(
    connection: sqlite3.Connection,
    terms: Mapping[Term, float],
    limit: int,
    kinds: Collection[str] | None,
    sources: Collection[str] | None,
) -> list[Hit]:
    terms = {term: weight for term, weight in terms.items() if 0 < weight < math.inf}
    total, length = connection.execute("SELECT count(*), sum(length) FROM documents").fetchone()
    if not terms or not length or limit <= 0:
        return []
    if not isinstance(length, int):
        raise Damaged("lengths of documents")
    words = _look_up(connection, terms, total)
    scored = sorted((word for word in words if word.documents), key=lambda word: -word.idf)[:MAX_SCORED]
    if not scored:
        return []
    asked = [word for word in words if not word.documents or word in scored]
    whole = sum(word.idf for word in asked)
    hits = []
    for data, score, bits in _rank(connection, scored, length / total, limit, kinds, sources):
        held = {word.stem for place, word in enumerate(scored) if bits >> place & 1}
        matched = [word for word in asked if word.stem in held]
        share = min(1.0, sum(word.idf for word in matched) / whole)
        words_held = tuple(word.word for word in matched)
        hits.append(Hit(decode(data), score / _SCALE, words_held, len(asked), share))
    return hits


def _rank(
    connection: sqlite3.Connection,
    scored: Sequence[_Word],
    average: float,
    limit: int,
    kinds: Collection[str] | None,
    sources: Collection[str] | None,
) -> list[tuple[object, int, int]]:
    parameters: list[object] = []
    for place, word in enumerate(scored):
        parameters += [word.stem, 1 << place, word.idf]
    weights = " ".join(f"WHEN '{field}' THEN {weight}" for field, weight in FIELD_WEIGHTS.items())
    conditions = ""
    for column, allowed in (("kind", kinds), ("source", sources)):
        if allowed is not None:
            conditions += f" AND documents.{column} IN ({', '.join('?' * len(allowed))})"
    # every name in the statement is ours; all that a caller gives is a parameter
    sql = f"""
        WITH asked(stem, bit, idf) AS (VALUES {", ".join(["(?, ?, ?)"] * len(scored))}),
        found AS (
            SELECT instances.doc AS doc, asked.bit AS bit, asked.idf AS idf,
                   sum(CASE instances.col {weights} END) AS tf
            FROM asked CROSS JOIN instances ON instances.term = asked.stem
            GROUP BY asked.bit, instances.doc)
        SELECT rowid, sum(CAST(round(? * idf * tf * ?
                   / (tf + ? * (? + ? * documents.length / ?))) AS INTEGER)) AS score, sum(bit)
        FROM found JOIN documents ON documents.rowid = found.doc
        WHERE 1{conditions}
        GROUP BY documents.rowid ORDER BY score DESC, documents.id LIMIT ?"""  # noqa: S608
    parameters += [_SCALE, K1 + 1, K1, 1 - B, B, average]
    for allowed in (kinds, sources):
        parameters += [scrub(name) for name in allowed or ()]
    parameters.append(limit)
    best = connection.execute(sql, parameters).fetchall()
    if not all(isinstance(score, int) and isinstance(bits, int) for _, score, bits in best):
        raise Damaged("scores of documents")
    return [(_read(connection, row), score, bits) for row, score, bits in best]


def _read(connection: sqlite3.Connection, row: int) -> object:
    found = connection.execute("SELECT CAST(data AS BLOB) FROM documents WHERE rowid = ?", (row,)).fetchone()
    if found is None:
        raise Damaged("a document that its own index names is not there")
    return found[0]


def _look_up(connection: sqlite3.Connection, terms: Mapping[Term, float], total: int) -> list[_Word]:
    """Return the distinct stems of the terms in their order, with their frequency in the index.

    A compound that no document holds as a whole counts by its parts; one that some document holds
    does not count parts that none holds.
    """
    stems = _stem(connection, [word for term in terms for word in (term.whole, *term.parts)])
    frequency = _frequencies(connection, {stem for found in stems.values() for stem in found})
    chosen: dict[str, tuple[str, float]] = {}
    for term, weight in terms.items():
        names = [term.whole, *term.parts]
        if term.parts:
            occur = [name for name in names if any(frequency.get(stem, 0) for stem in stems.get(name, ()))]
            whole_occurs = term.whole in occur
            names = occur if whole_occurs else list(term.parts)
        for name in names:
            for stem in stems.get(name, ()):
                if weight > chosen.get(stem, ("", 0.0))[1]:
                    chosen[stem] = (chosen.get(stem, (name, 0.0))[0], weight)
    words = []
    for stem, (name, weight) in chosen.items():
        n = min(frequency.get(stem, 0), total)
        words.append(_Word(stem, name, n, weight * math.log(1 + (total - n + 0.5) / (n + 0.5))))
    return words


def _stem(connection: sqlite3.Connection, words: Sequence[str]) -> dict[str, list[str]]:
    """Return the stems of words, by the very tokenizer that indexes."""
    distinct = list(dict.fromkeys(words))
    connection.execute("INSERT INTO temp.words(words) VALUES ('delete-all')")
    connection.executemany("INSERT INTO temp.words(rowid, word) VALUES (?, ?)", enumerate(distinct))
    stems: dict[str, list[str]] = {}
    for place, stem in connection.execute("SELECT doc, term FROM temp.stems ORDER BY doc, offset"):
        stems.setdefault(distinct[place], []).append(stem)
    return stems


def _frequencies(connection: sqlite3.Connection, stems: Collection[str]) -> dict[str, int]:
    """Return in how many documents each stem occurs."""
    sql = "SELECT doc FROM terms WHERE term = ?"
    frequency = {}
    for stem in stems:
        row = connection.execute(sql, (stem,)).fetchone()
        frequency[stem] = row[0] if row else 0
    return frequency
