"""Whether the file of the tree that a rule was taken from still says so: in the worktree that is asked of."""

from __future__ import annotations

import os

from .place import read_text

LIMIT = 1 << 20
"""Bytes of a file that are looked at; a longer one cannot be told of."""


def is_written(root: str, source: str, rule: str, *, cut: bool = False) -> bool:
    """Tell whether a file still holds a rule as one of its lines; True where that cannot be told.

    Args:
        root: The top of the worktree.
        source: The file, relative to it.
        rule: The line, without what marks it as one of a list.
        cut: Whether the rule is but the beginning of a line.
    """
    path = os.path.normpath(source)
    if not root or not source or "\0" in source or os.path.isabs(path) or path.split(os.sep)[0] == os.pardir:
        return True
    whole = os.path.join(os.path.realpath(root), path)
    if os.path.realpath(whole) != whole:
        return True  # a link is never followed
    try:
        size = os.stat(whole).st_size
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    text = read_text(whole, LIMIT)
    if size > LIMIT or (size and not text):
        return True
    wanted = _folded(rule)
    lines = map(_folded, text.splitlines())
    return any(wanted in line if cut else line.endswith(wanted) for line in lines)


def _folded(line: str) -> str:
    return " ".join(line.split()).lstrip("-*+• ")
