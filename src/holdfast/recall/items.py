"""What recall gives back: items with their confidence, and what answers are counted from."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Literal

import msgspec

from holdfast.hook.patterns import regex
from holdfast.hook.quoting import MAX_CHARACTERS, quoted
from holdfast.hook.signature import plain
from holdfast.index.documents import Document, Occurrence
from holdfast.learn.gate import is_safe
from holdfast.learn.view import HIDDEN as HIDDEN
from holdfast.learn.view import View
from holdfast.repo import ids

_CHANGED = regex(r"[<\[\x00-\x1f]|(?:Human|Assistant|System|User|Developer):")
"""What of a text `quoted` might write otherwise."""

_NAMED = {"commit": "a commit", "statement": "said in a session"}
_DIGITS = 12
"""Characters of a commit's name that are shown."""

_SHORTENED = ("record", "candidate")
_OF_THE_TREE = ("document", "guidance", "candidate")
_ALIKE = 20
"""Learnings nearest to a text among which those that say the same are looked for."""

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
        chance: That it is what was asked for, 0 to 1; None when nothing tells.
    """

    id: str
    kind: str
    text: str
    origin: str
    day: str | None = None
    sessions: int = 0
    score: float = 0.0
    confidence: Confidence = "stated"
    chance: float | None = None


class Known:
    """A view with what its answers are counted from, each read when it is first needed.

    Two clones that met the same failure apart record the same learning twice. Equal ones count as one:
    the oldest that still holds stands for all, one of a person accepted here before any other's.

    Attributes:
        view: The repository's view.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self._groups: dict[str, list[Document]] = {}
        self._standing: dict[str, str] = {}
        self._sessions: dict[str, set[str]] = {}
        self._safe: dict[str, bool] = {}

    @cached_property
    def rows(self) -> list[Occurrence]:
        """Return the occurrences of failures, in the order of sessions."""
        return self.view.index.occurrences()

    @cached_property
    def short(self) -> _Short:
        """Return the shortest unique prefix of each learning's id."""
        return _Short(self.view)

    @cached_property
    def _believed(self) -> set[str]:
        return self.view.believed()

    def may_tell(self, document: Document) -> bool:
        """Tell whether a document may be put before an agent unasked: by whose it is, and by its safety.

        The safety of a text is judged again here: a document of the tree, or a record of another tool, never
        passed the gate. What is to be done, and a plan, is found when asked for and never told.
        """
        mine = self.view.is_believed(document, self._believed)
        if document.text not in self._safe:
            self._safe[document.text] = is_safe(document.text)
        return mine and document.trusted and self._safe[document.text]

    def _equals(self, document: Document) -> list[Document]:
        """Return the learnings on record that are equal to one, the one that stands for them first."""
        found = self._groups.get(document.digest)
        if found is None:

            def order(each: Document) -> tuple[bool, bool, str, str]:
                foreign = each.author not in self._believed
                return each.state in HIDDEN, foreign, each.day or "", each.id

            found = sorted(self.view.index.by_digest(document.digest, ["record"]), key=order)
            self._groups[document.digest] = found
        return found

    def standing(self, id: str) -> str:  # noqa: A002 - the field's own name
        """Return the id of the learning that stands for this one."""
        if id not in self._standing:
            document = self.view.index.get(id)
            recorded = document is not None and document.source == "record"
            self._standing[id] = self._equals(document)[0].id if document and recorded else id
        return self._standing[id]

    def shown(self, document: Document) -> Document | None:
        """Return the learning that is shown for a document: itself, or the equal one that stands for it.

        None for a copy by somebody not accepted here: that it is equal is only its own word.
        """
        if document.source == "record":
            standing = next(iter(self._equals(document)), document)
        else:
            standing = self._recorded(document) or document
        if document.author is None:
            return standing
        if standing.id != document.id and document.author not in self._believed:
            return None
        return standing

    def _recorded(self, document: Document) -> Document | None:
        """Return the learning that a line of the tree repeats word for word, as an exported file does.

        Of somebody accepted here, and the one that stands for all that say the same.
        """
        if document.author is not None or document.source.partition(":")[0] not in _OF_THE_TREE:
            return None
        text = _folded(document.text)
        hits = self.view.index.search(document.text, _ALIKE, sources=["record"])
        equal = [hit.document for hit in hits if _folded(hit.document.text) == text]
        stand = [each[0] for each in map(self._equals, equal) if each and each[0].author in self._believed]
        return min(stand, key=lambda found: (found.state in HIDDEN, found.id), default=None)

    def worked_in(self, rows: list[Occurrence]) -> dict[str, set[str]]:
        """Return, for each learning that stands for itself, the sessions in which its fix ended a failure."""
        sessions: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            if row.learning and row.resolved:
                sessions[self.standing(row.learning)].add(row.session)
        return sessions

    def sessions(self, id: str) -> set[str]:  # noqa: A002 - the field's own name
        """Return the sessions in which a learning's fix worked."""
        standing = self.standing(id)
        if standing not in self._sessions:
            document = self.view.index.get(standing)
            equal = [each.id for each in self._equals(document)] if document else []
            rows = [row for each in {standing, *equal} for row in self.view.index.occurrences(learning=each)]
            self._sessions[standing] = {row.session for row in rows if row.resolved}
        return self._sessions[standing]

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
        elif document.source in _NAMED:
            confidence = "unreviewed" if document.source == "statement" else "stated"
            origin = _NAMED[document.source] + (f" by {quoted(document.by)}" if document.by else "")
        else:
            origin = document.path or ""
        return Item(
            id=plain(self.short.get(document.id) or document.path or _shortened(document.id)),
            kind=document.kind,
            text=quoted(document.text),
            origin=plain(origin),
            day=document.day,
            sessions=sessions,
            score=round(score, 3),
            confidence=confidence,
        )


def _shortened(id_: str) -> str:
    """Return the id of what git or a session holds, such as ``commit:1a2b3c4d5e6f``, as people name it."""
    return id_[: len("commit:") + _DIGITS] if id_.startswith("commit:") else id_


class _Short:
    """Shorten ids of learnings and candidates to the shortest prefix that no other has."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[str, str] = {}

    def get(self, id: str) -> str | None:  # noqa: A002 - the field's own name
        """Return the prefix of an id; None for what is no learning or candidate."""
        if id not in self._known:
            document = self._view.index.get(id)
            if document is None or document.source not in _SHORTENED:
                return None
            beside = self._view.index.beside(id, _SHORTENED)
            self._known[id] = ids.shortest([id, *beside])[id]
        return self._known[id]

    def __getitem__(self, id: str) -> str:  # noqa: A002 - the field's own name
        short = self.get(id)
        if short is None:
            raise KeyError(id)
        return short


def _folded(text: str) -> str:
    """Return a text as two are compared: as it would be quoted, which few texts change, case folded."""
    quoting = len(text) > MAX_CHARACTERS or _CHANGED.search(text)
    return " ".join((quoted(text) if quoting else text).lower().split())
