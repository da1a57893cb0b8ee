"""Where a hook was called: the repository around a directory, found by reading files, without git.

The layout is git's own (``gitrepository-layout``): ``.git`` is the git directory, or a file that names it;
the git directory of a worktree names the one that all share in ``commondir``. An unpacked archive may name
somebody else's: a directory that the named repository does not know of is taken for no repository. `knows`
is the rule, for commands too.
"""

from __future__ import annotations

import os

STATE = "holdfast"
"""Name of the folder of local state in the common git directory; a second user's has digits after it."""

_MOST_PARENTS = 60
_HEAD = "ref: refs/heads/"
_DIGITS = 8


class Place:
    """A repository as seen from a directory.

    Attributes:
        root: The top of the worktree.
        git_dir: Its git directory; ``common_dir`` the one that all worktrees share.
        is_known: Whether the git directory says that this is its worktree; it may say nothing of it.
        state: Holdfast's local state; missing until `holdfast.hook.trusted` knows which folder that is.
    """

    __slots__ = ("common_dir", "git_dir", "is_known", "root", "state")

    state: str

    def __init__(self, root: str, git_dir: str, common_dir: str, *, is_known: bool = True) -> None:
        self.root, self.git_dir, self.common_dir, self.is_known = root, git_dir, common_dir, is_known

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
            return _at(at, os.path.realpath(entry))
        named = read_text(entry).strip()
        if named.startswith("gitdir: "):
            return _at(at, os.path.realpath(os.path.join(at, named[8:])))
        parent = os.path.dirname(at)
        at = parent if parent != at else ""
    return None


def is_state(name: str) -> bool:
    """Tell whether a folder of local state can bear a name."""
    digits = name[len(STATE) + 1 :]
    is_numbered = name.startswith(f"{STATE}-") and len(digits) == _DIGITS
    return name == STATE or (is_numbered and not digits.strip("0123456789abcdef"))


def may_hold_state(common_dir: str) -> bool:
    """Tell whether anybody's local state can be in a git directory."""
    try:
        return any(name.startswith(STATE) and is_state(name) for name in os.listdir(common_dir))
    except OSError:
        return False


def knows(git_dir: str, common_dir: str, root: str) -> bool | None:
    """Tell whether a git directory says that a folder is its worktree; None when it does not say whose it is.

    All are real paths. One inside its worktree is that one's; that of a linked worktree names it in
    ``gitdir``, that of a submodule in ``core.worktree`` of its settings. One that was made with
    ``git init --separate-git-dir`` names none.
    """
    if git_dir != common_dir:
        is_listed = os.path.dirname(git_dir) == os.path.join(common_dir, "worktrees")
        entry = os.path.join(git_dir, read_text(os.path.join(git_dir, "gitdir")).strip())
        return is_listed and os.path.realpath(os.path.dirname(entry)) == root
    if git_dir == os.path.join(root, ".git"):
        return True
    named = _core_worktree(git_dir)
    if named:
        return os.path.realpath(os.path.join(git_dir, named)) == root
    return False if os.path.basename(git_dir) == ".git" else None


def _at(root: str, git_dir: str) -> Place | None:
    """Return the repository that ``.git`` is or names; None when that one has no such worktree."""
    named = read_text(os.path.join(git_dir, "commondir")).strip()
    common = os.path.realpath(os.path.join(git_dir, named)) if named else git_dir
    known = knows(git_dir, common, root)
    return None if known is False else Place(root, git_dir, common, is_known=known is True)


def _core_worktree(git_dir: str) -> str:
    """Return ``core.worktree`` as git writes it into a git directory's own settings; empty without it."""
    told = ""
    for name in ("config", "config.worktree"):
        section = ""
        for line in read_text(os.path.join(git_dir, name)).splitlines():
            key, _, value = line.partition("=")
            if line.lstrip().startswith("["):
                section = line.strip().lower()
            elif section == "[core]" and key.strip().lower() == "worktree":
                told = _unquoted(value.strip())
    return told


def _unquoted(value: str) -> str:
    """Return a value of git's settings without its quotes and what they escape."""
    bare = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    return bare.replace("\\\\", "\0").replace('\\"', '"').replace("\0", "\\")


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
