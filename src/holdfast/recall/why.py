"""The evidence behind a learning: segment, line, command, exit codes, commit, and how often it worked."""

from __future__ import annotations

import msgspec

from holdfast.errors import RecordsError
from holdfast.evidence.use import Use, uses
from holdfast.index.documents import Document
from holdfast.learn import waiting
from holdfast.learn.neutral import neutral_record
from holdfast.learn.view import View
from holdfast.recall.items import Item, Known
from holdfast.repo import records
from holdfast.repo.records import Evidence, Learning, RecordEvent


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a learning is on record.

    Attributes:
        item: The learning as recall shows it.
        detail: The rest of its text.
        by: Who made it: ``a person``, or the agent and its session's key; "unknown" for a line of a file.
        evidence: What proves it.
        sessions: Keys of the sessions in which its fix worked.
        failed_in: Sessions in which a failure of its families occurred at all.
        used: In how many sessions it was told and held out, and what came of it.
        events: What happened to it since, oldest first.
        ref: The ref that holds it; None while it waits for review.
        path: Where its file stands there; file and line of a note in the worktree.
        state: ``retired``, ``withheld``, ``superseded``, ``accepted`` or empty.
    """

    item: Item
    detail: str
    by: str
    evidence: list[Evidence]
    sessions: list[str]
    failed_in: int
    events: list[RecordEvent]
    ref: str | None
    path: str | None
    state: str = ""
    used: list[Use] = []


def why(view: View, prefix: str) -> Reason:
    """Return the evidence behind the learning whose id begins with ``prefix``, or that stands there.

    Raises:
        UsageError: No learning's id begins so, or several do.
    """
    known = Known(view)
    document = view.resolve(prefix)
    ref, learning = _learning(view, document)
    families = set(document.families)
    failed = {row.session for row in known.rows if row.count and row.family in families}
    return Reason(
        item=known.item(document),
        detail=document.detail,
        by=_author(learning),
        evidence=list(learning.evidence) if learning else [],
        sessions=sorted(known.sessions(document.id)),
        failed_in=len(failed),
        events=[neutral_record(event) for event in view.events_of(document.id)],
        ref=ref,
        path=document.path,
        state=document.state,
        used=uses(view.told_in_sessions(), document.id),
    )


def _learning(view: View, document: Document) -> tuple[str | None, Learning | None]:
    """Return the ref that holds a learning, and the learning, whoever wrote it without secrets."""
    if document.source == "candidate":
        items = (item.learning for item in waiting.read(view.repository))
        return None, next((learning for learning in items if learning.id == document.id), None)
    found = view.read_record(document.path or "")
    if found is None:
        return None, None
    try:
        record = records.decode(document.path or "", found[1])
    except RecordsError:
        return found[0], None
    return found[0], neutral_record(record) if isinstance(record, Learning) else None


def _author(learning: Learning | None) -> str:
    if learning is None:
        return "unknown"
    if learning.by.kind == "person":
        return "a person"
    session = f", session {learning.by.session}" if learning.by.session else ""
    return f"{learning.by.agent or 'an agent'}{session}"
