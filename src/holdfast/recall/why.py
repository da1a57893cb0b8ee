"""The evidence behind a learning: segment, line, command, exit codes, commit, and how often it worked."""

from __future__ import annotations

import msgspec

from holdfast.index.documents import Document
from holdfast.learn import waiting
from holdfast.learn.view import View
from holdfast.recall.items import Item, item, short_ids, worked
from holdfast.repo import records
from holdfast.repo.records import Evidence, Learning, RecordEvent


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a learning is on record.

    Attributes:
        item: The learning as recall shows it.
        detail: The rest of its text.
        by: Who made it: ``a person``, or the agent and its session's key.
        evidence: What proves it.
        sessions: Keys of the sessions in which its fix worked.
        failed_in: Sessions in which its failure occurred at all.
        events: What happened to it since, oldest first.
        path: Where its file stands on the records branch; None while it waits for review.
        state: ``retired``, ``withheld``, ``superseded``, ``accepted`` or empty.
    """

    item: Item
    detail: str
    by: str
    evidence: list[Evidence]
    sessions: list[str]
    failed_in: int
    events: list[RecordEvent]
    path: str | None
    state: str = ""


def why(view: View, prefix: str) -> Reason:
    """Return the evidence behind the learning whose id begins with ``prefix``.

    Raises:
        UsageError: No learning's id begins so, or several do.
    """
    document = view.resolve(prefix)
    learning = _learning(view, document)
    rows = view.index.occurrences()
    counts = worked(rows)
    sessions = sorted({row.session for row in rows if row.learning == document.id and row.resolved})
    families = set(document.families)
    failed = {row.session for row in rows if row.count and row.family in families}
    return Reason(
        item=item(view, document, counts[document.id], short_ids(view)),
        detail=document.detail,
        by=_author(learning),
        evidence=list(learning.evidence) if learning else [],
        sessions=sessions,
        failed_in=len(failed),
        events=view.events_of(document.id),
        path=document.path,
        state=document.state,
    )


def _learning(view: View, document: Document) -> Learning | None:
    if document.source == "candidate":
        return next((w.learning for w in waiting.read(view.repository) if w.learning.id == document.id), None)
    data = view.read_record(document.path or "")
    if data is None:
        return None
    record = records.decode(document.path or "", data)
    return record if isinstance(record, Learning) else None


def _author(learning: Learning | None) -> str:
    if learning is None:
        return "unknown"
    if learning.by.kind == "person":
        return "a person"
    return f"{learning.by.agent or 'an agent'}, session {learning.by.session or 'unknown'}"
