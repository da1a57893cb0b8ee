"""What happens to one file when agents are wired: shown first, done after."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from holdfast.connect.wiring.registry import Wired
from holdfast.errors import EnvironmentProblem
from holdfast.repo import git, safe_read
from holdfast.repo.replacing import replace

LARGEST = 1 << 24
"""Bytes of settings that are read."""


@dataclass
class Change:
    """What happens to one file.

    Attributes:
        path: Which; ``top`` the worktree that it is in, None at user level.
        before, after: Its bytes; None where there is no file.
        wired: What is on record of it afterwards; None for nothing.
        added, removed: What is added and removed, in a word each.
        left: Sentences: what is left as it is, and why.
        problem: Why it cannot be changed; empty when it can.
    """

    path: Path
    agent: str
    top: Path | None = None
    before: bytes | None = None
    after: bytes | None = None
    wired: Wired | None = None
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def changes(self) -> bool:
        """Tell whether the file's bytes change."""
        return self.before != self.after and not self.problem

    def do(self) -> None:
        """Write the file, or remove it.

        Raises:
            EnvironmentProblem: It cannot be written, or is not any more what it was when it was read.
        """
        if not self.changes:
            return
        if read(self.path, self.top)[0] != self.before:
            raise EnvironmentProblem(
                f"{self.path} was changed by another program just now.", "Run the same command again."
            )
        try:
            if self.after is None:
                self._remove()
            elif self.top is not None:
                self._write_in(self.top, self.after)
            else:
                self._write(self.after)
        except OSError as error:
            raise git.disk_problem(error, f"Cannot write {self.path}") from error

    def failed(self, error: EnvironmentProblem) -> None:
        """Keep why the file could not be written, in words that follow its path."""
        self.problem = _without_path(error, self.path, self.top).rstrip(".")

    def _write(self, data: bytes) -> None:
        made = missing_folders(self.path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if made and self.wired is not None:
            self.wired = _with_folders(self.wired, made)
        target = Path(os.path.realpath(self.path))  # people keep settings as links into a repository
        replace(target, data, like=target.stat() if target.exists() else None)

    def _write_in(self, top: Path, data: bytes) -> None:
        made = missing_folders(self.path)
        name = self.path.relative_to(top).as_posix()
        if self.before is None:
            safe_read.create(top, name, data)
        else:
            safe_read.overwrite(top, name, data)
        if made and self.wired is not None:
            self.wired = _with_folders(self.wired, made)

    def _remove(self) -> None:
        if self.top is None:  # a link, as people keep settings, goes with what it leads to
            Path(os.path.realpath(self.path)).unlink(missing_ok=True)
        self.path.unlink(missing_ok=True)


def is_read_only(path: Path) -> bool:
    """Tell whether a file's owner took away the right to write it; root would write it all the same."""
    return path.exists() and not path.stat().st_mode & stat.S_IWUSR


def remove_folders(folders: tuple[str, ...]) -> None:
    """Remove folders that were made for a file, the deepest first, as far as they are empty."""
    for folder in sorted(folders, key=len, reverse=True):
        try:
            Path(folder).rmdir()
        except OSError:
            continue


def missing_folders(path: Path) -> tuple[str, ...]:
    """Return the folders above a file that are not there yet."""
    missing = []
    for folder in path.parents:
        if folder.exists():
            break
        missing.append(str(folder))
    return tuple(missing)


def read(path: Path, top: Path | None) -> tuple[bytes | None, str]:
    """Return a file's bytes, or None where there is none, and why it cannot be read."""
    try:
        if top is not None:
            return safe_read.read(top, path.relative_to(top).as_posix(), LARGEST), ""
        if not path.exists() and not path.is_symlink():
            return None, ""
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return None, "is not a regular file"
        if found.st_size > LARGEST:
            return None, f"is larger than {LARGEST:,} bytes"
        return path.read_bytes(), ""
    except EnvironmentProblem as error:
        return None, _without_path(error, path, top).rstrip(".")
    except OSError as error:
        return None, f"cannot be read: {error.strerror}"


def _without_path(error: EnvironmentProblem, path: Path, top: Path | None) -> str:
    name = str(path if top is None else path.relative_to(top))
    return error.message.removeprefix(f"{name} ").replace(f"Cannot write {name}", "cannot be written")


def _with_folders(wired: Wired, made: tuple[str, ...]) -> Wired:
    from msgspec.structs import replace as with_fields

    return with_fields(wired, folders=tuple(dict.fromkeys((*wired.folders, *made))))
