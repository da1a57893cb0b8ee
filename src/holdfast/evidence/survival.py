"""What became of edits: whether the lines that one made were still there at the end.

An edit is known by a few of its longest lines. It is undone when a later edit takes those lines out again, a
later write of the file no longer has them, or git puts the file back.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from holdfast.hook import commands
from holdfast.transcripts.events import Edit

MAX_EDITS = 8
"""Edits that are watched for one correction."""
_LINES = 3
_LINE = 160


class Watched(msgspec.Struct, kw_only=True):
    """An edit that is watched: the lines it added, or for a mere removal those it took out.

    Attributes:
        committed: True when a commit followed, so that putting files back no longer undoes it.
    """

    path: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    committed: bool = False


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
    return any(_puts_back(words, watched) for words in commands.mains(command) if words[:1] == ["git"])


def commits(command: str) -> bool:
    """Tell whether a command made a commit."""
    return "git" in command and any(words[:2] == ["git", "commit"] for words in commands.mains(command))


def _puts_back(words: list[str], watched: Watched) -> bool:
    verb, rest = (words[1] if len(words) > 1 else ""), words[2:]
    if verb == "revert":
        return watched.committed
    if verb == "reset" and "--hard" in rest:
        return not watched.committed or any(word.startswith(("HEAD~", "HEAD^", "@~")) for word in rest)
    if watched.committed:
        return False
    if verb == "stash":
        return rest[:1] in ([], ["push"], ["-u"], ["save"])
    if verb == "restore" and "--staged" in rest and "--worktree" not in rest:
        return False
    names = rest[rest.index("--") + 1 :] if "--" in rest else rest
    if verb == "restore" or (verb == "checkout" and ("--" in rest or names == ["."])):
        return any(name in (".", watched.path) or watched.path.endswith(f"/{name}") for name in names)
    return False


def _lines(text: str) -> set[str]:
    return {" ".join(line.split())[:_LINE] for line in text.split("\n") if len(line.strip()) > 2}


def _telling(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(lines), key=lambda line: (-len(line), line))[:_LINES])
