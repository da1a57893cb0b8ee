"""Silence: a person told Holdfast to say nothing to agents in this repository, for good or until a time.

It is one small file of local state, which the hook reads first (`holdfast.hook.run`): the time in seconds
since the epoch until which it holds, or the word ``forever``.
"""

from __future__ import annotations

import math
import time
from pathlib import Path

from holdfast.hook import clock, place
from holdfast.hook.run import QUIET
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace

FOREVER = math.inf


def until(repository: Repository) -> float | None:
    """Return until when nothing is said here, in seconds since the epoch; None when agents are told."""
    path = _path(repository)
    if not path.exists():
        return None
    try:
        end = float(place.read_text(str(path), 64).strip() or "inf")
    except ValueError:
        return FOREVER
    return end if clock.now() < end else None


def silence(repository: Repository, end: float) -> None:
    """Say nothing here until a time; `FOREVER` for good.

    Raises:
        EnvironmentProblem: Local state cannot be written.
    """
    repository.ensure_state()
    text = "forever" if end == FOREVER else str(round(end))
    try:
        replace(_path(repository), text.encode() + b"\n")
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {_path(repository)}") from error


def speak(repository: Repository) -> bool:
    """End the silence; tells whether there was one.

    Raises:
        EnvironmentProblem: Local state cannot be written.
    """
    was = until(repository) is not None
    try:
        _path(repository).unlink(missing_ok=True)
    except OSError as error:
        raise git.disk_problem(error, f"Cannot remove {_path(repository)}") from error
    return was


def midnight() -> float:
    """Return when this day ends where the person is, in seconds since the epoch."""
    now = time.localtime(clock.now())
    return time.mktime((now.tm_year, now.tm_mon, now.tm_mday + 1, 0, 0, 0, 0, 0, -1))


def _path(repository: Repository) -> Path:
    return repository.state_dir / QUIET
