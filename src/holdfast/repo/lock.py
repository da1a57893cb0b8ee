"""One writer at a time, and what to do with a lock that a killed git left behind.

Our own lock is an OS lock on ``holdfast/lock`` in the common git directory: it ends with the last
process that holds it, however that process ends. The git process that writes inherits it, so the
lock outlives a killed parent for exactly as long as the write itself goes on.
"""

from __future__ import annotations

import errno
import fcntl
import os
import random
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from holdfast.errors import RecordsBusy
from holdfast.repo import git
from holdfast.repo.location import Repository

WAIT = 30.0
"""Seconds a writer waits for others before it gives up."""

STALE_AFTER = 3.0
"""Seconds after which a ref's lock file that no git process can hold counts as left behind."""

_PROC = Path("/proc")
_WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EINVAL)


@contextmanager
def held(repository: Repository, wait: float = WAIT, name: str = "lock") -> Iterator[int]:
    """Hold the lock of all writers to this repository's records; yields its file descriptor.

    Another ``name`` is another lock, for work that must not run twice at a time.

    On a file system without locks the descriptor is given all the same: git's own compare-and-swap
    still decides, only later.

    Raises:
        RecordsBusy: Others wrote for longer than ``wait`` seconds.
        EnvironmentProblem: The lock file cannot be made.
    """
    path = repository.ensure_state() / name
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise git.disk_problem(error, f"Cannot open {path}") from error
    try:
        _take(descriptor, path, wait)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, wait: float) -> None:
    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _WITHOUT_LOCKS:
                return
            if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EINTR):
                raise git.disk_problem(error, f"Cannot lock {path}") from error
        else:
            return
        if time.monotonic() >= deadline:
            raise RecordsBusy(
                f"Another Holdfast process has been writing records for {wait:.0f} seconds ({path}).",
                "Try again when it has ended; nothing is lost.",
            )
        time.sleep(random.uniform(0.005, 0.03))  # noqa: S311 - spreads the writers, guards nothing


def wait_for_ref(repository: Repository, ref: str, wait: float = WAIT) -> None:
    """Wait until no lock file of ``ref`` stands in the way; remove one that a killed git left.

    It is removed only while the caller holds our own lock, when it is a few seconds old and no git
    process that could have made it is alive in this repository.

    Raises:
        RecordsBusy: A live git process held it for longer than ``wait`` seconds.
    """
    path = repository.common_dir / f"{ref}.lock"
    deadline = time.monotonic() + wait
    seen: dict[tuple[int, int], float] = {}
    while (found := _identity(path)) is not None:
        watched = time.monotonic() - seen.setdefault(found, time.monotonic())
        # the wall clock may jump, so what we watched ourselves counts as well
        age = max(time.time() - found[1] / 1e9, watched)
        if age >= STALE_AFTER and not holders(repository, watched) and _identity(path) == found:
            path.unlink(missing_ok=True)
            return
        if time.monotonic() >= deadline:
            raise RecordsBusy(
                f"git is working on {ref}: {path} has been there for {age:.0f} seconds.",
                "Try again when that git process has ended. If none is running, delete that one file.",
            )
        time.sleep(0.05)


def holders(repository: Repository, since: float = 0.0) -> list[int]:
    """Return the ids of git processes at work in this repository for at least ``since`` seconds.

    On Linux a process counts when its directory, its command line or its environment names this
    repository; elsewhere any git process counts, because ``ps`` cannot tell.
    """
    if _PROC.joinpath("self", "stat").exists():
        places = list({repository.common_dir, repository.git_dir, repository.directory})
        return [pid for pid in _linux_git(since) if _works_in(pid, places)]
    return _ps_git(since)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _linux_git(since: float) -> Iterator[int]:
    uptime = float(_read(_PROC / "uptime").split()[0])
    for entry in _PROC.iterdir():
        if not entry.name.isdigit():
            continue
        # proc(5): pid (comm) state … starttime is the 22nd field, in clock ticks since boot
        head, _, tail = _read(entry / "stat").rpartition(b")")
        fields = tail.split()
        if b"(git" not in head or len(fields) < 20 or fields[0] == b"Z":
            continue
        running = uptime - int(fields[19]) / os.sysconf("SC_CLK_TCK")
        if running + 1 >= since and not _is_watcher(_read(entry / "cmdline")):
            yield int(entry.name)


def _works_in(pid: int, places: list[Path]) -> bool:
    home = _PROC / str(pid)
    try:
        directory = home.joinpath("cwd").readlink()
    except OSError:
        return home.exists()  # alive and not ours to look into: assume the worst
    if any(directory == place or place in directory.parents for place in places):
        return True
    told = _read(home / "cmdline") + _read(home / "environ")
    return any(os.fsencode(place) in told for place in places)


def _is_watcher(command: bytes) -> bool:
    return b"fsmonitor--daemon" in command or b"credential-cache--daemon" in command


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _ps_git(since: float) -> list[int]:
    out = subprocess.run(["ps", "-axo", "pid=,etime=,args="], capture_output=True, check=False).stdout
    found = []
    for line in out.decode("utf-8", "replace").splitlines():
        pid, elapsed, *command = line.split(None, 2)
        words = command[0] if command else ""
        is_git = Path(words.split(" ", 1)[0]).name.startswith("git")
        if is_git and not _is_watcher(words.encode()) and _seconds(elapsed) + 1 >= since:
            found.append(int(pid))
    return found


def _seconds(elapsed: str) -> float:
    """Return the seconds of ``[[days-]hours:]minutes:seconds``, as ``ps`` prints elapsed time."""
    days, _, clock = elapsed.rpartition("-")
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return total + 86400 * int(days or 0)
