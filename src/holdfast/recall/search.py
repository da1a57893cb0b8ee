"""Find what is known about something asked in words."""

from __future__ import annotations

import msgspec

from holdfast.index.documents import Hit
from holdfast.learn.neutral import neutral_text
from holdfast.learn.view import View
from holdfast.recall.items import HIDDEN, Item, Known

NEAR = 0.34
"""Share of the query's summed idf that a document must match to be told unasked. A query of one or two words
must match wholly; a long one, such as a prompt, by a third."""
NEAR_WHEN_ASKED = 0.22
"""The same for a question of four words or more that was asked: the asker can judge, so less is enough."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question: items, nearest first; empty when nothing is near.

    Attributes:
        query: What was asked, without secrets.
        withheld: How many near items were left out because they were retired, withheld or superseded.
        note: What the reader should know, such as records that were not fetched.
    """

    query: str
    items: list[Item]
    withheld: int = 0
    note: str = ""


def recall_words(view: View, query: str, limit: int = 8) -> Found:
    """Return what is known that is near to ``query``, nearest first."""
    known = Known(view)
    near = nearest(known, query, limit * 3, view.sources, asked=True)
    told = [hit for hit in near if hit.document.state not in HIDDEN]
    return Found(
        query=neutral_text(query[:500]),
        items=[known.item(hit.document, hit.score) for hit in told[:limit]],
        withheld=len(near) - len(told),
        note=_note(view),
    )


def nearest(known: Known, query: str, limit: int, sources: list[str], *, asked: bool = False) -> list[Hit]:
    """Return the hits that are near, best first; of equal learnings the one that stands for them."""
    found: dict[str, Hit] = {}
    for hit in known.view.index.search(query, limit, sources=sources):
        shown = known.shown(hit.document) if is_near(hit, asked=asked) else None
        if shown is not None:
            found.setdefault(shown.id, msgspec.structs.replace(hit, document=shown))
    return list(found.values())


def is_near(hit: Hit, *, asked: bool = False) -> bool:
    """Tell whether a hit matches enough of its query to be worth showing."""
    if asked and hit.of > 3:
        return hit.idf_share >= NEAR_WHEN_ASKED
    needed = 0.75 if hit.of <= 2 else NEAR + 0.4 / hit.of
    return hit.idf_share >= needed


def _note(view: View) -> str:
    if view.branch.tips():
        return ""
    return "No records here yet. If a remote has some: `holdfast sync`."
