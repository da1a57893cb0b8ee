"""What a session teaches besides its fixes: what was settled, what was given up, what caused a failure.

Most of it quotes a person or an agent, so it waits on this machine for a person's review.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from holdfast.evidence.agreements import AgreementState, AgreementTracker
from holdfast.evidence.approaches import ApproachState, ApproachTracker
from holdfast.evidence.causes import CauseState, CauseTracker
from holdfast.learn import agreements, approaches, causes
from holdfast.learn.candidates import Candidate
from holdfast.transcripts.events import AnyEvent


class ObservationState(msgspec.Struct, kw_only=True):
    """What must be carried over when a transcript is read on."""

    agreements: AgreementState = msgspec.field(default_factory=AgreementState)
    approaches: ApproachState = msgspec.field(default_factory=ApproachState)
    causes: CauseState = msgspec.field(default_factory=CauseState)


class Observations:
    """Collect what a stretch of a session teaches from its events, in order."""

    def __init__(self, state: ObservationState | None = None) -> None:
        state = state or ObservationState()
        self._agreements = AgreementTracker(state.agreements)
        self._approaches = ApproachTracker(state.approaches)
        self._causes = CauseTracker(state.causes)

    @property
    def state(self) -> ObservationState:
        """Return what must be carried over."""
        return ObservationState(
            agreements=self._agreements.state, approaches=self._approaches.state, causes=self._causes.state
        )

    def feed(self, event: AnyEvent, line: int = 0) -> None:
        """Take the next event, which stands at ``line``."""
        for tracker in (self._agreements, self._approaches, self._causes):
            tracker.feed(event, line)

    def finish(self) -> None:
        """Decide what can only be decided at the end of what there is."""
        for tracker in (self._agreements, self._approaches, self._causes):
            tracker.finish()

    def candidates(self) -> Iterator[Candidate]:
        """Yield what was found as candidates."""
        found = (
            *map(agreements.candidate, self._agreements.found),
            *map(approaches.candidate, self._approaches.found),
            *map(causes.candidate, self._causes.found),
        )
        yield from (candidate for candidate in found if candidate is not None)
