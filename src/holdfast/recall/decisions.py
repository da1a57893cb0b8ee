"""Decisions that a task hinges on, from whichever source: records, documents, commits, what people said.

The task is told in symptom words. What may be meant is found by these words and by those that they lead to,
read for whether it states a decision, and ranked by both. Of decisions that replace one another the newest
is given and the older ones are named as withheld. Where nothing is near enough, the answer is empty.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from holdfast.index.documents import Document
from holdfast.learn.gate import is_safe
from holdfast.learn.view import View
from holdfast.recall.decision_form import settles
from holdfast.recall.items import HIDDEN, Item, Known
from holdfast.recall.nearness import EMPTY, Near, Task, nearness, read_task
from holdfast.recall.situation import Situation
from holdfast.recall.stems import stem, words_of
from holdfast.recall.supersession import ENOUGH, Statement, chance, is_later, signs

MAX_TASK = 4000
"""Characters of a task that are read; it says what it is about before that."""
NEAR_ENOUGH = 0.25
"""The score from which on a decision is told."""
BESIDE_BEST = 0.7
"""Share of the best score from which on others are told beside it."""
_AUTHORED, _COMMITS, _SAID = 60, 100, 60
"""Hits of each group of sources that are looked at."""
_READ = 25
"""Commits and statements that the judge reads."""
_FOLLOWED = 6
"""Decisions whose successors are looked for; ``_SUCCESSORS`` hits each, ``_STEPS`` times on."""
_SUCCESSORS, _STEPS = 30, 4
_NOT_DECISIONS = frozenset(["todo", "plan", "failure"])


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
    """

    document: Document
    near: Near
    sure: float
    score: float = 0.0


def decisions_for(view: View, task: str, *, situation: Situation | None = None, limit: int = 4) -> Decisions:
    """Return the decisions that a task hinges on, best first; none when nothing recorded is close.

    Args:
        view: The repository's view.
        task: What is to be done, in anybody's words.
        situation: The session that asks: its own words are no earlier decision, and what it was told is not
            told again.
        limit: Decisions at most.
    """
    read = read_task(view.index, task[:MAX_TASK])
    if not read.words or limit <= 0:
        return Decisions(items=[])
    asks = situation or Situation()
    nominees = nominate(view, read, asks)
    known = Known(view)
    chosen, replaced = _standing(view, nominees)
    least = max(NEAR_ENOUGH, BESIDE_BEST * max((each.score for each in chosen), default=0.0))
    near = [each for each in chosen if each.score >= least and _may_tell(known, each.document)]
    told = {each.document.id for each in near}
    items = [_item(known, each) for each in near]
    return Decisions(
        items=[item for item in items if item.id not in asks.told][:limit],
        withheld=[_withheld(known, old, by) for old, by in replaced if by is None or by.id in told],
        considered=len(nominees),
    )


def nominate(view: View, task: Task, situation: Situation) -> list[Nominee]:
    """Return what may be meant, best first."""
    documents: dict[str, Document] = {}
    authored = [source for source in view.sources if source not in ("commit", "statement")]
    for sources, most in ((authored, _AUTHORED), (["commit"], _COMMITS), (["statement"], _SAID)):
        for hit in view.index.search_terms(task.terms, most, sources=sources):
            documents.setdefault(hit.document.id, hit.document)
    nominees = [
        Nominee(document, nearness(task, document), settles(document, read=False))
        for document in documents.values()
        if _may_be_meant(view, document, situation)
    ]
    for nominee in nominees:
        nominee.score = score(nominee)
    nominees.sort(key=_best_first)
    for nominee in nominees[:_READ]:
        nominee.sure = settles(nominee.document)
        nominee.score = score(nominee)
    return sorted(nominees, key=_best_first)


def score(nominee: Nominee) -> float:
    """Return how well a nominee answers its task, 0 to about 1."""
    near = nominee.near
    close = 0.5 * near.linked + 0.3 * near.direct + 0.25 * near.heading + 0.1 * near.place
    return close * (0.3 + 0.7 * nominee.sure)


def _best_first(nominee: Nominee) -> tuple[float, str, str]:
    return -nominee.score, nominee.document.day or "", nominee.document.id


def _may_be_meant(view: View, document: Document, situation: Situation) -> bool:
    own = bool(situation.session) and document.session == situation.session
    return not own and document.kind not in _NOT_DECISIONS and view.sees(document)


def _may_tell(known: Known, document: Document) -> bool:
    """Tell whether a decision may be put before an agent: by whose it is, and by its safety."""
    raw = document.source in ("commit", "statement")
    return is_safe(document.text) if raw else known.may_tell(document)


# -- which one stands


def _standing(
    view: View, nominees: Sequence[Nominee]
) -> tuple[list[Nominee], list[tuple[Document, Document | None]]]:
    """Return the nominees that still hold, best first, and what was replaced, with what replaced it."""
    rarity = _Rarity(view)
    replaced: dict[str, tuple[Document, Document | None]] = {}
    standing: dict[str, Nominee] = {}
    for place, nominee in enumerate(nominees):
        followed = place < _FOLLOWED and nominee.score >= NEAR_ENOUGH * 0.6
        newest = _newest(view, rarity, nominee.document, nominees, replaced) if followed else nominee.document
        if newest.state in HIDDEN:
            replaced.setdefault(newest.id, (newest, None))
            continue
        held = standing.get(newest.id)
        if held is None or held.score < nominee.score:
            standing[newest.id] = Nominee(newest, nominee.near, nominee.sure, nominee.score)
    chosen = [each for each in standing.values() if each.document.id not in replaced]
    return _distinct(sorted(chosen, key=_best_first)), list(replaced.values())


def _newest(
    view: View,
    rarity: _Rarity,
    document: Document,
    nominees: Sequence[Nominee],
    replaced: dict[str, tuple[Document, Document | None]],
) -> Document:
    """Return the end of the chain that a decision begins."""
    for _ in range(_STEPS):
        successor = _successor(view, rarity, document, nominees)
        if successor is None or successor.id in replaced:
            break
        replaced[document.id] = (document, successor)
        document = successor
    return document


def _successor(
    view: View, rarity: _Rarity, document: Document, nominees: Sequence[Nominee]
) -> Document | None:
    """Return the newest decision that replaces this one; None when it stands."""
    earlier = rarity.statement(document)
    found: Document | None = None
    for candidate in _alike(view, rarity, earlier, nominees):
        if not is_later(candidate, document) or candidate.state in HIDDEN:
            continue
        if found is not None and not is_later(candidate, found):
            continue
        if settles(candidate) >= 0.5 and chance(signs(rarity.statement(candidate), earlier)) >= ENOUGH:
            found = candidate
    return found


def _alike(
    view: View, rarity: _Rarity, earlier: Statement, nominees: Sequence[Nominee]
) -> Iterable[Document]:
    """Return what may speak of the same subject: what shares its rarest words, and the other nominees."""
    found = {nominee.document.id: nominee.document for nominee in nominees[:_READ]}
    terms = sorted(rarity.written(earlier).items(), key=lambda item: (-item[1], item[0]))[:24]
    sources = list(dict.fromkeys([*view.sources, "commit", "statement"]))
    for hit in view.index.search_terms(terms, _SUCCESSORS, sources=sources):
        if hit.document.kind not in _NOT_DECISIONS and view.sees(hit.document):
            found.setdefault(hit.document.id, hit.document)
    found.pop(earlier.document.id, None)
    return found.values()


class _Rarity:
    """The rarity of words in an index, asked once each."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._total = max(1, view.index.count())
        self._known: dict[str, float] = {}

    def statement(self, document: Document) -> Statement:
        """Return a document with the rarity of its words."""
        return Statement(document, self.of(document))

    def written(self, statement: Statement) -> dict[str, float]:
        """Return the words of a statement's title and text as they are written, with their rarity."""
        document = statement.document
        words = words_of(f"{document.title} {document.text}", 80)
        return {word: statement.rarity(stem(word)) for word in words if stem(word) not in EMPTY}

    def of(self, document: Document) -> dict[str, float]:
        """Return the rarity of the stems of a document's title and text."""
        for word in words_of(f"{document.title} {document.text}", 120):
            key = stem(word)
            if key not in self._known:
                n = self._view.index.frequency(word)
                rarity = math.log(1 + (self._total - n + 0.5) / (n + 0.5)) / math.log(1 + self._total)
                self._known[key] = max(0.02, min(1.0, rarity))
        return self._known


# -- how they are given


def _distinct(nominees: Iterable[Nominee]) -> list[Nominee]:
    """Return nominees without those that say what a better one says."""
    kept: list[tuple[Nominee, set[str]]] = []
    for nominee in nominees:
        words = set(words_of(nominee.document.text, 120))
        if all(len(words & other) < 0.8 * min(len(words), len(other)) for _, other in kept[:12]):
            kept.append((nominee, words))
    return [nominee for nominee, _ in kept]


def _item(known: Known, nominee: Nominee) -> Item:
    document = nominee.document
    item = known.item(document, nominee.score)
    if document.source == "commit":
        return msgspec.structs.replace(item, origin=f"commit {document.id[7:17]}", kind="decision")
    if document.source == "statement":
        return msgspec.structs.replace(
            item, origin="said in a session", kind="decision", confidence="unreviewed"
        )
    return item


def _withheld(known: Known, old: Document, by: Document | None) -> Withheld:
    item = known.item(old)
    return Withheld(id=item.id, text=item.text, day=old.day, by=known.item(by).id if by else "")
