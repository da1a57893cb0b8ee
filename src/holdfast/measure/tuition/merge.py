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
    told: set[str] = set()
    found = []
    for parts in by_key.values():
        joined = _joined(parts)
        session = _without_copies(joined, seen)
        if session is not joined:
            session.approaches = [one for one in session.approaches if one.text not in told]
        told.update(one.text for one in session.approaches)
        found.append(session)
    return found


def _order(session: ReadSession) -> tuple[float, str]:
    facts = session.facts
    return facts.started if facts.started is not None else 0.0, PurePath(facts.name).name


def _joined(parts: list[ReadSession]) -> ReadSession:
    """Return one session made of several transcripts of it; what two of them hold counts once."""
    if len(parts) == 1:
        return parts[0]
    seen: set[int] = set()
    cleaned = [_without_copies(part, seen) for part in parts]
    apart = all(one is part for one, part in zip(cleaned, parts, strict=True))
    facts = [part.facts for part in cleaned]
    whole = max(facts, key=lambda fact: fact.calls)
    joined = msgspec.structs.replace(
        whole,
        calls=sum(fact.calls for fact in facts) if apart else whole.calls,
        tokens=sum(fact.tokens for fact in facts) if apart else whole.tokens,
        runs=tuple(run for fact in facts for run in fact.runs),
        episodes=tuple(episode for fact in facts for episode in fact.episodes),
        failed_calls=tuple(call for fact in facts for call in fact.failed_calls),
        started_at=tuple(at for fact in facts for at in fact.started_at),
        edited=tuple(dict.fromkeys(path for fact in facts for path in fact.edited)),
    )
    return ReadSession(
        facts=joined,
        lessons=[lesson for part in cleaned for lesson in part.lessons],
        agreements=[agreement for part in cleaned for agreement in part.agreements],
        approaches=list({one.text: one for part in cleaned for one in part.approaches}.values()),
    )


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
    met = {episode.failure.family for episode in cleaned.episodes}
    return ReadSession(
        facts=cleaned,
        lessons=[lesson for lesson in session.lessons if lesson.family in met],
        agreements=session.agreements,  # `asked_twice` knows copies by what was said around them
        approaches=session.approaches,
    )


def _kept(values: tuple, kept: list[bool]) -> tuple:  # type: ignore[type-arg]
    return tuple(value for value, keep in zip(values, kept, strict=True) if keep)
