"""Records as the index holds them: learnings as documents, segments as statistics, events as state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from holdfast.index.documents import Document, Occurrence, Stretch
from holdfast.learn.documents import split_lead
from holdfast.learn.neutral import neutral_record, neutral_text
from holdfast.repo.branch import Added
from holdfast.repo.fold import State
from holdfast.repo.own_records import HERE
from holdfast.repo.records import ItemEvidence, Learning, RecordEvent, Segment

SOURCE = "source:"
"""How the state names the bytes of a transcript that a segment was computed from."""

TOLD = "told:"
"""How the state names what a session was told, by segment."""

Told = tuple[str, RecordEvent]
"""An event with its author."""


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

    Records come from other people's machines too, so they are made neutral here whatever wrote them. A
    candidate that nothing but an agent's word stands behind is told to nobody unasked before its review.
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
        trusted=entry is not None or bool(learning.evidence),
        commands=learning.applies.commands,
        paths=learning.applies.paths,
        families=learning.applies.families,
        specifics=learning.applies.specifics,
        tags=learning.applies.tags,
        evidence=len(learning.evidence),
        digest=learning.same_as or learning.id,
    )


def occurrences_of(segment: Segment, *, believed: bool = True) -> Iterator[Occurrence]:
    """Yield a row for the session, then the occurrences of each signature.

    A stranger's segment counts, and the words of its fixes are not told here: it has none, not even empty.
    """
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
            fixes=_fixes_json(row.fixes) if believed else None,
        )
        yield msgspec.structs.replace(
            signed,
            count=row.occurrences,
            resolved=max(0, row.resolved - by_others),
            steps=float(sum(row.steps)),
            tokens=float(row.tokens),
        )
        for learning, times in learned[1:]:
            yield msgspec.structs.replace(signed, resolved=times, learning=learning)


def _fixes_json(fixes: dict[str, int]) -> str:
    return msgspec.json.encode({neutral_text(fix): times for fix, times in fixes.items()}).decode()


def stretch_of(segment: Segment) -> Stretch:
    """Return what a segment spent."""
    calls, tokens = segment.first_edit or (None, None)
    return Stretch(
        segment=segment.id,
        session=segment.session,
        day=segment.day,
        order=int(segment.day.replace("-", "")),
        agent=neutral_text(segment.agent),
        model=neutral_text(segment.model) if segment.model else None,
        calls=segment.calls,
        failures=segment.failures,
        prompts=segment.prompts,
        minutes=segment.minutes,
        context_p50=segment.context.get("p50", 0),
        context_p90=segment.context.get("p90", 0),
        context_max=segment.context.get("max", 0),
        compactions=segment.compactions,
        first_calls=calls,
        first_tokens=tokens,
        tokens_input=segment.tokens.get("input", 0),
        tokens_output=segment.tokens.get("output", 0),
        tokens_cache_read=segment.tokens.get("cache_read", 0),
        tokens_cache_write=segment.tokens.get("cache_write", 0),
        commands={neutral_text(family): counts for family, counts in sorted(segment.commands.items())},
        token_sums=segment.token_sums,
    )


def encode_items(segment: Segment) -> str:
    """Return the state's value for what a segment's session was told."""
    items = [msgspec.structs.replace(row, family=neutral_text(row.family)) for row in segment.items]
    return msgspec.json.encode((segment.session, items)).decode()


def decode_items(known: str) -> tuple[str, list[ItemEvidence]]:
    """Return the session, and what it was told, from the state's value."""
    return msgspec.json.decode(known, type=tuple[str, list[ItemEvidence]])


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
    return [event for _, event in decode_told(known)]


def decode_told(known: str | None) -> list[Told]:
    """Return the events of one record, each with its author, from the state's value."""
    return msgspec.json.decode(known, type=list[Told]) if known else []


def encode_events(events: Iterable[Told]) -> str:
    """Return the state's value for the events of one record: equal sets as equal text."""
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
