"""The index itself: documents in, documents found; statistics of signatures beside them.

Everything in it can be made again from git and the transcripts, so a fault is never the user's
problem: a damaged file is replaced by an empty one, a place that cannot be written to by memory.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec

from holdfast.index import schema, search, write
from holdfast.index.documents import Document, Hit, Occurrence, decode
from holdfast.index.tokens import scrub

_Answer = TypeVar("_Answer")

_FAULTS = (sqlite3.Error, msgspec.MsgspecError, UnicodeDecodeError, schema.Damaged)
"""What reading a damaged file, or one that went away, can raise."""

MAX_LIMIT = 1 << 31
"""More than any list is long; keeps what callers pass within SQLite's integers."""


class Index:
    """Store documents and find them. Use it as a context manager, in the thread that opened it.

    Attributes:
        path: The file.
        persistent: False when the index lives in memory, since nothing can be written at its path.
        reason: Why it was opened, or became, empty: ``new``, ``broken``, ``schema`` (another version
            wrote it), ``foreign`` (set aside: not made by Holdfast), ``memory``; else "".
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.persistent = True
        self.reason = ""
        self._file: tuple[int, int] | None = None
        self._connection = self._open()

    @classmethod
    def open(cls, path: Path) -> Index:
        """Open the index at a path; make it when absent, replace it when it cannot be used.

        Never raises for what it finds there; see `rebuilt` and `persistent`.
        """
        return cls(path)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def rebuilt(self) -> bool:
        """Tell whether the index is empty and waits to be filled: new, replaced, or in memory.

        True until the first `apply`, in whatever process.
        """
        return self.revision().endswith(":0")

    def revision(self) -> str:
        """Return a mark that changes with every change of the index; for ``apply(since=…)``."""
        return self._read(write.revision, "none:0")

    def view(self) -> str | None:
        """Return the name of the one view that the index holds."""
        sql = "SELECT value FROM meta WHERE key = 'view'"
        return self._read(lambda connection: _text(connection.execute(sql).fetchone()), None)

    def state(self) -> dict[str, str]:
        """Return what callers stored beside the documents."""
        sql = "SELECT CAST(key AS TEXT), CAST(value AS TEXT) FROM state ORDER BY key"
        return self._read(lambda connection: dict(connection.execute(sql).fetchall()), {})

    def apply(
        self,
        view: str | None = None,
        *,
        add: Iterable[Document] = (),
        remove: Iterable[str] = (),
        state: Mapping[str, str | None] = {},
        occurrences: Iterable[Occurrence] = (),
        remove_sessions: Iterable[str] = (),
        remove_segments: Iterable[str] = (),
        since: str | None = None,
    ) -> bool:
        """Change the index in one transaction.

        Args:
            view: The view that the documents belong to. When the index holds another, it is emptied
                first: the change must then be the whole.
            add: Documents; each replaces the one of its id. Removals come first.
            remove: Ids of documents; unknown ones are passed over.
            state: Values to keep by name; None removes one.
            occurrences: Rows; those of a segment replace all that the segment had.
            remove_sessions: Sessions whose occurrences to remove.
            remove_segments: Segments whose occurrences to remove.
            since: The `revision` that the change was made from; nothing is done if it moved.

        Returns:
            True when done. False when nothing was: the index is not at ``since`` any more, or had to
            be replaced by an empty one. Read `state` again and make the change anew.

        Raises:
            msgspec.ValidationError: A field is of a type that it must not have.
        """
        change = write.prepare(
            view=view,
            add=add,
            remove=remove,
            state=state,
            occurrences=occurrences,
            remove_sessions=remove_sessions,
            remove_segments=remove_segments,
            since=since,
        )
        return self._write(change)

    def search(
        self,
        query: str,
        limit: int = 10,
        *,
        kinds: Collection[str] | None = None,
        sources: Collection[str] | None = None,
    ) -> list[Hit]:
        """Return the documents nearest to a text, best first; equal scores by id.

        Any text is a query, none is syntax. A query without a content word finds nothing.
        """
        return self._read(
            lambda connection: search.search(connection, query, min(limit, MAX_LIMIT), kinds, sources), []
        )

    def by_signature(self, specific: str | None, family: str | None) -> list[Document]:
        """Return the documents about a failure: of its exact signature first, then of its family.

        Each once; newest first within both.
        """
        found: dict[str, Document] = {}
        for exact, signature in ((1, specific), (0, family)):
            if signature:
                where = "rowid IN (SELECT document FROM signatures WHERE exact = ? AND signature = ?)"
                for document in self._documents(where, [exact, scrub(signature)]):
                    found.setdefault(document.id, document)
        return list(found.values())

    def by_path(self, path: str) -> list[Document]:
        """Return the documents that are, or apply to, exactly this path; newest first."""
        return self._documents("rowid IN (SELECT document FROM paths WHERE path = ?)", [scrub(path)])

    def get(self, id: str) -> Document | None:  # noqa: A002 - the field's own name
        """Return the document of an id, or None."""
        found = self._documents("id = ?", [scrub(id)])
        return found[0] if found else None

    def ids(self, source: str | None = None) -> list[str]:
        """Return the ids of all documents, or of one source, sorted."""
        sql, parameters = "SELECT CAST(id AS TEXT) FROM documents", []
        if source is not None:
            sql, parameters = f"{sql} WHERE source = ?", [scrub(source)]
        return self._read(
            lambda connection: [row[0] for row in connection.execute(f"{sql} ORDER BY id", parameters)], []
        )

    def all(
        self,
        kinds: Collection[str] | None = None,
        sources: Collection[str] | None = None,
        limit: int | None = None,
    ) -> list[Document]:
        """Return the documents, newest day first, those without a day last, then by id."""
        where, parameters = ["1"], list[object]()
        for column, allowed in (("kind", kinds), ("source", sources)):
            if allowed is not None:
                where.append(f"{column} IN ({', '.join('?' * len(allowed))})")
                parameters += [scrub(name) for name in allowed]
        return self._documents(" AND ".join(where), parameters, limit)

    def count(self) -> int:
        """Return how many documents there are."""
        return self._read(
            lambda connection: int(connection.execute("SELECT count(*) FROM documents").fetchone()[0]), 0
        )

    def occurrences(self, family: str | None = None, specific: str | None = None) -> list[Occurrence]:
        """Return the occurrences of a signature, or of all, in the order of sessions."""
        where, parameters = ["(family IS NOT NULL OR specific IS NOT NULL)"], []
        for column, signature in (("family", family), ("specific", specific)):
            if signature is not None:
                where.append(f"{column} = ?")
                parameters.append(scrub(signature))
        columns = "segment, session, day, position, family, specific, command, count, resolved, steps, tokens"
        sql = (
            f"SELECT {columns}, learning, fixes FROM occurrences WHERE {' AND '.join(where)} "  # noqa: S608
            "ORDER BY position, day, session, segment, place"
        )
        names = Occurrence.__struct_fields__

        def rows(connection: sqlite3.Connection) -> list[Occurrence]:
            found = (dict(zip(names, row, strict=True)) for row in connection.execute(sql, parameters))
            return [msgspec.convert(values, Occurrence) for values in found]

        return self._read(rows, [])

    def sessions(self) -> int:
        """Return how many sessions the occurrences come from, those without a failure included."""
        sql = "SELECT count(DISTINCT session) FROM occurrences"
        return self._read(lambda connection: int(connection.execute(sql).fetchone()[0]), 0)

    def session_days(self) -> list[tuple[str, str]]:
        """Return each session with its first day (UTC), in the order of time, those without a failure too."""
        sql = """SELECT session, min(day), min(position) AS first FROM occurrences WHERE day IS NOT NULL
                 GROUP BY session ORDER BY first, session"""
        return self._read(
            lambda connection: [(session, day) for session, day, _ in connection.execute(sql).fetchall()], []
        )

    def problems(self) -> list[str]:
        """Check the whole index and return what is wrong with it; slow, for a doctor."""
        try:
            found = [str(row[0]) for row in self._connection.execute("PRAGMA integrity_check")]
            if not schema.has_our_tables(self._connection):
                found.append("the definition of a table is damaged")
            self._connection.execute("INSERT INTO fulltext(fulltext) VALUES ('integrity-check')")
            for row in self._connection.execute("SELECT CAST(data AS BLOB) FROM documents"):
                decode(row[0])
        except _FAULTS as fault:
            return [str(fault)]
        return [line for line in found if line != "ok"]

    def reset(self) -> None:
        """Replace the index by an empty one, for a doctor that found `problems`."""
        if self.persistent:
            self._replace()
        else:
            self._connection.close()
            self._connection = self._open_memory()

    def _documents(self, where: str, parameters: list[object], limit: int | None = None) -> list[Document]:
        sql = (
            f"SELECT CAST(data AS BLOB) FROM documents WHERE {where} "  # noqa: S608 - conditions are ours
            "ORDER BY day DESC, id LIMIT ?"
        )
        return self._read(
            lambda connection: [
                decode(row[0])
                for row in connection.execute(
                    sql, [*parameters, -1 if limit is None else min(max(0, limit), MAX_LIMIT)]
                )
            ],
            [],
        )

    def _open(self) -> sqlite3.Connection:
        try:
            connection, self.reason = schema.open_file(self.path)
            self._file = schema.file_identity(self.path)
            self.persistent = True
        except (OSError, sqlite3.Error):
            return self._open_memory()
        return connection

    def _open_memory(self) -> sqlite3.Connection:
        self._file, self.persistent, self.reason = None, False, "memory"
        return schema.open_memory()

    def _follow(self) -> None:
        """Open the file anew when another process replaced it, or somebody deleted it."""
        if self.persistent and schema.file_identity(self.path) != self._file:
            self._connection.close()
            self._connection = self._open()

    def _read(self, question: Callable[[sqlite3.Connection], _Answer], nothing: _Answer) -> _Answer:
        """Answer from one snapshot; an index that turns out damaged is replaced and holds nothing."""
        self._follow()
        try:
            with _transaction(self._connection, "BEGIN"):
                return question(self._connection)
        except Exception as fault:
            self._recover(fault)
            return nothing

    def _write(self, change: write.Change) -> bool:
        self._follow()
        try:
            with _transaction(self._connection, "BEGIN IMMEDIATE"):
                return write.write(self._connection, change)
        except Exception as fault:
            self._recover(fault)
            return False

    def _recover(self, fault: Exception) -> None:
        """Replace a damaged file, leave one that cannot be written; raise what is no fault of either."""
        if isinstance(fault, sqlite3.ProgrammingError) or not self.persistent:
            raise fault
        # damage can surface as any Python error, so a check tells it from a mistake of ours or the caller's
        if not isinstance(fault, _FAULTS) and not self.problems():
            raise fault
        if schema.is_storage_fault(fault):
            self._connection.close()
            self._connection = self._open_memory()
        else:
            self._replace()

    def _replace(self) -> None:
        self._connection.close()
        try:
            schema.discard(self.path, self._file)
        except OSError:
            self._connection = self._open_memory()
        else:
            self._connection = self._open()
            self.reason = self.reason if self.reason == "memory" else "broken"


def _text(row: tuple[object] | None) -> str | None:
    return None if row is None or row[0] is None else str(row[0])


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
