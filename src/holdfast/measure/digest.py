"""The digest of a week: repeats that ended, repeats still paid for, one thing to decide, Holdfast's own cost.

It is computed from records alone, so a fresh clone tells the same; what wording cost, and how much agents
were told, is each clone's own.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import comb

import msgspec

from holdfast.evidence import journal
from holdfast.hook import clock
from holdfast.hook.signature import is_generic
from holdfast.index.documents import Occurrence
from holdfast.learn import wording
from holdfast.learn.view import View
from holdfast.recall.items import HIDDEN, Known

DAYS = 7
MOST = 3
"""Repeats of each sort that a digest names."""
FEWEST = 3
"""Sessions that must have met a failure before its end is told."""
SURE = 0.05
"""The chance of such a silence, had nothing changed, below which a failure counts as ended."""


class EndedRepeat(msgspec.Struct, frozen=True, kw_only=True):
    """A failure that came back for a while and has now stayed away.

    Attributes:
        family: Its family.
        sessions: Sessions in which it occurred, of ``of`` while it lasted.
        quiet: Sessions since the last one with it.
        learning: The short id of what ends it, when that is known.
    """

    family: str
    sessions: int
    of: int
    quiet: int
    learning: str | None = None


class PaidRepeat(msgspec.Struct, frozen=True, kw_only=True):
    """A failure of this week that an earlier session had met.

    Attributes:
        family: Its family.
        sessions: Sessions of this week in which it occurred.
        calls, tokens: What they spent from failure to success, at most.
        learning: The short id of what ends it, when that is known.
    """

    family: str
    sessions: int
    calls: int
    tokens: int
    learning: str | None = None


class OwnCost(msgspec.Struct, frozen=True, kw_only=True):
    """What Holdfast itself cost in the week.

    Attributes:
        records: Records that were written; ``bytes`` their size.
        wording_calls: How often this clone ran the user's agent to word something; ``wording_seconds`` what
            that took.
        told: How often hooks told an agent something on this machine, in ``told_tokens`` tokens, about.
    """

    records: int
    bytes: int
    wording_calls: int = 0
    wording_seconds: float = 0.0
    told: int = 0
    told_tokens: int = 0


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """The digest of a week.

    Attributes:
        first, last: The UTC days that it covers.
        sessions: Sessions of the week; ``with_repeats`` met a failure that an earlier session had met.
        ended: Repeats that ended in it; ``paid`` those still paid for, the dearest first.
        decide: One thing to decide, as a sentence with its command; empty when there is none.
        cost: What Holdfast itself cost.
    """

    first: str
    last: str
    sessions: int
    with_repeats: int
    ended: list[EndedRepeat]
    paid: list[PaidRepeat]
    decide: str
    cost: OwnCost

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to say of this week."""
        return not (self.sessions or self.ended or self.paid or self.decide)


def digest(view: View, days: int = DAYS) -> Digest:
    """Return the digest of the last days.

    Args:
        view: The repository's view.
        days: How many days count as the week, today included.
    """
    last = datetime.date.fromisoformat(clock.today())
    first = (last - datetime.timedelta(days=days - 1)).isoformat()
    known = Known(view)
    order = view.index.session_days()
    place = {session: number for number, (session, _) in enumerate(order)}
    begins = next((number for number, (_, day) in enumerate(order) if day >= first), len(order))
    met = _met(known.rows, place)
    paid, with_repeats = _paid(known, met, begins)
    return Digest(
        first=first,
        last=last.isoformat(),
        sessions=len(order) - begins,
        with_repeats=with_repeats,
        ended=_ended(known, met, begins, len(order))[:MOST],
        paid=paid[:MOST],
        decide=_decide(view),
        cost=_cost(view, first),
    )


_Met = Mapping[str, Mapping[int, Sequence[Occurrence]]]
"""The occurrences of each family, by the place of their session in time."""


def _met(rows: Sequence[Occurrence], place: Mapping[str, int]) -> _Met:
    met: dict[str, dict[int, list[Occurrence]]] = defaultdict(dict)
    for row in rows:
        if row.family and row.session in place and not is_generic(row.family.partition(": ")[2]):
            met[row.family].setdefault(place[row.session], []).append(row)
    return met


def _places(rows: Mapping[int, Sequence[Occurrence]]) -> list[int]:
    return sorted(number for number, found in rows.items() if any(row.count for row in found))


def _paid(known: Known, met: _Met, begins: int) -> tuple[list[PaidRepeat], int]:
    """Return the repeats of the week, and in how many of its sessions there was one."""
    found: list[PaidRepeat] = []
    sessions: set[int] = set()
    for family, rows in met.items():
        places = _places(rows)
        again = [number for number in places[1:] if number >= begins]
        if not again:
            continue
        sessions.update(again)
        later = [row for number in again for row in rows[number]]
        found.append(
            PaidRepeat(
                family=family,
                sessions=len(again),
                calls=round(sum(row.steps or 0 for row in later)),
                tokens=round(sum(row.tokens or 0 for row in later)),
                learning=_learning(known, rows),
            )
        )
    return sorted(found, key=lambda one: (-one.tokens, -one.sessions, one.family)), len(sessions)


def _ended(known: Known, met: _Met, begins: int, total: int) -> list[EndedRepeat]:
    """Return the repeats whose silence became telling in this week."""
    found = []
    for family, rows in met.items():
        places = _places(rows)
        if len(places) < FEWEST:
            continue
        hits, of = len(places), places[-1] - places[0] + 1
        quiet, before = total - 1 - places[-1], max(0, begins - 1 - places[-1])
        if is_telling(hits, of, quiet) and not is_telling(hits, of, before):
            found.append(
                EndedRepeat(family=family, sessions=hits, of=of, quiet=quiet, learning=_learning(known, rows))
            )
    return sorted(found, key=lambda one: (-one.sessions, one.family))


def is_telling(hits: int, of: int, quiet: int) -> bool:
    """Tell whether a failure has stayed away for longer than chance explains.

    Had nothing changed, its sessions after the first would lie anywhere in all that followed: the chance that
    none lies in the last ``quiet`` is C(of - 1, hits - 1) / C(of - 1 + quiet, hits - 1). It must be below
    `SURE` over ``hits``, since there was a silence after each of them that might have been taken for the end.

    Args:
        hits: Sessions that met the failure.
        of: Sessions from the first of them to the last.
        quiet: Sessions since.
    """
    return comb(of - 1, hits - 1) / comb(of - 1 + quiet, hits - 1) < SURE / hits


def _learning(known: Known, rows: Mapping[int, Sequence[Occurrence]]) -> str | None:
    learned = [known.standing(row.learning) for found in rows.values() for row in found if row.learning]
    told = {document.id for document in known.view.learnings() if document.state not in HIDDEN}
    ending = sorted({learning for learning in learned if learning in told})
    return known.short[max(ending, key=learned.count)] if ending else None


def _decide(view: View) -> str:
    from holdfast.measure.overview import overview

    needs = overview(view).needs
    return needs[0] if needs else ""


def _cost(view: View, first: str) -> OwnCost:
    """Return the records of the week and their size, and what wording and telling took on this machine."""
    blobs = [entry.blob for entry in view.branch.added() if entry.day >= first]
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    out = view.repository.git("cat-file", "--batch-check=%(objectsize)", input=asked) if blobs else b""
    sizes = [int(line) for line in out.split() if line.isdigit()]
    worded = wording.spent(view.repository, first)
    told = _told(view, first)
    return OwnCost(
        records=len(blobs),
        bytes=sum(sizes),
        wording_calls=worded.calls,
        wording_seconds=worded.seconds,
        told=len(told),
        told_tokens=sum(told),
    )


def _told(view: View, first: str) -> list[int]:
    """Return the tokens of each text that hooks told since a UTC day, as journals say."""
    since = datetime.datetime.fromisoformat(f"{first}T00:00:00+00:00").timestamp()
    return [
        entry.text_tokens
        for session in journal.read_all(view.repository, since)
        for _, entry in session.entries
        if entry.do == "told" and entry.at >= since
    ]
