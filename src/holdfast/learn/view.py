"""The one view of what is known: records, the worktree's own documents, and what waits for a person.

The view is kept in the index and brought up to date before each use: records by the commits added since
last time, documents by their content. Deleting the index loses nothing; the next use fills it again.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from types import TracebackType
from typing import Self

from holdfast.errors import EnvironmentProblem, NewerRecords
from holdfast.index.documents import Document
from holdfast.index.store import Index
from holdfast.learn import refresh
from holdfast.repo import config, ids
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.own_records import HERE
from holdfast.repo.records import RecordEvent
from holdfast.repo.trust import TrustStore

HIDDEN = frozenset(["retired", "withheld", "superseded"])
"""States of a learning that is not told any more."""

_ATTEMPTS = 50


class View:
    """What is known in one repository, up to date. Use it as a context manager.

    Attributes:
        repository: Where.
        private: Whether records are written to the private ref.
        branch: The records.
        index: The index, filled.
        worktree: The key of this worktree, under which its own documents stand in the index.
        sources: The sources that belong to this view: not another worktree's documents.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.private = config.mode(repository) == "private"
        self.branch = RecordsBranch(repository, private=self.private)
        self.worktree = hashlib.sha256(str(repository.root).encode("utf-8", "replace")).hexdigest()[:12]
        self.sources = ["record", "candidate", f"document:{self.worktree}", f"guidance:{self.worktree}"]
        with contextlib.suppress(
            EnvironmentProblem
        ):  # where nothing can be written, reading works all the same
            repository.ensure_state()
        self.index = Index.open(repository.state_dir / "index.db")
        self._state: dict[str, str] | None = None
        self.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.index.close()

    def refresh(self) -> None:
        """Bring the index up to date with records, documents and candidates."""
        self._state = None
        believed = self.believed()
        for _ in range(_ATTEMPTS):  # each failed attempt means that another process has done its own
            if refresh.Refresh(self.repository, self.branch, self.index, self.worktree, believed).run():
                return

    @property
    def _filled_from(self) -> dict[str, str]:
        if self._state is None:
            self._state = self.index.state()
        return self._state

    @property
    def newer(self) -> bool:
        """Tell whether records of a newer schema are present: records are read-only then."""
        return refresh.NEWER in self._filled_from

    @property
    def unreadable(self) -> dict[str, str]:
        """Return the records that could not be read, by path, with the reason."""
        begin = len(refresh.UNREADABLE)
        return {
            key[begin:]: value
            for key, value in self._filled_from.items()
            if key.startswith(refresh.UNREADABLE)
        }

    def refuse_newer(self) -> None:
        """Raise `NewerRecords` when records of a newer schema are present; call it before writing."""
        if self.newer:
            raise NewerRecords(
                "The records here were written by a newer Holdfast; this one can read them, not add to them.",
                "Upgrade: `python -m pip install -U holdfast`",
            )

    def transcripts_read(self) -> dict[str, list[tuple[str, int, int]]]:
        """Return the bytes of transcripts that segments were computed from: digest, start, end by session."""
        found: dict[str, list[tuple[str, int, int]]] = {}
        for key in self._filled_from:
            if key.startswith(refresh.SOURCE):
                session, digest, start, end = refresh.read_source_key(key)
                found.setdefault(session, []).append((digest, start, end))
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
        """Return the events of a record, oldest first."""
        events = refresh.decode_events(self._filled_from.get(refresh.EVENTS + subject))
        return sorted(events, key=lambda event: (event.day, event.id))

    def read_record(self, path: str) -> tuple[str, bytes] | None:
        """Return the first ref that holds a record, and the record's bytes; None when no ref does."""
        for ref, tip in self.branch.tips().items():
            data = self.repository.git("cat-file", "blob", f"{tip}:{path}", check=False)
            if data:
                return ref, data
        return None

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

        Raises:
            UsageError: None does, or several do.
        """
        for note in self._notes():
            if note.path == prefix:
                return note
        known = [*self.index.ids("record"), *self.index.ids("candidate")]
        found = self.index.get(ids.resolve(prefix, known))
        assert found is not None
        return found


def open_view(path: Path | str = ".") -> View:
    """Return the view of the repository that ``path`` lies in."""
    return View(Repository.find(path))
