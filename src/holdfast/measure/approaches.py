"""How often each way of doing the same work succeeded: ``go test`` or ``mise run test``, ``npm`` or ``pnpm``.

Ways are compared within one purpose (run the tests, lint, build …) and only where at least two of them were
used often enough. A run that failed because the call or its set-up was wrong is counted apart from one that
found red tests: only the former speaks against the way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from holdfast.evidence import resolution
from holdfast.evidence.purposes import Interval, interval, purpose_of
from holdfast.evidence.session_facts import CommandRun, SessionFacts
from holdfast.hook import commands

LEAST_RUNS = 5
"""Runs that a way needs before it is compared."""
LEAST_SESSIONS = 3
"""Sessions in which a way must have been used before it is compared."""


class WayRate(msgspec.Struct, frozen=True, kw_only=True):
    """How one way of doing some work went.

    Attributes:
        way: The command as it is called, without its arguments.
        runs: How often it ran; ``ok`` of them succeeded.
        sessions: In how many sessions.
        set_up: Runs that failed because the call or its set-up was wrong, not because of what it found.
        ok_share: The share of runs that succeeded, with its ``interval``.
        worked_share: The share of runs that were no set-up failures, with its ``worked_interval``: the way
            itself worked, whatever it found.
    """

    way: str
    runs: int
    ok: int
    sessions: int
    set_up: int
    ok_share: float
    interval: Interval
    worked_share: float
    worked_interval: Interval


class ApproachRate(msgspec.Struct, frozen=True, kw_only=True):
    """Work that is done in several ways; the way that worked most often comes first.

    Only ways that were used in the same place are compared.

    Attributes:
        purpose: What is done, such as ``test`` or ``test integration``.
        apart: True when the best and the worst way differ beyond chance: their ``worked_interval`` do not
            touch.
    """

    purpose: str
    ways: list[WayRate]
    apart: bool


class _Tally(msgspec.Struct):
    runs: int = 0
    ok: int = 0
    set_up: int = 0
    sessions: set[str] = msgspec.field(default_factory=set)
    places: set[str] = msgspec.field(default_factory=set)


def success_by_approach(sessions: Iterable[SessionFacts]) -> list[ApproachRate]:
    """Return the work that is done in several ways with how each went, the most often done first."""
    tallies: dict[str, dict[str, _Tally]] = defaultdict(lambda: defaultdict(_Tally))
    seen: set[tuple[int, str]] = set()
    for facts in sessions:
        for run, set_up in _judged(facts):
            if run.call:
                if (run.call, run.text) in seen:
                    continue
                seen.add((run.call, run.text))
            purpose = purpose_of(run.family)
            if purpose:
                _count(tallies[purpose][way_of(run)], run, facts, set_up=set_up)
    rates = [
        _rate(purpose, ways)
        for purpose, found in tallies.items()
        for ways in _together(found)
        if len(ways) > 1
    ]
    return sorted(rates, key=lambda rate: (-sum(way.runs for way in rate.ways), rate.purpose))


def way_of(run: CommandRun) -> str:
    """Return how a run called its program: wrapper and family (``uv run pytest``), no arguments."""
    words = run.text.split()
    bare = commands.unwrapped(words)
    wrapper = [
        word for word in words[: len(words) - len(bare)] if "=" not in word and not word.startswith("-")
    ]
    return " ".join([*wrapper[:2], run.family])


def _judged(facts: SessionFacts) -> Iterator[tuple[CommandRun, bool]]:
    """Yield the runs that were not refused, each with whether it was a set-up failure.

    A failure that came again stands once in ``episodes``: its later runs go with the latest before them.
    """
    first = dict(zip(facts.failed_calls, facts.episodes, strict=False))
    latest: dict[str, bool] = {}
    for run in facts.runs:
        if run.status == "rejected":
            continue
        if run.status == "failed":
            episode = first.get(run.call)
            if episode is not None:
                latest[run.family] = resolution.is_usage(episode.failure.message)
            yield run, latest.get(run.family, False)
        else:
            yield run, False


def _count(tally: _Tally, run: CommandRun, facts: SessionFacts, *, set_up: bool) -> None:
    tally.runs += 1
    tally.ok += run.status == "ok"
    tally.set_up += set_up
    tally.sessions.add(facts.key)
    tally.places.add(facts.root or facts.key)  # of sessions that name no place none share one


def _together(ways: dict[str, _Tally]) -> list[dict[str, _Tally]]:
    """Return the ways that were used often enough, those that share a place together."""
    groups: list[tuple[set[str], dict[str, _Tally]]] = []
    for way, tally in ways.items():
        if tally.runs < LEAST_RUNS or len(tally.sessions) < LEAST_SESSIONS:
            continue
        places, members = set(tally.places), {way: tally}
        for group in [group for group in groups if group[0] & places]:
            groups.remove(group)
            places |= group[0]
            members.update(group[1])
        groups.append((places, members))
    return [members for _, members in groups]


def _rate(purpose: str, ways: dict[str, _Tally]) -> ApproachRate:
    rates = sorted(
        (_way(way, tally) for way, tally in ways.items()),
        key=lambda rate: (-rate.worked_share, -rate.runs, rate.way),
    )
    best = max(rate.worked_interval.low for rate in rates)
    worst = min(rate.worked_interval.high for rate in rates)
    return ApproachRate(purpose=purpose, ways=rates, apart=best > worst)


def _way(way: str, tally: _Tally) -> WayRate:
    worked = tally.runs - tally.set_up
    return WayRate(
        way=way,
        runs=tally.runs,
        ok=tally.ok,
        sessions=len(tally.sessions),
        set_up=tally.set_up,
        ok_share=tally.ok / tally.runs,
        interval=interval(tally.ok, tally.runs),
        worked_share=worked / tally.runs,
        worked_interval=interval(worked, tally.runs),
    )
