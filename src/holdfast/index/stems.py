"""Stem words by the Porter stemmer of SQLite's full-text search, for documents and queries alike."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable

from holdfast.errors import EnvironmentProblem

_MOST_REMEMBERED = 1 << 18
_TABLES = """
CREATE VIRTUAL TABLE words USING fts5(word, content='', tokenize='porter unicode61');
CREATE VIRTUAL TABLE stems USING fts5vocab('words', 'instance');
"""


class _Own(threading.local):
    """What each thread keeps: a connection that is its own, and the stems of the words it met."""

    def __init__(self) -> None:
        self.connection: sqlite3.Connection | None = None
        self.known: dict[str, tuple[str, ...]] = {}


_own = _Own()


def stems(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the stems of each word: one mostly; none for one without a letter or digit.

    Raises:
        EnvironmentProblem: This Python's SQLite has no full-text search.
    """
    wanted = dict.fromkeys(words)
    known = _own.known
    missing = [word for word in wanted if word not in known]
    if missing:
        if len(known) > _MOST_REMEMBERED:
            known.clear()
            missing = list(wanted)
        known.update(_stemmed(missing))
    return {word: known[word] for word in wanted}


def _stemmed(words: list[str]) -> dict[str, tuple[str, ...]]:
    if _own.connection is None:
        _own.connection = sqlite3.connect(":memory:", isolation_level=None)
        try:
            _own.connection.executescript(_TABLES)
        except sqlite3.OperationalError as error:
            _own.connection = None
            raise EnvironmentProblem(
                f"This Python's SQLite cannot hold the index: {error}.",
                "Use a Python whose SQLite has the FTS5 extension; those of python.org and Debian do.",
            ) from error
    connection = _own.connection
    connection.execute("INSERT INTO words(words) VALUES ('delete-all')")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO words(rowid, word) VALUES (?, ?)", enumerate(words))
    connection.execute("COMMIT")
    found: dict[int, list[str]] = {}
    for place, stem in connection.execute("SELECT doc, term FROM stems ORDER BY doc, offset"):
        found.setdefault(place, []).append(stem)
    return {word: tuple(dict.fromkeys(found.get(place, ()))) for place, word in enumerate(words)}
