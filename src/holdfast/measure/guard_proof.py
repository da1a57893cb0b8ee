"""What a guard would have done in the sessions that are past: the very matching of the hook, call by call."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from holdfast.hook import guards as hook
from holdfast.learn.guard_files import Guard
from holdfast.learn.guard_history import Deed, SessionDeeds
from holdfast.recall.guarding import data_of

MOST_EXAMPLES = 3


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """One call that a guard would have stopped."""

    transcript: str
    line: int
    what: str


class Proof(msgspec.Struct, kw_only=True):
    """What a guard would have done.

    Attributes:
        of: Sessions that it was tried on.
        stopped: Calls that it would have stood against, in ``sessions`` sessions; it stops one a session, so
            the others are what that one denial could have spared.
        wrongly: Of these, calls that the person had asked for.
        rejected: Of these, calls that the person or the agent's own rules refused.
        examples, wrong: The first of each.
    """

    of: int = 0
    stopped: int = 0
    sessions: int = 0
    wrongly: int = 0
    rejected: int = 0
    examples: list[Example] = []
    wrong: list[Example] = []


def prove(guard: Guard, sessions: Sequence[SessionDeeds], since: float | None = None) -> Proof:
    """Return what a guard would have done.

    Args:
        guard: The guard; it need not be enforced.
        sessions: From `guard_history.read_sessions`.
        since: When its rule came to be, in seconds since the epoch: earlier sessions did not know it.
    """
    data, proof = data_of("tried", guard), Proof()
    for session in sessions:
        started = session.facts.started
        if since is not None and started is not None and started < since:
            continue
        proof.of += 1
        root = session.facts.root or ""
        hits = [deed for deed in session.deeds if would_stop(data, deed, root)]
        proof.sessions += bool(hits)
        for deed in hits:
            _count(proof, guard, session, deed)
    return proof


def would_stop(data: dict[str, object], deed: Deed, root: str) -> bool:
    """Tell whether a guard, as it is published, would have stopped a call."""
    return hook.stops(data, _as_called(deed, root))


def _as_called(deed: Deed, root: str) -> hook.Deed:
    return hook.Deed(deed.command, root, list(deed.paths), root)


def _count(proof: Proof, guard: Guard, session: SessionDeeds, deed: Deed) -> None:
    what = " ".join((deed.command or f"edit {', '.join(deed.paths)}").split())[:160]
    example = Example(transcript=session.facts.name, line=deed.line, what=what)
    proof.stopped += 1
    proof.rejected += deed.status == "rejected"
    if deed.status != "rejected" and _was_asked_for(guard, deed, session.facts.root or ""):
        proof.wrongly += 1
        if len(proof.wrong) < MOST_EXAMPLES:
            proof.wrong.append(example)
    elif len(proof.examples) < MOST_EXAMPLES:
        proof.examples.append(example)


def _was_asked_for(guard: Guard, deed: Deed, root: str) -> bool:
    """Tell whether the person had named all the words of what was stopped, or a file that was changed."""
    named = frozenset(deed.named)
    if any(named.issuperset(pattern.lower().split()) for pattern in guard.commands):
        return True
    called = _as_called(deed, root) if guard.paths else None
    changed = [*called.paths, *(path for run in called.runs for path in run.writes)] if called else []
    return any(path.rsplit("/", 1)[-1].lower() in named for path in changed)
