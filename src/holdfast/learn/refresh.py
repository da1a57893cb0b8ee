"""One attempt to bring the index up to date with records, documents and what waits for a person.

What the index was filled from is kept beside it as state: the tips of the records, the events of each
record, the bytes of transcripts that segments were computed from, and a digest of each file of the tree.
Whatever the order in which things arrive, the result is that of filling an empty index.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator

import msgspec

from holdfast.errors import RecordsError
from holdfast.index.documents import Document, Occurrence
from holdfast.index.store import Index
from holdfast.learn import waiting
from holdfast.learn.documents import LiveSource, live_sources, read_source, split_lead
from holdfast.learn.neutral import neutral_record, neutral_text
from holdfast.repo import records
from holdfast.repo.branch import Added, RecordsBranch
from holdfast.repo.fold import State, fold
from holdfast.repo.location import Repository
from holdfast.repo.own_records import HERE
from holdfast.repo.records import Learning, RecordEvent, Segment

VERSION = f"4.{records.SCHEMA}"
"""Raised when what the index is filled with changes: an index of another version is filled anew, as it is
when this program reads a newer schema than the one that filled it."""

TIP, EVENTS, SOURCE, FILE, UNREADABLE = "tip:", "events:", "source:", "file:", "unreadable:"
STAMPS = "stamps:"
NEWER, BELIEVED = "newer", "believed"
"""How the names of the state's values begin; the stamps tell which files of the tree need no reading."""

_SETTLED = 2_000_000_000
"""Nanoseconds after which a change of a file is sure to show in its times, however coarse they are."""


_Told = tuple[str, RecordEvent]
"""An event with its author."""


class Refresh:
    """Gather what changed since the index was last filled, then apply it in one transaction.

    What a stranger recorded changes nothing about what this clone or an accepted person recorded.
    """

    def __init__(
        self, repository: Repository, branch: RecordsBranch, index: Index, worktree: str, believed: set[str]
    ) -> None:
        self._repository, self._branch, self._index, self._worktree = repository, branch, index, worktree
        self._believed = believed
        self._revision = index.revision()
        self._held = index.state()
        self._state: dict[str, str | None] = {}
        self._learnings: dict[str, Document] = {}
        self._documents: list[Document] = []
        self._occurrences: dict[str, list[Occurrence]] = {}
        self._dropped: list[str] = []
        self._remove: list[str] = []

    def run(self) -> bool:
        """Do it; False when another process changed the index meanwhile, so that it must be done again."""
        tips = self._branch.tips()
        held = self._tips_held()
        believed = hashlib.sha256("\n".join(sorted(self._believed)).encode()).hexdigest()[:16]
        settled = self._held.get("version") == VERSION and self._held.get(BELIEVED) == believed
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

    def _tips_held(self) -> dict[str, str]:
        return {key[len(TIP) :]: value for key, value in self._held.items() if key.startswith(TIP)}

    def _extends(self, held: dict[str, str]) -> bool:
        """Tell whether every commit that the index holds is still part of the records."""
        return not held or self._branch.contains(list(held.values()))

    def _start_anew(self) -> None:
        """Begin with a new file: what was purged may not stay even in the free pages of the old one."""
        if self._held:
            self._index.reset()
            self._revision, self._held = self._index.revision(), self._index.state()
        self._state["version"] = VERSION

    def _apply(self) -> bool:
        if not (self._state or self._learnings or self._remove):
            return True
        return self._index.apply(
            add=[*self._learnings.values(), *self._documents],
            remove=self._remove,
            state=self._state,
            occurrences=[row for rows in self._occurrences.values() for row in rows],
            remove_segments=self._dropped,
            since=self._revision,
        )

    # -- records

    def _add_records(self, since: list[str]) -> None:
        added: dict[str, list[Added]] = {}
        for entry in self._branch.added(since):
            added.setdefault(entry.blob, []).append(entry)
        events: dict[str, list[_Told]] = {}
        for blob, data in self._branch.read(added):
            for entry in added[blob]:
                self._add_record(entry, data, events)
        for subject, new in events.items():
            known = self._events_held(subject)
            self._state[EVENTS + subject] = _encode_events([*known, *new])
        for subject in {*events, *self._learnings}:
            document = self._record(subject)
            if document is not None:
                told = [*self._events_held(subject), *events.get(subject, ())]
                folded = fold(self._counting(told, document)).get(subject)
                self._learnings[subject] = msgspec.structs.replace(document, state=status(folded))

    def _counting(self, told: Iterable[_Told], document: Document) -> list[RecordEvent]:
        """Return the events that count for a learning: a stranger's count for strangers' learnings alone."""
        ours = document.author in self._believed
        return [event for author, event in told if author in self._believed or not ours]

    def _add_record(self, entry: Added, data: bytes, events: dict[str, list[_Told]]) -> None:
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
            self._add_segment(record if author in self._believed else _without_fixes(record))
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

    def _events_held(self, subject: str) -> list[_Told]:
        return _decode_told(self._held.get(EVENTS + subject))

    def _add_segment(self, segment: Segment) -> None:
        """Take a segment in; of two that were computed from the same bytes one counts."""
        source = segment.transcript
        key = source_key(segment.session, source.digest, source.start, source.end)
        first = self._state.get(key) or self._held.get(key)
        if first is not None and first <= segment.id:
            return
        if first is not None:
            self._occurrences.pop(first, None)
            self._dropped.append(first)
        self._state[key] = segment.id
        self._occurrences[segment.id] = list(_occurrences(segment))

    # -- documents and candidates

    def _add_documents(self) -> None:
        if self._repository.root is None:
            return
        kept, stamps = set(), dict[str, str]()
        known = self._stamps_held()
        for source in live_sources(self._repository.root, self._worktree):
            key = FILE + source.source + ":" + source.path
            kept.add(key)
            if key in self._held and known.get(source.path) == source.stamp:
                stamps[source.path] = source.stamp
            elif not self._add_source(key, source):
                kept.discard(key)
            elif time.time_ns() - source.changed > _SETTLED:
                stamps[source.path] = source.stamp
        if stamps != known:
            self._state[STAMPS + self._worktree] = msgspec.json.encode(stamps).decode() if stamps else None
        for key in self._held:
            if key.startswith(FILE) and f":{self._worktree}:" in key and key not in kept:
                kind, _, path = key[len(FILE) :].partition(f":{self._worktree}:")
                self._state[key] = None
                self._remove += self._under(f"{kind}:{self._worktree}", f"{path}@{self._worktree}#")

    def _add_source(self, key: str, source: LiveSource) -> bool:
        """Read a source and take it in when it changed; False when nothing of it can be read."""
        assert self._repository.root is not None
        file = read_source(self._repository.root, source)
        if file is None:
            return False
        if self._held.get(key) != file.digest:
            self._state[key] = file.digest
            self._remove += self._under(file.source, file.prefix)
            self._documents += file.documents
        return True

    def _stamps_held(self) -> dict[str, str]:
        held = self._held.get(STAMPS + self._worktree)
        return msgspec.json.decode(held, type=dict[str, str]) if held else {}

    def _under(self, source: str, prefix: str) -> list[str]:
        return [name for name in self._index.ids(source) if name.startswith(prefix)]

    def _add_waiting(self) -> None:
        listing = waiting.digest(self._repository)
        if self._held.get("waiting") == listing:
            return
        self._state["waiting"] = listing
        self._remove += self._index.ids("candidate")
        for item in waiting.read(self._repository):
            # an accepted one whose file was not removed yet is on record already
            if item.status == "waiting" and self._record(item.learning.id) is None:
                self._documents.append(record_document(item.learning, None))


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


def author_of(entry: Added) -> str:
    """Return whose a record is: `HERE` when this clone wrote it, else the address on its commit."""
    return HERE if entry.here else entry.author_email


def record_document(learning: Learning, entry: Added | None) -> Document:
    """Return a learning as the index holds it; without an entry it is a candidate.

    Records come from other people's machines too, so they are made neutral here whatever wrote them.
    """
    learning = neutral_record(learning)
    lead, more = split_lead(learning.lead)
    details = learning.text.partition("\n\n")[2]
    return Document(
        id=learning.id,
        source="record" if entry else "candidate",
        kind=learning.kind,
        title="",
        text=lead,
        detail="\n\n".join(part for part in (more, details) if part),
        path=entry.path if entry else None,
        day=learning.created,
        author=author_of(entry) if entry else None,
        commands=learning.applies.commands,
        paths=learning.applies.paths,
        families=learning.applies.families,
        specifics=learning.applies.specifics,
        tags=learning.applies.tags,
        evidence=len(learning.evidence),
        digest=learning.same_as or learning.id,
    )


def _occurrences(segment: Segment) -> Iterator[Occurrence]:
    order = int(segment.day.replace("-", ""))
    bare = Occurrence(segment=segment.id, session=segment.session, day=segment.day, order=order)
    yield bare
    for row in segment.signatures:
        learned: list[tuple[str | None, int]] = sorted(row.fixed_by.items(), key=lambda item: -item[1])
        first = learned[0][0] if learned else None
        by_others = sum(times for _, times in learned[1:])
        signed = msgspec.structs.replace(
            bare,
            family=neutral_text(row.family),
            specific=row.specific,
            command=neutral_text(row.command),
            learning=first,
            fixes=_fixes_json(row.fixes),
        )
        yield msgspec.structs.replace(
            signed,
            count=row.occurrences,
            resolved=max(0, row.resolved - by_others),
            steps=float(sum(row.steps)),
            tokens=float(row.tokens),
        )
        for learning, times in learned[1:]:
            yield msgspec.structs.replace(signed, resolved=times, learning=learning, fixes=None)


def _without_fixes(segment: Segment) -> Segment:
    """Return a stranger's segment as what counts: the words of its fixes are not told here."""
    bare = tuple(msgspec.structs.replace(row, fixes={}) for row in segment.signatures)
    return msgspec.structs.replace(segment, signatures=bare)


def _fixes_json(fixes: dict[str, int]) -> str | None:
    return msgspec.json.encode({neutral_text(fix): n for fix, n in fixes.items()}).decode() if fixes else None


def source_key(session: str, digest: str, start: int, end: int) -> str:
    """Return the name under which the state keeps the bytes that a segment was computed from."""
    return f"{SOURCE}{session}:{digest}:{start}-{end}"


def read_source_key(key: str) -> tuple[str, str, int, int]:
    """Return session, digest, start and end from what `source_key` returned."""
    session, digest, span = key[len(SOURCE) :].rsplit(":", 2)
    start, _, end = span.partition("-")
    return session, digest, int(start), int(end)


def decode_events(known: str | None) -> list[RecordEvent]:
    """Return the events of one record from the state's value."""
    return [event for _, event in _decode_told(known)]


def _decode_told(known: str | None) -> list[_Told]:
    return msgspec.json.decode(known, type=list[_Told]) if known else []


def _encode_events(events: Iterable[_Told]) -> str:
    distinct = {msgspec.json.encode(told): told for told in events}
    ordered = sorted(distinct, key=lambda data: (distinct[data][1].id, data))
    return "[" + b",".join(ordered).decode() + "]"


def schema_of(path: str, data: bytes) -> int:
    """Return the schema number of a record that this version cannot read; 0 when it states none."""
    from holdfast.repo import front_matter

    try:
        if path.startswith("learnings/"):
            number = front_matter.decode(data)[0].get("schema")
        else:
            number = msgspec.json.decode(data, type=dict[str, object]).get("schema")
    except (ValueError, msgspec.MsgspecError, RecursionError, AttributeError):
        return 0
    return number if isinstance(number, int) else 0
