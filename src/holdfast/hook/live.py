"""Another session at work in the same directory: two agents in one checkout undo each other's work."""

from __future__ import annotations

import os

from .incoming import _EDITS as EDITS
from .journal import FOLDER
from .json_reading import read_object
from .place import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

LIVE = 600.0
"""Seconds since a session last did anything for which it is taken to be at work."""
_MOST_FILES, _MOST_SESSIONS = 3, 3
_TAIL = 1 << 18
_PATCHED = ("*** Update File: ", "*** Add File: ", "*** Delete File: ")
_INPUTS = ("input", "arguments", "args", "tool_input", "toolArgs", "params")
_NAMES = ("name", "toolName", "tool_name", "tool")
_PATHS = ("file_path", "filePath", "path", "absolute_path", "notebook_path")
_HINTS = ("file_path", "filePath", "absolute_path", "notebook_path", '"path', *_PATCHED)


class Neighbour:
    """A session at work in a directory.

    Attributes:
        agent: Its agent; ``idle`` the seconds since it last did anything.
        edited: Files that it changed last, the latest first.
    """

    __slots__ = ("agent", "edited", "idle")

    def __init__(self, agent: str, idle: float, edited: list[str]) -> None:
        self.agent, self.idle, self.edited = agent, idle, edited


def neighbours(moment: Any) -> str:
    """Return a line that names the sessions at work in this directory besides the one that asks, or ""."""
    found = at_work(moment.place.state, moment.place.root, moment.now, moment.key)
    if not found:
        return ""
    told = "; ".join(map(_told, found[:_MOST_SESSIONS]))
    more = f"; and {len(found) - _MOST_SESSIONS} more" if len(found) > _MOST_SESSIONS else ""
    which = "Another session works" if len(found) == 1 else f"{len(found)} other sessions work"
    return (
        f"{which} in this directory: {told}{more}. For a worktree of your own: `holdfast run worktree NAME`."
    )


def at_work(state: str, root: str, now: float, without: str = "") -> list[Neighbour]:
    """Return the sessions at work in a worktree, the one that did something last first.

    Args:
        state: Local state of the repository.
        root: The top of the worktree.
        now: Seconds since the epoch.
        without: The key of a session that is left out.
    """
    found = []
    for path in _recent(os.path.join(state, FOLDER), now):
        name = os.path.basename(path)[: -len(".jsonl")]
        neighbour = None if name == without else _neighbour(path, root, now)
        if neighbour is not None:
            found.append(neighbour)
    return sorted(found, key=lambda each: each.idle)


def _recent(folder: str, now: float) -> list[str]:
    """Return the journals whose session may be at work: a log is written to oftener than a journal."""
    try:
        with os.scandir(folder) as entries:
            return [
                entry.path
                for entry in entries
                if entry.name.endswith(".jsonl") and entry.stat().st_mtime > now - 24 * LIVE
            ]
    except OSError:
        return []


def _neighbour(path: str, root: str, now: float) -> Neighbour | None:
    started: dict[str, Any] = {}
    for line in read_text(path, 1 << 22).splitlines():
        told = read_object(line) if '"start"' in line or '"end"' in line else {}
        if told.get("do") == "start":
            started = told
        elif told.get("do") == "end":
            started = {}
    if started.get("root") != root:
        return None
    log = started.get("transcript")
    log = log if isinstance(log, str) else ""
    idle = now - max(_changed(path), _changed(log))
    if idle > LIVE:
        return None
    agent = started.get("agent")
    return Neighbour(agent if isinstance(agent, str) else "", max(0.0, idle), _edited(log, root))


def _changed(path: str) -> float:
    try:
        return os.stat(path).st_mtime if path else 0.0
    except OSError:
        return 0.0


def _edited(log: str, root: str) -> list[str]:
    """Return the files that the end of a log shows changed, the latest first, relative to the worktree."""
    found: dict[str, None] = {}
    for line in reversed(_tail(log).split("\n")):
        if any(hint in line for hint in _HINTS):
            paths = [path for each in _changes(line) if (path := _inside(each, root))]
            found.update(dict.fromkeys(reversed(paths)))
            if len(found) > _MOST_FILES:
                break
    return list(found)


def _tail(path: str) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        found = os.fstat(descriptor)
        if (found.st_mode & 0o170000) != 0o100000:
            return ""
        data = os.pread(descriptor, _TAIL, max(0, found.st_size - _TAIL))
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return data.decode("utf-8", "replace")


def _changes(line: str) -> Iterator[str]:
    """Yield the paths that the calls in a record change; of a patch, those in its text."""
    waiting: list[Any] = [read_object(line)]
    steps = 0
    while waiting and steps < 2000:
        steps += 1
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            called = next((value[name] for name in _NAMES if isinstance(value.get(name), str)), "")
            given = next((value[name] for name in _INPUTS if value.get(name)), None)
            if called and given is not None:
                yield from _of_call(called.lower(), given)
            else:
                waiting.extend(each for each in reversed(value.values()) if isinstance(each, dict | list))


def _of_call(called: str, given: Any) -> Iterator[str]:
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = read_object(given) or given
    texts = [given] if isinstance(given, str) else []
    if isinstance(given, dict):
        if called in EDITS:
            yield from (given[name] for name in _PATHS if isinstance(given.get(name), str))
        texts = [each for each in given.values() if isinstance(each, str)]
    for text in texts:
        if "*** Begin Patch" not in text:
            continue
        for part in text.replace("\\n", "\n").split("\n"):
            yield from (part[len(mark) :].strip() for mark in _PATCHED if part.startswith(mark))


def _inside(path: str, root: str) -> str:
    """Return a path relative to the worktree, when it is one in it that can be told on a line."""
    full = os.path.normpath(os.path.join(root, path))
    if not full.startswith(root.rstrip("/") + "/"):
        return ""
    short = full[len(root.rstrip("/")) + 1 :]
    return short if len(short) <= 120 and short.isprintable() and "`" not in short else ""


def _told(neighbour: Neighbour) -> str:
    when = "now" if neighbour.idle < 90 else f"{neighbour.idle / 60:.0f} minutes ago"
    agent = neighbour.agent if neighbour.agent.replace("-", "").isalnum() else "an agent"
    from .quoting import quoted  # a file's name may bear the markup of the agent's own system

    files = ", ".join(f"`{quoted(path)}`" for path in neighbour.edited[:_MOST_FILES])
    more = " and others" if len(neighbour.edited) > _MOST_FILES else ""
    edited = f", edited {files}{more}" if files else ", no file edited lately"
    return f"{agent}, last active {when}{edited}"
