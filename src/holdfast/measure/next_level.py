"""Whether a later level would pay here: each is offered on what was measured in this repository alone.

The first later level whose sign is there is the one that is named; `holdfast status` does so once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from holdfast.evidence import journal
from holdfast.hook.levels import NAMES, known
from holdfast.learn.view import View
from holdfast.measure.guard_proposals import SESSIONS, waiting
from holdfast.measure.repeats import Repeats
from holdfast.recall.items import HIDDEN, Known

MOST_NOTES = 10
"""Notes from which on nobody can be expected to have them all in mind."""
FEWEST = 3
"""Sessions, or times, from which on something is no accident."""
_LONGEST = 12 * 3600.0
"""Seconds from the first line of a session to its last: one that took longer was left and come back to."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A level that would pay here.

    Attributes:
        level: Which.
        measured: What was counted, as a sentence.
        brings: What the level does about it, as a sentence.
        command: How to go there.
    """

    level: str
    measured: str
    brings: str
    command: str


class _Seen(NamedTuple):
    view: View
    repeats: Repeats
    notes: int


def next_level(view: View, level: str, repeats: Repeats, notes: int) -> Offer | None:
    """Return the first level after the one chosen that would pay by what was measured; None when none would.

    Args:
        view: What is known.
        level: The level that was chosen.
        repeats: What came back.
        notes: Notes in the user's own documents.
    """
    seen = _Seen(view, repeats, notes)
    for name in NAMES[NAMES.index(known(level)) + 1 :]:
        measured = _SIGNS[name](seen)
        if measured:
            return Offer(
                level=name,
                measured=measured,
                brings=_BRINGS[name],
                command=f"holdfast init --level {name}",
            )
    return None


def _failures_came_back(seen: _Seen) -> str:
    found = seen.repeats
    if found.with_repeats >= FEWEST:
        fixed = sum(repeat.learning is not None for repeat in found.repeats)
        known_fix = f"; what ends it is known for {fixed} of these failures" if fixed else ""
        return (
            f"{found.with_repeats} of {found.sessions} sessions met a failure that an earlier one had met"
            f"{known_fix}."
        )
    if seen.notes >= MOST_NOTES:
        return f"{seen.notes} notes stand in your own files, and no agent is told one."
    return ""


def _contexts_filled(seen: _Seen) -> str:
    by_session: dict[str, int] = defaultdict(int)
    for stretch in seen.view.index.stretches():
        by_session[stretch.session] += stretch.compactions
    compacted = [count for count in by_session.values() if count]
    if len(compacted) < FEWEST:
        return ""
    times = "once each" if sum(compacted) == len(compacted) else f"{sum(compacted)} times in all"
    share = f"{len(compacted)} of {len(by_session)} sessions"
    return f"{share} filled their context and went on from a summary, {times}."


def _rules_were_broken(seen: _Seen) -> str:
    """Count the rules of the user's own that could be guarded, as they were last looked for."""
    found = waiting(seen.view.repository)
    if not found:
        return ""
    worst = found[0]
    rules = "1 rule of your own was" if len(found) == 1 else f"{len(found)} rules of your own were"
    each = "" if len(found) == 1 else "the worst in "
    return (
        f"{rules} broken in {SESSIONS} sessions or more ({each}{worst.broken} of {worst.of}): "
        f"{worst.path}:{worst.line}."
    )


def _known_fixes_did_not_hold(seen: _Seen) -> str:
    """Count failures that came back on a day after what ends them was recorded."""
    known_here = Known(seen.view)
    recorded = {each.id: each.day for each in seen.view.learnings() if each.state not in HIDDEN and each.day}
    ends = {}
    for row in known_here.rows:
        learning = known_here.standing(row.learning) if row.learning else None
        if row.family and learning in recorded:
            ends[row.family] = recorded[learning]
    again: dict[str, set[str]] = defaultdict(set)
    for row in known_here.rows:
        if row.family in ends and row.count and row.day and row.day > ends[row.family]:
            again[row.family].add(row.session)
    often = {family: sessions for family, sessions in again.items() if len(sessions) >= FEWEST}
    if not often:
        return ""
    sessions = set().union(*often.values())
    failures = "1 failure" if len(often) == 1 else f"{len(often)} failures"
    return f"{failures} came back in {len(sessions)} sessions after what ends it was on record."


def _sessions_overlapped(seen: _Seen) -> str:
    """Count sessions that began in a directory where another one was at work."""
    by_root: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for found in journal.read_all(seen.view.repository):
        started = found.started
        if started is None or not started.root:
            continue
        times = [entry.at for _, entry in found.entries if entry.at]
        first, last = min(times, default=0.0), max(times, default=0.0)
        if first and last - first <= _LONGEST:
            by_root[started.root].append((first, last))
    count = sum(map(_overlapping, by_root.values()))
    if count < FEWEST:
        return ""
    return f"{count} sessions began in a directory where another one was still at work."


def _overlapping(spans: list[tuple[float, float]]) -> int:
    """Return how many of some spans of time began within an earlier one."""
    count, end = 0, 0.0
    for first, last in sorted(spans):
        count += first < end
        end = max(end, last)
    return count


_SIGNS: dict[str, Callable[[_Seen], str]] = {
    "foundation": _failures_came_back,
    "flow": _contexts_filled,
    "knowledge": lambda seen: _rules_were_broken(seen) or _known_fixes_did_not_hold(seen),
    "scale": _sessions_overlapped,
}
_BRINGS = {
    "foundation": "Agents are told what is known at their start, at a prompt and when a command fails.",
    "flow": "A session starts with what the last one left open, and is told when its context fills up.",
    "knowledge": "A call is warned of before it runs, and a rule can be made to hold.",
    "scale": "Each session works in a worktree of its own.",
}
