"""Where a file that is gone went: from git's own renames, else by its name."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from holdfast.errors import HoldfastError
from holdfast.measure.project_tree import ProjectTree
from holdfast.repo import git

MAX_COMMITS = 3000
"""Commits with a rename that are looked at, the newest first."""


class Renames:
    """Look up what became of paths of one worktree; git is asked once, when the first is looked up."""

    def __init__(self, root: Path, tree: ProjectTree) -> None:
        self._root = root
        self._tree = tree

    @cached_property
    def _moved(self) -> dict[str, str]:
        arguments = [
            "log",
            f"--max-count={MAX_COMMITS}",
            "--diff-filter=R",
            "-M",
            "--name-status",
            "--format=",
            "-z",
        ]
        try:
            fields = git.run(arguments, cwd=self._root).decode("utf-8", "surrogateescape").split("\0")
        except HoldfastError:
            return {}
        moved: dict[str, str] = {}
        at = 0
        while at + 2 < len(fields):
            if fields[at].startswith("R"):
                moved.setdefault(fields[at + 1], fields[at + 2])
                at += 3
            else:
                at += 1
        return moved

    def of(self, path: str) -> str | None:
        """Return where a path is now; None when that is not known or not certain."""
        bare = path.rstrip("/")
        return self._followed(bare) or self._folder(bare) or self._by_name(bare)

    def _followed(self, path: str) -> str | None:
        for _ in range(20):
            if path not in self._moved:
                return None
            path = self._moved[path]
            if self._tree.holds(path):
                return path
        return None

    def _folder(self, folder: str) -> str | None:
        """Return the folder that every renamed file of a folder went to."""
        found = set()
        for old in self._moved:
            if old.startswith(folder + "/"):
                new, rest = self._followed(old), old[len(folder) :]
                found.add(new[: -len(rest)] if new and new.endswith(rest) else "")
        return found.pop() + "/" if len(found) == 1 and "" not in found else None

    def _by_name(self, path: str) -> str | None:
        same = self._tree.by_name.get(path.rsplit("/", 1)[-1], [])
        return same[0] if len(same) == 1 else None
