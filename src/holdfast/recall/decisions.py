"""Decisions that a task hinges on, from whichever source: records, documents, commits, what people said.

The task is told in symptom words. What may be meant is found by these words and by those that they lead to,
read for whether it states a decision, and ranked by both. Of decisions that replace one another the newest
is given and the older ones are named as withheld. Where nothing is near enough, the answer is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from holdfast.index.documents import Document, Hit
from holdfast.learn.documents import split_lead
from holdfast.learn.gate import is_safe
from holdfast.learn.view import View
from holdfast.recall.decision_chains import Chains
from holdfast.recall.decision_form import NOT_DECISIONS, may_be_told, settles, without_revert
from holdfast.recall.hinging import hinges, hinges_as_met, is_about
from holdfast.recall.items import HIDDEN, Item, Known
from holdfast.recall.meetings import Meetings, Met
from holdfast.recall.nearness import Near, Task, nearness, read_task
from holdfast.recall.situation import Situation
from holdfast.recall.stems import words_of

BAR_WHEN_ASKED, MET_BAR_WHEN_ASKED = -1.5, -4.0
"""The log-odds of hinging on a decision from which it is given to who asked, by its words and by its
symptoms; unasked it is 0."""
MAX_TASK = 4000
"""Characters of a task that are read; it says what it is about before that."""
BESIDE_BEST = 0.75
"""Share of the best score from which on others are told beside it."""
_AUTHORED, _COMMITS, _SAID = 40, 60, 25
"""Hits of each group of sources that are looked at."""
_READ = 12
"""Commits and statements that the judge reads."""
_FORM = 0.1
"""How much of a score turns on whether a text states a decision. More serves made histories, whose ordinary
commits are plainly ordinary, and harms real ones, where a choice is often told in a bare subject."""
_HITS = 40
"""Hits of plain text search."""
_PLAIN = 0.35
"""How much of a score is that of plain text search: real tasks share words with decisions."""
_WORDS, _TEXT, _UNASKED = 0.16, 0.2, 0.5
"""Where symptoms are known: how much of a score is that of a decision's own words, widened by what the task
leads to and as plain text search finds them; and how much a text gets for these whose symptoms nobody was
asked for yet."""
_SAID_SO = 0.95
"""The chance that a text states a decision when the agent says so."""
_FOLLOWED = 3
"""Decisions whose successors are looked for."""
_DISTINCT = 20
"""Of what is near, the best that are compared with one another."""
_SAME, _TELLING = 0.8, 4
"""Share of the words of the shorter from which on two texts say the same; words that it needs for that."""


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


class Nominee(msgspec.Struct):
    """A document that may be the decision meant.

    Attributes:
        sure: The chance that it states a decision.
        score: How well it answers the task.
        met: How near its symptoms are to the task; None when it has none.
        words: How near it is by words, 0 to 1, beside the nearest.
    """

    document: Document
    near: Near
    sure: float
    score: float = 0.0
    met: Met | None = None
    words: float = 0.0


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
    nominees = nominate(view, read, asks)
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
            (_odds(each) > _bar(each, asked=asked) or is_about(each.near, asked=asked))
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
            if (_is_told_instead(old, by, told) if by else hinges(nearness(read, old)) > 0)
        ],
        considered=len(nominees),
    )


def nominate(view: View, task: Task, situation: Situation) -> list[Nominee]:
    """Return what may be meant, best first."""
    met = Meetings(view, task)
    documents = _found(view, task, 3 if met else 1)
    documents |= {target.id: target for target in met.targets}
    by_text = _by_text(view, task)
    documents |= {hit.document.id: hit.document for hit in by_text.values()}
    _place_candidates(documents)
    seen = [each for each in documents.values() if _may_be_meant(view, each, situation)]
    if met:
        return _by_symptoms(view, task, seen, met, by_text)
    nominees = [
        Nominee(each, nearness(task, _in_context(view, each)), settles(each, read=False)) for each in seen
    ]
    closest = max((each.near.close for each in nominees), default=0.0) or 1.0
    for nominee in nominees:
        nominee.words = (1 - _PLAIN) * nominee.near.close / closest
        nominee.words += _PLAIN * _share(by_text, nominee.document)
        nominee.score = score(nominee)
    nominees.sort(key=_best_first)
    for nominee in nominees[:_READ]:
        nominee.sure = settles(nominee.document)
        nominee.score = score(nominee)
    return sorted(nominees, key=_best_first)


def _found(view: View, task: Task, part: int) -> dict[str, Document]:
    """Return what the words of a task and those that they lead to find, by id; one in ``part`` of it."""
    documents: dict[str, Document] = {}
    authored = [source for source in view.everywhere if source not in ("commit", "statement")]
    for sources, most in ((authored, _AUTHORED), (["commit"], _COMMITS), (["statement"], _SAID)):
        # of many words a search takes the rarest, so those of the task itself are searched once more
        for terms, hits in ((task.terms, most // part), (task.own, most // part // 2)):
            for hit in view.index.search_terms(terms, hits, sources=sources):
                documents.setdefault(hit.document.id, hit.document)
    for document in [each for each in documents.values() if each.source == "statement"]:
        for told in _beside(view, document, after=2):
            documents.setdefault(told.id, told)
    return documents


def _by_text(view: View, task: Task) -> dict[str, Hit]:
    """Return what plain text search finds by the task's own words, by id, best first."""
    hits = view.index.search_terms([(word, 1.0) for word, _ in task.own], _HITS, sources=view.everywhere)
    return {hit.document.id: hit for hit in hits}


def _share(hits: Mapping[str, Hit], document: Document) -> float:
    """Return how well text search finds a document, 0 to 1, beside the best for this task."""
    best = next(iter(hits.values()), None)
    return hits[document.id].score / best.score if best and document.id in hits else 0.0


def _by_symptoms(
    view: View, task: Task, documents: Sequence[Document], met: Meetings, by_text: Mapping[str, Hit]
) -> list[Nominee]:
    """Return nominees ranked by their symptoms first, then by their own words, each beside the best of it.

    What the agent found no decision in is none.
    """
    nominees = []
    for document in documents:
        symptoms = met.of(document)
        if symptoms is None or not symptoms.nothing:
            near = nearness(task, _in_context(view, document))
            nominees.append(Nominee(document, near, _SAID_SO, met=symptoms))
    closest = max((each.near.close for each in nominees), default=0.0) or 1.0
    for nominee in nominees:
        words = nominee.near.close / closest
        if nominee.met is None:
            nominee.sure = settles(nominee.document, read=False)
            nominee.score = _UNASKED * words
        else:
            nominee.score = (1 - _WORDS - _TEXT) * nominee.met.close + _WORDS * words
            nominee.score += _TEXT * _share(by_text, nominee.document)
    nominees.sort(key=_best_first)
    for nominee in nominees[:_READ]:
        if nominee.met is None:
            nominee.sure = settles(nominee.document)
    return nominees


def _beside(view: View, statement: Document, *, before: int = 0, after: int = 0) -> Iterable[Document]:
    """Return what was said just before and after in the same session: a symptom, and what settled it."""
    name, _, place = statement.id.rpartition(":")
    if not place.isdigit():
        return
    for step in [*range(-before, 0), *range(1, after + 1)]:
        told = view.index.get(f"{name}:{int(place) + step}")
        if told is not None:
            yield told


def _place_candidates(documents: dict[str, Document]) -> None:
    """Give candidates the session, time and files of the words that they were made from, if these are found.

    A candidate itself knows only the day on which its session was read.
    """
    said = [
        (each, set(words_of(each.text, 120))) for each in documents.values() if each.source == "statement"
    ]
    for document in [each for each in documents.values() if each.source == "candidate"]:
        words = set(words_of(document.text, 120))
        for statement, others in said:
            fewer = min(len(words), len(others))
            if fewer < _TELLING or len(words & others) < _SAME * fewer:
                continue
            documents[document.id] = msgspec.structs.replace(
                document,
                at=statement.at,
                day=statement.day,
                session=statement.session,
                paths=tuple(dict.fromkeys((*document.paths, *statement.paths))),
            )
            break


def _in_context(view: View, document: Document) -> Document:
    """Return a statement with what was said around it, which tells what it is about."""
    if document.source != "statement":
        return document
    around = " ".join(told.text for told in _beside(view, document, before=2, after=1))
    return msgspec.structs.replace(document, detail=f"{document.detail}\n{around}")


def score(nominee: Nominee) -> float:
    """Return how well a nominee answers its task by words, 0 to about 1."""
    return nominee.words * (1 - _FORM + _FORM * nominee.sure)


def _best_first(nominee: Nominee) -> tuple[float, str, str]:
    return -nominee.score, nominee.document.day or "", nominee.document.id


def _may_be_meant(view: View, document: Document, situation: Situation) -> bool:
    own = bool(situation.session) and document.session == situation.session
    return not own and document.kind not in NOT_DECISIONS and view.sees(document)


def _odds(nominee: Nominee) -> float:
    """Return the log-odds that a task hinges on a nominee: by its symptoms where they are known."""
    if nominee.met is not None:
        return hinges_as_met(nominee.met, nominee.score)
    return hinges(nominee.near)


def _bar(nominee: Nominee, *, asked: bool) -> float:
    if not asked:
        return 0.0
    return MET_BAR_WHEN_ASKED if nominee.met is not None else BAR_WHEN_ASKED


def _is_said_to_settle(nominee: Nominee) -> bool:
    return nominee.met is not None and not nominee.met.nothing


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
    chains = Chains(view, task, closeness, [each.document for each in nominees[:_READ]])
    standing: dict[str, Nominee] = {}
    for place, nominee in enumerate(nominees):
        followed = place < _FOLLOWED and nominee.sure >= 0.4 and nominee.score >= 0.6 * nominees[0].score
        newest = nominee.document
        if followed or place < _READ:
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
    return _distinct(sorted(chosen, key=_best_first)[:_DISTINCT]), list(chains.replaced.values())


# -- how they are given


def _distinct(nominees: Iterable[Nominee]) -> list[Nominee]:
    """Return nominees without those that say what a better one says, and one of each session."""
    kept: list[tuple[Nominee, set[str]]] = []
    sessions: set[str] = set()
    for nominee in nominees:
        words = set(words_of(nominee.document.text, 120))
        if nominee.document.session in sessions:
            continue
        if all(len(words & other) < _SAME * min(len(words), len(other)) for _, other in kept):
            kept.append((nominee, words))
            sessions.update({nominee.document.session} - {""})
    return [nominee for nominee, _ in kept]


def _item(known: Known, nominee: Nominee) -> Item:
    document = nominee.document
    if document.source == "commit" and "revert" in document.tags:
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
