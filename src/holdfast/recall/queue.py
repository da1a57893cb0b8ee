"""What waits for a person's decision."""

from __future__ import annotations

import msgspec

from holdfast.hook.quoting import quoted
from holdfast.learn.citing import doubts
from holdfast.learn.view import View
from holdfast.recall.items import Item, Known


class Doubted(msgspec.Struct, frozen=True, kw_only=True):
    """A learning on record that somebody called wrong or stale.

    Attributes:
        outcome: ``wrong``: it is withheld until a person decides; ``stale``: it is still told.
        note: What was said of it; ``by`` the agent that said so, empty for a person.
    """

    item: Item
    outcome: str
    note: str
    by: str = ""
    day: str = ""


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person: candidates, and learnings that somebody called wrong or stale."""

    items: list[Item]
    doubted: list[Doubted] = []


def queue(view: View) -> Queue:
    """Return what waits for a person: candidates, newest first, and what is in doubt, withheld first."""
    known = Known(view)
    doubted = [
        Doubted(
            item=known.item(each.document), outcome=each.outcome, note=quoted(each.note), by=each.by,
            day=each.day,
        )
        for each in doubts(view)
    ]  # fmt: skip
    items = [known.item(document) for document in view.index.all(sources=["candidate"])]
    return Queue(items=items, doubted=doubted)
