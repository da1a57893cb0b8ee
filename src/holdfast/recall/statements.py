"""What was said around a statement in the same session: a symptom before it, and what settled it after."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.index.documents import Document
from holdfast.learn.view import View


def beside(view: View, statement: Document, *, before: int = 0, after: int = 0) -> Iterator[Document]:
    """Yield the statements just before and after one, in their order."""
    name, _, place = statement.id.rpartition(":")
    if not place.isdigit():
        return
    for step in (*range(-before, 0), *range(1, after + 1)):
        told = view.index.get(f"{name}:{int(place) + step}")
        if told is not None:
            yield told
