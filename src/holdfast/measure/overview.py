"""What `holdfast status` shows: what is known, what repeats, what needs a person."""

from __future__ import annotations

from collections import Counter

import msgspec

from holdfast.learn.view import View
from holdfast.measure.repeats import Repeats, repeats
from holdfast.recall import semantic
from holdfast.recall.items import HIDDEN, Known
from holdfast.repo import config
from holdfast.repo.trust import TrustState, TrustStore, seen_identities


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
        next: One next command.
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
    unread: list[str] = []
    stale: bool = False


def overview(view: View) -> Overview:
    """Return the state of a repository, from its view alone.

    Raises:
        EnvironmentProblem: The settings of this clone are damaged.
    """
    mode = config.mode(view.repository)
    trust = TrustStore().state(view.repository, seen_identities(view.repository))
    known = Known(view)
    kinds = Counter(document.kind for document in view.told() if known.standing(document.id) == document.id)
    waiting = len(view.index.ids("candidate"))
    tips = view.branch.tips()
    return Overview(
        mode=mode,
        trusted=trust.trusted,
        trust_reason=trust.reason,
        new_identities=list(trust.new_identities),
        records=tips,
        learnings=dict(sorted(kinds.items())),
        waiting=waiting,
        notes=_notes(known),
        repeats=repeats(view),
        needs=_needs(view, trust, mode, waiting)[:3],
        next=_next(mode, tips, waiting),
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
        needs.append(f"{trust.reason} Nothing of it is used or told to agents: `holdfast trust`")
    elif trust.trusted and trust.new_identities:
        people = ", ".join(trust.new_identities[:3])
        needs.append(f"Records by {people} are not told to agents until you accept them: `holdfast trust`")
    if view.newer:
        needs.append("Some records are of a newer Holdfast; this one only reads: `pip install -U holdfast`")
    if waiting:
        wait = "learning waits" if waiting == 1 else "learnings wait"
        needs.append(f"{waiting} {wait} for your review: `holdfast review`")
    meaning = semantic.unusable(view.repository)
    if meaning:
        needs.append(f"{meaning} Texts are found by their words alone: `holdfast doctor`")
    unreadable = len(view.unreadable)
    if unreadable:
        records = "record" if unreadable == 1 else "records"
        needs.append(f"{unreadable} {records} cannot be read: `holdfast doctor`")
    return needs


def _next(mode: str | None, tips: dict[str, str], waiting: int) -> str:
    if mode is None:
        return "holdfast init"
    if not tips:
        return "holdfast ingest"
    return "holdfast review" if waiting else "holdfast ingest"
