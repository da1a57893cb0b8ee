"""Going on against advice: one kind of event, wherever the advice came from, with who did and why.

An override never makes what it overrides true: it is shown as overridden.
"""

from __future__ import annotations

from typing import Literal

from holdfast.errors import UsageError
from holdfast.hook import clock
from holdfast.learn.neutral import neutral_record
from holdfast.learn.view import View
from holdfast.repo.ids import new_id
from holdfast.repo.records import RecordEvent

KIND = "overridden"
"""The kind of each such event."""

MAX_TEXT = 500
"""Characters of a reason, and of what was done, that are kept."""

Advice = Literal["gate", "approach"]
"""What was overridden: the gate of learnings, or what is recorded against an approach."""


def overridden(
    view: View, subject: str, advice: Advice, reason: str, *, by: str = "", about: str = ""
) -> RecordEvent:
    """Return the event that says that advice was not followed.

    Args:
        view: The repository's view.
        subject: The id of the record that it is about; of advice that is no record, what names it: a commit,
            a line of a file, a command.
        advice: Whose advice it was.
        reason: Why it was not followed, in the words of who decided so.
        by: The agent that went on; empty for a person.
        about: What was done all the same.

    Raises:
        UsageError: No reason is given.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise UsageError("Going on against advice needs a reason.", "Say it: --anyway REASON")
    said = {"advice": advice, "reason": reason[:MAX_TEXT], "about": about[:MAX_TEXT]}
    return event_of(view, KIND, subject, {name: text for name, text in said.items() if text}, by)


def event_of(view: View, kind: str, subject: str, data: dict[str, str], by: str = "") -> RecordEvent:
    """Return an event of today about a record, after those of it that are known, without private text."""
    seen = tuple(event.id for event in view.events_of(subject))
    event = RecordEvent(
        id=new_id(), kind=kind, subject=subject, day=clock.today(), after=seen, by=by, data=dict(data)
    )
    root = view.repository.root
    return neutral_record(event, str(root) if root else None, is_new=True)
