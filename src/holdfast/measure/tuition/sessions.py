"""Read many transcripts into facts, in several processes when there are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

import msgspec

from holdfast.errors import HoldfastError
from holdfast.evidence.agreements import Agreement, AgreementTracker
from holdfast.evidence.approaches import AbandonedApproach, ApproachTracker
from holdfast.evidence.episodes import Episode
from holdfast.evidence.session_facts import FactsBuilder, SessionFacts
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.learn import approaches, failures
from holdfast.learn.candidates import Form
from holdfast.learn.neutral import neutral_text
from holdfast.transcripts.origin import Origin
from holdfast.transcripts.transcript import open_transcript

BATCH = 16_000_000
"""Bytes of transcripts that one process reads before it gives back what it found."""
FEW = 3 * BATCH
"""Bytes below which starting further processes costs more than it saves."""

_TAKEN_OUT = regex(r"\[redacted|…")


class Lesson(msgspec.Struct, frozen=True, kw_only=True):
    """What one failure teaches in words: how to do it instead.

    Attributes:
        family: The failure's family.
        text: One prescriptive sentence.
        form: What sort of fix it is.
        instead: The command that worked, or the setting, as it is typed.
        failed: The command that failed.
        exact: True when nothing had to be taken out of the command that worked, so that it can be typed.
    """

    family: str
    text: str
    form: Form
    instead: str
    failed: str
    exact: bool = True


class GivenUp(msgspec.Struct, frozen=True, kw_only=True):
    """An approach that a session gave up, in a sentence.

    Attributes:
        text: What not to do again, why, and what stood in its place; without secrets and names.
        transcript: The session's log; ``line`` where it was tried.
    """

    text: str
    transcript: str
    line: int


class ReadSession(msgspec.Struct, kw_only=True):
    """One session as tuition sums it.

    Attributes:
        lessons: What its failures teach.
        agreements: What a person settled, in words that are not redacted.
        approaches: What it gave up.
    """

    facts: SessionFacts
    lessons: list[Lesson] = []
    agreements: list[Agreement] = []
    approaches: list[GivenUp] = []


class Unreadable(msgspec.Struct, frozen=True, kw_only=True):
    """A transcript that was not read, and why."""

    name: str
    reason: str


class Read(msgspec.Struct, kw_only=True):
    """What was read in one go: sessions, what could not be read, and the bytes dealt with."""

    sessions: list[ReadSession] = []
    unreadable: list[Unreadable] = []
    records: int = 0
    malformed: int = 0
    unknown: int = 0
    size: int = 0


def read_sessions(
    origins: Sequence[Origin], *, roots: Sequence[str] = (), processes: int = 1
) -> Iterator[Read]:
    """Read transcripts in batches, the first ones first, and give back what each batch holds.

    Args:
        origins: The transcripts.
        roots: The repository's worktrees: a session begun in a folder of one has that one as its root.
        processes: How many processes read. More than one only from a program whose main module can be
            imported again, as that of the command line can.
    """
    batches = _batches(origins)
    if processes < 2 or sum(origin.size for origin in origins) < FEW:
        for batch in batches:
            yield _read(batch, roots)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:  # no list of what was submitted: it would hold every result to the end
            for done in as_completed([pool.submit(_read_packed, batch, tuple(roots)) for batch in batches]):
                yield msgspec.msgpack.decode(done.result(), type=Read)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _batches(origins: Sequence[Origin]) -> list[list[Origin]]:
    """Group logs by size, in their order; the first groups are small, so that something is known soon."""
    batches: list[list[Origin]] = [[]]
    held, limit = 0, BATCH // 8
    for origin in origins:
        if held >= limit:
            batches.append([])
            held, limit = 0, min(BATCH, limit * 2)
        batches[-1].append(origin)
        held += origin.size
    return [batch for batch in batches if batch]


def _read_packed(origins: list[Origin], roots: Sequence[str]) -> bytes:
    return msgspec.msgpack.encode(_read(origins, roots))


def _read(origins: list[Origin], roots: Sequence[str]) -> Read:
    read = Read()
    for origin in origins:
        read.size += origin.size
        try:
            read.sessions.append(_read_one(origin, roots, read))
        except (HoldfastError, OSError) as error:
            reason = error.message if isinstance(error, HoldfastError) else error.strerror or str(error)
            reason = reason.removeprefix(f"{origin.name} ").removeprefix(f"cannot read {origin.name}: ")
            read.unreadable.append(Unreadable(name=origin.name, reason=reason))
    return read


def _read_one(origin: Origin, roots: Sequence[str], read: Read) -> ReadSession:
    transcript = open_transcript(origin, roots=roots)
    builder, agreed, tried = FactsBuilder(), AgreementTracker(), ApproachTracker()
    for event in transcript.events():
        builder.feed(event, transcript.line)
        agreed.feed(event, transcript.line)
        tried.feed(event, transcript.line)
    agreed.finish()
    tried.finish()
    root = transcript.session.root
    read.records += transcript.counts.records
    read.malformed += transcript.counts.malformed
    read.unknown += transcript.counts.unknown
    return ReadSession(
        facts=builder.build(transcript.session, origin.name),
        lessons=[lesson for episode in builder.closed if (lesson := _lesson(episode, root))],
        agreements=agreed.found,
        approaches=[
            GivenUp(text=text, transcript=origin.name, line=one.line)
            for one in tried.found
            if (text := _given_up(one, root))
        ],
    )


def _given_up(found: AbandonedApproach, root: str | None) -> str:
    candidate = approaches.candidate(found)
    return neutral_text(candidate.text.partition("\n\n")[0], root) if candidate is not None else ""


def _lesson(episode: Episode, root: str | None) -> Lesson | None:
    """Return what a failure that was got past teaches, without secrets, names and machine paths."""
    candidate = failures.candidate(episode)
    if candidate is None or candidate.form is None:
        return None
    failed = commands.main_text(episode.failure.command, episode.failure.owner)
    text = neutral_text(candidate.text.partition("\n\n")[0], root)
    instead = neutral_text(candidate.instead, root)
    return Lesson(
        family=episode.failure.family,
        text=text,
        form=candidate.form,
        instead=instead,
        failed=neutral_text(failed, root),
        exact=f"`{instead}`" in text and not _TAKEN_OUT.search(instead),
    )
