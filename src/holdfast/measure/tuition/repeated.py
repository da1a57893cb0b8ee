"""Failures that came back, what they cost, and how soon they come back.

What one failure cost is what lies between it and the next success of the same work, so it is an upper bound:
the session may have done other things meanwhile. Nobody could have been warned of a failure's first session,
so what it cost there is not counted as paid again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

import msgspec

from holdfast.evidence import resolution
from holdfast.evidence.episodes import Episode
from holdfast.evidence.session_facts import SessionFacts
from holdfast.hook import commands
from holdfast.hook.signature import is_generic
from holdfast.learn.failures import shown
from holdfast.learn.neutral import neutral_text
from holdfast.measure.tuition.cure import Cure
from holdfast.measure.tuition.sessions import Lesson, ReadSession

DAY = 86_400.0


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where something stands: a transcript and a line of it."""

    transcript: str
    line: int


class RepeatedFailure(msgspec.Struct, kw_only=True):
    """A failure that occurred in two or more sessions.

    Attributes:
        family: Its family.
        command: The command family that failed; ``failed`` the command as it was mostly typed.
        message: The error line; where it differs, what is the same in all.
        sessions: Sessions in which it occurred, of ``ran`` that ran such a command; of all sessions where the
            logs do not tell, as with ``cd``, which is mostly a part of another call.
        times: Calls that failed so.
        resolved: How often a session got past it.
        minutes, tokens: From failure to success in all sessions after the first, at most; tokens to within
            one message at each end.
        calls: Calls from failure to success there.
        code: True when the work itself was red (a test, the compiler); False when the call or its set-up
            was at fault.
        instead: What worked, in words, when one and the same fix worked in half of the sessions that got past
            it, or more.
        instead_in: Sessions in which it worked.
        example: Where it stands first in the last session.
        cure: The cheapest cure that lasts; None when none is known.
        ended: The UTC day of the change that ended it, when one did (`since.ended`).
    """

    family: str
    command: str
    failed: str
    message: str
    sessions: int
    ran: int
    times: int
    resolved: int
    minutes: float
    tokens: int
    calls: int
    code: bool
    first: float | None
    last: float | None
    example: Place
    instead: Lesson | None = None
    instead_in: int = 0
    cure: Cure | None = None
    ended: str | None = None


class TimeToRepeat(msgspec.Struct, frozen=True, kw_only=True):
    """How soon a repeated failure comes back after its first session.

    Attributes:
        failures: Failures that came back.
        sessions: Median number of sessions from the first to the next with the same failure.
        days: Median number of days, when the transcripts say when they were.
    """

    failures: int
    sessions: float
    days: float | None


class _Met(NamedTuple):
    """A failure in one session."""

    place: int
    session: SessionFacts
    episode: Episode


def repeated_failures(sessions: Sequence[ReadSession]) -> list[RepeatedFailure]:
    """Return the failures that came back, the dearest first.

    Red tests and compiler errors of ever new code share a family and no cause: they count only when the very
    same one came back or one fix worked for several.

    Args:
        sessions: In order of time (`merge.merged`).
    """
    met: dict[str, list[_Met]] = defaultdict(list)
    for place, session in enumerate(sessions):
        for episode in session.facts.episodes:
            if tells(episode):
                met[episode.failure.family].append(_Met(place, session.facts, episode))
    lessons = _lessons(sessions)
    ran = _ran(sessions)
    found = [
        repeated
        for family, rows in met.items()
        if len({row.place for row in rows}) > 1
        and (repeated := _repeated(family, rows, lessons.get(family, []), ran))
    ]
    return sorted(found, key=lambda one: (-one.minutes - one.sessions, one.family))


def tells(episode: Episode) -> bool:
    """Tell whether a failure's family says what went wrong, so that its sessions may share a cause."""
    return not episode.failure.generic and not is_generic(episode.failure.family.partition(": ")[2])


def time_to_repeat(sessions: Sequence[ReadSession]) -> TimeToRepeat | None:
    """Return how soon failures come back; None when none did."""
    first: dict[str, int] = {}
    again: dict[str, int] = {}
    for place, session in enumerate(sessions):
        for episode in session.facts.episodes:
            family = episode.failure.family
            if not tells(episode) or first.setdefault(family, place) == place:
                continue
            again.setdefault(family, place)
    if not again:
        return None
    gaps = [place - first[family] for family, place in again.items()]
    days = [
        (after - before) / DAY
        for family, place in again.items()
        if (before := sessions[first[family]].facts.started) and (after := sessions[place].facts.started)
    ]
    return TimeToRepeat(
        failures=len(again), sessions=median(gaps), days=round(median(days), 1) if days else None
    )


def _repeated(
    family: str, rows: list[_Met], lessons: list[tuple[int, Lesson]], ran: _Ran
) -> RepeatedFailure | None:
    first = rows[0].place
    later = [row for row in rows if row.place != first]
    fixes = [row.episode.fix for row in later if row.episode.fix]
    last = rows[-1]
    failure = last.episode.failure
    typed = Counter(
        commands.main_text(row.episode.failure.command, row.episode.failure.owner)
        if row.episode.failure.tool == "Bash"
        else row.episode.failure.command
        for row in rows
    )
    usage = sum(resolution.is_usage(row.episode.failure.message) for row in rows)
    instead, places = _instead(lessons, len({row.place for row in rows if row.episode.fix}))
    code = failure.tool == "Bash" and usage * 2 < len(rows)
    if code and instead is None and not _same_twice(rows):
        return None
    places_met = {row.place for row in rows}
    return RepeatedFailure(
        family=neutral_text(family),
        command=neutral_text(failure.owner),
        failed=neutral_text(typed.most_common(1)[0][0], last.session.root)[:160],
        message=neutral_text(_message(family, rows)),
        sessions=len(places_met),
        ran=len(places_met | ran.sessions_of(failure.owner)) if failure.tool == "Bash" else ran.total,
        times=sum(row.episode.occurrences for row in rows),
        resolved=sum(row.episode.fix is not None for row in rows),
        minutes=round(sum(fix.seconds for fix in fixes) / 60, 1),
        tokens=sum(fix.tokens for fix in fixes),
        calls=sum(fix.steps for fix in fixes),
        code=code,
        first=rows[0].session.started,
        last=last.session.started,
        example=Place(transcript=last.session.name, line=failure.line),
        instead=instead,
        instead_in=places,
    )


def _message(family: str, rows: list[_Met]) -> str:
    """Return the error line that most of them share, else what the family keeps of it."""
    told, times = Counter(shown(row.episode.failure.message) for row in rows).most_common(1)[0]
    return told if 2 * times > len(rows) else family.partition(": ")[2] or told


def _same_twice(rows: list[_Met]) -> bool:
    """Tell whether the very same failure was met in two sessions."""
    places: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        places[row.episode.failure.specific].add(row.place)
    return any(len(found) > 1 for found in places.values())


def _lessons(sessions: Sequence[ReadSession]) -> dict[str, list[tuple[int, Lesson]]]:
    found: dict[str, list[tuple[int, Lesson]]] = defaultdict(list)
    for place, session in enumerate(sessions):
        for lesson in session.lessons:
            found[lesson.family].append((place, lesson))
    return found


def _instead(lessons: list[tuple[int, Lesson]], past: int) -> tuple[Lesson | None, int]:
    """Return the fix that half of the ``past`` sessions that got past it took, and how many took it."""
    if not lessons:
        return None, 0
    places: dict[str, set[int]] = defaultdict(set)
    latest: dict[str, Lesson] = {}
    for place, lesson in lessons:
        places[lesson.instead].add(place)
        latest[lesson.instead] = lesson
    best = max(places, key=lambda instead: (len(places[instead]), max(places[instead])))
    if 2 * len(places[best]) < past:
        return None, 0
    return latest[best], len(places[best])


class _Ran:
    """Which sessions ran which command families."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.sessions: dict[str, set[int]] = defaultdict(set)

    def sessions_of(self, family: str) -> set[int]:
        """Return the sessions that ran a family, or the same work behind another wrapper.

        All of them for what a shell line leads up to or looks at: beside other commands it is no run.
        """
        if commands.mains(f"{family}; other") == [["other"]]:
            return set(range(self.total))
        found = set(self.sessions.get(family, ()))
        for name, places in self.sessions.items():
            if name != family and commands.same_family(name, family):
                found |= places
        return found


def _ran(sessions: Sequence[ReadSession]) -> _Ran:
    ran = _Ran(len(sessions))
    for place, session in enumerate(sessions):
        for run in session.facts.runs:
            ran.sessions[run.family].add(place)
    return ran


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What failures cost in all sessions, at most: stretches that overlap count once.

    Attributes:
        failures: Calls that failed.
        minutes, tokens: From each failure to the next success of the same work.
        repeated_minutes, repeated_tokens: Of these, what went to failures that an earlier session had met.
        sessions_with_repeats: Sessions that met a failure that an earlier one had met.
    """

    failures: int
    minutes: float
    tokens: int
    repeated_minutes: float
    repeated_tokens: int
    sessions_with_repeats: int


def cost(sessions: Sequence[ReadSession]) -> Cost:
    """Return what failures cost, each second of a session counted once."""
    known: set[str] = set()
    failures = with_repeats = 0
    minutes = again_minutes = 0.0
    tokens = again_tokens = 0
    for session in sessions:
        everything, repeated = [], []
        new: set[str] = set()
        for stretch in _stretches(session.facts):
            failures += stretch.times
            everything.append(stretch)
            if stretch.family in known:
                repeated.append(stretch)
            elif stretch.tells:
                new.add(stretch.family)
        known |= new
        with_repeats += bool(repeated)
        minutes += _covered([(one.start, one.end) for one in everything]) / 60
        again_minutes += _covered([(one.start, one.end) for one in repeated]) / 60
        limit = session.facts.tokens
        tokens += min(limit, sum(one.tokens for one in everything))
        again_tokens += min(limit, sum(one.tokens for one in repeated))
    return Cost(
        failures=failures,
        minutes=round(minutes, 1),
        tokens=tokens,
        repeated_minutes=round(again_minutes, 1),
        repeated_tokens=again_tokens,
        sessions_with_repeats=with_repeats,
    )


class _Stretch(NamedTuple):
    """The part of a session from a failure to its end, in seconds with activity."""

    family: str
    tells: bool
    times: int
    start: float
    end: float
    tokens: int


def _stretches(facts: SessionFacts) -> Iterator[_Stretch]:
    for episode, start in zip(facts.episodes, facts.started_at, strict=True):
        fix = episode.fix
        seconds, tokens = (fix.seconds, fix.tokens) if fix else (0, 0)
        known = episode.failure.family
        yield _Stretch(known, tells(episode), episode.occurrences, start, start + seconds, tokens)


def _covered(spans: list[tuple[float, float]]) -> float:
    """Return the length of the union of spans."""
    total, reached = 0.0, 0.0
    for start, end in sorted(spans):
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total
