"""What is asked for by name: an item by its id, what applies to a file, bears a tag, names an issue.

Whoever names a thing gets it: no test of worth, no threshold. What no longer holds is given too, apart. What
may not be put before an agent, because of whose it is or what it says, is counted and left to
`holdfast recall`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from holdfast.index.documents import Document
from holdfast.recall.items import HIDDEN, Item, Known

MAX_EACH = 8
"""Items that are given for one name."""
_LOOKED_AT = 200
_NEVER_WHOLE = frozenset(["session", "segment", "file"])
"""Sources that are searched for other purposes and are never given as they are."""
_UNTOLD = _NEVER_WHOLE | {"statement"}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for by name.

    Attributes:
        ids: Ids or their beginnings, or places such as ``learnings.md:12``.
        paths: Files; ``tags`` words that items bear; ``issues`` numbers, keys or links of issues.
        files: How many files likely to be edited are wanted, whatever they are worth.
    """

    ids: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    files: int = 0


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What one name stands for.

    Attributes:
        name: Such as ``path src/api.py``.
        items: Those that hold, newest first; ``withheld`` those that do not any more.
        left_out: How many may not be put before an agent.
    """

    name: str
    items: list[Item]
    withheld: list[Item] = []
    left_out: int = 0


def named(known: Known, asked: Asked) -> list[Named]:
    """Return what each name stands for, in the order of ids, paths, tags, issues.

    Raises:
        UsageError: No item, or several, have an id that was asked for.
    """
    return [
        *(by_id(known, prefix) for prefix in asked.ids),
        *(by_path(known, path) for path in asked.paths),
        *(by_tag(known, tag) for tag in asked.tags),
        *(by_issue(known, issue) for issue in asked.issues),
    ]


def by_id(known: Known, prefix: str) -> Named:
    """Return the one item of an id, or of a place such as ``learnings.md:12``.

    Raises:
        UsageError: None or several have an id that begins so.
    """
    return _named(known, f"id {prefix}", [known.view.resolve(prefix)], _NEVER_WHOLE)


def by_path(known: Known, path: str) -> Named:
    """Return what applies to a file: what stands in it, what names it, or a folder that it lies in."""
    path = path.removeprefix("./")
    notes = known.view.index.all(sources=known.view.sources[2:])
    found = {note.id: note for note in notes if (note.path or "").partition(":")[0] == path}
    for place in _with_folders(path):
        for document in known.view.index.by_path(place):
            found.setdefault(document.id, document)
    return _named(known, f"path {path}", found.values())


def by_tag(known: Known, tag: str) -> Named:
    """Return what bears a tag."""
    wanted = tag.casefold()
    hits = known.view.index.search(tag, _LOOKED_AT, sources=known.view.sources)
    bearing = (hit.document for hit in hits)
    return _named(known, f"tag {tag}", [doc for doc in bearing if wanted in map(str.casefold, doc.tags)])


def by_issue(known: Known, issue: str) -> Named:
    """Return what names an issue, as ``#12``, ``PROJ-12``, its id or a link that ends so."""
    bare = issue.strip().lstrip("#")
    mark = re.compile(rf"(?<![\w-]){re.escape(bare)}(?![\w-])", re.IGNORECASE)
    number = re.compile(rf"(?:#|issues?[ /#]|bugs?[ /#]|tickets?[ /#]|GH-|pull/){re.escape(bare)}\b", re.I)
    told = number if bare.isdigit() else mark
    hits = known.view.index.search(bare, _LOOKED_AT, sources=known.view.sources)
    found = [hit.document for hit in hits if _names(hit.document, told)]
    return _named(known, f"issue {issue}", found)


def _names(document: Document, mark: re.Pattern[str]) -> bool:
    texts = (document.title, document.text, document.detail, document.branch, *document.tags)
    return any(mark.search(text) for text in texts)


def _with_folders(path: str) -> Iterator[str]:
    """Yield a path and the folders that it lies in, written as learnings name them."""
    yield path
    parts = path.rstrip("/").split("/")
    for end in range(len(parts) - 1, 0, -1):
        folder = "/".join(parts[:end])
        yield from (f"{folder}/", folder, f"{folder}/**", f"{folder}/*")


def _named(known: Known, name: str, documents: Iterable[Document], never: frozenset[str] = _UNTOLD) -> Named:
    items: dict[str, Item] = {}
    withheld: dict[str, Item] = {}
    left_out = 0
    for document in documents:
        if document.source.partition(":")[0] in never or not known.view.sees(document):
            continue
        shown = known.shown(document)
        if shown is None or not known.may_tell(shown):
            left_out += 1
            continue
        kept = withheld if shown.state in HIDDEN else items
        if len(kept) < MAX_EACH:
            kept.setdefault(shown.id, known.item(shown))
    return Named(name=name, items=list(items.values()), withheld=list(withheld.values()), left_out=left_out)
