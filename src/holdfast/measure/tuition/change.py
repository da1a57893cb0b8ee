"""A change of one file of the tree, to be looked at by a person before it is made."""

from __future__ import annotations

from pathlib import Path

import msgspec

from holdfast.errors import Refused
from holdfast.repo import safe_read

CONTEXT = 3
"""Unchanged lines that a diff shows on either side."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of a file that are replaced by others.

    Attributes:
        path: The file, relative to the top of the worktree.
        line: The first line that is replaced, from 1.
        removed, added: The lines; what only goes in has a line beside it in both. An empty last line stands
            for the newline at the end of a file.
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
    start, end = _common(old, new)
    if old and start == len(old) - end:  # a line beside what goes in, by which its place is known again
        start, end = (start - 1, end) if start else (start, end - 1)
    return Change(
        path=path,
        line=start + 1,
        removed=tuple(old[start : len(old) - end]),
        added=tuple(new[start : len(new) - end]),
        creates=before is None,
        diff=_diff(path, before, after),
    )


def _common(old: list[str], new: list[str]) -> tuple[int, int]:
    """Return how many lines two texts share at their start, and at their end."""
    start, end, least = 0, 0, min(len(old), len(new))
    while start < least and old[start] == new[start]:
        start += 1
    while end < least - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return start, end


def _diff(path: str, before: str | None, after: str) -> str:
    """Return the one hunk that holds the change; a line ends at a line feed alone, as for git."""
    old, new = _lines(before or ""), _lines(after)
    start, end = _common(old, new)
    if start == len(old) == len(new):
        return ""
    first = max(0, start - CONTEXT)
    last = max(0, end - CONTEXT)
    kept = [f" {line}" for line in old[first:start]]
    after_it = [f" {line}" for line in old[len(old) - end : len(old) - last]]
    removed = [f"-{line}" for line in old[start : len(old) - end]]
    added = [f"+{line}" for line in new[start : len(new) - end]]
    shared = len(kept) + len(after_it)
    head = [
        f"--- {'/dev/null' if before is None else _quoted(f'a/{path}')}\n",
        f"+++ {_quoted(f'b/{path}')}\n",
        f"@@ -{_span(first, shared + len(removed))} +{_span(first, shared + len(added))} @@\n",
    ]
    whole = [*head, *kept, *removed, *added, *after_it]
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in whole
    )


def _lines(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _span(first: int, count: int) -> str:
    return f"{first + 1 if count else first},{count}"


def _quoted(path: str) -> str:
    """Return a path as git writes it in a patch: quoted where it would not be read back otherwise."""
    if path.isprintable() and not set(path) & set('"\\'):
        return path
    escaped = "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}"
        for byte in path.encode("utf-8", "surrogateescape")
    )
    return f'"{escaped}"'


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
    if tuple(lines[start : start + len(change.removed)]) != change.removed:
        raise _changed(change.path)
    lines[start : start + len(change.removed)] = change.added
    safe_read.overwrite(root, change.path, "\n".join(lines).encode())


def _changed(path: str) -> Refused:
    return Refused(f"{path} changed meanwhile; nothing was written.", "Run `holdfast tuition --fix` again.")


def text_of(root: Path, path: str) -> str | None:
    """Return the text of a file that a change can be made to; None when there is none.

    Raises:
        EnvironmentProblem: What stands there is never read, such as a link.
        UnicodeDecodeError: It is not UTF-8.
    """
    data = safe_read.read(root, path)
    return None if data is None else data.decode()
