"""Read a tool call whose arguments are a JSON object, by the field names that agents use for one thing."""

from __future__ import annotations

from typing import Any

from holdfast.transcripts.codex_patch import find_patch, read_patch
from holdfast.transcripts.events import Call, Edit
from holdfast.transcripts.paths import SessionPaths
from holdfast.transcripts.questions import read_questions
from holdfast.transcripts.tools import tool_of
from holdfast.transcripts.values import cut, items, some_text, table, text_of

_PATHS = ("file_path", "absolute_path", "filePath", "path", "dir_path", "directory", "notebook_path")
_LISTS = ("paths", "include", "file_paths")
_QUERIES = ("pattern", "query", "url", "question", "skill", "plan", "prompt", "description")
_REMOVED = ("old_string", "old_str", "oldString", "oldText")
_ADDED = ("new_string", "new_str", "newString", "newText")
_WRITTEN = ("content", "file_text", "contents", "new_source")
_EDITOR = {"view": "Read", "create": "Write", "str_replace": "Edit", "insert": "Edit"}
"""What the editor tool that does several things does, by its ``command``."""


def read_call(
    identity: str, name: str, given: Any, paths: SessionPaths, *, at: float | None, subagent: str | None
) -> Call:
    """Return the call that a tool's name and arguments state.

    Args:
        identity: The call's id.
        name: The agent's own name of the tool.
        given: The tool's arguments: an object, or the text of a patch.
        paths: What paths are made relative to.
        at: When it was called.
        subagent: The subagent that called it, if any.
    """
    fields = table(given)
    tool = tool_of(name)
    command = some_text(fields.get("command"))
    if tool == "Edit" and command in _EDITOR:
        tool = _EDITOR[command]
    edits = _edits(fields, text_of(given), paths) if tool in ("Edit", "Write") else ()
    named = dict.fromkeys(edit.path for edit in edits)
    if tool != "Bash":
        named.update(dict.fromkeys(paths.relative(path) for path in _paths(fields)))
    return Call(
        at=at,
        subagent=subagent,
        id=identity,
        tool=tool,
        name=name,
        command=cut(command) if tool == "Bash" and command is not None else None,
        paths=tuple(named),
        edits=edits,
        query=None if tool in ("Bash", "Edit", "Write", "Read") else _query(fields),
        questions=read_questions(fields),
    )


def _paths(fields: dict[str, Any]) -> list[str]:
    found = [some_text(fields.get(field)) for field in _PATHS]
    found += [some_text(path) for field in _LISTS for path in items(fields.get(field))[:200]]
    return [path for path in found if path]


def _edits(fields: dict[str, Any], text: str, paths: SessionPaths) -> tuple[Edit, ...]:
    patch = find_patch(_first(fields, ("input", "patch")) or text)
    if patch is not None:
        return read_patch(patch, paths)
    path = next(iter(_paths(fields)), None)
    if path is None:
        return ()
    place = paths.relative(path)
    changes = [table(change) for change in items(fields.get("edits"))]
    if not changes and not any(field in fields for field in (*_REMOVED, *_ADDED)):
        return (Edit(place, "", cut(_first(fields, _WRITTEN))),)
    return tuple(
        Edit(place, cut(_first(change, _REMOVED)), cut(_first(change, _ADDED)))
        for change in changes or [fields]
    )


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((value for name in names if (value := text_of(fields.get(name)))), "")


def _query(fields: dict[str, Any]) -> str | None:
    query = _first(fields, _QUERIES)
    return cut(query) if query else None
