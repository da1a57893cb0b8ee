"""Make the paths of a log relative to the session's own root, without looking at this machine's disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from holdfast.hook.patterns import regex

_LONGEST = 4096
"""Characters of the longest path that a file system takes."""

_DRIVE = regex(r"[A-Za-z]:[\\/]")
_WORKTREE = regex(
    r"(?P<main>.{1,4096}?)(?:/\.claude/worktrees|/\.worktrees|(?:\.|__|-|_)worktrees)/(?P<name>[^/]+)"
)


class SessionPaths:
    """Turn the paths that a session names into paths relative to its root.

    A session has the root it began in. A linked worktree of it and another checkout of the same
    name are further roots: the same file has the same relative path in each.

    Args:
        roots: Absolute directories, POSIX or Windows; the first is the session's root.
    """

    def __init__(self, roots: Iterable[str] = ()) -> None:
        self._roots: list[str] = []
        self._prefix = ""
        self._known: set[str] = set()
        self._began = False
        self._here: str | None = None
        for root in roots:
            self._add(normalize(root))

    @property
    def roots(self) -> tuple[str, ...]:
        """Return the roots in the order in which they became known."""
        return tuple(self._roots)

    def state(self) -> dict[str, Any]:
        """Return what is known, as JSON values."""
        return {"roots": self._roots, "prefix": self._prefix, "began": self._began, "here": self._here}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._roots = list(state["roots"])
        self._prefix = state["prefix"]
        self._began = state["began"]
        self._here = state["here"]

    def enter(self, directory: str | None) -> None:
        """Take note that the session now works in a directory."""
        if not directory or directory == self._here:
            return
        self._here = directory
        place = normalize(directory)
        if not is_absolute(place):
            return
        self.learn(directory)
        inside = self.relative(place)
        self._prefix = "" if inside == "." or is_absolute(inside) else inside

    def learn(self, directory: str) -> None:
        """Add a directory to the roots when it is the first one, a worktree or a second checkout."""
        if directory in self._known or len(self._known) > 10_000:
            return
        self._known.add(directory)
        place = normalize(directory)
        if not is_absolute(place):
            return
        worktree = _WORKTREE.match(place)
        if not self._began:
            self._began = True
            if all(_below(place, root) is None for root in self._roots):
                self._add(place)
            if worktree:
                self._add(worktree["main"])
        elif worktree and any(_same(worktree["main"], root) for root in self._roots):
            self._add(worktree.group())
        elif _name(place) == _name(self._roots[0]) and _below(place, self._roots[0]) is None:
            self._add(place)

    def relative(self, path: str) -> str:
        """Return a path relative to the session's root; a path outside stays as it is."""
        path = path[:_LONGEST]
        place = normalize(path)
        if not is_absolute(place):
            if self._prefix and not place.startswith("../") and place != "..":
                return self._prefix if place == "." else f"{self._prefix}/{place}"
            return place
        best = None
        for root in self._roots:
            below = _below(place, root)
            if below is not None and (best is None or len(below) < len(best)):
                best = below
        return path if best is None else best or "."

    def _add(self, root: str) -> None:
        if root and root not in self._roots and len(self._roots) < 200:
            self._roots.append(root)


def is_absolute(path: str) -> bool:
    """Tell whether a path is absolute on POSIX or on Windows."""
    return path.startswith(("/", "\\\\")) or bool(_DRIVE.match(path))


def normalize(path: str) -> str:
    """Return a path with forward slashes, without ``.``, empty or undone parts.

    Backslashes are separators only in a path that begins with a drive or a share.
    """
    if path.startswith("\\\\") or _DRIVE.match(path):
        path = path.replace("\\", "/")
    if path[1:2] == ":":
        path = path[0].upper() + path[1:]
    if not ("//" in path or "/." in path or path.startswith("./") or path.endswith("/")):
        return path
    share = path.startswith("//")
    lead = "/" if path.startswith("/") else ""
    parts: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".." or not lead:
            parts.append(part)
    return ("//" if share else lead) + "/".join(parts) or "."


def is_below(path: str, root: str) -> bool:
    """Tell whether a path is a root or lies below it, by their spelling alone."""
    return _below(normalize(path), normalize(root)) is not None


def _below(path: str, root: str) -> str | None:
    """Return the part of a path below a root ("" for the root itself), None when outside."""
    if _same(path, root):
        return ""
    base = root.rstrip("/") + "/"
    if path.startswith(base) or (_DRIVE.match(base) and path.lower().startswith(base.lower())):
        return path[len(base) :]
    return None


def _same(one: str, other: str) -> bool:
    return one == other or bool(_DRIVE.match(one) and one.lower() == other.lower())


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]
