"""Follow decisions that replaced one another to the one that stands, among what is near to a task."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec

from holdfast.index.documents import Document
from holdfast.learn.sources.symptoms import was_compared
from holdfast.learn.view import View
from holdfast.recall.decision_form import NOT_DECISIONS, settles
from holdfast.recall.items import HIDDEN
from holdfast.recall.nearness import EMPTY, Task, nearness, rarities
from holdfast.recall.stems import stem, words_of
from holdfast.recall.supersession import ENOUGH, Statement, chance, day_of, is_later, names, signs
from holdfast.recall.symptoms import settles_nothing, successors_of, symptoms_of

_SUCCESSORS, _STEPS = 20, 4
"""Hits for a decision's own words that are compared with it; successors of successors that are followed."""
_AS_NEAR = 0.35
"""How near to the task, by the one it replaces, a successor must be that does not name it."""
_MAY_SETTLE = 0.15
"""The chance, by its form alone, from which on something may be a decision and is read."""


class Chains:
    """Decisions that replaced one another, followed from the ones that are near to a task.

    Args:
        view: The repository's view.
        task: The task.
        near: How near documents are to it, by id, as far as that is known.
        others: Documents that may be successors, beside those that are found by their words.

    Attributes:
        replaced: By id, what was replaced, with what replaced it.
    """

    def __init__(self, view: View, task: Task, near: Mapping[str, float], others: Sequence[Document]) -> None:
        self._view, self._task = view, task
        self._rarity = _Rarity(view)
        self._near = dict(near)
        self._others = others
        self.replaced: dict[str, tuple[Document, Document | None]] = {}

    def newest(self, document: Document, *, as_told: bool = False) -> Document:
        """Return the end of the chain that a decision begins.

        Args:
            document: The decision.
            as_told: Follow only what the user's agent said; reading takes longer.
        """
        passed = {document.id}
        for _ in range(_STEPS):
            successor = self._told(document) or (None if as_told else self._successor(document))
            if successor is None or successor.id in passed:
                break
            self.replaced[document.id] = (document, successor)
            passed.add(successor.id)
            document = successor
        return document

    def _told(self, document: Document) -> Document | None:
        """Return the newest of what replaces a decision as the user's agent said."""
        found = symptoms_of(self._view, document)
        told = [dated(self._view, each) for each in successors_of(self._view, found)] if found else []
        if told:  # a text said again, word for word, after what had replaced it, stands
            this = dated(self._view, document)
            told = [each for each in told if self._may_replace(each) and not is_later(this, each)]
        return max(told, key=lambda each: (each.at or 0.0, day_of(each), each.id), default=None)

    def _successor(self, document: Document) -> Document | None:
        """Return the decision that most likely replaces this one; None when it stands."""
        words = self._rarity.learn(document)
        document = dated(self._view, document)
        earlier, best = self._rarity.statement(document), ENOUGH
        near = self._closeness(document) or 1.0
        found: Document | None = None
        asked = symptoms_of(self._view, document) is not None
        for candidate in self._alike(earlier, words):
            if asked and self._was_judged(candidate):
                continue
            candidate = dated(self._view, candidate)
            other = self._rarity.statement(candidate)
            if candidate.state in HIDDEN or not _follows(other, earlier):
                continue
            if settles(candidate, read=False) < _MAY_SETTLE and not names(other, earlier):
                continue
            if self._closeness(candidate) < _AS_NEAR * near and not names(other, earlier):
                continue
            seen = signs(other, earlier)
            likely = chance(seen)
            if likely >= best:
                found, best = candidate, likely
        return found

    def _was_judged(self, candidate: Document) -> bool:
        """Tell whether the user's agent compared a text with earlier decisions, or found none in it."""
        found = symptoms_of(self._view, candidate)
        return found is not None and (was_compared(found) or settles_nothing(found))

    def _may_replace(self, document: Document) -> bool:
        """Tell whether a document may take the place of another: no record of somebody not accepted here."""
        return self._view.is_believed(document, self._believed)

    @cached_property
    def _believed(self) -> set[str]:
        return self._view.believed()

    def _closeness(self, document: Document) -> float:
        if document.id not in self._near:
            self._near[document.id] = nearness(self._task, document).close
        return self._near[document.id]

    def _alike(self, earlier: Statement, words: dict[str, float]) -> Iterable[Document]:
        """Return what may speak of the same subject: what shares its rarest words, and what is near too."""
        found = {document.id: document for document in self._others}
        terms = sorted(words.items(), key=lambda item: (-item[1], item[0]))[:16]
        for hit in self._view.index.search_terms(terms, _SUCCESSORS, sources=self._view.everywhere):
            if hit.document.kind not in NOT_DECISIONS and self._view.sees(hit.document):
                found.setdefault(hit.document.id, hit.document)
        found.pop(earlier.document.id, None)
        return filter(self._may_replace, found.values())


def dated(view: View, document: Document) -> Document:
    """Return a document that names no day with that of the commit that wrote it, or of its session."""
    if document.source == "candidate" and document.session:
        held = view.index.get(f"session:{document.session}")
        return msgspec.structs.replace(document, at=held.at) if held else document
    if document.at is not None or day_of(document) or not document.path:
        return document
    path = document.path.rpartition(":")[0]
    written = view.index.by_path(path, ["commit"]) if path else []
    return msgspec.structs.replace(document, day=written[-1].day) if written else document


def _follows(other: Statement, earlier: Statement) -> bool:
    """Tell whether one was written after another; of the same second it has to name the other."""
    if is_later(other.document, earlier.document):
        return True
    at = other.document.at
    return at is not None and at == earlier.document.at and names(other, earlier)


class _Rarity:
    """The rarity of words in an index, asked once each."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[str, float] = {}

    def statement(self, document: Document) -> Statement:
        """Return a document with the rarity of the words that were learnt so far."""
        return Statement(document, self._known)

    def learn(self, document: Document) -> dict[str, float]:
        """Return the words of a document's title and text as they are written, with their rarity."""
        words = words_of(f"{document.title} {document.text}", 80)
        found = rarities(self._view.index, [word for word in words if stem(word) not in self._known])
        self._known.update({stem(word): rarity for word, rarity in found.items()})
        return {word: self._known[stem(word)] for word in words if stem(word) not in EMPTY}
