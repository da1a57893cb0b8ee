"""A lock of this user's, in a file that goes with the one it guards: an undo leaves nothing behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from holdfast.repo import git


@contextmanager
def held(lock: Path, *, guards: Path) -> Iterator[None]:
    """Keep other processes of this user out; the lock's file is removed when what it guards is not there.

    Raises:
        EnvironmentProblem: The lock's folder cannot be written.
    """
    try:
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = _opened(lock)
        while not _taken(descriptor, lock):  # another one removed it meanwhile, as the last one out
            os.close(descriptor)
            descriptor = _opened(lock)
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {lock.parent}") from error
    try:
        yield
    finally:
        if not guards.exists():
            lock.unlink(missing_ok=True)
        os.close(descriptor)


def _opened(lock: Path) -> int:
    return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _taken(descriptor: int, lock: Path) -> bool:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        return os.path.samestat(os.fstat(descriptor), lock.stat())
    except FileNotFoundError:
        return False
