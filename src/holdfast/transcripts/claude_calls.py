"""Read a Claude Code tool call from its name and input."""

from __future__ import annotations

from typing import Any

from holdfast.transcripts.events import Call, Edit
from holdfast.transcripts.paths import SessionPaths
from holdfast.transcripts.questions import read_questions
from holdfast.transcripts.tools import tool_of
from holdfast.transcripts.values import cut, items, some_text, table, text_of

_PATH_FIELDS = ("file_path", "notebook_path", "path", "filePath")
_QUERY_FIELDS = ("pattern", "query", "url", "skill", "plan", "description")


def read_call(
    identity: str, name: str, given: Any, paths: SessionPaths, *, at: float | None, subagent: str | None
) -> Call:
    """Return the call that a ``tool_use`` block states.

    Args:
        identity: The block's id.
        name: The tool's name.
        given: The tool's input, of any shape.
        paths: What paths are made relative to.
        at: When it was called.
        subagent: The subagent that called it, if any.
    """
    fields = table(given)
    tool = tool_of(name)
    edits = _edits(name, fields, paths) if tool in ("Edit", "Write") else ()
    named = dict.fromkeys(edit.path for edit in edits)
    for field in _PATH_FIELDS:
        path = some_text(fields.get(field))
        if path is not None:
            named[paths.relative(path)] = None
    return Call(
        at=at,
        subagent=subagent,
        id=identity,
        tool=tool,
        name=name,
        command=some_text(fields.get("command")) if tool == "Bash" else None,
        paths=tuple(named),
        edits=edits,
        query=None if tool in ("Bash", "Edit", "Write", "Read") else _query(fields),
        questions=read_questions(fields),
    )


def _edits(name: str, fields: dict[str, Any], paths: SessionPaths) -> tuple[Edit, ...]:
    path = some_text(fields.get("file_path")) or some_text(fields.get("notebook_path"))
    path = path or some_text(fields.get("path"))
    if path is None:
        return ()
    place = paths.relative(path)
    if name == "NotebookEdit":
        return (Edit(place, "", cut(text_of(fields.get("new_source")))),)
    if "content" in fields and "new_string" not in fields:
        return (Edit(place, "", cut(text_of(fields["content"]))),)
    changes = [table(change) for change in items(fields.get("edits"))] or [fields]
    return tuple(
        Edit(place, cut(text_of(change.get("old_string"))), cut(text_of(change.get("new_string"))))
        for change in changes
    )


def _query(fields: dict[str, Any]) -> str | None:
    questions = [text_of(table(question).get("question")) for question in items(fields.get("questions"))]
    if any(questions):
        return cut("\n".join(question for question in questions if question))
    for field in _QUERY_FIELDS:
        query = some_text(fields.get(field))
        if query is not None:
            return cut(query)
    return None
