"""Find what may be the decision that a task hinges on, ranked by symptoms where known, else by words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from holdfast.index.documents import Document, Hit
from holdfast.learn.view import View
from holdfast.recall.decision_form import NOT_DECISIONS, settles
from holdfast.recall.meetings import Meetings, Met
from holdfast.recall.nearness import Near, Task, nearness
from holdfast.recall.situation import Situation
from holdfast.recall.statements import beside
from holdfast.recall.stems import words_of

_AUTHORED, _COMMITS, _SAID = 40, 60, 25
"""Hits of each group of sources that are looked at."""
READ = 12
"""Commits and statements that the judge reads."""
_FORM, _KIND = 0.1, 0.4
"""How much of a score turns on whether a text states a decision: by its form, and by the kind that somebody
gave it. More by form serves made histories, whose ordinary commits are plainly ordinary, and harms real ones,
where a choice is often told in a bare subject."""
_HITS = 40
"""Hits of plain text search."""
_PLAIN = 0.35
"""How much of a score is that of plain text search: real tasks share words with decisions."""
_WORDS, _TEXT, _UNASKED = 0.16, 0.2, 0.5
"""Where symptoms are known: how much of a score is that of a decision's own words, widened by what the task
leads to and as plain text search finds them; and how much a text gets for these whose symptoms nobody was
asked for yet."""
_ENOUGH = 0.33
"""Share that the agent was asked about, of what text search finds, from which on symptoms come first."""
_SAID_SO = 0.95
"""The chance that a text states a decision when the agent says so."""
SAME, _TELLING = 0.8, 4
"""Share of the words of the shorter from which on two texts say the same; words that it needs for that."""


class Nominee(msgspec.Struct):
    """A document that may be the decision meant.

    Attributes:
        sure: The chance that it states a decision.
        score: How well it answers the task.
        met: How near its symptoms are to the task; None when it has none.
        close, text: How near it is by words, widened by what the task leads to, and as plain text search
            finds it; each 0 to 1, beside the nearest.
    """

    document: Document
    near: Near
    sure: float = 0.0
    score: float = 0.0
    met: Met | None = None
    close: float = 0.0
    text: float = 0.0


class Nominees(msgspec.Struct, frozen=True):
    """What may be meant by a task, measured and not ranked yet.

    Attributes:
        found: In the order in which it was found.
        asked: How much symptoms count: 0 where the agent was asked about nothing, 1 where about enough.
    """

    found: list[Nominee]
    asked: float

    def ranked(self) -> list[Nominee]:
        """Return all, best first; the best are read for whether they decide anything, which takes longest."""
        for nominee in self.found:
            nominee.sure = _SAID_SO if nominee.met else settles(nominee.document, read=False)
            nominee.score = _score(nominee, self.asked)
        self.found.sort(key=best_first)
        for nominee in self.found[:READ]:
            if nominee.met is None:
                nominee.sure = settles(nominee.document)
                nominee.score = _score(nominee, self.asked)
        return sorted(self.found, key=best_first)


def nominate(view: View, task: Task, situation: Situation) -> Nominees:
    """Return what may be meant."""
    met = Meetings(view, task)
    by_text = _by_text(view, task)
    asked = min(1.0, met.share_asked([hit.document for hit in by_text.values()]) / _ENOUGH)
    documents = _found(view, task, 3 if asked == 1 else 1)
    documents |= {target.id: target for target in met.targets}
    documents |= {hit.document.id: hit.document for hit in by_text.values()}
    _place_candidates(documents)
    seen = [each for each in documents.values() if _may_be_meant(view, each, situation)]
    nominees = list(_measured(view, task, seen, met))
    closest = max((each.near.close for each in nominees), default=0.0) or 1.0
    for nominee in nominees:
        nominee.close = nominee.near.close / closest
        nominee.text = _share(by_text, nominee.document)
    return Nominees(nominees, asked)


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
        for told in beside(view, document, after=2):
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


def _measured(view: View, task: Task, documents: Sequence[Document], met: Meetings) -> Iterator[Nominee]:
    """Yield what may be meant with how near it is; what the agent found no decision in is none."""
    for document in documents:
        symptoms = met.of(document)
        if symptoms is None or not symptoms.nothing:
            yield Nominee(document, nearness(task, _in_context(view, document)), met=symptoms)


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
            if fewer < _TELLING or len(words & others) < SAME * fewer:
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
    around = " ".join(told.text for told in beside(view, document, before=2, after=1))
    return msgspec.structs.replace(document, detail=f"{document.detail}\n{around}")


def _score(nominee: Nominee, asked: float) -> float:
    """Return how well a nominee answers its task, 0 to about 1.

    By words alone where the agent was asked about nothing yet, by symptoms first where it was asked about
    enough, and in between by both: the few that have symptoms would stand above all others.
    """
    turns = _FORM if nominee.document.source in ("commit", "statement") else _KIND
    words = (1 - _PLAIN) * nominee.close + _PLAIN * nominee.text
    words *= 1 - turns + turns * nominee.sure
    if nominee.met is None:
        return asked * _UNASKED * nominee.close + (1 - asked) * words
    met = (1 - _WORDS - _TEXT) * nominee.met.close + _WORDS * nominee.close + _TEXT * nominee.text
    return asked * met + (1 - asked) * words


def best_first(nominee: Nominee) -> tuple[float, str, str]:
    """Return what nominees are sorted by; of equal ones the older comes first."""
    return -nominee.score, nominee.document.day or "", nominee.document.id


def _may_be_meant(view: View, document: Document, situation: Situation) -> bool:
    own = bool(situation.session) and document.session == situation.session
    return not own and document.kind not in NOT_DECISIONS and view.sees(document)
