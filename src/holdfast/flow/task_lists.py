"""The list of tasks that an agent keeps for itself: what of it was not done when the session ended.

The stream of events does not carry these lists, so they are read from the log's lines: ``TodoWrite``,
``TaskCreate`` and ``TaskUpdate`` of Claude Code, ``update_plan`` of Codex, ``todo_write`` and ``write_todos``
of Qwen Code and Gemini CLI. Each call but Claude's task calls gives the whole list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from holdfast.transcripts.origin import Origin

MAX_LINE = 1 << 20
"""Bytes of a line that is looked at; a longer one holds output, not a list."""
MAX_TASKS = 200
"""Tasks of one list that are kept."""
_WHOLE = ("TodoWrite", "todo_write", "write_todos", "update_plan")
_NAMES = (*_WHOLE, "TaskCreate", "TaskUpdate")
_MARKS = tuple(f'"{name}"'.encode() for name in _NAMES)
_GIVEN = ("input", "arguments", "args")
_LISTS = ("todos", "plan", "tasks", "items")
_TEXTS = ("content", "step", "subject", "title", "description")
_OVER = ("completed", "done", "cancelled", "canceled", "deleted")
_IDS = ("call_id", "callId", "id")
_DEEPEST = 12


class Task(msgspec.Struct):
    """A task, and what became of it in the agent's own word."""

    text: str
    status: str


class TaskLists:
    """Follow the calls that keep a list; `left` is what it says at the end."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._seen: set[str] = set()
        self._created = 0

    def read(self, origin: Origin) -> None:
        """Take every call in a log of JSON lines; another format has none that can be found.

        Raises:
            OSError: It cannot be read.
        """
        with origin.open() as file:
            while line := file.readline(MAX_LINE):
                if line.endswith(b"\n") and any(mark in line for mark in _MARKS):
                    self._take_line(line)

    def left(self) -> list[str]:
        """Return the tasks that are not done, what was begun first."""
        open_ones = [task for task in self._tasks.values() if task.status not in _OVER and task.text]
        return [task.text for task in sorted(open_ones, key=lambda task: task.status != "in_progress")]

    def _take_line(self, line: bytes) -> None:
        try:
            record = msgspec.json.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return
        if not isinstance(record, dict) or record.get("isSidechain") is True:
            return
        if str(record.get("type", "")).startswith("api-request"):  # the same calls as they went over the wire
            return
        for call in _calls(record, 0):
            self._take(call)

    def _take(self, call: dict[str, Any]) -> None:
        identity = next((call[name] for name in _IDS if isinstance(call.get(name), str)), "")
        if identity and identity in self._seen:
            return
        self._seen.add(identity)
        given = _given(call)
        name = call.get("name", call.get("toolName"))
        if name in _WHOLE:
            self._tasks = dict(_listed(given))
        elif name == "TaskCreate":
            self._created += 1
            if len(self._tasks) < MAX_TASKS:
                self._tasks[str(self._created)] = Task(_text(given), "pending")
        elif (task := self._tasks.get(str(given.get("taskId", "")))) is not None:
            task.status = str(given.get("status") or task.status)
            task.text = str(given.get("subject") or task.text)


def _listed(given: dict[str, Any]) -> Iterator[tuple[str, Task]]:
    """Yield the tasks of a call that gives the whole list, by their number."""
    listed: list[Any] = next((given[name] for name in _LISTS if isinstance(given.get(name), list)), [])
    for number, task in enumerate(listed[:MAX_TASKS]):
        if isinstance(task, dict):
            yield str(number), Task(_text(task), str(task.get("status", "")))


def _calls(value: object, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the calls of such tools in a record, wherever in it they stand."""
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        if value.get("name", value.get("toolName")) in _NAMES:
            yield value
            return
        for inner in value.values():
            if isinstance(inner, dict | list):
                yield from _calls(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _calls(inner, depth + 1)


def _given(call: dict[str, Any]) -> dict[str, Any]:
    given: Any = next((call[name] for name in _GIVEN if name in call), {})
    if isinstance(given, str):
        try:
            given = msgspec.json.decode(given)
        except (msgspec.MsgspecError, RecursionError):
            given = {}
    return given if isinstance(given, dict) else {}


def _text(task: dict[str, Any]) -> str:
    found = next((task[name] for name in _TEXTS if isinstance(task.get(name), str)), "")
    return " ".join(found.split())[:300]
