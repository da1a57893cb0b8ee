"""Decisions that a task hinges on, from whichever source: records, documents, commits, what people said.

The task is told in symptom words. What may be meant is found by these words and by those that they lead to,
read for whether it states a decision, and ranked by both. Of decisions that replace one another the newest
is given and the older ones are named as withheld. Where nothing is near enough, the answer is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from holdfast.index.documents import Document
from holdfast.learn.gate import is_safe
from holdfast.learn.view import View
from holdfast.recall.decision_chains import Chains
from holdfast.recall.decision_form import NOT_DECISIONS, asks_only, may_be_told, without_revert
from holdfast.recall.hinging import hinges, hinges_as_met, is_about
from holdfast.recall.items import HIDDEN, Item, Known
from holdfast.recall.nearness import Task, nearness, read_task
from holdfast.recall.nominees import READ, SAME, Nominee, best_first, nominate
from holdfast.recall.situation import Situation
from holdfast.recall.stems import words_of

BAR_WHEN_ASKED, MET_BAR_WHEN_ASKED = -2.2, -4.0
"""The log-odds of hinging on a decision from which it is given to who asked, by its words and by its
symptoms; unasked it is 0."""
MAX_TASK = 4000
"""Characters of a task that are read; it says what it is about before that."""
BESIDE_BEST = 0.75
"""Share of the best score from which on others are told beside it."""
_FOLLOWED = 3
"""Decisions whose successors are looked for."""
_DISTINCT = 20
"""Of what is near, the best that are compared with one another."""


class Withheld(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that is near and holds no more; ``by`` is the id of what took its place, "" when unknown."""

    id: str
    text: str
    day: str | None = None
    by: str = ""


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions near to a task, best first; ``considered`` counts what was looked at."""

    items: list[Item]
    withheld: list[Withheld] = []
    considered: int = 0


def decisions_for(
    view: View, task: str, *, situation: Situation | None = None, limit: int = 4, asked: bool = False
) -> Decisions:
    """Return the decisions that a task hinges on, best first; none when nothing recorded is close.

    Args:
        view: The repository's view.
        task: What is to be done, in anybody's words.
        situation: The session that asks: its own words are no earlier decision, and what it was told is not
            told again.
        limit: Decisions at most.
        asked: A person asks, who can judge: less nearness is enough.
    """
    task = task[:MAX_TASK]
    read = read_task(view.index, task)
    if not read.words or limit <= 0:
        return Decisions(items=[])
    asks = situation or Situation()
    nominated = nominate(view, read, asks)
    if not any(_may_pass(each, read.among, asked=asked) for each in nominated.found):
        return Decisions(items=[], considered=len(nominated.found))
    nominees = nominated.ranked()
    known = Known(view)
    chosen, replaced = _standing(view, read, nominees)
    near: list[Nominee] = []
    for each in chosen:
        if len(near) == limit + len(asks.told) or (near and each.score < BESIDE_BEST * near[0].score):
            break
        stands = known.shown(each.document)  # a line of a file may repeat a learning, one retired too
        if stands is None or stands.state in HIDDEN or stands.kind in NOT_DECISIONS:
            continue
        if (
            _passes(each, read.among, asked=asked)
            and (_is_said_to_settle(each) or may_be_told(stands, each.sure))
            and _may_tell(known, stands)
        ):
            near.append(msgspec.structs.replace(each, document=stands))
    told = {each.document.id for each in near}
    items = list({item.id: item for item in (_item(known, each) for each in near)}.values())
    return Decisions(
        items=[item for item in items if item.id not in asks.told][:limit],
        withheld=[
            _withheld(known, old, by)
            for old, by in replaced
            if (_is_told_instead(old, by, told) if by else hinges(nearness(read, old), read.among) > 0)
        ],
        considered=len(nominees),
    )


def _passes(nominee: Nominee, among: int, *, asked: bool) -> bool:
    """Tell whether a nominee is near enough to be told."""
    return _odds(nominee, among) > _bar(nominee, asked=asked) or is_about(nominee.near, asked=asked)


def _may_pass(nominee: Nominee, among: int, *, asked: bool) -> bool:
    """Tell the same before nominees are ranked: one with symptoms may, since that turns on its rank."""
    return nominee.met is not None or _passes(nominee, among, asked=asked)


def _odds(nominee: Nominee, among: int) -> float:
    """Return the log-odds that a task hinges on a nominee: by its symptoms where they are known."""
    if nominee.met is not None:
        return hinges_as_met(nominee.met, nominee.score)
    return hinges(nominee.near, among)


def _bar(nominee: Nominee, *, asked: bool) -> float:
    if not asked:
        return 0.0
    return MET_BAR_WHEN_ASKED if nominee.met is not None else BAR_WHEN_ASKED


def _is_said_to_settle(nominee: Nominee) -> bool:
    said = nominee.met is not None and not nominee.met.nothing
    return said and not asks_only(nominee.document.text)


def _may_tell(known: Known, document: Document) -> bool:
    """Tell whether a decision may be put before an agent: by whose it is, and by its safety."""
    raw = document.source in ("commit", "statement")
    return is_safe(document.text) if raw else known.may_tell(document)


# -- which one stands


def _standing(
    view: View, task: Task, nominees: Sequence[Nominee]
) -> tuple[list[Nominee], list[tuple[Document, Document | None]]]:
    """Return the nominees that still hold, best first, and what was replaced, with what replaced it."""
    closeness = {each.document.id: each.near.close for each in nominees}
    chains = Chains(view, task, closeness, [each.document for each in nominees[:READ]])
    standing: dict[str, Nominee] = {}
    for place, nominee in enumerate(nominees):
        followed = place < _FOLLOWED and nominee.sure >= 0.4 and nominee.score >= 0.6 * nominees[0].score
        newest = nominee.document
        if followed or place < READ:
            newest = chains.newest(nominee.document, as_told=not followed)
        if newest.state in HIDDEN:
            chains.replaced.setdefault(newest.id, (newest, None))
            continue
        held = standing.get(newest.id)
        if held is None or held.score < nominee.score:
            standing[newest.id] = msgspec.structs.replace(nominee, document=newest)
    stay = {by.session for _, by in chains.replaced.values() if by is not None}
    gone = {old.session for old, _ in chains.replaced.values()} - stay - {""}
    chosen = [
        each
        for each in standing.values()
        if each.document.id not in chains.replaced and each.document.session not in gone
    ]
    return _distinct(sorted(chosen, key=best_first)[:_DISTINCT]), list(chains.replaced.values())


# -- how they are given


def _distinct(nominees: Iterable[Nominee]) -> list[Nominee]:
    """Return nominees without those that say what a better one says, and one of each session."""
    kept: list[tuple[Nominee, set[str]]] = []
    sessions: set[str] = set()
    for nominee in nominees:
        words = set(words_of(nominee.document.text, 120))
        if nominee.document.session in sessions:
            continue
        if all(len(words & other) < SAME * min(len(words), len(other)) for _, other in kept):
            kept.append((nominee, words))
            sessions.update({nominee.document.session} - {""})
    return [nominee for nominee, _ in kept]


def _item(known: Known, nominee: Nominee) -> Item:
    document = nominee.document
    if document.source == "commit" and "revert" in document.tags:
        from holdfast.learn.documents import split_lead

        reason, _ = split_lead(without_revert(document))
        document = msgspec.structs.replace(document, text=reason)
    item = known.item(document, nominee.score)
    if document.source == "commit":
        return msgspec.structs.replace(item, kind="decision")
    if document.source == "statement":
        return msgspec.structs.replace(
            item, origin="said in a session", kind="decision", confidence="unreviewed"
        )
    return item


def _is_told_instead(old: Document, by: Document, told: set[str]) -> bool:
    """Tell whether what took a decision's place is told; who only changes their mind replaces nothing."""
    return by.id in told and not (old.session and old.session == by.session)


def _withheld(known: Known, old: Document, by: Document | None) -> Withheld:
    item = known.item(old)
    return Withheld(id=item.id, text=item.text, day=old.day, by=known.item(by).id if by else "")
