"""The records that Holdfast keeps in git, and their two file formats.

A record holds what was true at its birth and is never changed; what happens to it later is a
`RecordEvent`. Learnings are Markdown with front matter, segments and events are JSON.
Every record carries a schema number: an older one is upgraded in memory, a newer one can be read
as far as it is understood.
"""

from __future__ import annotations

import datetime
import re
from typing import Any, Literal, get_args

import msgspec

from holdfast.errors import RecordsError
from holdfast.hook.patterns import regex
from holdfast.repo import front_matter

SCHEMA = 1

Kind = Literal["failure", "gotcha", "decision", "pattern", "convention", "model"]
KINDS: tuple[str, ...] = get_args(Kind)


class Author(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who made a record: a person, or an agent in a session.

    Attributes:
        kind: ``person`` or ``agent``.
        agent: The agent's name (``claude-code``, ``codex``, …).
        session: The session's key: a digest, because an agent's own id may hold the time of day.
    """

    kind: Literal["person", "agent"] = "agent"
    agent: str | None = None
    session: str | None = None


class Applies(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a learning applies.

    Attributes:
        commands: Command families, such as ``go test``.
        paths: Files or folders, relative to the repository.
        families, specifics: Error signatures (see `holdfast.hook.signature`).
        tags: Words a person chose.
    """

    commands: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    specifics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """A text in a file of the tree that the learning is true of."""

    path: str
    text: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What proves a learning.

    Attributes:
        segment: The id of the segment it was seen in.
        line: The line of the transcript where the failure stands (the fix for ``fixed_line``).
        failed, fixed: The command or call that failed, and the one that then succeeded.
        failed_exit, fixed_exit: Their exit codes, when known.
        edited: Files edited between the two.
        commit: The commit made next in the session, when there was one.
    """

    segment: str | None = None
    line: int | None = None
    fixed_line: int | None = None
    failed: str | None = None
    failed_exit: int | None = None
    fixed: str | None = None
    fixed_exit: int | None = None
    edited: tuple[str, ...] = ()
    commit: str | None = None


class Learning(msgspec.Struct, frozen=True, kw_only=True):
    """One thing worth knowing. Its first paragraph is what an agent is shown."""

    id: str
    kind: Kind
    created: str
    text: str
    by: Author = Author()
    applies: Applies = Applies()
    true_of: tuple[Anchor, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    supersedes: tuple[str, ...] = ()
    same_as: str | None = None
    schema: int = SCHEMA

    @property
    def lead(self) -> str:
        """Return the first paragraph: what an agent is shown."""
        return " ".join(self.text.split("\n\n", 1)[0].split())

    @property
    def path(self) -> str:
        """Return where the learning stands on the records branch."""
        return f"learnings/{self.kind}/{slug(self.lead)}-{self.id}.md"


class SignatureStatistics(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How often one failure occurred in a segment, and what it took to get past it.

    Attributes:
        occurrences: How often it failed.
        resolved: How often the same command family then succeeded.
        steps: Calls from each resolved failure to its success.
        tokens: Output tokens and fresh input tokens spent on the way, summed.
        seconds: Time from failure to success, summed.
        fixed_by: The learnings that resolved it, with counts.
        fixes: What was done to resolve it, in the form of `holdfast.evidence.fixes`, with counts.
    """

    family: str
    specific: str
    command: str
    tool: str = "Bash"
    generic: bool = False
    occurrences: int = 0
    resolved: int = 0
    steps: tuple[int, ...] = ()
    tokens: int = 0
    seconds: int = 0
    fixed_by: dict[str, int] = {}
    fixes: dict[str, int] = {}


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Which bytes of which transcript a segment was computed from: their SHA-256 and range."""

    digest: str
    start: int
    end: int


class ItemEvidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one item at one surface in a segment: `holdfast.evidence.told` says how it is counted.

    Attributes:
        item: The id of a learning or guard; ``family-…`` for what was counted; else only its kind.
        surface: ``start``, ``prompt``, ``failure``, ``call``, ``guard``, ``meter``.
        family: What it is a matter of: a family of failures, at ``call`` a family of commands.
        eligible: How often it was to be told; of that ``shown`` and ``withheld``.
        cited, followed: How often it was named, and whether what it says was done.
        met: How often what it warns of occurred after that.
        resolved: Successes after a failure at which it was told or withheld; ``steps`` and ``tokens`` the
            calls and fresh tokens from the failure to there.
        rejected, reverted: How often what it says was refused by a person, and taken out again.
        denied, passed: Of a guard: calls stopped, and let through when they came again.
    """

    item: str
    surface: str
    family: str = ""
    eligible: int = 0
    shown: int = 0
    withheld: int = 0
    cited: int = 0
    followed: int = 0
    met: int = 0
    resolved: int = 0
    steps: int = 0
    tokens: int = 0
    rejected: int = 0
    reverted: int = 0
    denied: int = 0
    passed: int = 0


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """Sufficient statistics of one stretch of one session; a fresh clone computes with these.

    Attributes:
        session: The session's key: SHA-256 of agent and session id, 16 hex digits.
        day: The UTC day it ended.
        extractor: The version of the rules that computed it.
        context: Quantiles of the context, in tokens: p10, p50, p90, max.
        tokens: Totals of input, output, cache_read and cache_write tokens.
        interventions: Counts of rejected calls, corrections and interruptions.
        records: Records of the transcript; of them ``unknown`` were of no kind that its reader knows.
        malformed: Lines of it that held no record at all.
        commands: How often each command family succeeded and failed; at most 60 families.
        first_edit: Calls and fresh tokens of this stretch before it first changed a file; None when it
            changed none. What a session spent is this of its first stretch that has it, and all that the
            stretches before it spent.
        token_sums: For each model what its tokens are estimated from (`holdfast.evidence.token_counts`).
        items: What the session was told and what was withheld from it, and what came of that.
    """

    id: str
    session: str
    agent: str
    day: str
    extractor: str
    transcript: Source
    version: str | None = None
    model: str | None = None
    calls: int = 0
    failures: int = 0
    prompts: int = 0
    calls_by_tool: dict[str, int] = {}
    context: dict[str, int] = {}
    tokens: dict[str, int] = {}
    minutes: int = 0
    compactions: int = 0
    subagents: int = 0
    interventions: dict[str, int] = {}
    signatures: tuple[SignatureStatistics, ...] = ()
    edited: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    commands: dict[str, tuple[int, int]] = {}
    first_edit: tuple[int, int] | None = None
    records: int = 0
    unknown: int = 0
    malformed: int = 0
    token_sums: dict[str, tuple[float, ...]] = {}
    items: tuple[ItemEvidence, ...] = ()
    schema: int = SCHEMA

    @property
    def path(self) -> str:
        """Return where the segment stands on the records branch."""
        return f"segments/{self.day[:4]}/{self.day[5:7]}/{self.id}.json"


class RecordEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a record after its birth.

    Attributes:
        kind: What happened, such as ``learning.accepted`` or ``record.purged``.
        subject: The id of the record it happened to.
        after: The ids of the events of that subject that the writer had seen.
        by: Who did it, when a person is to be named; else the agent.
    """

    id: str
    kind: str
    subject: str
    day: str
    after: tuple[str, ...] = ()
    by: str = ""
    data: dict[str, Any] = {}
    schema: int = SCHEMA

    @property
    def path(self) -> str:
        """Return where the event stands on the records branch."""
        return f"events/{self.day[:4]}/{self.day[5:7]}/{self.id}.json"


Record = Learning | Segment | RecordEvent


def encode(record: Record) -> bytes:
    """Write a record as the bytes of its file.

    Raises:
        RecordsError: A text in it cannot be written as UTF-8.
    """
    try:
        if not isinstance(record, Learning):
            return msgspec.json.format(msgspec.json.encode(_fields(record)), indent=1) + b"\n"
        fields = msgspec.to_builtins(record)
        body = fields.pop("text")
        order = ["schema", *(name for name in fields if name != "schema")]
        return front_matter.encode({name: fields[name] for name in order if _worth(fields[name])}, body)
    except ValueError as error:
        raise RecordsError(
            f"{record.path} cannot be written: {error}", "Its text must be characters that UTF-8 can hold."
        ) from error


_LATER = ("commands", "first_edit", "records", "unknown", "malformed", "token_sums", "items")
"""Fields that came later and are written only where they say something, so that no file changes without."""


def _fields(record: Segment | RecordEvent) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(record)
    return {name: value for name, value in fields.items() if name not in _LATER or value}


def decode(path: str, data: bytes) -> Record:
    """Read the record that stands at ``path`` on the records branch.

    Fields that this version does not know are passed over. A record of an older schema lacks fields that
    were added since: they take their defaults, and in memory it bears the current number.

    Raises:
        RecordsError: The bytes are no record of the kind that the path names.
    """
    try:
        if path.startswith("learnings/"):
            fields, body = front_matter.decode(data)
            record: Record = msgspec.convert({**fields, "text": body}, Learning, strict=False)
        elif path.startswith("segments/"):
            record = msgspec.json.decode(data, type=Segment)
        elif path.startswith("events/"):
            record = msgspec.json.decode(data, type=RecordEvent)
        else:
            raise ValueError("no record kind has this folder")
        return _checked(record, path)
    except (ValueError, msgspec.MsgspecError, RecursionError) as error:
        raise RecordsError(
            f"{path} is not a readable record: {error}",
            "It is left out. `holdfast doctor` lists such records.",
        ) from error


_ID = regex(r"[a-z2-7]{8,32}")
_DAY = regex(r"\d{4}-\d{2}-\d{2}")


def _checked(record: Record, path: str) -> Record:
    day = record.created if isinstance(record, Learning) else record.day
    if not _DAY.fullmatch(day):
        raise ValueError(f"its day is {day[:40]!r}, not YYYY-MM-DD")
    datetime.date.fromisoformat(day)
    if not _ID.fullmatch(record.id):
        raise ValueError("its id is not base32")
    if f"{record.id}." not in path:
        raise ValueError(f"its id is {record.id}, which its path does not bear")
    return record if record.schema >= SCHEMA else msgspec.structs.replace(record, schema=SCHEMA)


def _worth(value: Any) -> bool:
    return value not in (None, {}, [], (), "")


def slug(text: str, words: int = 6) -> str:
    """Return a short name for a file: the first words, in lower-case ASCII."""
    found = re.findall(r"[a-z0-9]+", text[:400].lower())
    return "-".join(found[:words])[:48].strip("-") or "untitled"
