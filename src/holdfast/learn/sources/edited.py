"""Which files sessions edited, as documents: of a segment on record, and of each file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from holdfast.index.documents import Document
from holdfast.repo.records import Segment
from holdfast.transcripts.paths import is_absolute

FILE, SEGMENT = "file", "segment"
_LONGEST = 1000
"""Characters of a path that is taken in."""


def documents_of_segment(segment: Segment, author: str) -> list[Document]:
    """Return what a segment says of the files that were edited; nothing when it names none.

    Args:
        segment: From any clone: paths that point outside of the repository are left out.
        author: Whose record it is.
    """
    paths = tuple(path for path in segment.edited if is_inside(path))
    if not paths:
        return []
    edited = Document(
        id=f"{SEGMENT}:{segment.id}",
        source=SEGMENT,
        kind="session",
        title="",
        text="",
        day=segment.day,
        author=author,
        trusted=False,
        paths=paths,
        session=segment.session,
    )
    return [edited, *documents_of_files(paths)]


def documents_of_files(paths: Iterable[str]) -> Iterator[Document]:
    """Yield a document for each path, by which words of a task find files of such a name."""
    for path in paths:
        yield Document(
            id=f"{FILE}:{path}", source=FILE, kind="file", title=path, text="", paths=(path,), trusted=False
        )


def is_inside(path: str) -> bool:
    """Tell whether a path names, by its spelling, a file of the repository."""
    if not path or len(path) > _LONGEST or not path.isprintable() or is_absolute(path):
        return False
    return not path.startswith("~") and ".." not in path.split("/")
