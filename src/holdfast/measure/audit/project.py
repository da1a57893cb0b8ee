"""One repository or folder that a memory is about: what it holds, and what is known of its past."""

from __future__ import annotations

import posixpath
from functools import cached_property
from pathlib import Path

from holdfast.learn.instruction_files import files_of
from holdfast.measure.audit.history import History
from holdfast.measure.project_tree import ProjectTree
from holdfast.measure.renamed_files import Renames

_NOTES = (".md", ".mdc", ".mdx", ".txt", ".json", ".jsonl", ".ndjson", ".markdown")


class Project:
    """One repository or folder, and what is known of its past, asked for lazily and once."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tree = ProjectTree(root)
        self.history = History(root)
        self.renames = Renames(root, self.tree)

    @cached_property
    def outside_git(self) -> bool:
        """Tell whether there is no history to ask."""
        return not files_of(self.root)

    def holds(self, path: str, beside: str, *, once: bool) -> bool:
        """Tell whether a path is there; a folder that git once held and now is empty is not."""
        if not self.tree.holds(path, beside):
            return False
        bare = path.removeprefix("./").rstrip("/")
        places = (bare, posixpath.normpath(posixpath.join(beside, bare)))
        emptied = (
            once and not any(place in self.tree.folders for place in places) and bare in self.history.folders
        )
        return not (emptied and (self.root / bare).is_dir())

    def has_its_like(self, path: str) -> bool:
        """Tell whether files of the same ending stand in the folder that a path names."""
        folder, _, name = path.removeprefix("./").rpartition("/")
        ending = name.rpartition(".")[2]
        if not folder or ending == name:
            return False
        return any(one.rpartition("/")[0] == folder and one.endswith(f".{ending}") for one in self.tree.files)

    def now(self, path: str) -> str | None:
        """Return what a path that is gone is called today; None when that is not known."""
        found = self.renames.of(path)
        if found is None and path in self.history.paths:
            found = self.history.moved_to(path)
        return found if found and self.tree.holds(found) else None

    @cached_property
    def is_project(self) -> bool:
        """Tell whether more than notes stands here: a folder of notes lacks all that they are about."""
        return any(not path.lower().endswith(_NOTES) for path in self.tree.files)
