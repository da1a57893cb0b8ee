"""Candidates that wait for a person: private originals, kept in local state until accepted or dropped.

They quote a person, so they never reach shared records unasked. One JSON file each; nothing deletes them
but the person's own word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from holdfast.hook import clock
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.repo.records import Learning
from holdfast.repo.replacing import replace

FOLDER = "candidates"


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate that waits, or that a person dropped (kept so that it does not come back)."""

    key: str
    learning: Learning
    status: Literal["waiting", "dropped"] = "waiting"


def write(repository: Repository, item: Waiting) -> Path:
    """Keep a candidate, replacing what the same id held; readable by its owner alone.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    folder = repository.ensure_state() / FOLDER
    path = folder / f"{item.learning.id}.json"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        replace(path, msgspec.json.format(msgspec.json.encode(item), indent=1))
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error
    return path


def remember_purged(repository: Repository, learning_id: str, key: str) -> None:
    """Keep that something was purged, without what it said, so that reading its session again brings it not.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    nothing = Learning(id=learning_id, kind="gotcha", created=clock.today(), text="(purged)")
    write(repository, Waiting(key=key, learning=nothing, status="dropped"))


def remove(repository: Repository, learning_id: str) -> None:
    """Remove a candidate that a person has accepted: the record now holds it."""
    path = repository.state_dir / FOLDER / f"{learning_id}.json"
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise git.disk_problem(error, f"Cannot remove {path}") from error


def read(repository: Repository) -> Iterator[Waiting]:
    """Yield the candidates, in the order of their ids; unreadable files are passed over."""
    for path in _files(repository):
        try:
            yield msgspec.json.decode(path.read_bytes(), type=Waiting)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue


def digest(repository: Repository) -> str:
    """Return a digest that changes when a candidate is added, changed or removed."""
    seen = hashlib.sha256()
    for path in _files(repository):
        try:
            status = path.stat()
        except OSError:
            continue
        seen.update(f"{path.name}:{status.st_ino}:{status.st_mtime_ns}:{status.st_size}\n".encode())
    return seen.hexdigest()[:16]


def _files(repository: Repository) -> list[Path]:
    return sorted((repository.state_dir / FOLDER).glob("*.json"))
