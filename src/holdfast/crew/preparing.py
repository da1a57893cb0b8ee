"""Prepare a worktree: copy into it what git does not bring along and the settings name; say what stays."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NamedTuple

from holdfast.crew import filters
from holdfast.repo import git
from holdfast.repo.items import CONFIG
from holdfast.repo.location import Repository
from holdfast.repo.visible import visible_line

_USUAL = (".env", ".env.*")
"""Untracked files that most programs look for: whoever lists none is told of them."""


class Prepared(NamedTuple):
    """What was done: the files that were copied, and sentences about what was not."""

    copied: list[str]
    notes: list[str]


def prepare(repository: Repository, path: Path, patterns: tuple[str, ...], unused: list[str]) -> Prepared:
    """Copy the untracked files that patterns name into a worktree; nothing that is there is replaced.

    Args:
        repository: As seen from the worktree that one comes from; a bare one has nothing to copy.
        path: The top of the new worktree.
        patterns: Paths and patterns as git has them, relative to the top.
        unused: The filters that were left out when it was checked out (`holdfast.crew.filters`).
    """
    copied: list[str] = []
    notes: list[str] = []
    if repository.root is None:
        return Prepared(copied, notes)
    for name in _untracked(repository, patterns, notes):
        try:
            if _copy(repository.root / name, path / name, path):
                copied.append(name)
        except OSError as error:
            notes.append(f"{name} was not copied: {error.strerror or error}.")
    if unused:
        named = ", ".join(map(visible_line, unused))
        notes.append(
            f"Filters of this repository's own git settings were not run ({named}): files that pass them are "
            "as they are stored. For git-lfs: `git lfs pull` there."
        )
    changed = _changed(repository, unused)
    if changed:
        files = "1 changed file stays" if changed == 1 else f"{changed} changed files stay"
        notes.append(f"{files} in {repository.root}, not committed yet.")
    if not patterns:
        notes.extend(_not_copied(_untracked(repository, _USUAL, [])))
    if (path / ".gitmodules").is_file():
        notes.append("Its submodules are empty: `git submodule update --init` fills them.")
    return Prepared(copied, notes)


def _untracked(repository: Repository, patterns: tuple[str, ...], notes: list[str]) -> list[str]:
    """Return the untracked files that patterns name, ignored ones too; what names none is noted."""
    found: set[str] = set()
    for pattern in patterns:
        if not pattern or pattern.startswith("/") or ".." in pattern.split("/") or "\0" in pattern:
            notes.append(f"{pattern!r} names nothing inside the repository, so nothing was copied for it.")
            continue
        out = repository.git("ls-files", "-z", "--others", "--full-name", "--", f":(top,glob){pattern}")
        found.update(name for name in out.decode("utf-8", "surrogateescape").split("\0") if name)
    return sorted(name for name in found if not name.endswith("/"))  # a folder is another repository


def _copy(source: Path, target: Path, top: Path) -> bool:
    """Copy one file, with who may read it; a link is made to lead where it led. Tells whether it did."""
    above = target.parents[: len(target.relative_to(top).parts) - 1]
    if os.path.lexists(target) or any(folder.is_symlink() for folder in above):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        target.symlink_to(source.parent.resolve() / source.readlink())
        return True
    if not source.is_file():
        return False
    mode = source.stat().st_mode & 0o777
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode & 0o700 | 0o200)
    with os.fdopen(descriptor, "wb") as to, source.open("rb") as file:
        shutil.copyfileobj(file, to)
        os.fchmod(descriptor, mode)
    return True


def _changed(repository: Repository, unused: list[str]) -> int:
    """Return how many files of the current worktree differ from its commit, new ones included."""
    arguments = ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"]
    out = git.run(arguments, cwd=repository.directory, env=filters.without(unused))
    return sum(bool(entry) for entry in out.split(b"\0"))


def _not_copied(names: list[str]) -> list[str]:
    if not names:
        return []
    are = "is" if len(names) == 1 else "are"
    listed = ", ".join(f'"{name}"' for name in names)
    return [
        f"{', '.join(names)} {are} not in git and not copied. For the next one: `copy = [{listed}]` under "
        f"[worktree] in {CONFIG}."
    ]
