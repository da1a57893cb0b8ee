"""What waits for a person's decision."""

from __future__ import annotations

import msgspec

from holdfast.learn.view import View
from holdfast.recall.items import Item, Known


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a person."""

    items: list[Item]


def queue(view: View) -> Queue:
    """Return the candidates that wait for a person, newest first."""
    known = Known(view)
    return Queue(items=[known.item(document) for document in view.index.all(sources=["candidate"])])
