"""Lines of instruction files that are at fault: followed and failed, or read and broken.

- *Followed and failed*: sessions ran what the line says, and it failed because of the line, not because
  tests were red: the command does not exist, does not run there, or lacks its set-up. Most sessions that ran
  it must have met that, and at least `MIN_SESSIONS`.
- *Read and broken*: the line forbids a command without a condition, and sessions ran it all the same.

A sound line accused costs more trust than a missed one, so what is doubtful is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.evidence.session_facts import SessionFacts
from holdfast.learn.instructions import InstructionLine
from holdfast.measure.broken_lines import broken_lines
from holdfast.measure.failed_lines import failed_lines
from holdfast.measure.line_fault import MIN_SESSIONS, FaultEvidence, FaultKind, InstructionFault
from holdfast.measure.line_runs import ordered

__all__ = ["MIN_SESSIONS", "FaultEvidence", "FaultKind", "InstructionFault", "instruction_faults"]


def instruction_faults(
    lines: Sequence[InstructionLine], sessions: Sequence[SessionFacts]
) -> list[InstructionFault]:
    """Return the lines that are at fault, those that cost most sessions first.

    Args:
        lines: From `read_instructions`.
        sessions: The facts of the repository's sessions, in any order.
    """
    known = ordered(sessions)
    found = [*failed_lines(lines, known), *broken_lines(lines, known)]
    found.sort(key=lambda fault: (-fault.sessions, -fault.tokens, fault.path, fault.line))
    return found
