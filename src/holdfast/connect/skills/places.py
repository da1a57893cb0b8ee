"""The places that skills are written to: a user's home, or the tree of a repository."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from holdfast.connect.skills import record
from holdfast.connect.skills.folders import IN_HOME, IN_TREE, in_home
from holdfast.repo import safe_read
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace
from holdfast.repo.trust import key

_LONGEST = 1 << 20
"""Bytes that are read of a file; the skills are far shorter, so one of that length is none of them."""


class HomeFiles:
    """Files in the user's home, by absolute path."""

    name = record.HOME
    read_by = IN_HOME

    def __init__(self, top: Path, environ: Mapping[str, str]) -> None:
        self.top = top
        self._environ = environ

    def path(self, folder: str, skill: str) -> str:
        """Return the path by which a skill's file is recorded."""
        return str(in_home(folder, self.top, self._environ) / skill / "SKILL.md")

    def shown(self, path: str) -> str:
        """Return a path as a person is told it."""
        return path.replace(f"{self.top}/", "~/", 1) if path.startswith(f"{self.top}/") else path

    def read(self, path: str) -> bytes | None:
        """Return what a file holds, or its first part; None when there is none, b"" for a pipe."""
        try:
            if not stat.S_ISREG(Path(path).stat().st_mode):  # nobody waits for a pipe
                return b""
            with Path(path).open("rb") as file:
                return file.read(_LONGEST)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, path: str, data: bytes) -> list[str]:
        """Write a file as a whole; return the folders that were made for it, the innermost first."""
        folder = Path(path).parent
        made = [str(one) for one in (folder, *folder.parents) if not one.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        replace(Path(path), data)
        Path(path).chmod(0o644)
        return made

    def remove(self, path: str) -> None:
        """Remove a file."""
        Path(path).unlink(missing_ok=True)

    def remove_folder(self, path: str) -> None:
        """Remove a folder that was made here, if nothing is in it."""
        Path(path).rmdir()


class TreeFiles(HomeFiles):
    """Files of a repository's tree, by their path in it; no link in it is followed."""

    def __init__(self, repository: Repository, top: Path) -> None:
        super().__init__(top, {})
        self.name = key(repository)
        self.read_by = IN_TREE

    def path(self, folder: str, skill: str) -> str:
        """Return the path by which a skill's file is recorded."""
        return f"{folder}/{skill}/SKILL.md"

    def read(self, path: str) -> bytes | None:
        """Return what a file holds; None when there is none."""
        return safe_read.read(self.top, path)

    def write(self, path: str, data: bytes) -> list[str]:
        """Write a file; return the folders that were made for it, the innermost first."""
        parents = [str(one) for one in Path(path).parents][:-1]
        made = [one for one in parents if not (self.top / one).exists()]
        if self.read(path) is None:
            safe_read.create(self.top, path, data)
        else:
            safe_read.overwrite(self.top, path, data)
        return made

    def remove(self, path: str) -> None:
        """Remove a file; it was just read without following a link."""
        (self.top / path).unlink(missing_ok=True)

    def remove_folder(self, path: str) -> None:
        """Remove a folder that was made here, if nothing is in it."""
        (self.top / path).rmdir()
