"""What worked instead of a command that failed and was not simply called again.

A failure is paired with the next success of the same work. Where agents gave the command up for another one,
the two are brought together as for a line of the instructions that says the command: what served the same
purpose next, in most sessions.
"""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.learn.instructions import InstructionLine
from holdfast.learn.neutral import neutral_text
from holdfast.measure.failed_lines import failed_lines
from holdfast.measure.instruction_faults import InstructionFault
from holdfast.measure.line_runs import ordered
from holdfast.measure.tuition.repeated import RepeatedFailure
from holdfast.measure.tuition.sessions import Lesson, ReadSession

FEWEST = 3
"""Sessions that must have met a failure before another way is looked for."""


def pair_with_other_ways(
    failures: Sequence[RepeatedFailure], sessions: Sequence[ReadSession]
) -> list[RepeatedFailure]:
    """Note at each failure without a fix the other command that worked, and what the way there cost.

    Returns:
        The failures that were paired so.
    """
    paired = []
    open_ = [one for one in failures if one.instead is None and not one.code and one.sessions >= FEWEST]
    lines = [
        InstructionLine(path=one.family, line=place, text=f"`{one.failed}`", commands=(one.failed,))
        for place, one in enumerate(open_)
    ]
    for fault in failed_lines(lines, ordered([session.facts for session in sessions])):
        failure = open_[fault.line]
        worked = fault.instead
        if worked and worked != failure.failed and neutral_text(worked) == worked:
            _note(failure, fault, worked)
            paired.append(failure)
    return paired


def _note(failure: RepeatedFailure, fault: InstructionFault, instead: str) -> None:
    failure.instead = Lesson(
        family=failure.family,
        text=f"Use `{instead}`, not `{failure.failed}`, which failed with “{failure.message}”.",
        form="call",
        instead=instead,
        failed=failure.failed,
    )
    failure.instead_in = sum(row.instead == instead for row in fault.evidence)
    later = (fault.sessions - 1) / fault.sessions  # nobody could have been warned of the first
    failure.minutes = max(failure.minutes, round(later * fault.seconds / 60, 1))
    failure.tokens = max(failure.tokens, round(later * fault.tokens))
