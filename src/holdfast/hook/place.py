"""Where a hook was called: the repository around a directory, found by reading files, without git.

The layout is git's own (``gitrepository-layout``): ``.git`` is the git directory, or a file that names it;
the git directory of a worktree names the one that all share in ``commondir``. An unpacked archive may name
somebody else's: a directory that the named repository does not know of is taken for no repository.
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
            return _at(at, entry, os.path.realpath(entry))
        named = read_text(entry).strip()
        if named.startswith("gitdir: "):
            return _at(at, entry, os.path.realpath(os.path.join(at, named[8:])))
        parent = os.path.dirname(at)
        at = parent if parent != at else ""
    return None


def _at(root: str, entry: str, git_dir: str) -> Place | None:
    """Return the repository that ``.git`` is or names; None when that one has no such worktree."""
    common = _named_in(git_dir, "commondir")
    if not common:
        is_anothers = os.path.basename(git_dir) == ".git" and git_dir != entry
        return None if is_anothers else Place(root, git_dir, git_dir)
    is_known = os.path.dirname(git_dir) == os.path.join(common, "worktrees")
    is_this = _named_in(git_dir, "gitdir") == os.path.realpath(entry)
    return Place(root, git_dir, common) if is_known and is_this else None


def _named_in(git_dir: str, name: str) -> str:
    """Return the path that a file of a git directory names; empty when it names none."""
    named = read_text(os.path.join(git_dir, name)).strip()
    return os.path.realpath(os.path.join(git_dir, named)) if named else ""


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
