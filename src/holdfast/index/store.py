"""The index itself: documents in, documents found; statistics of signatures beside them.

Everything in it can be made again from git and the transcripts, so a fault is never the user's
problem: a damaged file is replaced by an empty one, a place that cannot be written to by memory.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec

from holdfast.index import checking, keeping, reading, schema, search, statistics, write
from holdfast.index.documents import Document, Hit, Occurrence, Stretch
from holdfast.index.tokens import scrub
from holdfast.index.transaction import transaction

_Answer = TypeVar("_Answer")

_FAULTS = (sqlite3.Error, msgspec.MsgspecError, UnicodeDecodeError, schema.Damaged)
"""What reading a damaged file, or one that went away, can raise."""

_LEAST_TIMEOUT = 20
"""Milliseconds that are waited in any case: a process that closes the file locks it for an instant."""


class Index:
    """Store documents and find them. Use it as a context manager, in the thread that opened it.

    Attributes:
        path: The file.
        persistent: False when the index lives in memory, since nothing can be written at its path.
        reason: Why it was opened, or became, empty: ``new``, ``broken``, ``schema`` (another version
            wrote it), ``foreign`` (set aside: not made by Holdfast), ``memory``; else "".
        patience: Seconds that may still be spent waiting while another process keeps the index locked.
        busy: Whether the last change was given up, or the file left alone, because one did so for longer.
    """

    def __init__(self, path: Path, patience: float = schema.PATIENCE) -> None:
        self.path = path
        self.patience = patience
        self.persistent = True
        self.reason = ""
        self.busy = False
        self._file: tuple[int, int] | None = None
        self._connection = self._open()

    @classmethod
    def open(cls, path: Path, patience: float = schema.PATIENCE) -> Index:
        """Open the index at a path; make it when absent, replace it when it cannot be used.

        Never raises for what it finds there; see `rebuilt` and `persistent`.
        """
        return cls(path, patience)

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

    def value(self, key: str) -> str | None:
        """Return what callers stored under one name, or None."""
        sql, named = "SELECT CAST(value AS TEXT) FROM state WHERE key = ?", [scrub(key)]
        return self._read(lambda connection: _text(connection.execute(sql, named).fetchone()), None)

    def values(self, prefix: str) -> dict[str, str]:
        """Return what callers stored under the names that begin so, by the rest of the name."""
        begin = scrub(prefix)
        sql = """SELECT substr(CAST(key AS TEXT), ?), CAST(value AS TEXT) FROM state
                 WHERE key >= ? AND key < ? ORDER BY key"""
        named = [len(begin) + 1, begin, begin + "\U0010ffff"]
        return self._read(lambda connection: dict(connection.execute(sql, named).fetchall()), {})

    def apply(
        self,
        view: str | None = None,
        *,
        add: Iterable[Document] = (),
        remove: Iterable[str] = (),
        state: Mapping[str, str | None] = {},
        occurrences: Iterable[Occurrence] = (),
        stretches: Iterable[Stretch] = (),
        remove_sessions: Iterable[str] = (),
        remove_segments: Iterable[str] = (),
        since: str | None = None,
    ) -> bool:
        """Change the index in one transaction.

        Args:
            view: The view that the documents belong to; an index of another is emptied first.
            add: Documents; each replaces the one of its id. Removals come first.
            remove: Ids of documents; unknown ones are passed over.
            state: Values to keep by name; None removes one.
            occurrences: Rows; those of a segment replace all that the segment had.
            stretches: Each replaces that of its segment.
            remove_sessions: Sessions whose statistics to remove.
            remove_segments: Segments whose statistics to remove.
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
            stretches=stretches,
            remove_sessions=remove_sessions,
            remove_segments=remove_segments,
            since=since,
        )
        return self.change(lambda connection: write.write(connection, change))

    def search(
        self,
        query: str,
        limit: int = 10,
        *,
        kinds: Collection[str] | None = None,
        sources: Collection[str] | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> list[Hit]:
        """Return the documents nearest to a text, best first; equal scores by id.

        Any text is a query, none is syntax. A query without a content word finds nothing.

        Args:
            query: The text.
            limit: Hits at most.
            kinds: What the documents are.
            sources: What they come from.
            weights: How much a word of the query counts; 1 for those not named. It names words as they are
                written; 0 leaves one out.
        """
        most = min(limit, reading.MAX_LIMIT)
        given = weights or {}
        return self._read(lambda index: search.search(index, query, most, kinds, sources, given), [])

    def search_terms(
        self,
        terms: Sequence[tuple[str, float]],
        limit: int = 10,
        *,
        kinds: Collection[str] | None = None,
        sources: Collection[str] | None = None,
    ) -> list[Hit]:
        """Return the documents nearest to weighted words, best first; equal scores by id.

        A word's part of the score is multiplied by its weight; of a word given twice the larger counts.
        """
        most = min(limit, reading.MAX_LIMIT)
        return self._read(lambda connection: search.search_terms(connection, terms, most, kinds, sources), [])

    def frequency(self, word: str) -> int:
        """Return how many documents hold a word, in any of its forms; 0 for one that carries no content."""
        return self._read(lambda connection: search.frequency(connection, word), 0)

    def by_signature(self, specific: str | None, family: str | None) -> list[Document]:
        """Return the documents about a failure: of its exact signature first, then of its family.

        Each once; newest first within both.
        """

        def question(connection: sqlite3.Connection) -> list[Document]:
            exact = reading.by_signature(connection, 1, specific) if specific else []
            alike = reading.by_signature(connection, 0, family) if family else []
            return list({document.id: document for document in (*exact, *alike)}.values())

        return self._read(question, [])

    def by_path(
        self, path: str, sources: Collection[str] | None = None, limit: int | None = None
    ) -> list[Document]:
        """Return the documents that are, or apply to, exactly this path; newest first."""
        return self._read(lambda connection: reading.by_path(connection, path, sources, limit), [])

    def by_branch(
        self, branch: str, sources: Collection[str] | None = None, limit: int | None = None
    ) -> list[Document]:
        """Return the documents made on a branch, newest first."""
        return self._read(lambda index: reading.by_column(index, "branch", branch, sources, limit), [])

    def by_session(self, session: str) -> list[Document]:
        """Return the documents that come from a session, newest first."""
        return self._read(lambda index: reading.by_column(index, "session", session, None, None), [])

    def by_digest(self, digest: str, sources: Collection[str] | None = None) -> list[Document]:
        """Return the documents whose callers say that they are equal, newest first."""
        return self._read(lambda index: reading.by_column(index, "digest", digest, sources, None), [])

    def beside(self, id: str, sources: Collection[str]) -> list[str]:  # noqa: A002 - the field's own name
        """Return the ids next to one in the order of ids, before and after, for each source."""
        return self._read(lambda connection: reading.beside(connection, id, sources), [])

    def get(self, id: str) -> Document | None:  # noqa: A002 - the field's own name
        """Return the document of an id, or None."""
        return self._read(lambda connection: reading.by_id(connection, id), None)

    def ids(self, source: str | None = None, prefix: str = "") -> list[str]:
        """Return the ids of all documents, or of one source, that begin so; sorted."""
        return self._read(lambda connection: reading.ids(connection, source, prefix), [])

    def all(
        self,
        kinds: Collection[str] | None = None,
        sources: Collection[str] | None = None,
        limit: int | None = None,
    ) -> list[Document]:
        """Return the documents, newest first, those without a day last, equal ones by id."""
        return self._read(lambda connection: reading.listed(connection, kinds, sources, limit), [])

    def count(self, kind: str | None = None) -> int:
        """Return how many documents there are, of one kind or of all."""
        return self._read(lambda connection: reading.count(connection, kind), 0)

    def occurrences(
        self, family: str | None = None, specific: str | None = None, learning: str | None = None
    ) -> list[Occurrence]:
        """Return the occurrences of a signature, those a learning ended, or all; in the order of sessions."""
        return self._read(lambda index: statistics.occurrences(index, family, specific, learning), [])

    def sessions(self) -> int:
        """Return how many sessions the occurrences come from, those without a failure included."""
        return self._read(statistics.sessions, 0)

    def session_days(self) -> list[tuple[str, str]]:
        """Return each session with its first day (UTC), in the order of time, those without a failure too."""
        return self._read(statistics.session_days, [])

    def stretches(self) -> list[Stretch]:
        """Return what each segment of a session spent, in the order of sessions."""
        return self._read(statistics.stretches, [])

    def command_counts(self, family: str) -> list[tuple[str, int, int]]:
        """Return (session, succeeded, failed) for each session that ran a command, in their order."""
        return self._read(lambda connection: statistics.command_counts(connection, family), [])

    def command_totals(self) -> list[tuple[str, int, int, int]]:
        """Return (family, sessions, succeeded, failed) for each command family, sorted by family."""
        return self._read(statistics.command_totals, [])

    def keep(self, name: str, value: bytes) -> None:
        """Keep a figure derived from what the index holds now; a later change of the index voids it.

        Nothing is kept where nothing can be written.
        """
        self.change(lambda connection: keeping.keep(connection, name, value))

    def kept(self, name: str) -> bytes | None:
        """Return what `keep` stored under a name while the index was as it is now, else None."""
        return self._read(lambda connection: keeping.kept(connection, name), None)

    def ask(self, question: Callable[[sqlite3.Connection], _Answer], nothing: _Answer) -> _Answer:
        """Answer a question of one's own from one snapshot; ``nothing`` when the file turns out damaged."""
        return self._read(question, nothing)

    def change(self, change: Callable[[sqlite3.Connection], bool]) -> bool:
        """Make a change of one's own in one transaction, which is undone when it returns False or raises.

        It does not change the revision. False too when another process kept the index locked: see `busy`.
        """
        self._follow()
        self.busy = self.busy and not self.persistent
        started = time.monotonic()
        try:
            timeout = max(_LEAST_TIMEOUT, round(self.patience * 1000))
            self._connection.execute(f"PRAGMA busy_timeout = {timeout}")
            with transaction(self._connection, "BEGIN IMMEDIATE"):
                self._spend(started)
                done = change(self._connection)
                if not done:
                    self._connection.execute("ROLLBACK")
                return done
        except Exception as fault:
            if self.persistent and schema.is_busy(fault):
                self.busy = True
                self._spend(started)
            else:
                self._recover(fault)
            return False

    def _spend(self, since: float) -> None:
        """Take what was waited since a moment off the patience."""
        self.patience = max(0.0, self.patience - (time.monotonic() - since))

    def problems(self) -> list[str]:
        """Check the whole index and return what is wrong with it; slow, for a doctor."""
        try:
            return checking.problems(self._connection)
        except _FAULTS as fault:
            return [str(fault)]

    def reset(self) -> None:
        """Replace the index by an empty one, for a doctor that found `problems`."""
        if self.persistent:
            self._replace()
        else:
            self._connection.close()
            self._connection = self._open_memory()

    def _open(self) -> sqlite3.Connection:
        started = time.monotonic()
        try:
            connection, self.reason = schema.open_file(self.path, self.patience)
            self._file = schema.file_identity(self.path)
            self.persistent = True
        except (OSError, sqlite3.Error) as fault:
            self.busy = schema.is_busy(fault)
            return self._open_memory()
        finally:
            self._spend(started)
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
            with transaction(self._connection, "BEGIN"):
                return question(self._connection)
        except Exception as fault:
            self._recover(fault)
            return nothing

    def _recover(self, fault: Exception) -> None:
        """Replace a damaged file, leave one that cannot be written; raise what is no fault of either."""
        if isinstance(fault, sqlite3.ProgrammingError) or not self.persistent:
            raise fault
        # damage can surface as any Python error, so a check tells it from a mistake of ours or the caller's
        if not isinstance(fault, _FAULTS) and not self.problems():
            raise fault
        if schema.is_storage_fault(fault):
            self.busy = schema.is_busy(fault)
            self._connection.close()
            self._connection = self._open_memory()
        else:
            self._replace()

    def _replace(self) -> None:
        self._connection.close()
        try:
            schema.discard(self.path, self._file, self.patience)
        except OSError:
            self._connection = self._open_memory()
        else:
            self._connection = self._open()
            self.reason = self.reason if self.reason == "memory" else "broken"


def _text(row: tuple[object] | None) -> str | None:
    return None if row is None or row[0] is None else str(row[0])
