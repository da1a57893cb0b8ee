"""Find what is known about something asked in words."""

from __future__ import annotations

import msgspec

from holdfast.index.documents import Hit
from holdfast.learn.neutral import neutral_text
from holdfast.learn.view import View
from holdfast.recall.decisions import Withheld, decisions_for
from holdfast.recall.items import HIDDEN, Item, Known

MAX_DECISIONS = 3
"""Decisions that come first."""
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
        replaced: Decisions that were near and hold no more, with what took their place.
        note: What the reader should know, such as records that were not fetched.
    """

    query: str
    items: list[Item]
    withheld: int = 0
    replaced: list[Withheld] = []
    note: str = ""


def recall_words(view: View, query: str, limit: int = 8) -> Found:
    """Return what is known that is near to ``query``: decisions on it, then the rest, nearest first.

    What was written down on purpose comes before what commits and sessions merely say.
    """
    known = Known(view)
    said = [source for source in view.everywhere if source not in view.sources]
    near = [
        *nearest(known, query, limit * 3, view.sources, asked=True),
        *(hit for hit in nearest(known, query, limit * 3, said, asked=True) if view.sees(hit.document)),
    ]
    decided = decisions_for(view, query, limit=min(limit, MAX_DECISIONS), asked=bool(near))
    told = [hit for hit in near if hit.document.state not in HIDDEN]
    items = {item.id: item for item in decided.items}
    replaced = {old.id for old in decided.withheld}
    for hit in told:
        item = known.item(hit.document, hit.score)
        if item.id not in replaced:
            items.setdefault(item.id, item)
    return Found(
        query=neutral_text(query[:500]),
        items=list(items.values())[:limit],
        withheld=len(near) - len(told),
        replaced=decided.withheld,
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
