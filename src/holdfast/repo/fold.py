"""The state of a record: a pure fold over what happened to it.

Events name in ``after`` the events of the same subject that their writer had seen, so they are
partly ordered. Of each question that events answer (may it be told? who works on it?), the answer is
that of its *latest* events: those that no other event on the question had seen. Several latest ones
are concurrent, and the strongest answer holds: retired before withheld before promoted, closed before
claimed; between equals, the event with the greatest id. So the order in which events arrive never
matters, and folding more of them onto what is known gives the same as folding all at once.

Ids are random, so a cycle takes a forger. It is cut at its smallest id, and the fold goes on.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping

import msgspec

from holdfast.repo.records import RecordEvent

_STANDING = frozenset(
    {
        "learning.accepted",
        "learning.promoted",
        "learning.restored",
        "learning.withheld",
        "learning.retired",
    }
)
_LEVEL = {"learning.promoted": 0}
_SUPERSESSION = frozenset({"learning.restored", "learning.superseded"})
_WORK = {
    "issue.opened": 0,
    "issue.released": 0,
    "issue.reopened": 0,
    "issue.claimed": 1,
    "issue.closed": 2,
}
_WORK_STATUS = {"issue.claimed": "claimed", "issue.closed": "closed"}
_PURGED = "record.purged"

KINDS = frozenset({*_STANDING, *_LEVEL, *_SUPERSESSION, *_WORK, _PURGED})
"""The kinds of event that change a state; others are counted."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of one record now.

    Attributes:
        subject: The record's id.
        level: What it was last promoted to (``pattern``, ``guidance``, …); empty when it never was.
        status: An issue's: ``open``, ``claimed`` or ``closed``; empty for what is no issue.
        status_by: Who the event behind ``status`` names: for a claim, its owner.
        accepted: A person accepted it, at some time.
        withheld, retired: It is not to be told: for now, or for good.
        superseded_by: The ids of the learnings that replace it.
        purged: Its content was removed from the records.
        last: The ids of the latest events, for ``after`` of the next one.
        counts: How many events of each kind there are, those unknown here too.
        unknown: How many events have a kind that this version does not know.
    """

    subject: str
    level: str = ""
    status: str = ""
    status_by: str = ""
    accepted: bool = False
    withheld: bool = False
    retired: bool = False
    superseded_by: tuple[str, ...] = ()
    purged: bool = False
    last: tuple[str, ...] = ()
    counts: dict[str, int] = {}
    unknown: int = 0


class Fold:
    """States of many records, to which events are added as they come."""

    def __init__(self, events: Iterable[RecordEvent] = ()) -> None:
        self._events: dict[str, dict[str, RecordEvent]] = {}
        self._states: dict[str, State] = {}
        self.add(events)

    def add(self, events: Iterable[RecordEvent]) -> set[str]:
        """Add events, in any order, known ones too; returns the subjects whose state may have changed."""
        touched = set()
        for event in events:
            known = self._events.setdefault(event.subject, {})
            if event.id not in known:
                known[event.id] = event
            elif known[event.id] != event:  # one id, two contents: whoever comes first, the same one stays
                known[event.id] = min(known[event.id], event, key=msgspec.json.encode)
            else:
                continue
            touched.add(event.subject)
            self._states.pop(event.subject, None)
        return touched

    def state(self, subject: str) -> State | None:
        """Return the state of one record, or None when nothing has happened to it."""
        if subject not in self._states:
            if subject not in self._events:
                return None
            self._states[subject] = _fold_one(subject, self._events[subject])
        return self._states[subject]

    def states(self) -> dict[str, State]:
        """Return the state of every record that something happened to."""
        found = ((subject, self.state(subject)) for subject in sorted(self._events))
        return {subject: state for subject, state in found if state is not None}


def fold(events: Iterable[RecordEvent]) -> dict[str, State]:
    """Return the state of every record that ``events`` are about, whatever their order."""
    return Fold(events).states()


def _fold_one(subject: str, events: Mapping[str, RecordEvent]) -> State:
    history = _History(events)
    standing = history.latest(_STANDING)
    level = history.deciding(_LEVEL)
    work = history.deciding(_WORK)
    counts: dict[str, int] = {}
    for name in sorted(events):
        counts[events[name].kind] = counts.get(events[name].kind, 0) + 1
    replaced = [event for event in history.latest(_SUPERSESSION) if event.kind == "learning.superseded"]
    return State(
        subject=subject,
        level=_text(level, "level"),
        status=_WORK_STATUS.get(work.kind, "open") if work else "",
        status_by=_text(work, "owner") or work.by if work else "",
        accepted="learning.accepted" in counts,
        withheld=any(event.kind == "learning.withheld" for event in standing),
        retired=any(event.kind == "learning.retired" for event in standing),
        superseded_by=tuple(sorted({_text(event, "by") for event in replaced} - {""})),
        purged=_PURGED in counts,
        last=tuple(sorted(event.id for event in history.latest(None))),
        counts=counts,
        unknown=sum(number for kind, number in counts.items() if kind not in KINDS),
    )


class _History:
    """The events of one subject in topological order, each with the set of those it comes after."""

    def __init__(self, events: Mapping[str, RecordEvent]) -> None:
        self.order = _topological(events)
        position = {event.id: number for number, event in enumerate(self.order)}
        self.seen: list[int] = []  # bit n: the n-th event of the order was seen
        for number, event in enumerate(self.order):
            bits = 0
            for name in event.after:
                earlier = position.get(name, number)
                if earlier < number:
                    bits |= self.seen[earlier] | 1 << earlier
            self.seen.append(bits)

    def latest(self, kinds: Collection[str] | None) -> list[RecordEvent]:
        """Return the events of these kinds that no other of these kinds had seen; of all when None."""
        chosen = [n for n, event in enumerate(self.order) if kinds is None or event.kind in kinds]
        covered = 0
        for number in chosen:
            covered |= self.seen[number]
        return [self.order[number] for number in chosen if not covered >> number & 1]

    def deciding(self, kinds: Mapping[str, int]) -> RecordEvent | None:
        """Return the strongest of the latest events of these kinds (by number), then the greatest id."""
        return max(self.latest(kinds), key=lambda event: (kinds[event.kind], event.id), default=None)


def _topological(events: Mapping[str, RecordEvent]) -> list[RecordEvent]:
    """Return events after all they come after, by id where that leaves a choice."""
    waiting = {name: {seen for seen in event.after if seen in events} for name, event in events.items()}
    followers: dict[str, list[str]] = {}
    for name, seen in waiting.items():
        for earlier in seen:
            followers.setdefault(earlier, []).append(name)
    ready = [name for name, seen in waiting.items() if not seen]
    heapq.heapify(ready)
    order: list[RecordEvent] = []
    while waiting:
        name = heapq.heappop(ready) if ready else min(waiting)  # nothing is ready: cut a cycle
        if waiting.pop(name, None) is None:
            continue
        order.append(events[name])
        for follower in followers.get(name, ()):
            if follower in waiting:
                waiting[follower].discard(name)
                if not waiting[follower]:
                    heapq.heappush(ready, follower)
    return order


def _text(event: RecordEvent | None, field: str) -> str:
    value = event.data.get(field) if event else None
    return value if isinstance(value, str) else ""
