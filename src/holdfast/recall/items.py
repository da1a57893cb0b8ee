"""What recall gives back: items with their confidence, and what answers are counted from."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import Literal

import msgspec

from holdfast.hook.quoting import MAX_CHARACTERS, quoted
from holdfast.hook.signature import plain
from holdfast.index.documents import Document, Occurrence
from holdfast.learn.gate import is_safe
from holdfast.learn.view import HIDDEN as HIDDEN
from holdfast.learn.view import View
from holdfast.repo import ids

_CHANGED = re.compile(r"[<\[\x00-\x1f]|(?:Human|Assistant|System|User|Developer):")
"""What of a text `quoted` might write otherwise."""

Confidence = Literal["proven", "seen once", "stated", "unreviewed"]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is known.

    Attributes:
        id: The shortest unique prefix of its id, or where it stands for a document of the tree.
        origin: Where it comes from, in words: recorded, recorded by somebody not accepted here, waiting for
            your review, ``learnings.md:12``.
        sessions: Sessions in which its fix worked.
        score: How near it is to what was asked; higher is nearer.
        confidence: ``proven`` (worked in two or more sessions), ``seen once``, ``stated`` or ``unreviewed``.
    """

    id: str
    kind: str
    text: str
    origin: str
    day: str | None = None
    sessions: int = 0
    score: float = 0.0
    confidence: Confidence = "stated"


class Known:
    """A view with what its answers are counted from, read once.

    Two clones that met the same failure apart record the same learning twice. Equal ones count as one:
    the oldest that still holds stands for all, one of a person accepted here before any other's.

    Attributes:
        view: The repository's view.
    """

    def __init__(self, view: View) -> None:
        self.view = view

    @cached_property
    def rows(self) -> list[Occurrence]:
        """Return the occurrences of failures, in the order of sessions."""
        return self.view.index.occurrences()

    @cached_property
    def short(self) -> dict[str, str]:
        """Return the shortest unique prefix of each learning's id."""
        return ids.shortest([*self.view.index.ids("record"), *self.view.index.ids("candidate")])

    @cached_property
    def _believed(self) -> set[str]:
        return self.view.believed()

    def may_tell(self, document: Document) -> bool:
        """Tell whether a document may be put before an agent unasked: by whose it is, and by its safety.

        The safety of a text is judged again here: a document of the tree, or a record of another tool, never
        passed the gate. What is to be done, and a plan, is found when asked for and never told.
        """
        mine = document.source != "record" or document.author in self._believed
        return mine and document.trusted and is_safe(document.text)

    @cached_property
    def _standing(self) -> dict[str, Document]:
        """Return, by id, the learning that stands for it."""

        def order(document: Document) -> tuple[bool, bool, str, str]:
            foreign = document.author not in self._believed
            return document.state in HIDDEN, foreign, document.day or "", document.id

        first: dict[str, Document] = {}
        ordered = sorted(self.view.learnings(), key=order)
        return {document.id: first.setdefault(document.digest, document) for document in ordered}

    def standing(self, id: str) -> str:  # noqa: A002 - the field's own name
        """Return the id of the learning that stands for this one."""
        return self._standing[id].id if id in self._standing else id

    def shown(self, document: Document) -> Document | None:
        """Return the learning that is shown for a document: itself, or the equal one that stands for it.

        None for a copy by somebody not accepted here: that it is equal is only its own word.
        """
        standing = self._standing.get(document.id) or self._recorded(document) or document
        if standing is not document and document.author is None:
            return standing
        if standing.id != document.id and document.author not in self._believed:
            return None
        return standing

    def _recorded(self, document: Document) -> Document | None:
        """Return the learning that a line of the tree repeats word for word, as an exported file does."""
        return self._by_text.get(_folded(document.text)) if document.author is None else None

    @cached_property
    def _by_text(self) -> dict[str, Document]:
        """Return, by text, the learning of somebody accepted here that stands for it."""
        stand = (found for found in self._standing.values() if found.author in self._believed)
        by_text: dict[str, Document] = {}
        for found in sorted(stand, key=lambda found: (found.state in HIDDEN, found.id)):
            by_text.setdefault(_folded(found.text), found)
        return by_text

    @cached_property
    def _worked(self) -> dict[str, set[str]]:
        return self.worked_in(self.rows)

    def worked_in(self, rows: list[Occurrence]) -> dict[str, set[str]]:
        """Return, for each learning that stands for itself, the sessions in which its fix ended a failure."""
        sessions: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row.learning and row.resolved:
                sessions[self.standing(row.learning)].add(row.session)
        return sessions

    def sessions(self, id: str) -> set[str]:  # noqa: A002 - the field's own name
        """Return the sessions in which a learning's fix worked."""
        return self._worked.get(self.standing(id), set())

    def item(self, document: Document, score: float = 0.0) -> Item:
        """Return a document as an item."""
        sessions = len(self.sessions(document.id))
        confidence: Confidence = "stated"
        if document.source == "candidate":
            origin, confidence = "waiting for your review", "unreviewed"
        elif document.source == "record":
            origin = "recorded"
            if document.author not in self._believed:
                origin += f" by {document.author}, not accepted here"
            confidence = "proven" if sessions > 1 else "seen once" if sessions == 1 else "stated"
        else:
            origin = document.path or ""
        return Item(
            id=plain(self.short.get(document.id, document.path or document.id)),
            kind=document.kind,
            text=quoted(document.text),
            origin=plain(origin),
            day=document.day,
            sessions=sessions,
            score=round(score, 3),
            confidence=confidence,
        )


def _folded(text: str) -> str:
    """Return a text as two are compared: as it would be quoted, which few texts change, case folded."""
    quoting = len(text) > MAX_CHARACTERS or _CHANGED.search(text)
    return " ".join((quoted(text) if quoting else text).lower().split())
