"""How near the symptoms of decisions are to a task: what people say who meet what a decision settles.

Three measures, each beside the best for this task: full text over all symptoms of a decision by the task's
own words, the same by the words that these lead to, and the nearest single symptom.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from holdfast.index.documents import Document, Hit
from holdfast.learn.sources.symptoms import NOTHING, SYMPTOMS
from holdfast.learn.view import View
from holdfast.recall.decision_form import NOT_DECISIONS, settles
from holdfast.recall.nearness import Near, Task, nearness
from holdfast.recall.symptoms import settles_nothing, symptoms_of, target_of

_HITS, _SINGLES = 40, 20
"""Hits of each search, and those of which single symptoms are compared."""
_OWN, _LED, _SINGLE = 0.5, 0.25, 0.25
"""What the three measures count for."""


class Met(msgspec.Struct, frozen=True):
    """How near the symptoms of one decision are.

    Attributes:
        close: All measures as one number, 0 to 1; beside the best for this task.
        full: The score of the full text by the task's own words, as a share of what a word that only one
            text here holds would score, by the square root of the task's words.
        nothing: Whether the agent found no decision.
    """

    close: float = 0.0
    full: float = 0.0
    nothing: bool = False


class Meetings:
    """The symptoms that are near to one task.

    Args:
        view: The repository's view.
        task: The task.

    Attributes:
        targets: The decisions that near symptoms belong to.
    """

    def __init__(self, view: View, task: Task) -> None:
        self._view, self._task = view, task
        self._among = view.index.count(SYMPTOMS)
        self._is_asked = bool(self._among or view.index.count(NOTHING))
        self._rarest = math.log(1 + (max(1, self._among) - 0.5) / 1.5)
        self._own = self._search([(word, 1.0) for word, _ in task.own])
        self._led = self._search(task.terms)
        self._single: dict[str, float] = {}
        self.targets: list[Document] = []
        for hits in (self._own, self._led):
            for place, hit in enumerate(hits.values()):
                found = hit.document
                if found.id in self._single:
                    continue
                target = target_of(view, found)
                if target is not None:
                    self.targets.append(target)
                    self._single[found.id] = _single(task, found) if place < _SINGLES else 0.0
        self._most = [
            max((each.score for each in hits.values()), default=1.0) for hits in (self._own, self._led)
        ]
        self._most_single = max(self._single.values(), default=0.0) or 1.0

    def share_asked(self, documents: Sequence[Document]) -> float:
        """Return the share of documents that an agent was asked about, each by its chance to decide."""
        if not self._is_asked:
            return 0.0
        sure = [(each, settles(each, read=False)) for each in documents if each.kind not in NOT_DECISIONS]
        asked = sum(chance for each, chance in sure if symptoms_of(self._view, each) is not None)
        return asked / (sum(chance for _, chance in sure) or 1.0)

    def of(self, document: Document) -> Met | None:
        """Return how near the symptoms of a document are; None when nobody was asked for them."""
        found = symptoms_of(self._view, document) if self._is_asked else None
        if found is None:
            return None
        own, led = self._own.get(found.id), self._led.get(found.id)
        close = _OWN * (own.score / self._most[0] if own else 0.0)
        close += _LED * (led.score / self._most[1] if led else 0.0)
        close += _SINGLE * self._single.get(found.id, 0.0) / self._most_single
        return Met(
            close=close,
            full=self._full(own.score) if own else 0.0,
            nothing=settles_nothing(found),
        )

    def _search(self, terms: Sequence[tuple[str, float]]) -> Mapping[str, Hit]:
        hits = self._view.index.search_terms(terms, _HITS, kinds=[SYMPTOMS]) if self._among else []
        return {hit.document.id: hit for hit in hits}

    def _full(self, score: float) -> float:
        return score / (math.sqrt(max(1, len(self._task.words))) * self._rarest)


def _single(task: Task, symptoms: Document) -> float:
    """Return how near the nearest single symptom is."""
    near: list[Near] = [
        nearness(task, Document(id="", source=SYMPTOMS, kind=SYMPTOMS, title="", text=text))
        for text in symptoms.text.splitlines()
    ]
    return max((each.close for each in near), default=0.0)
