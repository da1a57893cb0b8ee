"""Let an agent propose a learning: it waits for a person, and nothing of it is shared before.

What an agent says of its own accord is no event that proves anything, and may have been put into its mouth by
what it read. So it is redacted, judged by the gate, and kept in local state until `holdfast review`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from holdfast.errors import Refused, UsageError
from holdfast.hook import clock
from holdfast.hook.signature import plain
from holdfast.learn import waiting
from holdfast.learn.candidates import key_of
from holdfast.learn.documents import split_lead
from holdfast.learn.gate import judge, safety
from holdfast.learn.neutral import neutral_record, neutral_text
from holdfast.learn.view import View
from holdfast.repo.ids import new_id
from holdfast.repo.records import KINDS, Applies, Author, Kind, Learning

MOST_WAITING = 30
"""Learnings that no evidence stands behind that may wait at a time: more would not be read."""


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a proposal.

    Attributes:
        id: The id under which it waits, or of what says the same.
        state: ``waiting``; ``known`` when the same is on record; ``dropped`` when a person set it aside.
        already: Whether it was so before.
        redacted: Whether something private was taken out of the text.
    """

    id: str
    state: Literal["waiting", "known", "dropped"] = "waiting"
    already: bool = False
    redacted: bool = False


def propose(
    view: View,
    text: str,
    *,
    kind: Kind = "gotcha",
    applies: Applies | None = None,
    by: Author | None = None,
    proven: bool = False,
) -> Proposed:
    """Let a learning wait for a person, after redaction and the gate; the same twice waits once.

    Args:
        view: The repository's view.
        text: The learning. Its first paragraph, at most 80 words, is what an agent is shown.
        kind: failure, gotcha, decision, pattern, convention or model.
        applies: The commands, paths and tags it applies to.
        by: Which agent says so, in which session.
        proven: Whether a person said so, in words that were found: nothing else could confirm them.

    Raises:
        Refused: The gate refuses the text, or too much waits already; the hint says how to mend it.
        UsageError: The text is empty, or the kind is not known.
        EnvironmentProblem: It cannot be written.
    """
    said = plain(text).strip()
    if not said:
        raise UsageError("There is no text to learn.", "Say what to do, why, and what failed otherwise.")
    if kind not in KINDS:
        raise UsageError(f"There is no kind {kind!r} of learning.", f"It is one of {', '.join(KINDS)}.")
    root = str(view.repository.root) if view.repository.root else None
    draft = Learning(
        id=new_id(),
        kind=kind,
        created=clock.today(),
        text=_shaped(said),
        by=by or Author(kind="agent"),
        applies=applies or Applies(),
        same_as=key_of(kind, neutral_text(said, root)),
    )
    learning = neutral_record(draft, root, is_new=True)
    before = _known(view, learning) or _waits(view, learning)
    if before is not None:
        return before
    _pass_gate(view, learning, proven=proven)
    waiting.write(view.repository, waiting.Waiting(key=learning.same_as or "", learning=learning))
    view.refresh()
    return Proposed(id=learning.id, redacted=learning.text != draft.text)


def _known(view: View, learning: Learning) -> Proposed | None:
    believed = view.believed()
    for document in view.told():
        same = document.digest == learning.same_as or _folded(document.text) == _folded(learning.lead)
        if same and document.author in believed:
            return Proposed(id=document.id, state="known", already=True)
    return None


def _waits(view: View, learning: Learning) -> Proposed | None:
    """Return what waits, or was dropped, and says the same; refuse when too much waits."""
    unproven = 0
    for item in waiting.read(view.repository):
        if item.key == learning.same_as or _folded(item.learning.lead) == _folded(learning.lead):
            state: Literal["waiting", "dropped"] = item.status
            return Proposed(id=item.learning.id, state=state, already=True)
        unproven += item.status == "waiting" and not item.learning.evidence
    if unproven >= MOST_WAITING:
        raise Refused(
            f"Not noted: {unproven} proposals wait for a person already.",
            "A person decides on them first: `holdfast review`.",
        )
    return None


def _pass_gate(view: View, learning: Learning, *, proven: bool) -> None:
    harm = safety.fault(learning.text)
    if harm is not None:
        raise Refused(f"Not noted: the text is not safe. {harm[0]}", harm[1])
    believed = view.believed()
    known = [document.text for document in view.told() if document.author in believed]
    verdict = judge(learning.lead, kind=learning.kind, proven=proven, known=known)
    if not verdict.accepted:
        raise Refused(
            f"Not noted: the text is not {verdict.criterion} enough. {verdict.reason}", verdict.mend
        )


def _shaped(text: str) -> str:
    """Keep the paragraphs; what is too long of the first is moved to a paragraph of its own."""
    first, *others = [part.strip() for part in text.split("\n\n") if part.strip()]
    lead, rest = split_lead(first)
    return "\n\n".join(part for part in (lead, rest, *others) if part)


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
