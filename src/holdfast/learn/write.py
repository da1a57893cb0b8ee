"""Write a learning down on purpose: by a person, or by an agent at their word."""

from __future__ import annotations

import msgspec

from holdfast.errors import Refused, UsageError
from holdfast.hook import clock
from holdfast.hook.signature import plain
from holdfast.learn import notes, waiting
from holdfast.learn.candidates import key_of
from holdfast.learn.decisions import judge_decision
from holdfast.learn.documents import split_lead
from holdfast.learn.gate import Verdict, judge, safety
from holdfast.learn.neutral import neutral_record, neutral_text
from holdfast.learn.overriding import event_of, overridden
from holdfast.learn.view import View
from holdfast.repo import ids, records
from holdfast.repo.ids import new_id
from holdfast.repo.records import KINDS, Applies, Author, Kind, Learning, RecordEvent

SETTLED = 0.85
"""The chance of being a decision from which on a person's own words need no outcome to prove them."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    Attributes:
        id: The learning's id; of a note the file and the line.
        already: True when the same learning was on record before; then nothing was written.
        redacted: True when something private was taken out of the text.
    """

    id: str
    kind: str
    text: str
    already: bool = False
    redacted: bool = False
    commit: str | None = None


def learn_text(
    view: View,
    text: str,
    *,
    kind: Kind = "gotcha",
    applies: Applies | None = None,
    supersedes: tuple[str, ...] = (),
    by: Author | None = None,
    anyway: str = "",
) -> Written:
    """Record one learning, after redaction and the gate.

    Args:
        view: The repository's view.
        text: The learning. Its first paragraph, at most 80 words, is what an agent is shown.
        kind: failure, gotcha, decision, pattern, convention or model.
        applies: The commands, paths and tags it applies to.
        supersedes: Ids, or their beginnings, of learnings that this one replaces.
        by: Who says so; a person when not given.
        anyway: A person's reason to record it although the gate refuses; it is recorded as an override.

    Raises:
        Refused: The gate refuses the text; the message names the criterion, the hint how to mend it.
        UsageError: The text is empty, the kind or an id in ``supersedes`` is not known.
        NewerRecords: The records were written by a newer Holdfast.
    """
    view.refuse_newer()
    text = plain(text).strip()
    if not text:
        raise UsageError(
            "There is no text to learn.", 'Say it: holdfast learn "use X because Y; Z failed with …"'
        )
    if kind not in KINDS:
        raise UsageError(f"There is no kind {kind!r} of learning.", f"It is one of {', '.join(KINDS)}.")
    replaced = tuple(recorded_id(view, prefix) for prefix in supersedes)
    root = str(view.repository.root) if view.repository.root else None
    draft = Learning(
        id=new_id(),
        kind=kind,
        created=clock.today(),
        text=_shaped(text),
        by=by or Author(kind="person"),
        applies=applies or Applies(),
        supersedes=replaced,
        same_as=key_of(kind, neutral_text(text, root)),
    )
    learning = neutral_record(draft, root, is_new=True)
    believed = view.believed()
    known = [d for d in view.told() if d.author in believed and d.id not in replaced]
    for document in known:
        if document.digest == learning.same_as:
            return Written(id=document.id, kind=document.kind, text=document.text, already=True)
    _pass_gate(learning, [document.text for document in known], anyway)
    if not replaced and notes.are_kept(view.repository):
        return _noted(view, learning, redacted=learning.text != draft.text)
    files = {learning.path: records.encode(learning)}
    for event in _events(view, learning, replaced, anyway):
        files[event.path] = records.encode(event)
    commit = view.branch.append(files, f"Learn {learning.kind}")
    view.refresh()
    return Written(
        id=learning.id,
        kind=learning.kind,
        text=learning.lead,
        redacted=learning.text != draft.text,
        commit=commit,
    )


def _noted(view: View, learning: Learning, *, redacted: bool) -> Written:
    place = notes.keep(view.repository, learning)
    already = view.is_note(place)
    view.refresh()
    return Written(id=place, kind="note", text=learning.lead, already=already, redacted=redacted)


def accept(view: View, prefix: str) -> Written:
    """Record a candidate that waits for a person, at that person's word.

    Raises:
        UsageError: No candidate's id begins so.
    """
    view.refuse_newer()
    item = _waiting(view, prefix)
    learning = neutral_record(msgspec.structs.replace(item.learning, by=Author(kind="person")))
    event = event_of(view, "learning.accepted", learning.id, {"session": item.learning.by.session or ""})
    files = {learning.path: records.encode(learning), event.path: records.encode(event)}
    commit = view.branch.append(files, f"Accept {learning.kind}")
    waiting.remove(view.repository, learning.id)
    view.refresh()
    return Written(id=learning.id, kind=learning.kind, text=learning.lead, commit=commit)


def drop(view: View, prefix: str) -> str:
    """Set a candidate aside for good, so that it does not come back; return its id."""
    item = _waiting(view, prefix)
    waiting.write(view.repository, msgspec.structs.replace(item, status="dropped"))
    view.refresh()
    return item.learning.id


def retire(view: View, prefix: str, reason: str) -> str:
    """Say that a learning no longer holds: it stays on record and is not told any more; return its id."""
    view.refuse_newer()
    retired = recorded_id(view, prefix)
    event = event_of(view, "learning.retired", retired, {"reason": reason} if reason else {})
    view.branch.append({event.path: records.encode(event)}, "Retire a learning")
    view.refresh()
    return retired


def _waiting(view: View, prefix: str) -> waiting.Waiting:
    items = {item.learning.id: item for item in waiting.read(view.repository) if item.status == "waiting"}
    if not items:
        raise UsageError("Nothing waits for review.", "Read sessions first: `holdfast ingest`")
    if not any(name.startswith(prefix) for name in items) and prefix:
        found = view.resolve(prefix)  # says so itself when nothing has such an id
        raise UsageError(
            f"{found.id[:6]} does not wait: it is on record.", f"See it: `holdfast why {found.id[:6]}`"
        )
    return items[ids.resolve(prefix, items)]


def _pass_gate(learning: Learning, known: list[str], anyway: str) -> None:
    harm = safety.fault(learning.text)  # the gate judges what an agent is shown; the details must be safe too
    if harm is not None:
        raise Refused(f"Not recorded: the text is not safe. {harm[0]}", harm[1])
    verdict = judge(learning.lead, kind=learning.kind, known=known)
    if not verdict.accepted and not anyway.strip() and not _is_settled(learning, verdict):
        raise Refused(
            f"Not recorded: the text is not {verdict.criterion} enough. {verdict.reason}", verdict.mend
        )


def _is_settled(learning: Learning, verdict: Verdict) -> bool:
    """Tell whether a person states a decision, whose only proof is that they say so.

    The gate was made for what is found in sessions; it turns away rules that name no outcome.
    """
    if learning.by.kind != "person" or verdict.criterion not in ("actionable", "specific", "validated"):
        return False
    decision = judge_decision(learning.lead, source="adr")
    return decision is not None and decision.chance >= SETTLED


def _events(view: View, learning: Learning, replaced: tuple[str, ...], anyway: str) -> list[RecordEvent]:
    events = [event_of(view, "learning.superseded", old, {"by": learning.id}) for old in replaced]
    if anyway.strip():
        by = learning.by.agent or "" if learning.by.kind == "agent" else ""
        events.append(overridden(view, learning.id, "gate", anyway, by=by))
    return events


def recorded_id(view: View, prefix: str) -> str:
    """Return the id of the learning on record whose id begins so.

    Raises:
        UsageError: None does, or several do; it is a line of the user's own file, or waits for review.
    """
    document = view.resolve(prefix)
    if document.path == prefix:
        raise UsageError(f"{prefix} is a line of your own file.", "Change it there; Holdfast reads it live.")
    if document.source != "record":
        raise UsageError(
            f"{prefix} is not recorded: it waits for your review.",
            f"Decide on it first: `holdfast review accept {prefix}` or `holdfast review drop {prefix}`.",
        )
    return document.id


def _shaped(text: str) -> str:
    """Keep the paragraphs; what is too long of the first is moved to a paragraph of its own."""
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    lead, rest = split_lead(paragraphs[0])
    return "\n\n".join([lead, rest, *paragraphs[1:]] if rest else paragraphs)
