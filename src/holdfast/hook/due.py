"""Sessions that ended and are to be read: noted when they end, read by another process at the next start.

An end hook has little time, so it only appends a line to ``due.jsonl`` in local state. A session's start
looks whether anything is due, and starts ``holdfast ingest --due`` apart from the agent; one such process
works in a repository at most, and it ends within a minute (`holdfast.learn.capture`).
"""

from __future__ import annotations

import os
import sys

from .json_reading import read_object, write
from .place import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAME, JOURNALS, LOOKED = "due.jsonl", "journal", "captured"
"""In local state: the list, the folder of journals, and the file whose time says when these were looked
through."""
LOCK = "capture.lock"
"""In local state: what the process that reads holds while it does."""
IDLE = 600.0
"""Seconds without a word after which a session that did not say that it ended is taken to have."""
MOST_TRIES = 3
"""How often a session is tried in the background; after that it waits for `holdfast ingest`."""
OPEN = "open"
"""The reason of a line about a session that had not ended when it was looked at: it is due once idle."""
_LONGEST = 1 << 20
_START = """\
import os
os.closerange(3, 4096)
os.nice(10)
os.chdir("/")
import sys
sys.path.append(sys.argv[1])
sys.argv[:2] = ["holdfast"]
from holdfast.cli.main import main
main()
"""


def note_end(moment: Any) -> None:
    """Note that a session ended, so that it is read soon."""
    told = moment.incoming
    if told.session or told.transcript:
        append(
            moment.place.state,
            {
                "at": moment.now,
                "agent": told.name,
                "session": told.session,
                "transcript": told.transcript,
                "cwd": told.cwd,
                "reason": told.source,
            },
        )


def append(state: str, line: dict[str, Any]) -> None:
    """Add a line to what is due; whoever reads the list holds the same lock, for an instant."""
    import fcntl

    os.makedirs(state, mode=0o700, exist_ok=True)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(os.path.join(state, NAME), flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, write(line).encode() + b"\n")
    finally:
        os.close(descriptor)


def start_capture(moment: Any) -> None:
    """Start the process that reads what is due, if anything is and none is at it; do not wait for it."""
    state = moment.place.state
    if is_due(state, moment.now) and not _is_at_work(state):
        try:
            spawn(moment.place.root)
        except OSError:
            return  # the next start, or the next command, does it


def _is_at_work(state: str) -> bool:
    """Tell whether a process reads what is due right now: it holds a lock for as long as it lives."""
    import fcntl

    try:
        descriptor = os.open(os.path.join(state, LOCK), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def is_due(state: str, now: float) -> bool:
    """Tell whether a session ended, or fell silent, and was not read since."""
    for line in read_text(os.path.join(state, NAME), _LONGEST).splitlines():
        told = read_object(line)
        if told and not _waits(told, now):
            return True
    return _fell_silent(state, now)


def _waits(told: dict[str, Any], now: float) -> bool:
    """Tell whether a line is not to be looked at yet, or not any more."""
    at, tries = told.get("at"), told.get("tries")
    if isinstance(tries, int) and tries >= MOST_TRIES:
        return True
    return told.get("reason") == OPEN and isinstance(at, int | float) and now - at < IDLE


def _fell_silent(state: str, now: float) -> bool:
    """Tell whether a journal was last written after they were looked through, and is idle since."""
    try:
        looked = os.stat(os.path.join(state, LOOKED)).st_mtime
    except OSError:
        looked = 0.0
    try:
        with os.scandir(os.path.join(state, JOURNALS)) as entries:
            return any(
                looked <= entry.stat().st_mtime < now - IDLE
                for entry in entries
                if entry.name.endswith(".jsonl")
            )
    except OSError:
        return False


def spawn(root: str) -> None:
    """Start ``holdfast ingest --due`` for a repository, apart from this process and its terminal.

    It leaves the working directory, which is never searched for modules (``-I``); where Holdfast itself lies
    is told, since hooks run without the folders of installed packages.
    """
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    command = [sys.executable, "-I", "-c", _START, package, "ingest", "--due", "-C", root]
    nothing = os.devnull
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, nothing, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, nothing, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_OPEN, 2, nothing, os.O_WRONLY, 0),
    ]
    try:
        os.posix_spawn(sys.executable, command, os.environ, file_actions=actions, setsid=True)
    except NotImplementedError:  # an older macOS: a group of its own must do
        os.posix_spawn(sys.executable, command, os.environ, file_actions=actions, setpgroup=0)
