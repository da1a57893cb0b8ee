"""Find what is known about something asked in words."""

from __future__ import annotations

import msgspec

from holdfast.index.documents import Hit
from holdfast.learn.view import View
from holdfast.recall.items import HIDDEN, Item, item, short_ids, worked

NEAR = 0.34
"""Share of the query's summed idf that a document must match to count as near. A query of one or two words
must match wholly; a long one, such as a prompt, by a third."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question: items, nearest first; empty when nothing is near.

    Attributes:
        withheld: How many near items were left out because they were retired, withheld or superseded.
        note: What the reader should know, such as records that were not fetched.
    """

    query: str
    items: list[Item]
    withheld: int = 0
    note: str = ""


def recall(view: View, query: str, limit: int = 8) -> Found:
    """Return what is known that is near to ``query``, nearest first."""
    hits = view.index.search(query, limit * 3, sources=view.sources)
    near = [hit for hit in hits if is_near(hit)]
    told = [hit for hit in near if hit.document.state not in HIDDEN]
    counts = worked(view.index.occurrences())
    short = short_ids(view)
    items = [item(view, hit.document, counts[hit.document.id], short, hit.score) for hit in told[:limit]]
    return Found(query=query, items=items, withheld=len(near) - len(told), note=_note(view))


def is_near(hit: Hit) -> bool:
    """Tell whether a hit matches enough of its query to be worth showing."""
    needed = 0.75 if hit.of <= 2 else NEAR + 0.4 / hit.of
    return hit.idf_share >= needed


def _note(view: View) -> str:
    if view.branch.tips():
        return ""
    return "No records here yet. If a remote has some: `holdfast sync`."
