"""Which records were written in this clone.

An author's address is what a commit says it is, so anybody who may push can bear yours. What this clone wrote
is kept in local state, where no push reaches: only that counts as one's own. A record is noted by its content
before it is written, so that no reader ever meets one's own record as a stranger's.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

from holdfast.repo.location import Repository

FILE = "own-records"
HERE = "<here>"
"""Stands for the author of records written here; no address holds such brackets (git-commit-tree(1))."""


def note(repository: Repository, contents: Iterable[bytes]) -> None:
    """Remember records that are about to be written here; the caller holds the lock of writers."""
    lines = "".join(f"{name}\n" for data in contents for name in _names(data))
    path = repository.ensure_state() / FILE
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(lines)


def read(repository: Repository) -> frozenset[str]:
    """Return the blobs of the records that were written here; none when that is not known."""
    try:
        text = (repository.state_dir / FILE).read_text(encoding="ascii", errors="replace")
    except OSError:
        return frozenset()
    return frozenset(text.split())


def _names(data: bytes) -> tuple[str, str]:
    """Return the names that git gives to content, in both of its formats (gitformat-loose(5))."""
    whole = b"blob %d\0" % len(data) + data
    return hashlib.sha1(whole, usedforsecurity=False).hexdigest(), hashlib.sha256(whole).hexdigest()
