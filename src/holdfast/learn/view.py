"""The one view of what is known: records, the worktree's own documents, and what waits for a person.

The view is kept in the index and brought up to date before each use: records by the commits added since
last time, documents by their content. Deleting the index loses nothing; the next use fills it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from holdfast.errors import RecordsError
from holdfast.index.documents import Document, Occurrence
from holdfast.index.store import Index
from holdfast.learn import waiting
from holdfast.learn.documents import read_documents
from holdfast.repo import config, records
from holdfast.repo.branch import Added, RecordsBranch
from holdfast.repo.fold import State, fold
from holdfast.repo.location import Repository
from holdfast.repo.records import Learning, RecordEvent, Segment
from holdfast.repo.trust import TrustStore

VERSION = "1"
"""Raised when what the index is filled with changes: an index of another version is filled anew."""

_TIP, _EVENTS, _SOURCE, _FILE = "tip:", "events:", "source:", "file:"


class View:
    """What is known in one repository, up to date. Use it as a context manager.

    Attributes:
        index: The index, filled.
        unreadable: Records that could not be read, with the reason; `holdfast doctor` lists them.
        newer: True when a record has a newer schema than this version writes: records are read-only then.
    """

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.private = config.mode(repository) == "private"
        self.branch = RecordsBranch(repository, private=self.private)
        self.index = Index.open(repository.state_dir / "index.db")
        self.refresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.index.close()

    @property
    def worktree(self) -> str:
        """Return the key of this worktree, under which its own documents stand in the index."""
        return hashlib.sha256(str(self.repository.root).encode("utf-8", "replace")).hexdigest()[:12]

    @property
    def sources(self) -> list[str]:
        """Return the sources that belong to this view: not another worktree's documents."""
        return ["record", "candidate", f"document:{self.worktree}", f"guidance:{self.worktree}"]

    def refresh(self) -> None:
        """Bring the index up to date with records, documents and candidates."""
        for _ in range(5):
            if self._refresh_once():
                return

    def _refresh_once(self) -> bool:
        revision = self.index.revision()
        state = self.index.state()
        if state.get("version") != VERSION:
            state = {}
        tips = self.branch.tips()
        held = {key[len(_TIP) :]: value for key, value in state.items() if key.startswith(_TIP)}
        change = _Change(revision)
        change.state["version"] = VERSION
        whole = not state or (held != tips and not self._extends(held, tips))
        if whole:
            # a new name of the view empties the index first, so that nothing of the old chain stays
            change.view = hashlib.sha256(repr(sorted(tips.items())).encode()).hexdigest()[:12] + VERSION
            if change.view == self.index.view():
                change.view += "'"
            state, held = {}, {}
        if tips != held:
            self._add_records(change, state, list(held.values()))
            change.state.update({_TIP + ref: tips.get(ref) for ref in {*tips, *held}})
        self._add_documents(change, state)
        self._add_waiting(change, state)
        return change.apply(self.index)

    def _extends(self, held: dict[str, str], tips: dict[str, str]) -> bool:
        """Tell whether every commit that the index holds is still part of the records."""
        return not held or self.branch.contains(list(held.values()))

    def _add_records(self, change: _Change, state: dict[str, str], since: list[str]) -> None:
        added: dict[str, Added] = {}
        for entry in self.branch.added(since):
            added.setdefault(entry.blob, entry)
        events: dict[str, list[RecordEvent]] = {}
        for blob, data in self.branch.read(added):
            entry = added[blob]
            try:
                record = records.decode(entry.path, data)
            except RecordsError as error:
                change.state["unreadable:" + entry.path] = error.message[:300]
                continue
            if record.schema > records.SCHEMA:
                change.state["newer"] = str(record.schema)
            if isinstance(record, Learning):
                change.learnings[record.id] = _document(record, entry)
            elif isinstance(record, Segment):
                _add_segment(change, state, record)
            else:
                events.setdefault(record.subject, []).append(record)
        self._fold(change, state, events)

    def _fold(self, change: _Change, state: dict[str, str], events: dict[str, list[RecordEvent]]) -> None:
        for subject, new in events.items():
            known = state.get(_EVENTS + subject)
            known_events = msgspec.json.decode(known, type=list[RecordEvent]) if known else []
            merged = {event.id: event for event in [*known_events, *new]}
            change.state[_EVENTS + subject] = msgspec.json.encode(list(merged.values())).decode()
            document = change.learnings.get(subject) or self.index.get(subject)
            if document is not None:
                folded = fold(merged.values()).get(subject)
                change.learnings[subject] = msgspec.structs.replace(document, state=status(folded))
        for learning in list(change.learnings.values()):
            known = state.get(_EVENTS + learning.id)
            if known and learning.id not in events:
                folded = fold(msgspec.json.decode(known, type=list[RecordEvent])).get(learning.id)
                change.learnings[learning.id] = msgspec.structs.replace(learning, state=status(folded))

    def _add_documents(self, change: _Change, state: dict[str, str]) -> None:
        if self.repository.root is None:
            return
        for file in read_documents(self.repository.root, self.worktree):
            key = _FILE + file.source + ":" + file.path
            if state.get(key) == file.digest:
                change.kept.add(key)
                continue
            change.state[key] = file.digest
            change.kept.add(key)
            change.remove += [id_ for id_ in self.index.ids(file.source) if id_.startswith(file.prefix)]
            change.documents += file.documents
        for key in state:
            if key.startswith(_FILE) and f":{self.worktree}:" in key and key not in change.kept:
                source, _, path = key[len(_FILE) :].partition(f":{self.worktree}:")
                prefix = f"{path}@{self.worktree}#"
                change.state[key] = None
                change.remove += [
                    id_ for id_ in self.index.ids(f"{source}:{self.worktree}") if id_.startswith(prefix)
                ]

    def _add_waiting(self, change: _Change, state: dict[str, str]) -> None:
        listing = waiting.digest(self.repository)
        if state.get("waiting") == listing:
            return
        change.state["waiting"] = listing
        change.remove += self.index.ids("candidate")
        change.documents += [
            _document(item.learning, None)
            for item in waiting.read(self.repository)
            if item.status == "waiting"
        ]

    @property
    def newer(self) -> bool:
        """Tell whether records of a newer schema are present."""
        return "newer" in self.index.state()

    @property
    def unreadable(self) -> dict[str, str]:
        """Return the records that could not be read, by path, with the reason."""
        state = self.index.state()
        return {key[11:]: value for key, value in state.items() if key.startswith("unreadable:")}

    def knows_source(self, digest: str, start: int, end: int) -> bool:
        """Tell whether a segment was already computed from exactly these bytes of a transcript."""
        return _source_key(digest, start, end) in self.index.state()

    def record_id(self, prefix: str) -> str:
        """Return the id of the one record of any kind (learning, segment or event) that begins so.

        Raises:
            UsageError: None does, or several do.
        """
        from holdfast.repo import ids

        known = {
            entry.path.rsplit("/", 1)[-1].rsplit("-", 1)[-1].split(".")[0] for entry in self.branch.added()
        }
        return ids.resolve(prefix, known)

    def events_of(self, subject: str) -> list[RecordEvent]:
        """Return the events of a record, oldest first."""
        known = self.index.state().get(_EVENTS + subject)
        events = msgspec.json.decode(known, type=list[RecordEvent]) if known else []
        return sorted(events, key=lambda event: (event.day, event.id))

    def read_record(self, path: str) -> bytes | None:
        """Return the bytes of a record from the first ref that holds it, or None."""
        for tip in self.branch.tips().values():
            data = self.repository.git("cat-file", "blob", f"{tip}:{path}", check=False)
            if data:
                return data
        return None

    def injectable(self) -> set[str]:
        """Return the identities whose records may be put before an agent here: one's own, and accepted ones."""
        return set(TrustStore().accepted_identities(self.repository))

    def learnings(self) -> list[Document]:
        """Return the learnings on record, newest first."""
        return self.index.all(sources=["record"])

    def resolve(self, prefix: str) -> Document:
        """Return the one learning or candidate whose id begins so.

        Raises:
            UsageError: None does, or several do.
        """
        from holdfast.repo import ids

        known = [*self.index.ids("record"), *self.index.ids("candidate")]
        found = self.index.get(ids.resolve(prefix, known))
        assert found is not None
        return found


class _Change:
    """One change of the index, gathered before it is applied."""

    def __init__(self, revision: str) -> None:
        self.revision = revision
        self.view: str | None = None
        self.state: dict[str, str | None] = {}
        self.learnings: dict[str, Document] = {}
        self.documents: list[Document] = []
        self.occurrences: list[Occurrence] = []
        self.remove: list[str] = []
        self.kept: set[str] = set()

    def apply(self, index: Index) -> bool:
        if self.view is None and set(self.state) <= {"version"} and not (self.learnings or self.remove):
            return True
        return index.apply(
            self.view,
            add=[*self.learnings.values(), *self.documents],
            remove=self.remove,
            state=self.state,
            occurrences=self.occurrences,
            since=self.revision,
        )


def status(state: State | None) -> str:
    """Return a learning's state as one word: withheld, retired, superseded, accepted, or empty."""
    if state is None:
        return ""
    if state.retired:
        return "retired"
    if state.withheld:
        return "withheld"
    if state.superseded_by:
        return "superseded"
    return "accepted" if state.accepted else ""


def _document(learning: Learning, entry: Added | None) -> Document:
    _, _, details = learning.text.partition("\n\n")
    return Document(
        id=learning.id,
        source="record" if entry else "candidate",
        kind=learning.kind,
        title="",
        text=learning.lead,
        detail=details,
        path=entry.path if entry else None,
        day=learning.created,
        author=entry.author_email if entry else None,
        commands=learning.applies.commands,
        paths=learning.applies.paths,
        families=learning.applies.families,
        specifics=learning.applies.specifics,
        tags=learning.applies.tags,
        evidence=len(learning.evidence),
        digest=learning.same_as or learning.id,
    )


def _add_segment(change: _Change, state: dict[str, str], segment: Segment) -> None:
    source = segment.transcript
    key = _source_key(source.digest, source.start, source.end)
    first = change.state.get(key) or state.get(key)
    if first and first <= segment.id:
        return  # two clones read the same bytes: they count once
    change.state[key] = segment.id
    order = int(segment.day.replace("-", ""))
    change.occurrences.append(
        Occurrence(segment=segment.id, session=segment.session, day=segment.day, order=order)
    )
    change.occurrences += _occurrences(segment, order)


def _occurrences(segment: Segment, order: int) -> Iterator[Occurrence]:
    for row in segment.signatures:
        learned: list[tuple[str | None, int]] = sorted(row.fixed_by.items(), key=lambda item: -item[1])
        first = learned[0][0] if learned else None
        yield Occurrence(
            segment=segment.id,
            session=segment.session,
            day=segment.day,
            order=order,
            family=row.family,
            specific=row.specific,
            command=row.command,
            count=row.occurrences,
            resolved=row.resolved,
            steps=float(sum(row.steps)),
            tokens=float(row.tokens),
            learning=first,
        )
        for learning, times in learned[1:]:
            yield Occurrence(
                segment=segment.id, session=segment.session, day=segment.day, order=order, family=row.family,
                specific=row.specific, command=row.command, count=0, resolved=times, learning=learning,
            )  # fmt: skip


def _source_key(digest: str, start: int, end: int) -> str:
    return f"{_SOURCE}{digest}:{start}-{end}"


def open_view(path: Path | str = ".") -> View:
    """Return the view of the repository that ``path`` lies in."""
    return View(Repository.find(path))


def known_texts(documents: Iterable[Document]) -> list[str]:
    """Return the texts against which the gate judges whether a candidate is new."""
    return [document.text for document in documents]
