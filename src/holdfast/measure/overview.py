"""What `holdfast status` shows: what is known, what repeats, what needs a person."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

import msgspec

from holdfast.evidence.holdouts import HeldOut, held_out
from holdfast.hook import levels
from holdfast.learn.citing import doubts
from holdfast.learn.view import View
from holdfast.measure import guard_proposals
from holdfast.measure.next_level import Offer, next_level
from holdfast.measure.repeats import Repeats, repeats
from holdfast.recall import semantic
from holdfast.recall.items import HIDDEN, Known
from holdfast.repo import config, quiet
from holdfast.repo.trust import TrustState, TrustStore, seen_identities

_COMMAND = re.compile(r"`holdfast ([a-z]+)")


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one repository.

    Attributes:
        mode: ``shared``, ``private``, or None before `holdfast init`.
        trusted: Whether what this repository would run or inject was accepted on this machine.
        new_identities: Addresses with records here that were not accepted on this machine.
        records: The refs that hold records, with the commit each is at.
        learnings: Learnings on record that still hold, equal ones counted once, by kind; ``waiting``
            candidates wait for a person.
        notes: What this worktree's own documents tell beside that: not what is to be done, nor what stands
            there word for word as it is on record.
        repeats: What came back.
        needs: What needs a person, at most three, each a sentence with its command.
        next: The one command that is useful now; empty when there is none.
        level: How much is installed, listed and said unasked; None before `holdfast init`.
        quiet_until: Until when agents are told nothing here, in seconds since the epoch; 0 for good, None
            when they are told.
        hold_outs: What is left untold to measure what telling does, and what was counted of it.
        next_level: The later level that would pay here by what was measured, if any.
        unread: Sources that are not read to their end yet.
        stale: Whether another process kept the index locked, so that this may be old.
    """

    mode: str | None
    trusted: bool
    trust_reason: str
    new_identities: list[str]
    records: dict[str, str]
    learnings: dict[str, int]
    waiting: int
    notes: int
    repeats: Repeats
    needs: list[str]
    next: str
    level: str | None = None
    quiet_until: float | None = None
    hold_outs: HeldOut | None = None
    next_level: Offer | None = None
    unread: list[str] = []
    stale: bool = False


def overview(view: View, may_name: Collection[str] | None = None) -> Overview:
    """Return the state of a repository, from its view and local state alone.

    Args:
        view: What is known.
        may_name: The commands that may be named to who did not ask for them; None for all.

    Raises:
        EnvironmentProblem: The settings of this clone are damaged.
    """
    settings = config.settings(view.repository)
    mode = settings.mode if settings else None
    trust = TrustStore().state(view.repository, seen_identities(view.repository))
    known = Known(view)
    kinds = Counter(document.kind for document in view.told() if known.standing(document.id) == document.id)
    waiting = len(view.index.ids("candidate"))
    tips = view.branch.tips()
    came_back, notes = repeats(view), _notes(known)
    end = quiet.until(view.repository)
    steps = _next(
        mode,
        trusted=trust.trusted or view.repository.is_known is False,
        review=bool(tips and waiting),
        unread=bool(view.unread) or not (kinds or waiting or came_back.sessions),
        repeats=bool(came_back.repeats),
    )
    return Overview(
        mode=mode,
        trusted=trust.trusted,
        trust_reason=trust.reason,
        new_identities=list(trust.new_identities),
        records=tips,
        learnings=dict(sorted(kinds.items())),
        waiting=waiting,
        notes=notes,
        repeats=came_back,
        needs=[need for need in _needs(view, trust, mode, waiting) if _is_named(need, may_name)][:3],
        next=next((step for step in steps if _is_named(f"`{step}`", may_name)), ""),
        level=levels.known(settings.level) if settings else None,
        quiet_until=0 if end == quiet.FOREVER else end,
        hold_outs=held_out(view.repository, view.told_in_sessions()),
        next_level=next_level(view, settings.level, came_back, notes) if settings else None,
        unread=view.unread,
        stale=view.stale,
    )


def _notes(known: Known) -> int:
    documents = known.view.index.all(sources=[f"document:{known.view.worktree}"])
    return sum(
        document.trusted and document.state not in HIDDEN and known.shown(document) is document
        for document in documents
    )


def _needs(view: View, trust: TrustState, mode: str | None, waiting: int) -> list[str]:
    """Return what needs a person, the weightiest first."""
    needs = []
    if not trust.trusted and (mode is not None or trust.items or trust.new_identities):
        way_out = TrustStore().file.way_out(view.repository)
        needs.append(f"{trust.reason} Nothing of it is used or told to agents. {way_out}")
    elif trust.trusted and trust.new_identities:
        people = ", ".join(trust.new_identities[:3])
        needs.append(f"Records by {people} are not told to agents until you accept them: `holdfast trust`")
    if view.newer:
        needs.append("Some records are of a newer Holdfast; this one only reads: `pip install -U holdfast`")
    if waiting:
        wait = "learning waits" if waiting == 1 else "learnings wait"
        needs.append(f"{waiting} {wait} for your review: `holdfast review`")
    offered = len(guard_proposals.waiting(view.repository))
    if offered:
        broken = "1 rule of yours was" if offered == 1 else f"{offered} rules of yours were"
        needs.append(f"{broken} broken in 3 sessions or more; one key makes it hold: `holdfast review guard`")
    doubted = len(doubts(view))
    if doubted:
        called = "learning was" if doubted == 1 else "learnings were"
        needs.append(f"{doubted} {called} called wrong or stale: `holdfast review`")
    meaning = semantic.unusable(view.repository)
    if meaning:
        needs.append(f"{meaning} Texts are found by their words alone: `holdfast doctor`")
    unreadable = len(view.unreadable)
    if unreadable:
        records = "record" if unreadable == 1 else "records"
        needs.append(f"{unreadable} {records} cannot be read: `holdfast doctor`")
    return needs


def _next(mode: str | None, *, trusted: bool, review: bool, unread: bool, repeats: bool) -> Iterator[str]:
    """Yield what is useful to do now, the best first; nothing when all that is left comes by itself."""
    if mode is None:
        yield "holdfast init"
    elif not trusted:
        yield "holdfast trust"
    if review:
        yield "holdfast review"
    if unread:
        yield "holdfast ingest"
    if unread or repeats:
        yield "holdfast tuition"


def _is_named(sentence: str, may_name: Collection[str] | None) -> bool:
    """Tell whether every command of ours that a sentence names may be named."""
    return may_name is None or set(_COMMAND.findall(sentence)) <= set(may_name)
