"""One attempt to bring the index up to date with records, documents, and all else that knowledge comes from.

What the index was filled from is kept beside it as state: the tips of the records, the events of each
record, the bytes of transcripts that segments were computed from, a digest of each file of each worktree, and
what each source keeps. Whatever the order in which things arrive, and whichever worktree asks, the result is
that of filling an empty index. Only values that are needed are read, so that an update costs what changed.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from holdfast.errors import RecordsError
from holdfast.index.documents import Document, Occurrence, Stretch
from holdfast.index.store import Index
from holdfast.learn import waiting
from holdfast.learn.documents import LiveSource, live_sources, read_source
from holdfast.learn.kept_names import HEAD
from holdfast.learn.kept_names import worktree_key as worktree_key
from holdfast.learn.neutral import neutral_text
from holdfast.learn.recorded import SOURCE as SOURCE
from holdfast.learn.recorded import TOLD as TOLD
from holdfast.learn.recorded import (
    Told,
    decode_told,
    encode_events,
    encode_items,
    occurrences_of,
    record_document,
    schema_of,
    source_key,
    stretch_of,
)
from holdfast.learn.recorded import author_of as author_of
from holdfast.learn.recorded import decode_events as decode_events
from holdfast.learn.recorded import decode_items as decode_items
from holdfast.learn.recorded import read_source_key as read_source_key
from holdfast.learn.recorded import status as status
from holdfast.learn.sources.edited import SEGMENT, documents_of_segment
from holdfast.repo import records
from holdfast.repo.branch import Added, RecordsBranch
from holdfast.repo.fold import fold
from holdfast.repo.history import Worktree
from holdfast.repo.location import Repository
from holdfast.repo.records import Learning, RecordEvent, Segment

VERSION = f"7.{records.SCHEMA}"
"""Raised when what the index is filled with changes: an index of another version is filled anew, as it is
when this program reads a newer schema than the one that filled it."""

TIP, EVENTS, FILE, UNREADABLE = "tip:", "events:", "file:", "unreadable:"
STAMPS = "stamps:"
NEWER, BELIEVED = "newer", "believed"
"""How the names of the state's values begin; the stamps tell which files of the tree need no reading."""

_SETTLED = 2_000_000_000
"""Nanoseconds after which a change of a file is sure to show in its times, however coarse they are."""


class Refresh:
    """Gather what changed since the index was last filled, then apply it in one transaction.

    What a stranger recorded changes nothing about what this clone or an accepted person recorded.
    """

    def __init__(
        self,
        repository: Repository,
        branch: RecordsBranch,
        index: Index,
        worktrees: Iterable[Worktree],
        believed: set[str],
    ) -> None:
        self._repository, self._branch, self._index = repository, branch, index
        self._worktrees = {worktree_key(tree.root): tree for tree in worktrees}
        self._believed = believed
        self._revision = index.revision()
        self._state: dict[str, str | None] = {}
        self._learnings: dict[str, Document] = {}
        self._documents: list[Document] = []
        self._occurrences: dict[str, list[Occurrence]] = {}
        self._stretches: dict[str, Stretch] = {}
        self._edited: dict[str, list[Document]] = {}
        self._dropped: list[str] = []
        self._remove: list[str] = []

    def run(self) -> bool:
        """Do it; False when another process changed the index meanwhile, so that it must be done again."""
        tips = self._branch.tips()
        held = self._index.values(TIP)
        believed = hashlib.sha256("\n".join(sorted(self._believed)).encode()).hexdigest()[:16]
        settled = self._index.value("version") == VERSION and self._index.value(BELIEVED) == believed
        if not settled or (held != tips and not self._extends(held)):
            self._start_anew()
            self._state[BELIEVED] = believed
            held = {}
        if tips != held:
            self._add_records(list(held.values()))
            self._state.update({TIP + ref: tips.get(ref) for ref in {*tips, *held}})
        self._add_documents()
        self._add_waiting()
        return self._apply()

    def _extends(self, held: dict[str, str]) -> bool:
        """Tell whether every commit that the index holds is still part of the records."""
        return not held or self._branch.contains(list(held.values()))

    def _start_anew(self) -> None:
        """Begin with a new file: what was purged may not stay even in the free pages of the old one."""
        if not self._index.rebuilt:
            self._index.reset()
            self._revision = self._index.revision()
        self._state["version"] = VERSION

    def _apply(self) -> bool:
        if not (self._state or self._learnings or self._remove):
            return True
        edited = {found.id: found for documents in self._edited.values() for found in documents}.values()
        return self._index.apply(
            add=[*self._learnings.values(), *self._documents, *edited],
            remove=self._remove,
            state=self._state,
            occurrences=[row for rows in self._occurrences.values() for row in rows],
            stretches=self._stretches.values(),
            remove_segments=self._dropped,
            since=self._revision,
        )

    # -- records

    def _add_records(self, since: list[str]) -> None:
        added: dict[str, list[Added]] = {}
        for entry in self._branch.added(since):
            added.setdefault(entry.blob, []).append(entry)
        events: dict[str, list[Told]] = {}
        for blob, data in self._branch.read(added):
            for entry in added[blob]:
                self._add_record(entry, data, events)
        for subject, new in events.items():
            known = self._events_held(subject)
            self._state[EVENTS + subject] = encode_events([*known, *new])
        for subject in {*events, *self._learnings}:
            document = self._record(subject)
            if document is not None:
                told = [*self._events_held(subject), *events.get(subject, ())]
                folded = fold(self._counting(told, document)).get(subject)
                self._learnings[subject] = msgspec.structs.replace(document, state=status(folded))

    def _counting(self, told: Iterable[Told], document: Document) -> list[RecordEvent]:
        """Return the events that count for a learning: a stranger's count for strangers' learnings alone."""
        ours = document.author in self._believed
        return [event for author, event in told if author in self._believed or not ours]

    def _add_record(self, entry: Added, data: bytes, events: dict[str, list[Told]]) -> None:
        author = author_of(entry)
        try:
            record = records.decode(entry.path, data)
        except RecordsError as error:
            self._state[UNREADABLE + entry.path] = neutral_text(error.message)[:300]
            self._note_schema(schema_of(entry.path, data), author)
            return
        self._note_schema(record.schema, author)
        if isinstance(record, Learning):
            document, known = record_document(record, entry), self._record(record.id)
            # two files that claim one id: the same one wins whichever came first, never a stranger's
            if known is None or self._rank(document) <= self._rank(known):
                self._learnings[record.id] = document
        elif isinstance(record, Segment):
            self._add_segment(record, author)
        else:
            events.setdefault(record.subject, []).append((author, record))

    def _rank(self, document: Document) -> tuple[bool, str]:
        return document.author not in self._believed, document.path or ""

    def _note_schema(self, number: int, author: str) -> None:
        if number > records.SCHEMA and author in self._believed:
            self._state[NEWER] = str(number)

    def _record(self, id: str) -> Document | None:  # noqa: A002 - the field's own name
        """Return the learning on record of an id, as this change leaves it."""
        document = self._learnings.get(id)
        if document is None:
            document = self._index.get(id)
        return document if document is not None and document.source == "record" else None

    def _events_held(self, subject: str) -> list[Told]:
        return decode_told(self._index.value(EVENTS + subject))

    def _add_segment(self, segment: Segment, author: str) -> None:
        """Take a segment in; of two that were computed from the same bytes one counts."""
        source = segment.transcript
        key = source_key(segment.session, source.digest, source.start, source.end)
        first = self._state.get(key) or self._index.value(key)
        if first is not None and first <= segment.id:
            return
        if first is not None:
            self._state[TOLD + first] = None
            for taken in (self._occurrences, self._stretches, self._edited):
                taken.pop(first, None)
            self._dropped.append(first)
            self._remove.append(f"{SEGMENT}:{first}")
        self._state[key] = segment.id
        if segment.items and author in self._believed:
            self._state[TOLD + segment.id] = encode_items(segment)
        self._occurrences[segment.id] = list(occurrences_of(segment, believed=author in self._believed))
        self._stretches[segment.id] = stretch_of(segment)
        self._edited[segment.id] = documents_of_segment(segment, author)

    # -- documents and candidates

    def _add_documents(self) -> None:
        """Take in the documents of every worktree, so that the index is the same whichever of them asks."""
        heads = {HEAD + key: tree.head for key, tree in self._worktrees.items() if tree.head}
        held_heads = self._index.values(HEAD)
        if heads != {HEAD + key: value for key, value in held_heads.items()}:
            self._state |= dict.fromkeys(HEAD + key for key in held_heads)
            self._state |= heads
        held = {FILE + key: value for key, value in self._index.values(FILE).items()}
        kept = set[str]()
        for worktree, tree in self._worktrees.items():
            if tree.bare:
                continue
            kept |= self._add_tree(tree.root, worktree, held)
        for key in held.keys() - kept:
            kind, worktree, path = key[len(FILE) :].split(":", 2)
            self._state[key] = None
            self._remove += self._under(f"{kind}:{worktree}", f"{path}@{worktree}#")
        for worktree in self._index.values(STAMPS).keys() - self._worktrees.keys():
            self._state[STAMPS + worktree] = None

    def _add_tree(self, root: Path, worktree: str, held: dict[str, str]) -> set[str]:
        """Take in the documents of one worktree; return the keys of the files that it holds."""
        kept, stamps = set[str](), dict[str, str]()
        known = self._stamps_held(worktree)
        for source in live_sources(root, worktree):
            key = FILE + source.source + ":" + source.path
            kept.add(key)
            if key in held and known.get(source.path) == source.stamp:
                stamps[source.path] = source.stamp
            elif not self._add_source(key, root, source, held):
                kept.discard(key)
            elif time.time_ns() - source.changed > _SETTLED:
                stamps[source.path] = source.stamp
        if stamps != known:
            self._state[STAMPS + worktree] = msgspec.json.encode(stamps).decode() if stamps else None
        return kept

    def _add_source(self, key: str, root: Path, source: LiveSource, held: dict[str, str]) -> bool:
        """Read a source and take it in when it changed; False when nothing of it can be read."""
        file = read_source(root, source)
        if file is None:
            return False
        if held.get(key) != file.digest:
            self._state[key] = file.digest
            self._remove += self._under(file.source, file.prefix)
            self._documents += file.documents
        return True

    def _stamps_held(self, worktree: str) -> dict[str, str]:
        held = self._index.value(STAMPS + worktree)
        return msgspec.json.decode(held, type=dict[str, str]) if held else {}

    def _under(self, source: str, prefix: str) -> list[str]:
        return self._index.ids(source, prefix)

    def _add_waiting(self) -> None:
        listing = waiting.digest(self._repository)
        if self._index.value("waiting") == listing:
            return
        self._state["waiting"] = listing
        self._remove += self._index.ids("candidate")
        for item in waiting.read(self._repository):
            # an accepted one whose file was not removed yet is on record already
            if item.status == "waiting" and self._record(item.learning.id) is None:
                self._documents.append(record_document(item.learning, None))
