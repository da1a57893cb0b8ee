"""Say how a learning did in use: it helped, it is wrong, or it is stale.

That a learning is wrong withholds it at once, for everybody who shares the records, until a person decides;
that it is stale asks for a look and leaves it told. Nobody is believed for saying that it helped: what counts
is what came of it (`holdfast.evidence.told`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from holdfast.errors import Refused, UsageError
from holdfast.index.documents import Document
from holdfast.learn import refresh
from holdfast.learn.gate import safety
from holdfast.learn.overriding import event_of
from holdfast.learn.recorded import decode_told
from holdfast.learn.view import View
from holdfast.learn.write import Written, recorded_id
from holdfast.repo import records
from holdfast.repo.records import RecordEvent

Outcome = Literal["helped", "wrong", "stale"]
CITED, WITHHELD, ACCEPTED = "learning.cited", "learning.withheld", "learning.accepted"
MAX_NOTE = 500
"""Characters of a note that are kept."""
_REVIEWS = frozenset([ACCEPTED, "learning.restored", "learning.retired"])
_DOUBTS = ("wrong", "stale")


class Cited(msgspec.Struct, frozen=True, kw_only=True):
    """What was noted.

    Attributes:
        id: The learning's id.
        outcome: ``helped``, ``wrong`` or ``stale``.
        withheld: Whether the learning is not told any more, until a person decides.
        already: True when the same was noted before; then nothing was written.
        redacted: True when something private was taken out of the note.
    """

    id: str
    outcome: Outcome
    text: str
    withheld: bool = False
    already: bool = False
    redacted: bool = False
    commit: str | None = None


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A learning that somebody called wrong or stale, and that nobody has decided on since.

    Attributes:
        document: The learning.
        outcome: ``wrong`` or ``stale``.
        note: What was said of it; ``by`` the agent that said so, empty for a person.
    """

    document: Document
    outcome: str
    note: str
    by: str = ""
    day: str = ""


def cite(view: View, prefix: str, outcome: Outcome, *, note: str = "", agent: str = "") -> Cited:
    """Note how a learning did.

    Args:
        view: The repository's view.
        prefix: The learning's id, or its beginning.
        outcome: ``helped``, ``wrong`` or ``stale``.
        note: What was seen; needed where it is wrong, for the person who decides.
        agent: The agent that says so; empty for a person.

    Raises:
        UsageError: No learning on record has this id, or it was retired, or there is no note where one is
            needed.
        Refused: The note is not safe to keep.
        NewerRecords: The records were written by a newer Holdfast.
    """
    view.refuse_newer()
    note = " ".join(note.split())[:MAX_NOTE]
    if outcome == "wrong" and not note:
        raise UsageError(
            "Calling a learning wrong withholds it, so it needs a note.",
            f'Say what is wrong: holdfast cite {prefix} --outcome wrong --note "…"',
        )
    harm = safety.fault(note) if note else None
    if harm is not None:
        raise Refused(f"Not noted: the note is not safe. {harm[0]}", harm[1])
    learning = view.index.get(recorded_id(view, prefix))
    assert learning is not None
    if learning.state == "retired":
        raise UsageError(f"{prefix} was retired: nobody is told it.", f"See why: `holdfast why {prefix}`")
    data = {"outcome": outcome, **({"note": note} if note else {})}
    event = event_of(view, CITED, learning.id, data, agent)
    said = Cited(
        id=learning.id,
        outcome=outcome,
        text=learning.text,
        withheld=learning.state == "withheld" or outcome == "wrong",
        redacted=event.data.get("note", "") != note,
    )
    if _was_said(event, view.events_of(learning.id)):
        return msgspec.structs.replace(said, already=True)
    files = {event.path: records.encode(event)}
    if outcome == "wrong" and learning.state != "withheld":
        reason = {"reason": event.data.get("note", "")}
        held = event_of(view, WITHHELD, learning.id, reason, agent)
        held = msgspec.structs.replace(held, after=(*held.after, event.id))
        files[held.path] = records.encode(held)
    commit = view.branch.append(files, f"Cite {learning.kind}: {outcome}")
    view.refresh()
    return msgspec.structs.replace(said, commit=commit)


def doubts(view: View) -> list[Doubt]:
    """Return what was called wrong or stale and not decided on since, what is withheld first."""
    found = []
    for subject, value in view.index.values(refresh.EVENTS).items():
        if f'"{CITED}"' not in value and f'"{WITHHELD}"' not in value:
            continue
        document = view.index.get(subject)
        if document is None or document.source != "record" or document.state == "retired":
            continue
        doubt = _doubt(view, document, value)
        if doubt is not None:
            found.append(doubt)
    return sorted(found, key=lambda each: (each.outcome != "wrong", each.day, each.document.id))


def doubted(view: View, prefix: str) -> Doubt | None:
    """Return the doubt in the one learning whose id begins so; None when nobody doubts it."""
    found = {doubt.document.id: doubt for doubt in doubts(view)}
    if not any(name.startswith(prefix) for name in found):
        return None
    return found.get(recorded_id(view, prefix))


def uphold(view: View, doubt: Doubt) -> Written:
    """Say, as a person, that a learning in doubt holds: it is told again."""
    view.refuse_newer()
    document = doubt.document
    event = event_of(view, ACCEPTED, document.id, {"in_spite_of": doubt.note} if doubt.note else {})
    commit = view.branch.append({event.path: records.encode(event)}, f"Uphold {document.kind}")
    view.refresh()
    return Written(id=document.id, kind=document.kind, text=document.text, commit=commit)


def _doubt(view: View, document: Document, value: str) -> Doubt | None:
    """Return the weightiest doubt in a learning that no review has seen."""
    believed = view.believed()
    ours = document.author in believed
    events = [event for author, event in decode_told(value) if author in believed or not ours]
    seen = {id_ for event in events if event.kind in _REVIEWS for id_ in event.after}
    open_ = [event for event in events if event.id not in seen and _outcome(event)]
    if not open_ or (document.state != "withheld" and all(_outcome(event) == "wrong" for event in open_)):
        return None
    first = min(
        open_, key=lambda event: (_outcome(event) != "wrong", event.kind != CITED, event.day, event.id)
    )
    note = first.data.get("note", first.data.get("reason", ""))
    return Doubt(
        document=document,
        outcome=_outcome(first),
        note=note if isinstance(note, str) else "",
        by=first.by,
        day=first.day,
    )


def _outcome(event: RecordEvent) -> str:
    """Return what doubt an event casts; empty for none."""
    if event.kind == WITHHELD:
        return "wrong"
    said = event.data.get("outcome") if event.kind == CITED else None
    return said if said in _DOUBTS else ""


def _was_said(event: RecordEvent, known: list[RecordEvent]) -> bool:
    """Tell whether the same was said before, and nobody has reviewed it since."""
    reviewed = {id_ for each in known if each.kind in _REVIEWS for id_ in each.after}
    return any(
        (each.kind, each.by, each.data) == (event.kind, event.by, event.data) and each.id not in reviewed
        for each in known
    )
