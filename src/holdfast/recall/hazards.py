"""Failures that come back, with what ended them: what is worth saying at a session's start."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from holdfast.index.documents import Document, Occurrence
from holdfast.learn.view import View
from holdfast.recall.items import HIDDEN, Item, Known

NEEDED_SESSIONS = 2
"""Sessions in which a failure must have occurred before it is told: a first sighting is no repeat."""
PRIOR = 30
"""Sessions that what failures do in general weighs against a family's own."""


class Hazard(msgspec.Struct, frozen=True, kw_only=True):
    """A failure that comes back, and what ended it.

    Attributes:
        sessions: Sessions in which it occurred, of ``of`` sessions on record.
        rate: Chance that the next session meets it again.
        item: The learning that ended it.
    """

    family: str
    sessions: int
    of: int
    rate: float
    item: Item


def hazards_of(view: View) -> list[Hazard]:
    """Return the failures that came back and have a learning that ended them, the likeliest first.

    Of failures that one learning ends, the likeliest is given. Learnings of identities that were not
    accepted here are left out.
    """
    known = Known(view)
    rates = rates_of(known.rows)
    by_family: dict[str, list[Occurrence]] = defaultdict(list)
    for row in known.rows:
        if row.family:
            by_family[row.family].append(row)
    found = []
    for family, rows in by_family.items():
        sessions = {row.session for row in rows if row.count}
        learning = _best(known, family, rows) if len(sessions) >= NEEDED_SESSIONS else None
        if learning is not None:
            found.append(
                Hazard(
                    family=family,
                    sessions=len(sessions),
                    of=view.index.sessions(),
                    rate=rates[family],
                    item=known.item(learning),
                )
            )
    likeliest: dict[str, Hazard] = {}
    for hazard in sorted(found, key=lambda hazard: (-hazard.rate, -hazard.sessions, hazard.family)):
        likeliest.setdefault(hazard.item.id, hazard)
    return list(likeliest.values())


def rates_of(rows: list[Occurrence]) -> dict[str, float]:
    """Return, for each family, the chance that a session meets it again.

    With r repeats in the z sessions since the first sighting, which itself is not counted, the rate is
    (r + 30 m) / (z + 30), where m is the same over all families, (Σr + 0.05) / (Σz + 5). A failure seen
    twice of late is so drawn towards what failures do in general. Only sessions with a failure are in
    ``rows``.
    """
    order = {session: place for place, session in enumerate(dict.fromkeys(row.session for row in rows))}
    sessions: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.family and row.count:
            sessions[row.family].add(row.session)
    repeats = {family: len(met) - 1 for family, met in sessions.items()}
    later = {
        family: len(order) - 1 - min(order[session] for session in met) for family, met in sessions.items()
    }
    mean = (sum(repeats.values()) + 0.05) / (sum(later.values()) + 5)
    return {
        family: round((repeats[family] + PRIOR * mean) / (later[family] + PRIOR), 4) for family in repeats
    }


def _best(known: Known, family: str, rows: list[Occurrence]) -> Document | None:
    """Return the learning whose fix ended a failure in most sessions."""
    worked = known.worked_in(rows)
    documents = [
        document
        for document in known.view.index.by_signature(None, family)
        if document.source == "record" and document.state not in HIDDEN and known.may_tell(document)
    ]
    return min(
        documents,
        key=lambda document: (-len(worked.get(known.standing(document.id), ())), document.id),
        default=None,
    )
