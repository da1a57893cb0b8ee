"""What is looked for in a home: the logs of a repository, or all; and what is found."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from holdfast.transcripts.origin import DatabaseOrigin, FileOrigin, Origin
from holdfast.transcripts.paths import is_below
from holdfast.transcripts.walking import Walk, head_of

CWD_HEADS = (8 * 1024, 128 * 1024)
"""Bytes of a log's beginning in which its working directory is looked for: few, then more."""

_CWD = re.compile(rb'"cwd"\s*:\s*("(?:[^"\\]|\\.){1,4096}")')


class Found(NamedTuple):
    """A log that discovery found: where it stands, its agent, its size in bytes, its time of change."""

    origin: Origin
    agent: str
    size: int
    mtime: float

    @property
    def path(self) -> Path:
        """Return the path of its file, or of the database that holds it."""
        return self.origin.path if isinstance(self.origin, FileOrigin | DatabaseOrigin) else Path()


class Search(NamedTuple):
    """What is looked for: the logs of some roots, or all; in whose home, under which settings."""

    roots: Sequence[str]
    home: Path
    settings: Mapping[str, str]
    everywhere: bool

    def place(self, variable: str, *below: str) -> tuple[Path, Walk]:
        """Return a folder of the home, or the one that a variable names instead, and a walk that stays in.

        Out of the home, or out of the folder that the variable names, no link is followed.
        """
        named = self.named(variable)
        if named is not None:
            return named, Walk(named.resolve())
        return self.home.joinpath(*below), Walk(self.home.resolve())

    def named(self, variable: str) -> Path | None:
        """Return the folder that a variable names; None when it names none, or no absolute one."""
        value = self.settings.get(variable, "") if variable else ""
        path = self.home / value[2:] if value.startswith("~/") else Path(value)
        return path if value and path.is_absolute() else None

    def concerns(self, directory: str | None) -> bool:
        """Tell whether a directory is one of the roots, or below it."""
        return directory is not None and any(is_below(directory, root) for root in self.roots)

    def wants(self, file: Path, *, unknown: bool = False) -> bool:
        """Tell whether a log is looked for, by the working directory that it names first.

        Args:
            file: The log.
            unknown: What to say of a log that names none.
        """
        if self.everywhere:
            return True
        directory = _directory_in(file)
        return unknown if directory is None else self.concerns(directory)


def _directory_in(file: Path) -> str | None:
    """Return the working directory that a log names first."""
    for size in CWD_HEADS:
        head = head_of(file, size)
        match = _CWD.search(head)
        if match is not None:
            try:
                return str(json.loads(match[1]))
            except ValueError:
                return None
        if len(head) < size:
            return None
    return None
