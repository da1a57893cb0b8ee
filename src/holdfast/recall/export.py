"""Write what is known as a Markdown file for people: by kind, newest first, with where each comes from.

Only what may be told goes in: learnings of this clone and of people accepted here that still hold; never what
waits for review. A file that somebody wrote or changed is never overwritten (see `holdfast.learn.exported`).
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.index.documents import Document
from holdfast.learn import exported
from holdfast.learn.view import View
from holdfast.recall.items import Item, Known
from holdfast.repo import safe_read

HEADINGS = {
    "decision": "Decisions",
    "failure": "Failures, and what ended them",
    "gotcha": "Gotchas",
    "convention": "Conventions",
    "pattern": "Patterns",
    "model": "How to think of it",
}
"""The chapters, in their order."""

_LIMIT = 16 << 20
"""Bytes of a file that is compared with what would be written."""


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was written.

    Attributes:
        path: The file; None for standard output.
        learnings: How many learnings it holds.
        written: False when there was nothing to write, or the file said the same already.
        text: What goes to standard output; empty when a file was named.
    """

    path: str | None
    learnings: int
    written: bool
    text: str = ""


def export(view: View, path: Path | None) -> Exported:
    """Write what is known to a file, or return it as text.

    Args:
        view: The repository's view.
        path: The file; None to return the text.

    Raises:
        EnvironmentProblem: A file stands there that a person wrote or changed, or it cannot be written.
    """
    found = _told(view)
    text = exported.marked(_body(found))
    if path is None:
        return Exported(path=None, learnings=len(found), written=bool(found), text=text if found else "")
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow a link
    before = _read(view, path)
    if before is not None and not exported.is_unchanged(before):
        raise _not_ours(path, changed=exported.is_export(before))
    written = bool(found or before is not None) and not _same(before, text)
    if written:
        _write(view, path, text, new=before is None)
    return Exported(path=str(path), learnings=len(found), written=written)


def _told(view: View) -> list[tuple[str, Item]]:
    """Return what may be told, newest first, equal ones once."""
    known = Known(view)

    def stands(document: Document) -> bool:
        return known.standing(document.id) == document.id and known.may_tell(document)

    return [(document.kind, known.item(document)) for document in view.told() if stands(document)]


def _body(found: list[tuple[str, Item]]) -> str:
    lines = ["# Learnings", "", exported.INTRODUCTION]
    for kind, heading in HEADINGS.items():
        chapter = [item for its_kind, item in found if its_kind == kind]
        if chapter:
            lines += ["", f"## {heading}", "", *map(_line, chapter)]
    return "\n".join(lines) + "\n"


def _line(item: Item) -> str:
    words = {"proven": f"worked in {item.sessions} sessions", "seen once": "worked once"}
    told = ", ".join(part for part in (words.get(item.confidence, "stated"), item.day) if part)
    return f"- {item.text.replace('<!--', '‹!--')}{exported.origin(told, item.id)}"


def _same(before: str | None, text: str) -> bool:
    return before is not None and before.replace("\r\n", "\n") == text


def _read(view: View, path: Path) -> str | None:
    """Return the text of the file; None when there is none.

    Raises:
        EnvironmentProblem: What stands there, or on the way, is a link or no file.
    """
    top, below = _placed(view, path)
    data = safe_read.read(top, below, _LIMIT)
    return None if data is None else data.decode("utf-8", "replace")


def _write(view: View, path: Path, text: str, *, new: bool) -> None:
    top, below = _placed(view, path)
    data = text.encode("utf-8", "replace")
    if not new:
        safe_read.overwrite(top, below, data)
        return
    try:
        safe_read.create(top, below, data)
    except FileExistsError as error:
        raise _not_ours(path, changed=False) from error


def _placed(view: View, path: Path) -> tuple[Path, str]:
    """Return a folder to start from and the way to the file: within the worktree no link is followed."""
    root = view.repository.root
    for top in (root, Path.cwd()):
        if top is not None and path != top and path.is_relative_to(top):
            return top, path.relative_to(top).as_posix()
    if not path.parent.is_dir():
        raise EnvironmentProblem(f"There is no folder {path.parent}.", "Make it first, or name another file.")
    return path.parent, path.name


def _not_ours(path: Path, *, changed: bool) -> EnvironmentProblem:
    why = (
        "somebody changed it since it was exported" if changed else "`holdfast learn export` did not write it"
    )
    return EnvironmentProblem(
        f"{path.name} is left as it is: {why}.",
        f"Export to another file: `holdfast learn export {path.stem}-known.md`. To write this one, move what "
        "is yours elsewhere (a file in `learnings/` is searched too) and remove it.",
    )
