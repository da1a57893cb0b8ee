"""From a person's correction to a candidate. The words stay on this machine until a person accepts them."""

from __future__ import annotations

from holdfast.evidence.agreements import Agreement
from holdfast.evidence.corrections import Correction
from holdfast.learn import agreements
from holdfast.learn.candidates import Candidate

_QUESTIONS = ("AskUserQuestion", "ExitPlanMode", "request_user_input")


def candidate(correction: Correction) -> Candidate | None:
    """Return what a correction teaches; None when it is a remark on one change, or pasted output."""
    if correction.tool in _QUESTIONS:
        return None
    return agreements.candidate(
        Agreement(
            kind="rejected" if correction.rejected else "corrected",
            answer=correction.words,
            paths=correction.paths,
            command=correction.command,
            line=correction.line,
        )
    )
