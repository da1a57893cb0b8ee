"""What the index holds: documents, occurrences of failure signatures, and the hits of a search."""

from __future__ import annotations

import msgspec

from holdfast.index.tokens import scrub


class Document(msgspec.Struct, frozen=True):
    """Hold one thing that can be found. The caller has redacted it already.

    Attributes:
        id: Unique in the index; a later document of the same id replaces it.
        source: Where it comes from, for instance ``records`` or ``learnings.md``.
        kind: What it is, for instance ``failure`` or ``decision``.
        text: What an agent is shown, mostly 80 words at most.
        detail: Searched too, at a lower weight.
        path: The file that the document is, or is part of.
        day: UTC, ``YYYY-MM-DD``.
        trusted: False for what may be found and is not to be shown unasked.
        commands, paths, families, specifics, tags: What it applies to: commands, files, signatures
            of failures (template and exact), free labels.
        state, evidence, digest: The caller's own; stored and given back, not searched.
        at: When, in seconds since the epoch, where more than the day is known.
        branch: The branch it was made on.
        session: The key of the session it comes from.
        by: Who it names as its author, who may be anybody; shown, and believed in nothing.
    """

    id: str
    source: str
    kind: str
    title: str
    text: str
    detail: str = ""
    path: str | None = None
    day: str | None = None
    author: str | None = None
    trusted: bool = True
    commands: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    specifics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    state: str = ""
    evidence: int = 0
    digest: str = ""
    at: float | None = None
    branch: str = ""
    session: str = ""
    by: str = ""


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """Hold how often one signature of failure occurred in one segment of a session.

    A row with neither family nor specific says only that the session took place.

    Attributes:
        segment: The id of the segment; applying a segment again replaces all its rows.
        session: The session that the segment is part of.
        day: UTC, ``YYYY-MM-DD``.
        order: Where the session stands in time, for callers that count from the newest.
        family, specific: The signature: its template, and its exact form.
        command: The command that failed.
        count: How often it occurred.
        resolved: How many of these ended in a success.
        steps, tokens: What it took to the success.
        learning: The id of the learning about it.
        fixes: What ended it, with how often, as JSON of the caller's; None when its words are not told here.
    """

    segment: str
    session: str
    day: str | None = None
    order: int = 0
    family: str | None = None
    specific: str | None = None
    command: str | None = None
    count: int = 0
    resolved: int = 0
    steps: float | None = None
    tokens: float | None = None
    learning: str | None = None
    fixes: str | None = None


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what one segment of a session spent, and how its commands ended.

    Attributes:
        segment, session, day, order: As of an `Occurrence`.
        context_p50, context_p90, context_max: Tokens of context over its calls; 0 when unknown.
        first_calls, first_tokens: Calls and fresh tokens before it first changed a file; None when it changed
            none.
        tokens_input, tokens_output, tokens_cache_read, tokens_cache_write: Totals.
        commands: How often each command family succeeded and failed.
        token_sums: For each model what its tokens are estimated from.
    """

    segment: str
    session: str
    day: str | None = None
    order: int = 0
    agent: str = ""
    model: str | None = None
    calls: int = 0
    failures: int = 0
    prompts: int = 0
    minutes: int = 0
    context_p50: int = 0
    context_p90: int = 0
    context_max: int = 0
    compactions: int = 0
    first_calls: int | None = None
    first_tokens: int | None = None
    tokens_input: int = 0
    tokens_output: int = 0
    tokens_cache_read: int = 0
    tokens_cache_write: int = 0
    commands: dict[str, tuple[int, int]] = {}
    token_sums: dict[str, tuple[float, ...]] = {}


class Hit(msgspec.Struct, frozen=True):
    """Hold a document that a search found, and how much of the query it covers.

    Attributes:
        score: Above 0; higher is better. Compares hits of one query only.
        matched: The words of the query that the document holds, in the query's order.
        of: How many words of the query carry content.
        idf_share: The share, 0 to 1, of the query's inverse document frequency that it matches.
            A word that no document holds counts as the rarest: low means that nothing is close.
    """

    document: Document
    score: float
    matched: tuple[str, ...]
    of: int
    idf_share: float


def encode(document: Document) -> tuple[Document, bytes]:
    """Return the document as it will be given back, and its bytes.

    Lone surrogates, which no file and no database can hold, become U+FFFD.

    Raises:
        msgspec.ValidationError: A field is of a type that it must not have.
    """
    data = _encode(document)
    return decode(data), data


def decode(data: object) -> Document:
    """Return the document of its bytes; raise ``msgspec.DecodeError`` when they are damaged."""
    if not isinstance(data, bytes):
        raise msgspec.DecodeError("no bytes of a document")
    return msgspec.json.decode(data, type=Document)


def storable(row: Occurrence) -> Occurrence:
    """Return the row as a database can hold it: no lone surrogate, no number out of its range.

    Raises:
        msgspec.ValidationError: A field is of a type that it must not have.
    """
    row = msgspec.json.decode(_encode(row), type=Occurrence)
    return msgspec.structs.replace(
        row, order=_clamp(row.order), count=_clamp(row.count), resolved=_clamp(row.resolved)
    )


def storable_stretch(stretch: Stretch) -> Stretch:
    """Return the stretch as a database can hold it, as `storable` does.

    Raises:
        msgspec.ValidationError: A field is of a type that it must not have.
    """
    stretch = msgspec.json.decode(_encode(stretch), type=Stretch)
    commands = {family: (_clamp(ok), _clamp(failed)) for family, (ok, failed) in stretch.commands.items()}
    return msgspec.structs.replace(stretch, order=_clamp(stretch.order), commands=commands)


def _encode(value: Document | Occurrence | Stretch) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_scrubbed(msgspec.structs.asdict(value)))


def _scrubbed(fields: dict[str, object]) -> dict[str, object]:
    changed = dict(fields)
    for name, value in fields.items():
        if isinstance(value, str):
            changed[name] = scrub(value)
        elif isinstance(value, tuple | list):
            changed[name] = tuple(scrub(item) for item in value)
        elif isinstance(value, dict):
            changed[name] = {scrub(key): item for key, item in value.items()}
    return changed


def _clamp(number: int) -> int:
    return max(-(1 << 63), min((1 << 63) - 1, number))
