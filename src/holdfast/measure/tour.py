"""A tour for a newcomer, human or agent: hazards, decisions in force, what was tried and rejected here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from holdfast.hook.quoting import quoted
from holdfast.index.documents import Document
from holdfast.learn.decisions.history import StatedDecision, decisions_in_history
from holdfast.learn.gate import is_safe
from holdfast.learn.redact import redact
from holdfast.learn.view import HIDDEN, View
from holdfast.measure.tuition.history import Undone, history
from holdfast.recall.hazards import NEEDED_SESSIONS, Hazard, hazards_of
from holdfast.recall.items import Item, Known

MOST = 8
"""Entries of each sort: the tour is one page."""
ABANDONED = "abandoned approach"
"""The tag of learnings about approaches that were given up."""
DECISIONS = ("decision", "guidance", "rule")
"""Kinds of documents that say what holds here."""


class Tour(msgspec.Struct, frozen=True, kw_only=True):
    """One page about a repository, or about a path of it.

    Attributes:
        path: The path that it is about; None for the whole repository.
        sessions: Sessions on record.
        hazards: What keeps failing, with what ends it.
        decisions: Decisions in force, recorded or in the tree's documents.
        conventions: What most sessions keep to here.
        stated: Decisions that commit messages and ADRs state.
        rejected: Approaches that were tried and given up, as recorded.
        undone: Commits that took back others.
        read_first: Other things worth knowing here: gotchas, patterns, models.
    """

    path: str | None
    sessions: int
    hazards: list[Hazard]
    decisions: list[Item]
    conventions: list[Item]
    stated: list[StatedDecision]
    rejected: list[Item]
    undone: list[Undone]
    read_first: list[Item]

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is known."""
        known = (self.hazards, self.decisions, self.conventions, self.rejected, self.read_first)
        return not any(known) and not self.stated and not self.undone


def tour(view: View, path: str | None = None) -> Tour:
    """Return the tour of a repository.

    What strangers recorded is left out, as it is from everything that nobody asked for by name.

    Args:
        view: The repository's view.
        path: A file or folder, relative to the top; what is not about it is left out.
    """
    known = Known(view)
    documents = [document for document in _told(known) if _about(document, path)]
    told = history(view.repository)
    return Tour(
        path=path,
        sessions=view.index.sessions(),
        hazards=[
            hazard
            for hazard in hazards_of(view)
            if hazard.sessions >= NEEDED_SESSIONS and _touches(view, known, hazard, path)
        ][:MOST],
        decisions=_items(known, (one for one in documents if one.kind in DECISIONS)),
        conventions=_items(known, (one for one in documents if one.kind == "convention")),
        stated=[
            msgspec.structs.replace(stated, text=quoted(redact(stated.text)))
            for stated in decisions_in_history(view.repository)
            if is_safe(stated.text) and (path is None or any(_below(one, path) for one in stated.paths))
        ][:MOST],
        rejected=_items(known, (one for one in documents if ABANDONED in one.tags)),
        undone=[] if path else list(told.reverts[:MOST]),
        read_first=_items(known, (one for one in documents if one.kind in ("gotcha", "pattern", "model"))),
    )


def _told(known: Known) -> Iterator[Document]:
    """Yield what may be told: recorded or in the tree's documents, equal ones once."""
    sources = [source for source in known.view.sources if source != "candidate"]
    for document in known.view.index.all(sources=sources):
        if document.state not in HIDDEN and known.may_tell(document):
            standing = known.shown(document)
            if standing is not None and standing.id == document.id:
                yield document


def _items(known: Known, documents: Iterable[Document]) -> list[Item]:
    return [known.item(document) for document in documents][:MOST]


def _about(document: Document, path: str | None) -> bool:
    if path is None:
        return True
    return any(_below(one, path) for one in document.paths) or path in document.text


def _below(one: str, path: str) -> bool:
    one, path = one.strip("/"), path.strip("/")
    return one == path or one.startswith(path + "/") or path.startswith(one + "/")


def _touches(view: View, known: Known, hazard: Hazard, path: str | None) -> bool:
    if path is None:
        return True
    found = [document for document in view.learnings() if known.short.get(document.id) == hazard.item.id]
    return any(_about(document, path) for document in found)
