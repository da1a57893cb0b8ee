"""A person asks something: the decisions that it hinges on, and at first the files likely to be edited.

Finding them takes the whole of Holdfast: another process is asked, and given up when it takes long.
"""

from __future__ import annotations

from .moment import Moment, Told

SECONDS = 1.0
"""How long an answer is waited for, at most until shortly before the hook itself gives up."""
LEAST = 12
"""Characters below which a prompt says nothing to search for."""
_MOST = 4000
_LOCK = "prompt.lock"
_NEEDED = 0.5
"""Seconds that an answer takes at most, as a rule: without them left nobody waits for a turn."""
_TURN = 0.02
"""Seconds between two looks whether it is one's turn."""
_SPARE = 0.1
"""Seconds before the hook gives up in which the other process is ended, and an answer written down."""


def prompt_told(moment: Moment) -> Told | None:
    """Return what is told for a prompt; None for nothing."""
    prompt = moment.incoming.prompt.strip()
    if not moment.speaks("prompt") or moment.incoming.subagent or len(prompt) < LEAST or prompt[0] in "/<!#":
        return None
    first = moment.journal.last("prompted") is None
    if not moment.journal.add_once(moment.now, "prompted", length=len(prompt)):
        return None
    if not first and not moment.journal.has_room():
        return None
    answer = _ask(moment, prompt[:_MOST], first=first)
    text = answer.get("text")
    given = answer.get("ids")
    ids = [each for each in given if isinstance(each, str)] if isinstance(given, list) else []
    return Told(text, ids, "prompt") if isinstance(text, str) and text and ids else None


def _ask(moment: Moment, prompt: str, *, first: bool) -> dict[str, object]:
    """Let the whole of Holdfast answer, in a process that is ended when it takes too long.

    One at a time: many at once would slow one another until none was in time.
    """
    import _signal  # type: ignore[import-not-found]  # `signal` loads `enum`
    import os
    import subprocess
    import sys

    from .json_reading import read_object, write

    left = _signal.getitimer(_signal.ITIMER_REAL)[0] or SECONDS
    waited = _wait_alone(os.path.join(moment.place.state, _LOCK), left - _NEEDED)
    if waited is None:
        return {}
    asked = {
        "prompt": prompt,
        "session": moment.key,
        "model": moment.incoming.model,
        "branch": moment.place.branch,
        "git_dir": moment.place.git_dir,
        "common_dir": moment.place.common_dir,
        "told": sorted(moment.journal.told()),
        "calls": 0 if first else 1,
    }
    command = [sys.executable, "-I", "-m", "holdfast.recall.at_prompt", moment.place.root]
    try:
        done = subprocess.run(
            command,
            input=write(asked).encode("ascii"),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=left - waited - _SPARE,
            check=False,
            cwd=moment.place.root,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return read_object(done.stdout.decode("utf-8", "replace"))


def _wait_alone(path: str, most: float) -> float | None:
    """Lock a file until this process ends, and return the seconds waited; None when another one keeps it."""
    import fcntl
    import os
    import time

    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    begun = time.monotonic()
    try:
        lock = os.open(path, flags, 0o600)
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() - begun >= most:
                    return None
                time.sleep(_TURN)
            else:
                return time.monotonic() - begun
    except OSError:
        return None
