"""Keep in mind what a Codex rollout writes twice, which processes still run, and which calls failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from holdfast.transcripts.outcome import Outcome
from holdfast.transcripts.values import cut

KEPT = 64
"""How many unmatched texts and running processes are kept in mind."""


class Pairs:
    """Tell the first of two records of one thing from the second, which comes from another source."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}

    def is_first(self, kind: str, text: str, source: str) -> bool:
        """Return False when the same was met just before from another source."""
        digest = blake2b(f"{kind}:{text}".encode("utf-8", "replace"), digest_size=12).hexdigest()
        other = self._open.get(digest)
        if other is not None and other != source:
            del self._open[digest]
            return False
        self._open[digest] = source
        if len(self._open) > KEPT:
            del self._open[next(iter(self._open))]
        return True

    def state(self) -> dict[str, str]:
        """Return what is kept in mind."""
        return self._open

    def restore(self, state: Mapping[str, str]) -> None:
        """Go on from what `state` returned."""
        self._open = dict(state)


class Failures:
    """Follow the calls that the client notes as failed before their output, which may not say so."""

    def __init__(self) -> None:
        self._calls: list[str] = []

    def note(self, call: str) -> None:
        """Take note that a call failed."""
        self._calls = [*self._calls[1 - KEPT :], call]

    def take(self, call: str) -> bool:
        """Tell whether a call was noted, and forget it."""
        noted = call in self._calls
        if noted:
            self._calls.remove(call)
        return noted

    def state(self) -> list[str]:
        """Return what is kept in mind."""
        return self._calls

    def restore(self, state: Iterable[str]) -> None:
        """Go on from what `state` returned."""
        self._calls = list(state)


class Running:
    """Follow commands that outlive their first output: the outcome belongs to the call that began them."""

    def __init__(self) -> None:
        self._calls: dict[str, list[str]] = {}
        self._polls: dict[str, str] = {}

    def polls(self, identity: str, session: str) -> bool:
        """Take note of a call that asks a running process for more; False when none is known to run."""
        if session not in self._calls:
            return False
        self._polls[identity] = session
        if len(self._polls) > KEPT:
            del self._polls[next(iter(self._polls))]
        return True

    def settle(self, identity: str, outcome: Outcome) -> tuple[str, Outcome] | None:
        """Return the call that an outcome belongs to and the whole of it; None while its process runs."""
        session = self._polls.pop(identity, None)
        if session is None:
            if outcome.session is None:
                return identity, outcome
            self._calls[outcome.session] = [identity, cut(outcome.text)]
            if len(self._calls) > KEPT:
                del self._calls[next(iter(self._calls))]
            return None
        begun = self._calls.get(session)
        if begun is None:
            return None
        text = cut(begun[1] + outcome.text)
        if outcome.session is not None:
            begun[1] = text
            return None
        del self._calls[session]
        return begun[0], outcome._replace(text=text)

    def ended(self, call: str) -> bool:
        """Tell whether a call's process ran until now, and forget that process."""
        session = next((session for session, begun in self._calls.items() if begun[0] == call), None)
        return self._calls.pop(session, None) is not None if session is not None else False

    def state(self) -> dict[str, Any]:
        """Return what is kept in mind."""
        return {"calls": self._calls, "polls": self._polls}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._calls = {session: list(begun) for session, begun in state["calls"].items()}
        self._polls = dict(state["polls"])
