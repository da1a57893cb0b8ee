"""Read the outcome of a Codex tool call from its output, in the forms of its several versions."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from holdfast.hook.patterns import regex
from holdfast.transcripts.outcome import Outcome
from holdfast.transcripts.values import exit_code_of, items, joined_text, table, text_of

_HEADER = regex(
    r"(?:Chunk ID: [^\n]{0,80}|Wall time:? [^\n]{0,80}|Exit code: -?\d{1,9}"
    r"|Process exited with code -?\d{1,9}"
    r"|Process running with session ID \d{1,18}|Original token count: \d+|Total output lines: \d+"
    r"|Script (?:completed|failed|running)[^\n]{0,200}|Command: [^\n]{0,4000})\n"
)
_EXIT = regex(r"(?:Exit code: |Process exited with code )(-?\d{1,9})\n")
_SESSION = regex(r"Process running with session ID (\d{1,18})\n")
_OUTPUT = regex(r"Output:\n?")
_REJECTED = regex(
    r"(?:exec command |exec_command |patch |apply_patch |command )?(?:was )?rejected by (?:the )?user"
    r"|aborted by user|rejected: |.{0,400}\bRejected\(\\*\"|.{0,200}rejected by user approval settings"
    r"|Command blocked by \w{1,40} hook: |approval policy is \w{1,40}; reject"
    r"|user rejected|user cancelled|.{0,80}denied by (?:the )?(?:user|policy|sandbox)",
    re.IGNORECASE,
)
_FAILED = regex(
    r"\w{1,60} (?:verification )?failed\b|(?:failed|unable) to |failed in sandbox|execution error"
    r"|unsupported call|error: |Error: |failed: |Script failed|command timed out|timed out",
)
_REASON = regex(r"(?:user said|reason):[ \t]*\n?(.+)", re.DOTALL | re.IGNORECASE)


class _Header(NamedTuple):
    """The exit code and the running session that a header states, and what is below it.

    Attributes:
        output: True when ``Output:`` stands between; without it the text below is the client's own.
    """

    code: int | None
    session: str | None
    text: str
    output: bool


def read_outcome(output: Any, *, success: Any = None) -> Outcome:
    """Return the outcome that a call's output states.

    Args:
        output: The log's ``output``: a text with a header, JSON as text, an object or content blocks.
        success: The log's own flag beside it, when there is one.
    """
    fields = table(output)
    if fields:
        return _from_object(fields)
    text = joined_text(items(output)) if isinstance(output, list) else text_of(output)
    code, session, body, headed = _split_header(text)
    if headed and code is None and session is None:
        inner_header = _split_header(body)  # a patch that was given to the shell
        if inner_header.code is not None:
            code, session, body, headed = inner_header
    nested = _json_object(body)
    if nested is not None and ("output" in nested or "exit_code" in nested):
        inner = _from_object(nested)
        return inner if inner.exit_code is not None or code is None else inner._replace(exit_code=code)
    return _judge(body, code, session, success, headed=headed)


def _from_object(fields: dict[str, Any]) -> Outcome:
    inner = fields.get("output", fields.get("content"))
    text = joined_text(inner)
    code = exit_code_of(fields.get("exit_code"))
    if code is None:
        code = exit_code_of(table(fields.get("metadata")).get("exit_code"))
    session = fields.get("session_id")
    running = str(session) if isinstance(session, int) and code is None else None
    if code is None and running is None:
        code, running, text, _ = _split_header(text)
    return _judge(text, code, running, fields.get("success"), headed=code is not None)


def _judge(text: str, code: int | None, session: str | None, success: Any, *, headed: bool) -> Outcome:
    if code is not None:
        return Outcome("failed" if code else "ok", text, code)
    if session is not None:
        return Outcome("ok", text, session=session)
    if not headed and _REJECTED.match(text):
        reason = _REASON.search(text[:4000])
        return Outcome("rejected", text, None, reason[1].strip() or None if reason else None)
    failed = success is False or (not headed and _FAILED.match(text) is not None)
    return Outcome("failed" if failed else "ok", text)


def _split_header(text: str) -> _Header:
    """Return what the header of a text says, and the text below it."""
    end = 0
    while header := _HEADER.match(text, end):
        end = header.end()
    if not end:
        return _Header(None, None, text, False)
    head = text[:end]
    stated = _EXIT.search(head)
    session = _SESSION.search(head)
    start = _OUTPUT.match(text, end)
    return _Header(
        int(stated[1]) if stated else None,
        session[1] if session else None,
        text[start.end() if start else end :],
        start is not None,
    )


def _json_object(text: str) -> dict[str, Any] | None:
    text = text.strip()
    if not text.startswith("{"):
        return None
    try:
        return table(msgspec.json.decode(text)) or None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
