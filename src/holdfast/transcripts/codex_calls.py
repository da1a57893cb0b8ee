"""Read a Codex tool call from its name and arguments."""

from __future__ import annotations

import re
import shlex
from typing import Any

import msgspec

from holdfast.hook.patterns import regex
from holdfast.transcripts.codex_patch import find_patch, read_patch
from holdfast.transcripts.events import Call
from holdfast.transcripts.paths import SessionPaths
from holdfast.transcripts.questions import read_questions
from holdfast.transcripts.tools import tool_of
from holdfast.transcripts.values import cut, items, some_text, table

_SHELLS = frozenset(
    {"bash", "sh", "zsh", "/bin/bash", "/bin/sh", "/bin/zsh", "/usr/bin/bash", "/usr/bin/zsh"}
)
_SHELL_FLAGS = frozenset({"-c", "-lc", "-ic", "-lic"})
_JS_COMMAND = regex(
    r"""\bcmd["']?\s*:\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)""", re.DOTALL
)
_JS_ESCAPE = regex(r"\\(u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_JS_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "\n": ""}
_PATH_FIELDS = ("file_path", "path", "dir_path")
_QUERY_FIELDS = ("pattern", "query", "q", "url")


def read_call(
    identity: str, name: str, given: Any, paths: SessionPaths, *, at: float | None, subagent: str | None
) -> Call:
    """Return the call that a ``function_call`` or ``custom_tool_call`` states.

    Args:
        identity: The call's id.
        name: The tool's name; in code mode ``exec``, whose input is a JavaScript snippet.
        given: The arguments: JSON text, plain text or already an object.
        paths: What paths are made relative to.
        at: When it was called.
        subagent: The subagent that called it, if any.
    """
    fields = arguments_of(given)
    text = given if isinstance(given, str) else ""
    command = _command(name, fields, text)
    patch = _patch(name, fields, text, command)
    if patch is not None:
        edits = read_patch(patch, paths)
        named = tuple(dict.fromkeys(edit.path for edit in edits))
        return Call(at=at, subagent=subagent, id=identity, tool="Edit", name=name, paths=named, edits=edits)
    tool = "Bash" if command is not None else tool_of(name)
    directory = some_text(fields.get("workdir")) or some_text(fields.get("working_directory"))
    if directory is not None:
        paths.learn(directory)
    found = [some_text(fields.get(field)) for field in _PATH_FIELDS]
    query = next((value for field in _QUERY_FIELDS if (value := some_text(fields.get(field)))), None)
    return Call(
        at=at,
        subagent=subagent,
        id=identity,
        tool=tool,
        name=name,
        command=cut(command) if command is not None else None,
        paths=() if tool == "Bash" else tuple(paths.relative(path) for path in found if path),
        query=None if tool == "Bash" or query is None else cut(query),
        questions=read_questions(fields),
    )


def arguments_of(given: Any) -> dict[str, Any]:
    """Return a call's arguments as an object, whether the log has them as one or as JSON text."""
    if isinstance(given, str) and given.lstrip()[:1] == "{":
        try:
            return table(msgspec.json.decode(given))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return {}
    return table(given)


def shell_command(value: Any) -> str | None:
    """Return the command line of a shell call; ``bash -lc '…'`` gives what the shell was asked to run."""
    words = [word for word in items(value) if isinstance(word, str)]
    if words:
        if len(words) >= 3 and words[0] in _SHELLS and words[1] in _SHELL_FLAGS:
            return words[2]
        return shlex.join(words)
    text = some_text(value)
    if text is None:
        return None
    start = text.split(" ", 2)
    if len(start) == 3 and start[0] in _SHELLS and start[1] in _SHELL_FLAGS and start[2][:1] in "'\"":
        try:
            inner = shlex.split(start[2])
        except ValueError:
            return text
        return inner[0] if len(inner) == 1 else text
    return text


def _command(name: str, fields: dict[str, Any], text: str) -> str | None:
    if name == "exec" and not fields:
        commands = [_js_text(match[1]) for match in _JS_COMMAND.finditer(text)]
        return "\n".join(commands) if commands else None
    if tool_of(name) != "Bash":
        return None
    return shell_command(fields.get("cmd")) or shell_command(fields.get("command"))


def _patch(name: str, fields: dict[str, Any], text: str, command: str | None) -> str | None:
    if name == "apply_patch":
        return find_patch(some_text(fields.get("input")) or some_text(fields.get("patch")) or text)
    if name == "exec" and command is None:
        patch = find_patch(text)
        return _js_unescape(patch) if patch and "\\n" in patch and "\n" not in patch else patch
    if command is not None and command.lstrip().startswith(("apply_patch", "applypatch")):
        return find_patch(command)
    return None


def _js_text(literal: str) -> str:
    """Return the text of a JavaScript string literal."""
    if literal.startswith('"'):
        try:
            return msgspec.json.decode(literal, type=str)
        except msgspec.MsgspecError:
            pass  # not JSON, or half of a surrogate pair, which no file can hold
    return _js_unescape(literal[1:-1])


def _js_unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        escape = match[1]
        if len(escape) > 1:
            code = chr(int(escape[1:], 16))
            return "\ufffd" if "\ud800" <= code <= "\udfff" else code
        return _JS_ESCAPES.get(escape, escape)

    return _JS_ESCAPE.sub(one, text)
