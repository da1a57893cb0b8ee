"""The one view of what is known: records, the worktree's own documents, and what waits for a person.

The view is kept in the index and brought up to date before each use: records by the commits added since
last time, documents by their content. Deleting the index loses nothing; the next use fills it again.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Collection
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from holdfast.errors import EnvironmentProblem, NewerRecords
from holdfast.index.documents import Document
from holdfast.index.schema import PATIENCE
from holdfast.index.store import Index
from holdfast.learn.kept_names import COMMIT, HEAD, UNSEEN, worktree_key
from holdfast.learn.sources import Budget, taking
from holdfast.repo import config, history, ids
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.own_records import HERE
from holdfast.repo.records import ItemEvidence, RecordEvent
from holdfast.repo.trust import TrustStore

HIDDEN = frozenset(["retired", "withheld", "superseded"])
"""States of a learning that is not told any more."""

SECONDS = 1.0
"""How long one use reads what is new in the commits and other sources; what is left waits for the next."""

_SOURCED = ("commit:", "statement:")
_PATIENCE = 1.0
"""Seconds that one use waits while another process keeps the index locked."""

_PART = 4.0
"""Seconds of one part of `View.fill`."""

_ATTEMPTS = 50


class View:
    """What is known in one repository, up to date. Use it as a context manager.

    Attributes:
        repository: Where.
        private: Whether records are written to the private ref.
        branch: The records.
        index: The index, filled.
        worktree: The key of this worktree, under which its own documents stand in the index.
        sources: The records, candidates and documents that belong to this view: not another worktree's.
        seconds: How long one refresh reads of what is new; None for all there is. Opened ``as_it_stands``, it
            is not refreshed: for who cannot wait.
        stale: Whether the index could not be used or brought up to date, since another process kept it
            locked: answers are from what it held before, or from what could be read at once.
    """

    def __init__(
        self, repository: Repository, *, seconds: float | None = SECONDS, as_it_stands: bool = False
    ) -> None:
        self.repository = repository
        self.seconds = seconds
        self.stale = False
        self.private = config.mode(repository) == "private"
        self.branch = RecordsBranch(repository, private=self.private)
        self.worktree = worktree_key(repository.root or repository.git_dir)
        self.sources = ["record", "candidate", f"document:{self.worktree}", f"guidance:{self.worktree}"]
        path = Path(os.devnull, "index.db")  # where nothing can be written, reading works all the same
        with contextlib.suppress(EnvironmentProblem):
            path = repository.ensure_state() / "index.db"
        self._patience = _PATIENCE if seconds is not None and seconds <= SECONDS else PATIENCE
        self.index = Index.open(path, self._patience)
        if not as_it_stands:
            self._refresh(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.index.close()

    def refresh(self) -> None:
        """Bring the index up to date with records, documents, candidates and all other sources.

        What another process is writing all the while is not waited for: see `stale`.
        """
        self.index.patience = self._patience
        self._refresh(self.seconds)

    def fill(self, seconds: float, advance: Callable[[int], object] = lambda _: None) -> None:
        """Read on in the sources that were not read to their end yet.

        Args:
            seconds: How long, about, at most.
            advance: Called after each part with how many documents came.
        """
        end, count, revision = time.monotonic() + seconds, self.index.count(), ""
        while self.unread and self.index.persistent and not self.stale and revision != self.index.revision():
            left = end - time.monotonic()
            if left <= 0:
                return
            revision = self.index.revision()
            self.index.patience = self._patience
            self._refresh(min(left, _PART))
            before, count = count, self.index.count()
            advance(count - before)

    def commits_left(self) -> int:
        """Return how many commits are not read yet."""
        heads = self._heads(self._worktrees())
        return max(0, history.count(self.repository, heads) - len(self.index.ids(COMMIT)))

    def _refresh(self, seconds: float | None) -> None:
        from holdfast.learn import refresh

        self.__dict__.pop("_beyond", None)
        believed = self.believed()
        budget = Budget(seconds if self.index.persistent else min(seconds or SECONDS, 0.5))
        for _ in range(_ATTEMPTS):  # each failed attempt means that another process has done its own
            trees = self._worktrees()
            attempt = refresh.Refresh(self.repository, self.branch, self.index, trees, believed)
            done = attempt.run() and taking.take_all(self.repository, self.index, self._heads(trees), budget)
            self.stale = self.index.busy
            if done or self.stale:
                return

    @staticmethod
    def _heads(trees: list[history.Worktree]) -> set[str]:
        return {tree.head for tree in trees if tree.head}

    def _worktrees(self) -> list[history.Worktree]:
        """Return all worktrees, this one as it calls itself."""
        try:
            trees = history.worktrees(self.repository)
        except EnvironmentProblem:
            trees = []
        here = self.repository.root
        if here is not None and all(tree.root != here for tree in trees):
            trees.append(history.Worktree(here, self.repository.head() or ""))
        return trees

    def sees(self, document: Document) -> bool:
        """Tell whether a document belongs to this worktree.

        Another worktree's documents do not, nor do commits that cannot be reached from this one's head.
        """
        kind, _, worktree = document.source.partition(":")
        if kind in ("document", "guidance"):
            return worktree == self.worktree
        return document.source != COMMIT or document.id.partition(":")[2] not in self._beyond

    @cached_property
    def _beyond(self) -> frozenset[str]:
        """Return the commits that only other worktrees stand on."""
        head = self.index.value(HEAD + self.worktree)
        named = f"{taking.FROM}{COMMIT}:{UNSEEN}{head}"
        return frozenset((self.index.value(named) or "").split()) if head else frozenset()

    @property
    def everywhere(self) -> list[str]:
        """Return all sources that can be asked in words: `sources`, commits, statements, and other packages'.

        What they give must still be seen from here: see `sees`.
        """
        return [*self.sources, COMMIT, "statement", *taking.names(self.index)]

    @property
    def unread(self) -> list[str]:
        """Return the sources that were not read to their end yet; the next use goes on."""
        return taking.unread(self.index)

    @property
    def failures(self) -> list[str]:
        """Return, in a line each, which sources could not be used and why."""
        return taking.failures(self.index)

    @property
    def newer(self) -> bool:
        """Tell whether records of a newer schema are present: records are read-only then."""
        from holdfast.learn import refresh

        return self.index.value(refresh.NEWER) is not None

    @property
    def unreadable(self) -> dict[str, str]:
        """Return the records that could not be read, by path, with the reason."""
        from holdfast.learn import refresh

        return self.index.values(refresh.UNREADABLE)

    def refuse_newer(self) -> None:
        """Raise `NewerRecords` when records of a newer schema are present; call it before writing."""
        if self.newer:
            raise NewerRecords(
                "The records here were written by a newer Holdfast; this one can read them, not add to them.",
                "Upgrade: `python -m pip install -U holdfast`",
            )

    def transcripts_read(self) -> dict[str, list[tuple[str, int, int]]]:
        """Return the bytes of transcripts that segments were computed from: digest, start, end by session."""
        from holdfast.learn import refresh

        found: dict[str, list[tuple[str, int, int]]] = {}
        for key in self.index.values(refresh.SOURCE):
            session, digest, start, end = refresh.read_source_key(refresh.SOURCE + key)
            found.setdefault(session, []).append((digest, start, end))
        return found

    def told_in_sessions(self) -> dict[str, list[ItemEvidence]]:
        """Return what sessions were told and what was withheld from them, with what came of it."""
        from holdfast.learn import refresh

        found: dict[str, list[ItemEvidence]] = {}
        for value in self.index.values(refresh.TOLD).values():
            session, items = refresh.decode_items(value)
            found.setdefault(session, []).extend(items)
        return found

    def record_id(self, prefix: str) -> str:
        """Return the id of the one record of any kind (learning, segment or event) that begins so.

        Raises:
            UsageError: None does, or several do.
        """
        known = {id_ for entry in self.branch.added() if (id_ := ids.of_path(entry.path))}
        known |= {stone.id for stone in self.branch.purged()}  # a remote may still hold what was purged here
        return ids.resolve(prefix, known)

    def events_of(self, subject: str) -> list[RecordEvent]:
        """Return the events of a record, oldest first: of one day, after those that they had seen."""
        from holdfast.learn import refresh

        events = refresh.decode_events(self.index.value(refresh.EVENTS + subject))
        return sorted(events, key=lambda event: (event.day, len(event.after), event.id))

    def read_record(self, path: str) -> tuple[str, bytes] | None:
        """Return the first ref that holds a record, and the record's bytes; None when no ref does."""
        for ref, tip in self.branch.tips().items():
            data = self.repository.git("cat-file", "blob", f"{tip}:{path}", check=False)
            if data:
                return ref, data
        return None

    @staticmethod
    def is_believed(document: Document, believed: Collection[str]) -> bool:
        """Tell whether a document is no record, or one of somebody accepted here: see `believed`."""
        return document.source != "record" or document.author in believed

    def believed(self) -> set[str]:
        """Return whose records are told here: what this clone wrote, and those of accepted people."""
        return {HERE, *TrustStore().accepted_identities(self.repository)}

    def learnings(self) -> list[Document]:
        """Return the learnings on record, newest first."""
        return self.index.all(sources=["record"])

    def told(self) -> list[Document]:
        """Return the learnings on record that still hold, newest first."""
        return [document for document in self.learnings() if document.state not in HIDDEN]

    def is_note(self, place: str) -> bool:
        """Tell whether a note of the worktree stands at a place such as ``learnings.md:12``."""
        return any(note.path == place for note in self._notes())

    def _notes(self) -> list[Document]:
        return self.index.all(sources=[self.sources[2], self.sources[3]])

    def resolve(self, prefix: str) -> Document:
        """Return the one learning or candidate whose id begins so, or the note that stands there.

        What git or a session holds is named with its source: ``commit:1a2b3c4``, ``statement:KEY:NUMBER``.

        Raises:
            UsageError: None does, or several do.
        """
        for note in self._notes():
            if note.path == prefix:
                return note
        if prefix.startswith(_SOURCED):
            known = self.index.ids(prefix=prefix)
        else:
            known = [*self.index.ids("record"), *self.index.ids("candidate")]
        found = self.index.get(ids.resolve(prefix, known))
        assert found is not None
        return found


def open_view(path: Path | str = ".", *, seconds: float | None = SECONDS) -> View:
    """Return the view of the repository that ``path`` lies in; see `View` for ``seconds``."""
    return View(Repository.find(path), seconds=seconds)
