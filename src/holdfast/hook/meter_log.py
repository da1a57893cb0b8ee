"""Read the steps of a session off the lines of its log, as quickly as can be.

Only what the meter counts is read, of the main conversation alone: the whole story of a log is told by
`holdfast.transcripts`. A line that is of no use is dropped before its JSON is read.
"""

from __future__ import annotations

from .json_reading import read_object, write
from .meter_steps import CALL, CHANGED, COMPACTION, PROMPT, RESULT, USAGE, Step, is_said, seconds, tool_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

LONGEST = 1 << 18
"""Bytes of a line that is read; a longer one holds an image or a whole file."""


def steps_in(line: bytes) -> Iterator[Step]:
    """Yield the steps of one line of an agent's log, whichever agent's it is; none for what is no use."""
    if len(line) > LONGEST or not any(sign in line for sign in _SIGNS) or line.startswith(_DROPPED):
        return
    record = _read(line.decode("utf-8", "replace"))
    kind = record.get("type")
    if "payload" in record:
        yield from _codex(record)
    elif isinstance(record.get("data"), dict):
        yield from _copilot(record, str(kind))
    elif "$set" in record:
        yield from _gemini_history(record)
    elif kind == "gemini" or (kind == "user" and "message" not in record):
        yield from _gemini(record)
    elif "usageMetadata" in record or isinstance(_table(record, "message").get("parts"), list):
        yield from _qwen(record)
    elif record.get("subtype") == "chat_compression":
        yield Step(COMPACTION, seconds(record.get("timestamp")))
    elif kind in ("user", "assistant", "system", "attachment"):
        yield from _claude(record, kind)


_SIGNS = (
    b'"type":"user"', b'"type":"assistant"', b'"compact_boundary"', b'"edited_text_file"', b'"modelId"',
    b'"payload"', b'"tool.execution', b'"user.message"', b'"session.', b'"assistant.usage"',
    b'"type":"gemini"', b'"type":"tool_result"', b'"chat_compression"', b'"type": "',
    b"Got it. Thanks for the",
)  # fmt: skip
_DROPPED = (b'{"type":"api-request', b'{"type":"file-history', b'{"type":"progress"')


# -- Claude Code


def _claude(record: dict[str, Any], kind: object) -> Iterator[Step]:
    at = seconds(record.get("timestamp"))
    if record.get("isSidechain") is True or record.get("isApiErrorMessage"):
        return
    if kind != "user" and kind != "assistant":
        yield from _claude_note(record, at)
        return
    message = _table(record, "message")
    content = message.get("content")
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
    own = not (record.get("isMeta") or record.get("isCompactSummary"))
    for block in blocks:
        if not isinstance(block, dict):
            continue
        if block.get("type") == "tool_use":
            yield call_step(at, _text(block, "id"), _text(block, "name"), _table(block, "input"))
        elif block.get("type") == "tool_result":
            failed = block.get("is_error") is True
            yield Step(
                RESULT, at, id=_text(block, "tool_use_id"), text=_joined(block.get("content")), failed=failed
            )
        elif kind == "user" and own and is_said(_text(block, "text")):
            yield Step(PROMPT, at, text=_text(block, "text"))
    usage = _table(message, "usage")
    if usage:
        names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        yield Step(USAGE, at, model=_text(message, "model"), used=sum(_count(usage.get(n)) for n in names))


def _claude_note(record: dict[str, Any], at: float) -> Iterator[Step]:
    """Yield the step of a note of the client's own: a compaction, the model, a file that changed."""
    noted = _table(record, "attachment")
    kind = noted.get("type")
    if record.get("subtype") == "compact_boundary":
        yield Step(COMPACTION, at, used=_count(_table(record, "compactMetadata").get("preTokens")))
    elif kind == "model":  # the one place that tells a larger window: `name[1m]`
        yield Step(USAGE, at, model=_text(_table(noted, "identity"), "modelId"))
    elif kind == "edited_text_file":
        yield Step(CHANGED, at, path=_text(noted, "filename"))


def call_step(at: float, id: str, name: str, given: dict[str, Any]) -> Step:  # noqa: A002
    """Return the step of a call, from the tool's name and what it was given, as the agent has them."""
    tool = tool_of(name)
    command = given.get("command", given.get("cmd"))
    if isinstance(command, list):
        command = command[-1] if command and isinstance(command[-1], str) else ""
    path = _text(given, "file_path", "path", "filePath", "absolute_path", "notebook_path")
    if name == "apply_patch" and not path:
        path = _patched(_text(given, "input", "patch", "command"))
    asked = _questions(given) if tool == "Ask" else ""
    told = {key: value for key, value in given.items() if key not in ("description", "timeout")}
    try:
        key = f"{name} {write(told)}"
    except (TypeError, RecursionError):
        key = name
    command = command if isinstance(command, str) and tool == "Bash" else ""
    return Step(CALL, at, id=id, tool=tool, key=key, path=path, command=command, text=asked)


def _questions(given: dict[str, Any]) -> str:
    asked = given.get("questions")
    if isinstance(asked, list):
        return "\n".join(_text(each, "question") for each in asked if isinstance(each, dict))
    return _text(given, "question")


def _patched(patch: str) -> str:
    """Return the first file that a patch names."""
    for line in patch[:4000].splitlines():
        if line.startswith(("*** Update File: ", "*** Add File: ", "*** Delete File: ")):
            return line.partition(": ")[2].strip()
    return ""


# -- Codex


def _codex(record: dict[str, Any]) -> Iterator[Step]:
    at = seconds(record.get("timestamp"))
    kind, payload = record.get("type"), _table(record, "payload")
    inner = payload.get("type")
    if kind == "compacted":
        yield Step(COMPACTION, at)
    elif kind == "turn_context":
        yield Step(USAGE, at, model=_text(payload, "model"))
    elif kind == "token_usage_record":
        yield Step(USAGE, at, used=_count(_table(payload, "usage").get("input_tokens")))
    elif inner == "token_count":
        info = _table(payload, "info")
        used = _count(_table(info, "last_token_usage").get("input_tokens"))
        yield Step(USAGE, at, used=used, window=_count(info.get("model_context_window")))
    elif inner == "task_started":
        yield Step(USAGE, at, window=_count(payload.get("model_context_window")))
    elif inner == "message" and payload.get("role") == "user":
        if is_said(said := _joined(payload.get("content"))):
            yield Step(PROMPT, at, text=said)
    elif inner in ("function_call", "custom_tool_call"):
        given = payload.get("arguments", payload.get("input"))
        text = given if isinstance(given, str) else ""
        fields = _read(text) if text.lstrip().startswith("{") else {"input": text}
        yield call_step(at, _text(payload, "call_id", "id"), _text(payload, "name"), fields)
    elif inner in ("function_call_output", "custom_tool_call_output"):
        yield _codex_result(payload, at)


def _codex_result(payload: dict[str, Any], at: float) -> Step:
    output = payload.get("output")
    text = _joined(output.get("content", output.get("output")) if isinstance(output, dict) else output)
    if text.startswith("{"):
        told = _read(text)
        code = _table(told, "metadata").get("exit_code", told.get("exit_code"))
        text = _text(told, "output") or text
    else:
        head, mark, rest = text.partition("\nOutput:\n")
        code = next((line.rpartition(" ")[2] for line in head.splitlines() if line.startswith(_EXITED)), None)
        text = rest if mark else text
    return Step(RESULT, at, id=_text(payload, "call_id", "id"), text=text, failed=str(code or "0") != "0")


_EXITED = ("Process exited with code ", "Exit code: ")


# -- Copilot CLI, Gemini CLI, Qwen Code

_COPILOT_COMPACTED = ("session.compaction_complete", "session.context_cleared", "session.truncation")


def _copilot(record: dict[str, Any], kind: str) -> Iterator[Step]:
    data, at = _table(record, "data"), seconds(record.get("timestamp"))
    if record.get("agentId") or data.get("parentToolCallId"):
        return
    if kind == "user.message" and is_said(_text(data, "content")):
        yield Step(PROMPT, at, text=_text(data, "content"))
    elif kind in ("session.usage_record", "assistant.usage"):
        usage = _table(data, "usage") or data
        yield Step(USAGE, at, model=_text(usage, "model"), used=_count(usage.get("inputTokens")))
    elif kind == "tool.execution_start":
        yield call_step(at, _text(data, "toolCallId"), _text(data, "toolName"), _table(data, "arguments"))
    elif kind == "tool.execution_complete":
        shown = _table(data, "result")
        text = _text(shown, "content") or _text(_table(data, "error"), "message")
        code = text.rpartition("completed with exit code ")[2].rstrip("> \n")
        failed = data.get("success") is False or (code != text and code not in ("", "0"))
        yield Step(RESULT, at, id=_text(data, "toolCallId"), text=text, failed=failed)
    elif kind in _COPILOT_COMPACTED and data.get("success") is not False:
        yield Step(COMPACTION, at, used=_count(data.get("preCompactionTokens")))


def _gemini(record: dict[str, Any]) -> Iterator[Step]:
    at = seconds(record.get("timestamp"))
    if record.get("type") == "user":
        content = record.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        said = "\n".join(_text(part, "text") for part in parts if isinstance(part, dict))
        if is_said(said):
            yield Step(PROMPT, at, text=said)
        return
    calls = record.get("toolCalls")
    for call in calls if isinstance(calls, list) else ():
        if isinstance(call, dict) and call.get("status") in ("success", "error", "cancelled"):
            done = _text(call, "id")
            yield call_step(at, done, _text(call, "name"), _table(call, "args"))
            text = _joined(call.get("result"))
            code = text.rpartition("\nExit Code: ")[2].partition("\n")[0] if "\nExit Code: " in text else "0"
            failed = call.get("status") == "error" or code not in ("0", "(none)")
            yield Step(RESULT, at, id=done, text=text.removeprefix("Output: "), failed=failed)
    used = _count(_table(record, "tokens").get("input"))
    if used:
        yield Step(USAGE, at, model=_text(record, "model"), used=used)


def _gemini_history(record: dict[str, Any]) -> Iterator[Step]:
    """Yield the compaction that a rewritten history shows: the client's own answer to its summary."""
    messages = _table(record, "$set").get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and _ACCEPTED in (
            message.get("content"),
            _joined(message.get("content")),
        ):
            yield Step(COMPACTION, seconds(message.get("timestamp")), id=_text(message, "id"))


_ACCEPTED = "Got it. Thanks for the additional context!"


def _qwen(record: dict[str, Any]) -> Iterator[Step]:
    at = seconds(record.get("timestamp"))
    if record.get("agentId"):
        return
    parts = _table(record, "message").get("parts")
    for part in parts if isinstance(parts, list) else ():
        if not isinstance(part, dict):
            continue
        call, answer = _table(part, "functionCall"), _table(part, "functionResponse")
        if call:
            yield call_step(at, _text(call, "id"), _text(call, "name"), _table(call, "args"))
        elif answer:
            shown = _table(answer, "response")
            text, failed = _text(shown, "output", "error"), bool(shown.get("error"))
            yield Step(RESULT, at, id=_text(answer, "id"), text=text, failed=failed)
        elif record.get("type") == "user" and is_said(_text(part, "text")):
            yield Step(PROMPT, at, text=_text(part, "text"))
    used = _count(_table(record, "usageMetadata").get("promptTokenCount"))
    if used:
        yield Step(USAGE, at, model=_text(record, "model"), used=used)


# -- values of any shape


def _read(text: str) -> dict[str, Any]:
    try:
        return read_object(text)
    except SystemError:  # what the interpreter's scanner raises for broken JSON when `json` is not loaded
        return {}


def _table(record: dict[str, Any], name: str) -> dict[str, Any]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _text(record: dict[str, Any], *names: str) -> str:
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _count(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 < value < 1e12 else 0


def _joined(content: object) -> str:
    """Return the text of what may be a text, or a list of texts in blocks."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    found: list[str] = []
    for block in content:
        if isinstance(block, dict):
            shown = _table(_table(block, "functionResponse"), "response")
            found.append(_text(block, "text") or _text(shown, "output", "error"))
    return "\n".join(found)
