"""Put the sessions that were read together: in order of time, each call and each transcript once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

import msgspec

from holdfast.evidence.session_facts import SessionFacts
from holdfast.measure.tuition.sessions import ReadSession


def merged(sessions: Iterable[ReadSession]) -> list[ReadSession]:
    """Return the sessions in order of their start, without what a forked or resumed log copied.

    Of several transcripts of one session (a copy, a log of each of its subagents) the parts are joined, so
    that a session counts once.
    """
    by_key: dict[str, list[ReadSession]] = {}
    for session in sorted(sessions, key=_order):
        key = session.facts.key if session.facts.id else session.facts.name
        by_key.setdefault(key, []).append(session)
    seen: set[int] = set()
    return [_without_copies(_joined(parts), seen) for parts in by_key.values()]


def _order(session: ReadSession) -> tuple[float, str]:
    facts = session.facts
    return facts.started if facts.started is not None else 0.0, PurePath(facts.name).name


def _joined(parts: list[ReadSession]) -> ReadSession:
    """Return one session made of several transcripts of it; what two of them hold counts once."""
    if len(parts) == 1:
        return parts[0]
    seen: set[int] = set()
    parts = [_without_copies(part, seen) for part in parts]
    facts = [part.facts for part in parts]
    whole = max(facts, key=lambda fact: fact.calls)
    fresh = [fact for fact in facts if fact.runs or fact.episodes or fact is whole]
    joined = msgspec.structs.replace(
        whole,
        calls=sum(fact.calls for fact in fresh),
        runs=tuple(run for fact in fresh for run in fact.runs),
        episodes=tuple(episode for fact in fresh for episode in fact.episodes),
        failed_calls=tuple(call for fact in fresh for call in fact.failed_calls),
        started_at=tuple(at for fact in fresh for at in fact.started_at),
        edited=tuple(dict.fromkeys(path for fact in facts for path in fact.edited)),
    )
    return ReadSession(facts=joined, lessons=[lesson for part in parts for lesson in part.lessons])


def _without_copies(session: ReadSession, seen: set[int]) -> ReadSession:
    """Return a session without the calls that were seen in an earlier one, and note its own."""
    facts = session.facts
    own = {run.call for run in facts.runs} | set(facts.failed_calls)
    copied = own & seen
    seen |= own
    if not copied - {0}:
        return session
    kept = [number not in copied or not number for number in facts.failed_calls]
    cleaned: SessionFacts = msgspec.structs.replace(
        facts,
        runs=tuple(run for run in facts.runs if run.call not in copied),
        episodes=_kept(facts.episodes, kept),
        failed_calls=_kept(facts.failed_calls, kept),
        started_at=_kept(facts.started_at, kept),
    )
    return ReadSession(facts=cleaned, lessons=session.lessons)


def _kept(values: tuple, kept: list[bool]) -> tuple:  # type: ignore[type-arg]
    return tuple(value for value, keep in zip(values, kept, strict=True) if keep)
