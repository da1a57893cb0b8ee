"""Where a hook was called: the repository around a directory, found by reading files, without git.

The layout is git's own (``gitrepository-layout``): ``.git`` is the git directory, or a file that names it;
the git directory of a worktree names the one that all share in ``commondir``.
"""

from __future__ import annotations

import os

_MOST_PARENTS = 60
_HEAD = "ref: refs/heads/"


class Place:
    """A repository as seen from a directory.

    Attributes:
        root: The top of the worktree.
        git_dir: Its git directory; ``common_dir`` the one that all worktrees share.
        state: Holdfast's local state.
    """

    __slots__ = ("common_dir", "git_dir", "root", "state")

    def __init__(self, root: str, git_dir: str, common_dir: str) -> None:
        self.root, self.git_dir, self.common_dir = root, git_dir, common_dir
        self.state = os.path.join(common_dir, "holdfast")

    @property
    def branch(self) -> str:
        """Return the branch that is checked out; the first digits of the commit when none is."""
        head = read_text(os.path.join(self.git_dir, "HEAD")).strip()
        return head[len(_HEAD) :] if head.startswith(_HEAD) else head[:12]


def find(directory: str) -> Place | None:
    """Return the repository that a directory lies in; None when there is none."""
    at = os.path.realpath(directory) if directory and "\0" not in directory else ""
    for _ in range(_MOST_PARENTS):
        if not at:
            return None
        entry = os.path.join(at, ".git")
        if os.path.isdir(entry):
            return Place(at, entry, _common(entry))
        named = read_text(entry).strip()
        if named.startswith("gitdir: "):
            git_dir = os.path.realpath(os.path.join(at, named[8:]))
            return Place(at, git_dir, _common(git_dir))
        parent = os.path.dirname(at)
        at = parent if parent != at else ""
    return None


def _common(git_dir: str) -> str:
    named = read_text(os.path.join(git_dir, "commondir")).strip()
    return os.path.realpath(os.path.join(git_dir, named)) if named else os.path.realpath(git_dir)


def read_text(path: str, most: int = 1 << 16) -> str:
    """Return the beginning of a regular file, at most so many bytes; empty when it cannot be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        if (os.fstat(descriptor).st_mode & 0o170000) != 0o100000:
            return ""
        parts = []
        while most > 0 and (part := os.read(descriptor, most)):
            parts.append(part)
            most -= len(part)
        return b"".join(parts).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
