"""What `holdfast status` shows: what is known, what repeats, what needs a person."""

from __future__ import annotations

import msgspec

from holdfast.learn.view import View
from holdfast.measure.repeats import Repeats, repeats
from holdfast.repo.trust import TrustStore, seen_identities


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one repository.

    Attributes:
        mode: ``shared``, ``private``, or None before `holdfast init`.
        trusted: Whether what this repository would run or inject was accepted on this machine.
        learnings: Learnings on record, by kind; ``waiting`` candidates wait for a person.
        needs: What needs a person, at most three, each a sentence with its command.
        next: One next command.
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


def overview(view: View) -> Overview:
    """Return the state of a repository, from its view alone."""
    from holdfast.repo import config

    mode = config.mode(view.repository)
    trust = TrustStore().state(view.repository, seen_identities(view.repository))
    kinds: dict[str, int] = {}
    for document in view.learnings():
        if document.state not in ("retired", "superseded", "withheld"):
            kinds[document.kind] = kinds.get(document.kind, 0) + 1
    waiting = len(view.index.ids("candidate"))
    tips = view.branch.tips()
    needs = _needs(trust.trusted, trust.reason, list(trust.new_identities), waiting, view)
    return Overview(
        mode=mode,
        trusted=trust.trusted,
        trust_reason=trust.reason,
        new_identities=list(trust.new_identities),
        records=tips,
        learnings=kinds,
        waiting=waiting,
        notes=len(view.index.ids(f"document:{view.worktree}")),
        repeats=repeats(view),
        needs=needs[:3],
        next=_next(mode, tips, waiting),
    )


def _needs(trusted: bool, reason: str, identities: list[str], waiting: int, view: View) -> list[str]:
    needs = []
    if not trusted:
        needs.append(f"{reason} Look at it: `holdfast trust`")
    elif identities:
        needs.append(
            f"Records by {', '.join(identities[:3])} are not told to agents until accepted: `holdfast trust`"
        )
    if waiting:
        needs.append(
            f"{waiting} correction{'s wait' if waiting != 1 else ' waits'} for you: `holdfast review`"
        )
    if view.newer:
        needs.append(
            "Some records are of a newer Holdfast, so this one only reads: `pip install -U holdfast`"
        )
    if view.unreadable:
        needs.append(f"{len(view.unreadable)} records cannot be read: `holdfast doctor`")
    return needs


def _next(mode: str | None, tips: dict[str, str], waiting: int) -> str:
    if mode is None:
        return "holdfast init"
    if not tips:
        return "holdfast ingest"
    return "holdfast review" if waiting else "holdfast ingest"
