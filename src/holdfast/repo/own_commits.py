"""Which commits of the records were written in this clone.

An author's address is what a commit says it is, so anybody who may push can bear yours. What this clone wrote
is kept in local state, where no push reaches: only that counts as one's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from holdfast.repo.location import Repository

FILE = "own-commits"
HERE = "<here>"
"""Stands for the author of records written here; no address holds such brackets (git-commit-tree(1))."""


def note(repository: Repository, commits: Iterable[str]) -> None:
    """Remember commits that were written here; the caller holds the lock of writers."""
    lines = "".join(f"{commit}\n" for commit in commits)
    path = repository.ensure_state() / FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(lines)


def read(repository: Repository) -> frozenset[str]:
    """Return the commits that were written here; none when that is not known."""
    try:
        text = (repository.state_dir / FILE).read_text(encoding="ascii", errors="replace")
    except OSError:
        return frozenset()
    return frozenset(text.split())
