"""What a purge must remove besides the record: the words it was made from, in the outlines kept here."""

from __future__ import annotations

import msgspec

from holdfast.errors import RecordsError
from holdfast.learn import outlines, symptoms
from holdfast.learn.sources.outlines import SESSION, STATEMENT
from holdfast.learn.view import View
from holdfast.repo import ids, records
from holdfast.repo.lock import held
from holdfast.repo.records import Learning, Segment


class Traces(msgspec.Struct, frozen=True, kw_only=True):
    """Where a record came from.

    Attributes:
        session: The key of the session; empty when it came from none.
        whole: True when the record is the session's own: all that is known of it goes, not its words alone.
        text: What the record said; whatever holds it goes too.
    """

    session: str = ""
    whole: bool = False
    text: str = ""


def traces_of(view: View, record_id: str) -> Traces:
    """Return where a record came from; call it before the record is gone."""
    for path in {entry.path for entry in view.branch.added() if ids.of_path(entry.path) == record_id}:
        found = view.read_record(path)
        if found is None:
            continue
        try:
            record = records.decode(path, found[1])
        except RecordsError:
            continue
        if isinstance(record, Segment):
            return Traces(session=record.session, whole=True)
        if isinstance(record, Learning):
            return Traces(session=record.by.session or "", text=record.lead)
    return Traces()


def named(view: View, name: str) -> Traces | None:
    """Return what a name of the index such as ``session:KEY`` or ``statement:KEY:2`` stands for.

    None for a name of another form, or when no outline kept here is of that session.
    """
    kind, _, rest = name.partition(":")
    key = rest.partition(":")[0]
    if kind not in (SESSION, STATEMENT) or key not in outlines.read(view.repository):
        return None
    return Traces(session=key, whole=kind == SESSION)


def forget(view: View, traces: Traces) -> list[str]:
    """Remove what outlines and symptoms kept here hold of a record; return what was removed, in sentences.

    The index is emptied, so that nothing stays in its free pages; the next refresh fills it.

    Raises:
        EnvironmentProblem: Outlines or symptoms cannot be written.
        RecordsBusy: An ingest goes on; call it again when it has ended.
    """
    repository = view.repository
    removed = 0
    with held(repository, name="ingest.lock"):
        if traces.session:
            removed += outlines.forget(repository, traces.session, words_alone=not traces.whole)
        if traces.text:
            removed += outlines.forget_text(repository, traces.text)
    changed = removed > 0
    try:  # after the outlines: what an agent says meanwhile of words that are gone is not kept any more
        changed |= symptoms.forget(repository, lambda name: _is_of(view, name, traces)) > 0
    finally:
        if changed:
            view.index.reset()
    if not removed:
        return []
    what = "all that was kept of its session" if traces.whole else "the words said in its session"
    return [f"On this machine {what} went too, and does not come back when its log is read again."]


def _is_of(view: View, name: str, traces: Traces) -> bool:
    """Tell whether a document comes from what is purged, or is gone already; commits are git's own."""
    document = view.index.get(name)
    if document is None:
        return not name.startswith("commit:")
    if traces.session and document.session == traces.session:
        return True
    return bool(traces.text) and traces.text in f"{document.text}\n{document.detail}"
