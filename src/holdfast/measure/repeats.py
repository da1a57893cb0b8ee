"""What sessions kept paying for again: failures that came back, with what they cost.

Only what came again after its first session is counted, since nobody could have been warned of the first.
Minutes and tokens are what lay between a failure and the next success, so they are upper bounds.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from holdfast.index.documents import Occurrence
from holdfast.learn.view import View
from holdfast.recall.items import HIDDEN, Known


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """A failure that came back.

    Attributes:
        family: The failure's family.
        sessions: Sessions in which it occurred; ``again`` of them after the first.
        times: How often it occurred in all.
        resolved: How often a later session got past it.
        calls, tokens: What its later sessions spent from failure to success, at most.
        learning: The id of the learning that ends it, when there is one.
    """

    family: str
    sessions: int
    again: int
    times: int
    resolved: int
    calls: int
    tokens: int
    learning: str | None = None


class Repeats(msgspec.Struct, frozen=True, kw_only=True):
    """The failures that came back: those with a known fix first, then by the sessions they came back in.

    Attributes:
        sessions: Sessions on record; ``with_repeats`` of them met a failure that an earlier one had met.
    """

    sessions: int
    with_repeats: int
    repeats: list[Repeat]


def repeats(view: View, limit: int = 10) -> Repeats:
    """Return what came back in a second session or later; learnings by their short ids."""
    known = Known(view)
    by_family: dict[str, list[Occurrence]] = defaultdict(list)
    for row in known.rows:
        if row.family and not _says_little(row.family):
            by_family[row.family].append(row)
    told = {document.id for document in view.learnings() if document.state not in HIDDEN}
    found = [repeat for family, mine in by_family.items() if (repeat := _repeat(family, mine, known, told))]
    # what can be ended comes first
    found.sort(key=lambda repeat: (repeat.learning is None, -repeat.again, -repeat.tokens, repeat.family))
    return Repeats(
        sessions=view.index.sessions(),
        with_repeats=len(_sessions_with_repeats(by_family)),
        repeats=found[:limit],
    )


def _repeat(family: str, rows: list[Occurrence], known: Known, told: set[str]) -> Repeat | None:
    sessions = list(dict.fromkeys(row.session for row in rows if row.count))
    if len(sessions) < 2:
        return None
    later = [row for row in rows if row.session != sessions[0]]
    learned = [known.standing(row.learning) for row in rows if row.learning]
    ending = sorted({learning for learning in learned if learning in told})
    return Repeat(
        family=family,
        sessions=len(sessions),
        again=len(sessions) - 1,
        times=sum(row.count for row in rows),
        resolved=sum(row.resolved for row in later),
        calls=round(sum(row.steps or 0 for row in later)),
        tokens=round(sum(row.tokens or 0 for row in later)),
        learning=known.short[max(ending, key=learned.count)] if ending else None,
    )


def _sessions_with_repeats(by_family: dict[str, list[Occurrence]]) -> set[str]:
    again: set[str] = set()
    for rows in by_family.values():
        sessions = list(dict.fromkeys(row.session for row in rows if row.count))
        again.update(sessions[1:])
    return again


def _says_little(family: str) -> bool:
    """Tell whether a family says only that something failed, so that its sessions need not share a cause."""
    from holdfast.hook.signature import is_generic

    return is_generic(family.partition(": ")[2])
