"""What a worktree holds that an instruction line can name: files, folders, and the tasks its files define.

A task file that cannot be read whole (it includes others, or is written in a language of its own) says
nothing about what is missing: then the answer is unknown, and nobody is accused.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath

from holdfast.hook.patterns import regex
from holdfast.learn.instruction_files import files_of
from holdfast.repo.safe_read import read_text

MAX_FILES = 300_000
"""Files of a tree that are looked at."""
MAX_TASK_FILES = 300
"""Task files of one kind that are read."""

_MAKEFILES = frozenset(["Makefile", "makefile", "GNUmakefile"])
_JUSTFILES = frozenset(["justfile", "Justfile", ".justfile"])
_MISE = frozenset([".mise.toml", "mise.toml", ".mise.local.toml", "mise.local.toml"])
_TASKFILES = frozenset(["Taskfile.yml", "Taskfile.yaml", "taskfile.yml", "taskfile.yaml"])
_TARGET = regex(r"^([^\s#:=][^#:=\n]*)::?(?!=)", re.MULTILINE)
_RECIPE = regex(r"^@?([A-Za-z_][\w-]*)(?![ \t]*:=)(?:[ \t][^\n]*)?:", re.MULTILINE)
_ALIAS = regex(r"^alias\s+([\w-]+)\s*:=", re.MULTILINE)
_TASK = regex(r"^ {2}[\"']?([A-Za-z][\w:.*-]*)[\"']?:\s*(?:$|[^/])", re.MULTILINE)
_SKIPPED = frozenset([".git", "node_modules", ".venv", "venv", "target", "dist", "build", "__pycache__"])


def folders_of(paths: Iterable[str]) -> frozenset[str]:
    """Return the folders that paths lie in, to the top."""
    found: set[str] = set()
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)


class ProjectTree:
    """One worktree, read lazily and once.

    Args:
        root: Its top.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def files(self) -> frozenset[str]:
        """Return the files that git tracks or does not ignore; all files outside a repository."""
        return frozenset((files_of(self.root) or list(_walked(self.root)))[:MAX_FILES])

    @cached_property
    def folders(self) -> frozenset[str]:
        """Return the folders that hold one of the files."""
        return folders_of(self.files)

    @cached_property
    def _tails(self) -> frozenset[str]:
        found: set[str] = set()
        for path in (*self.files, *self.folders):
            parts = path.split("/")
            found.update("/".join(parts[at:]) for at in range(max(0, len(parts) - 8), len(parts)))
        return frozenset(found)

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """Return the files by their last name."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.files):
            found.setdefault(path.rsplit("/", 1)[-1], []).append(path)
        return found

    def holds(self, path: str, beside: str = "") -> bool:
        """Tell whether a path is there, from the top, beside an instruction file, or as the end of another.

        Args:
            path: As it is written; a folder may end in ``/``.
            beside: The folder of the instruction file.
        """
        bare = path.removeprefix("./").rstrip("/")
        if not bare or bare in self._tails:
            return True
        place = Path(os.path.normpath(self.root / beside / bare))
        return any(os.path.lexists(one) for one in (place, self.root / bare))

    def _task_files(self, names: frozenset[str]) -> list[str]:
        found = [path for name in names for path in self.by_name.get(name, [])]
        return sorted(found)[:MAX_TASK_FILES]

    @cached_property
    def make_targets(self) -> frozenset[str] | None:
        """Return the targets of every Makefile; None when they cannot be known."""
        found: set[str] = set()
        for path in self._task_files(_MAKEFILES):
            text = read_text(self.root, path)
            if not text or re.search(
                r"^-?s?include\b|\$\(eval|^define\b|^[^\t#\n]*%[^\n=%]*:", text, re.MULTILINE
            ):
                return None
            text = text.replace("\\\n", " ")
            for match in _TARGET.finditer(text):
                if "$" in match.group(1):
                    return None
                found.update(match.group(1).split())
        return frozenset(found)

    @cached_property
    def scripts(self) -> frozenset[str] | None:
        """Return the scripts of every package.json; None when one cannot be read."""
        found: set[str] = set()
        for path in self._task_files(frozenset(["package.json"])):
            try:
                package = json.loads(read_text(self.root, path) or "")
                found.update(package.get("scripts") or {})
            except (ValueError, AttributeError, TypeError, RecursionError):
                return None
        return frozenset(found)

    @cached_property
    def recipes(self) -> frozenset[str] | None:
        """Return the recipes of every justfile; None when they cannot be known."""
        found: set[str] = set()
        for path in self._task_files(_JUSTFILES):
            text = read_text(self.root, path)
            if not text or re.search(r"^(?:!include|import|mod)\b", text, re.MULTILINE):
                return None
            found.update(_RECIPE.findall(text), _ALIAS.findall(text))
        return frozenset(found)

    @cached_property
    def mise_tasks(self) -> frozenset[str] | None:
        """Return the tasks that mise knows here; None when they cannot be known."""
        found: set[str] = set()
        paths = [
            *self._task_files(_MISE),
            *(p for p in self.files if p.endswith(("mise/config.toml", ".config/mise.toml"))),
        ]
        for path in paths:
            try:
                settings = tomllib.loads(read_text(self.root, path) or "")
                if not settings or "task_config" in settings:
                    return None
                for name, task in settings.get("tasks", {}).items():
                    found.add(name)
                    alias = task.get("alias", []) if isinstance(task, dict) else []
                    found.update([alias] if isinstance(alias, str) else alias)
            except (ValueError, AttributeError, TypeError, RecursionError):
                return None
        for path in self.files:
            parts = PurePosixPath(path).parts
            for at, part in enumerate(parts[:-1]):
                if part in ("mise-tasks", ".mise-tasks") or (
                    part == "tasks" and at and parts[at - 1] in ("mise", ".mise")
                ):
                    found.add(":".join(parts[at + 1 :]).rsplit(".", 1)[0])
                    found.add(":".join(parts[at + 1 :]))
                    found.add(":".join(parts[at + 1 : -1]))  # a file named _default
        return frozenset(found)

    @cached_property
    def task_names(self) -> frozenset[str] | None:
        """Return the tasks of every Taskfile; None when they cannot be known."""
        found: set[str] = set()
        for path in self._task_files(_TASKFILES):
            text = read_text(self.root, path)
            if not text or re.search(r"^includes:|\*", text, re.MULTILINE):
                return None
            found.update(_TASK.findall(text.partition("tasks:")[2]))
        return frozenset(found)

    def makes_in(self, folder: str) -> bool:
        """Tell whether the Makefile of a folder is part of the tree, not made by a configuring step."""
        if self._task_files(frozenset(["CMakeLists.txt", "configure", "configure.ac", "meson.build"])):
            return False
        bare = folder.removeprefix("./").rstrip("/")
        return not bare or any(f"{bare}/{name}" in self.files for name in _MAKEFILES)

    def has_task_file(self, program: str) -> bool:
        """Tell whether the tree holds a file that defines what ``program`` runs."""
        if program == "mise":
            return bool(self.mise_tasks)
        names = {"make": _MAKEFILES, "just": _JUSTFILES, "task": _TASKFILES}
        return bool(self._task_files(names.get(program, frozenset(["package.json"]))))


def _walked(root: Path) -> list[str]:
    found: list[str] = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        relative = Path(folder).relative_to(root)
        found.extend((relative / name).as_posix() for name in sorted(files))
        if len(found) > MAX_FILES:
            break
    return found
