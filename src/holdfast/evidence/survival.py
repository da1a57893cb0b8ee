"""What became of edits: whether the lines that one made were still there at the end.

An edit is known by a few of its longest lines. It is undone when a later edit takes those lines out again, a
later write of the file no longer has them, or git puts the file back.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from holdfast.evidence import taking_back
from holdfast.transcripts.events import Edit

MAX_EDITS = 8
"""Edits that are watched for one correction."""
_LINES = 3
_LINE = 160


class Watched(msgspec.Struct, kw_only=True):
    """An edit that is watched: the lines it added, or for a mere removal those it took out.

    Attributes:
        commits: How many commits followed: putting files back undoes only what was not committed.
    """

    path: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    commits: int = 0


def watch(edit: Edit) -> Watched | None:
    """Return how an edit is known again; None when it changes no line that tells."""
    before, after = _lines(edit.removed), _lines(edit.added)
    added = _telling(line for line in after if line not in before)
    if added:
        return Watched(path=edit.path, added=added)
    removed = _telling(line for line in before if line not in after)
    return Watched(path=edit.path, removed=removed) if removed else None


def undone_by_edit(watched: Watched, edit: Edit) -> bool:
    """Tell whether a later edit undoes a watched one."""
    if edit.path != watched.path:
        return False
    after = _lines(edit.added)
    if not edit.removed:  # a write of the whole file
        return bool(watched.added) and not any(line in after for line in watched.added)
    before = _lines(edit.removed)
    if watched.added:
        return all(line in before and line not in after for line in watched.added)
    return all(line in after and line not in before for line in watched.removed)


def undone_by_command(watched: Watched, command: str) -> bool:
    """Tell whether a command that succeeded put a watched edit's file back."""
    return taking_back.may_act(command) and any(
        action.reaches(watched.path, 0, watched.commits) or (action.kind == "stash" and not watched.commits)
        for action in taking_back.actions(command)
    )


def commits(command: str) -> bool:
    """Tell whether a command made a commit."""
    return taking_back.may_act(command) and any(
        action.kind == "commit" for action in taking_back.actions(command)
    )


def _lines(text: str) -> set[str]:
    return {" ".join(line.split())[:_LINE] for line in text.split("\n") if len(line.strip()) > 2}


def _telling(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(lines), key=lambda line: (-len(line), line))[:_LINES])
