"""Read the outcome of a tool call as Gemini CLI, and Qwen Code after it, write it for the model.

The exit code of a command stands in the text of its result, one field a line at its end; a refusal
stands in fixed phrases of the client.
"""

from __future__ import annotations

import re
from typing import Any

from holdfast.hook.patterns import regex
from holdfast.transcripts.hook_texts import without_hooks
from holdfast.transcripts.outcome import Outcome
from holdfast.transcripts.tools import tool_of
from holdfast.transcripts.values import items, some_text, table, text_of

ENDED = ("success", "error", "cancelled")
"""The statuses of a call that has an outcome."""

_OUTPUT = regex(r"(?:^|\n)(?:Output|Stdout): ?")
_FIELDS = ("Stderr", "Error", "Exit Code", "Signal", "Background PIDs", "Process Group PGID")
"""The fields at the end of a command's result, in their order; some may be missing."""

_FIELD = regex(rf"({'|'.join(_FIELDS)}): ?(.*)")
_APPENDED = regex(r"\n?\[Exit Code: (-?\d{1,9})\]\s*$")
_REFUSED = regex(
    r"\[Operation Cancelled\]|Command was cancelled by user|Operation cancelled by user"
    r"|(?:Plan|Command) rejected\b"
    r"|User (?:rejected|cancelled|denied|did not allow)\b|.{0,200}\b(?:denied|blocked) by (?:policy|hook)\b"
    r"|Tool \"[^\"]{1,200}\" was cancell?ed by the user"
    r"|Tool execution (?:for .{1,200}? )?(?:denied|blocked) by |.{1,300}? but that permission was declined"
)
_WORDS = regex(r"(?:User feedback|user said):[ \t]*(.+?)(?:\n\n|$)", re.DOTALL)
_CODE = regex(r"(-?\d{1,9})")
_NOTHING = ("", "0", "(none)", "(empty)")
_BACKGROUND = ("Command moved to background", "Background shell started", "Background command started")


def response_of(part: Any) -> dict[str, Any]:
    """Return the ``functionResponse`` of a message's part; empty when it is another kind of part."""
    return table(table(part).get("functionResponse"))


def read_outcome(
    name: str, status: Any, result: Any, *, shown: Any = None, reason: Any = None
) -> Outcome | None:
    """Return the outcome of a call; None for a command that went on in the background.

    Args:
        name: The tool's name.
        status: ``success``, ``error`` or ``cancelled``; None when only the response is known.
        result: What was given to the model: a list of parts, or a text.
        shown: What was shown to the person instead, when that is a text.
        reason: The client's own name of what went wrong, when the log has it.
    """
    text, refused = _texts(result)
    text = _unwrapped(without_hooks(text or text_of(shown)))
    if status == "cancelled" or reason == "execution_denied" or (refused and _REFUSED.match(text)):
        return Outcome("rejected", text, None, _words(text))
    if status == "error" or (status is None and refused):
        return Outcome("rejected" if _REFUSED.match(text) else "failed", text, None, _words(text))
    if _REFUSED.match(text) and text.startswith(("Command was cancelled by user", "Plan rejected")):
        return Outcome("rejected", text, None, _words(text))
    if tool_of(name) != "Bash":
        return Outcome("ok", text)
    return None if text.startswith(_BACKGROUND) else _of_command(text)


def _texts(result: Any) -> tuple[str, bool]:
    """Return the text of a result's parts, and whether it is an error's."""
    if isinstance(result, str):
        return result, False
    found: list[str] = []
    failed = False
    for part in items(result) if isinstance(result, list) else [result]:
        response = table(response_of(part).get("response"))
        error = some_text(response.get("error"))
        failed = failed or error is not None
        own = some_text(response.get("output")) or some_text(response.get("content"))
        found += [text for text in (error, own, some_text(table(part).get("text"))) if text]
    return "\n".join(found), failed


def _unwrapped(text: str) -> str:
    if text.startswith("<untrusted_context>") and text.rstrip().endswith("</untrusted_context>"):
        return text.rstrip()[len("<untrusted_context>") : -len("</untrusted_context>")].strip("\n")
    return text


def _of_command(text: str) -> Outcome:
    """Return the outcome that the fields of a command's result state."""
    start = _OUTPUT.search(text)
    if start is None or not text.startswith(("Output", "Command: ", "Stdout")):
        return _judged(text, _APPENDED.search(text[-300:]), killed="exceeded the timeout" in text[:300])
    lines = text[start.end() :].split("\n")
    fields: dict[str, str] = {}
    end, place = len(lines), len(_FIELDS)
    while end and (field := _FIELD.fullmatch(lines[end - 1])) and _FIELDS.index(field[1]) < place:
        place = _FIELDS.index(field[1])
        fields[field[1]] = field[2]
        end -= 1
    shown = "\n".join(lines[:end])
    shown = "" if shown in ("(empty)", "(none)") else shown
    extra = [fields[name] for name in ("Stderr", "Error") if fields.get(name, "(none)") not in _NOTHING]
    killed = fields.get("Signal", "0") not in _NOTHING or fields.get("Error", "(none)") not in _NOTHING
    body = "\n".join([shown, *extra] if shown else extra)
    return _judged(body, _CODE.fullmatch(fields.get("Exit Code", "")), killed=killed)


def _judged(text: str, stated: re.Match[str] | None, *, killed: bool) -> Outcome:
    code = int(stated[1]) if stated else None
    failed = bool(code) or (code is None and killed)
    return Outcome("failed" if failed else "ok", text, code)


def _words(text: str) -> str | None:
    """Return what the person said when rejecting a call."""
    said = _WORDS.search(text[:4000])
    return said[1].strip() or None if said else None
