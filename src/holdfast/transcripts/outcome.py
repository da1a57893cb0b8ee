"""How a tool call ended, as read out of the log of any agent."""

from __future__ import annotations

from typing import NamedTuple

from holdfast.transcripts.events import Result, Status
from holdfast.transcripts.values import cut


class Outcome(NamedTuple):
    """The outcome of one tool call, or of one look at it.

    Attributes:
        status, text, exit_code, words: As in the event `Result`.
        session: The id of the process or shell that still runs; there is no outcome yet.
    """

    status: Status
    text: str
    exit_code: int | None = None
    words: str | None = None
    session: str | None = None


def result_of(call: str, outcome: Outcome, *, at: float | None, subagent: str | None = None) -> Result:
    """Return the event that an outcome makes."""
    return Result(
        at=at,
        subagent=subagent,
        call_id=call,
        status=outcome.status,
        text=cut(outcome.text),
        exit_code=outcome.exit_code,
        words=outcome.words,
    )
