"""What a session teaches besides its fixes: what was settled, what was given up, what caused a failure.

Most of it quotes a person or an agent, so it waits on this machine for a person's review.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from holdfast.evidence.agreements import AgreementState, AgreementTracker
from holdfast.evidence.approaches import ApproachState, ApproachTracker
from holdfast.evidence.causes import CauseState, CauseTracker
from holdfast.evidence.outcomes import Outcomes, OutcomesState
from holdfast.learn import agreements, approaches, causes
from holdfast.learn.candidates import Candidate
from holdfast.transcripts.events import AnyEvent


class ObservationState(msgspec.Struct, kw_only=True):
    """What must be carried over when a transcript is read on."""

    outcomes: OutcomesState = msgspec.field(default_factory=OutcomesState)
    agreements: AgreementState = msgspec.field(default_factory=AgreementState)
    approaches: ApproachState = msgspec.field(default_factory=ApproachState)
    causes: CauseState = msgspec.field(default_factory=CauseState)


class Observations:
    """Collect what a stretch of a session teaches from its events, in order.

    Attributes:
        state: What must be carried over.
        agreements, approaches, causes: The trackers, which hold what each found.
    """

    def __init__(self, state: ObservationState | None = None) -> None:
        self.state = state or ObservationState()
        outcomes = Outcomes(self.state.outcomes)
        self.agreements = AgreementTracker(self.state.agreements)
        self.approaches = ApproachTracker(self.state.approaches, outcomes)
        self.causes = CauseTracker(self.state.causes, outcomes)

    def feed(self, event: AnyEvent, line: int = 0) -> None:
        """Take the next event, which stands at ``line``."""
        for tracker in (self.agreements, self.approaches, self.causes):
            tracker.feed(event, line)

    def finish(self) -> None:
        """Decide what can only be decided at the end of what there is."""
        for tracker in (self.agreements, self.approaches, self.causes):
            tracker.finish()

    def candidates(self) -> Iterator[Candidate]:
        """Yield what was found as candidates."""
        found = (
            *map(agreements.candidate, self.agreements.found),
            *map(approaches.candidate, self.approaches.found),
            *map(causes.candidate, self.causes.found),
        )
        yield from (candidate for candidate in found if candidate is not None)
