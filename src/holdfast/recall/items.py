"""What recall gives back: items with their confidence, and the quoting that marks them as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from holdfast.hook.signature import plain
from holdfast.index.documents import Document, Occurrence
from holdfast.learn.view import View

HIDDEN = frozenset(["retired", "withheld", "superseded"])
"""States of a learning that is not told any more."""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is known.

    Attributes:
        id: The shortest unique prefix of its id, or where it stands for a document of the tree.
        origin: Where it comes from, in words: recorded, waiting for review, ``learnings.md:12``.
        sessions: Sessions in which its fix worked.
        score: How near it is to what was asked; higher is nearer.
        confidence: ``proven`` (worked in two or more sessions), ``seen once``, ``stated`` or ``unreviewed``.
    """

    id: str
    kind: str
    text: str
    origin: str
    day: str | None = None
    sessions: int = 0
    score: float = 0.0
    confidence: str = "stated"


def worked(occurrences: Iterable[Occurrence]) -> Counter[str]:
    """Count, for each learning, the sessions in which its fix ended a failure."""
    sessions = {(row.learning, row.session) for row in occurrences if row.learning and row.resolved}
    return Counter(learning for learning, _ in sessions if learning)


def item(view: View, document: Document, sessions: int, short: dict[str, str], score: float = 0.0) -> Item:
    """Return a document as an item; ``short`` holds the short ids."""
    if document.source == "candidate":
        origin, confidence = "waiting for your review", "unreviewed"
    elif document.source == "record":
        origin = "recorded"
        confidence = "proven" if sessions > 1 else "seen once" if sessions == 1 else "stated"
    else:
        origin, confidence = document.path or "", "stated"
    return Item(
        id=short.get(document.id, document.path or document.id),
        kind=document.kind,
        text=plain(document.text),
        origin=origin,
        day=document.day,
        sessions=sessions,
        score=round(score, 3),
        confidence=confidence,
    )


def short_ids(view: View) -> dict[str, str]:
    """Return the shortest unique prefix of each learning's id."""
    from holdfast.repo import ids

    return ids.shortest([*view.index.ids("record"), *view.index.ids("candidate")])
