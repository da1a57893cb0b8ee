"""A change of one file of the tree, to be looked at by a person before it is made."""

from __future__ import annotations

import difflib
from pathlib import Path

import msgspec

from holdfast.errors import EnvironmentProblem, Refused
from holdfast.repo import safe_read


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of a file that are replaced by others.

    Attributes:
        path: The file, relative to the top of the worktree.
        line: The first line that is replaced, from 1; with nothing removed, where the new ones go in.
        removed, added: The lines. An empty last line stands for the newline at the end of a file.
        creates: True when the file does not exist yet.
        diff: The same as a unified diff, as ``git apply`` takes it.
    """

    path: str
    line: int
    removed: tuple[str, ...]
    added: tuple[str, ...]
    creates: bool
    diff: str


def make_change(path: str, before: str | None, after: str) -> Change:
    """Return the change of a file's text; ``before`` is None for a file that does not exist yet."""
    old = before.split("\n") if before is not None else []
    new = after.split("\n")
    start, end, least = 0, 0, min(len(old), len(new))
    while start < least and old[start] == new[start]:
        start += 1
    while end < least - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return Change(
        path=path,
        line=start + 1,
        removed=tuple(old[start : len(old) - end]),
        added=tuple(new[start : len(new) - end]),
        creates=before is None,
        diff=_diff(path, before, after),
    )


def _diff(path: str, before: str | None, after: str) -> str:
    old = (before or "").splitlines(keepends=True)
    lines = difflib.unified_diff(
        old, after.splitlines(keepends=True), "/dev/null" if before is None else f"a/{path}", f"b/{path}"
    )
    whole = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return "".join(whole)


def apply_change(root: Path, change: Change) -> None:
    """Make the change in the worktree; nothing is staged or committed.

    Raises:
        Refused: The file is no longer what it was when the change was proposed, or is not UTF-8.
        EnvironmentProblem: The file cannot be written.
    """
    data = safe_read.read(root, change.path)
    if (data is None) != change.creates:
        raise _changed(change.path)
    if data is None:
        safe_read.create(root, change.path, "\n".join(change.added).encode())
        return
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        raise Refused(f"{change.path} is not UTF-8; nothing was written.", "Change it yourself.") from error
    start = change.line - 1
    if tuple(lines[start : start + len(change.removed)]) != change.removed or start > len(lines):
        raise _changed(change.path)
    lines[start : start + len(change.removed)] = change.added
    safe_read.overwrite(root, change.path, "\n".join(lines).encode())


def _changed(path: str) -> Refused:
    return Refused(f"{path} changed meanwhile; nothing was written.", "Run `holdfast tuition --fix` again.")


def text_of(root: Path, path: str) -> str | None:
    """Return the text of a file that a change can be made to; None when there is none.

    Raises:
        UnicodeDecodeError: It is not UTF-8.
    """
    try:
        data = safe_read.read(root, path)
    except EnvironmentProblem:
        return None
    return None if data is None else data.decode()
