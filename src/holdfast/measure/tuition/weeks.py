"""How sessions and repeated failures spread over the weeks."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import msgspec

from holdfast.measure.tuition.repeated import tells
from holdfast.measure.tuition.sessions import ReadSession

EARLIEST, LATEST = 1.4e9, 4e9
"""Times of sessions that are believed, in seconds since the epoch: 2014, before there were any, to 2096."""


class Week(msgspec.Struct, kw_only=True):
    """One week.

    Attributes:
        day: The UTC day it began, a Monday.
        sessions: Sessions that began in it; ``with_repeats`` met a failure that an earlier session had met.
    """

    day: str
    sessions: int = 0
    with_repeats: int = 0


def weeks(sessions: Sequence[ReadSession]) -> list[Week]:
    """Return every week from the first session to the last, those without sessions too.

    Args:
        sessions: In order of time (`merge.merged`). Those without a time are left out.
    """
    known: set[str] = set()
    found: dict[datetime.date, Week] = {}
    for session in sessions:
        facts = session.facts
        repeats = [one for one in facts.episodes if one.failure.family in known]
        known |= {one.failure.family for one in facts.episodes if tells(one)}
        if facts.started is None or not EARLIEST < facts.started < LATEST:
            continue
        day = datetime.datetime.fromtimestamp(facts.started, datetime.UTC).date()
        monday = day - datetime.timedelta(days=day.weekday())
        week = found.setdefault(monday, Week(day=monday.isoformat()))
        week.sessions += 1
        week.with_repeats += bool(repeats)
    return _without_gaps(found)


def _without_gaps(found: dict[datetime.date, Week]) -> list[Week]:
    if not found:
        return []
    day, last = min(found), max(found)
    every = []
    while day <= last:
        every.append(found.get(day) or Week(day=day.isoformat()))
        day += datetime.timedelta(days=7)
    return every
