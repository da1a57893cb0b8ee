"""What is found of a line of an instruction file that is at fault."""

from __future__ import annotations

from typing import Literal

import msgspec

MIN_SESSIONS = 2
"""Sessions that must have met a fault before a line is accused."""
MAX_EVIDENCE = 20
"""Rows of evidence that a fault carries: the first ones."""

FaultKind = Literal["followed and failed", "read and broken"]


class FaultEvidence(msgspec.Struct, frozen=True, gc=False):
    """One session in which a line was at fault.

    Attributes:
        session: The transcript, as it is shown to a person.
        line: The line of the transcript that holds the call.
        command: What was run.
        message: The error line; empty for a prohibition.
        instead: What then worked in that session, when something did.
    """

    session: str
    line: int
    command: str
    message: str = ""
    instead: str | None = None


class InstructionFault(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is at fault, what it cost, and how to mend it.

    Attributes:
        path, line, text: The line as it stands.
        command: The command that it names; ``edit PATH`` where it forbids to change a path.
        kept_off: That path; None for a command.
        sessions: Sessions in which it was at fault; ``of`` the sessions that ran what it names (for a
            prohibition: all sessions).
        times: Runs in which it was at fault.
        seconds, tokens: Active time and fresh tokens from the failure until it was got past: upper bounds,
            because other work may lie between. Zero for a prohibition.
        example: A session and the line of its transcript.
        instead: What worked in most of these sessions, or what the file says to use.
        cure_line: The whole line, mended; None when no mending is known.
    """

    path: str
    line: int
    text: str
    kind: FaultKind
    command: str
    sessions: int
    of: int
    times: int
    seconds: int = 0
    tokens: int = 0
    example: tuple[str, int]
    instead: str | None = None
    cure_line: str | None = None
    evidence: tuple[FaultEvidence, ...] = ()
    kept_off: str | None = None
