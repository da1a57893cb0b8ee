"""Read sessions of four agents for the gold: calls, results, prompts and edits with their times.

This reader shares nothing with the product's: the gold must not repeat the product's mistakes. It knows the
JSON logs of Claude Code, Codex, Copilot and Gemini as far as the gold needs them, decides by content which
one a file is, and passes over what it does not know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

REJECTED = re.compile(
    r"doesn't want to (proceed|take this action)|\[Request interrupted|user rejected|<tool_use_error>Sibling"
    r"|was cancelled|aborted by user|Tool use cancelled|permission to use .* has been denied"
    r"|This command requires approval|requires approval|requested permissions? to|haven't granted it",
    re.IGNORECASE,
)
NOT_SAID = re.compile(
    r"^\s*(<(local-command|command-|bash-|system-reminder|task-notification|environment_context|user_instructions"
    r"|permissions|collaboration_mode|turn_aborted|skill|subagent)|Caveat:|# AGENTS\.md instructions"
    r"|\[Request interrupted|This session is being continued from a previous)",
)
EDITORS = {"edit", "multiedit", "write", "notebookedit", "replace", "write_file", "create", "apply_patch",
           "str_replace_editor", "edit_file", "create_file", "insert"}  # fmt: skip
SHELLS = {"bash", "exec_command", "run_shell_command", "shell", "local_shell", "powershell", "container.exec"}
NAMES = {"read_file": "Read", "view": "Read", "glob": "Glob", "grep": "Grep", "search_file_content": "Grep",
         "edit": "Edit", "replace": "Edit", "multiedit": "Edit", "write_file": "Write", "create": "Write",
         "list_directory": "LS", "ls": "LS", "read": "Read", "write": "Write"}  # fmt: skip


@dataclass
class Edit:
    """Hold one change of one file: the path as the log names it, what went and what came."""

    path: str
    old: str
    new: str


@dataclass
class Call:
    """Hold one tool call: when it was made and answered, what it was, and how it ended."""

    id: str
    at: float
    tool: str
    given: dict[str, Any]
    command: str = ""
    path: str = ""
    done: float = 0.0
    answered: bool = False
    failed: bool = False
    rejected: bool = False
    output: str = ""
    edits: list[Edit] = field(default_factory=list)
    agent: str = ""
    """The sub-agent that made it, empty for the session's own."""
    context: int = 0
    """Tokens that the model read when it made the call; 0 when not recorded."""


@dataclass
class Session:
    """Hold one session: its times, its words, its calls in order, and the sizes of its contexts."""

    file: str
    repo: str
    id: str
    start: float
    end: float
    branch: str = ""
    cwd: str = ""
    prompts: list[tuple[float, str]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    contexts: list[tuple[float, int]] = field(default_factory=list)
    """When the model was called, and how many tokens it read then."""
    outputs: int = 0
    """Tokens that the model wrote in all."""
    compactions: list[float] = field(default_factory=list)
    models: dict[str, int] = field(default_factory=dict)
    ids: dict[str, Call] = field(default_factory=dict)
    messages: set[str] = field(default_factory=set)
    instructions: list[str] = field(default_factory=list)
    """Texts of instruction files that the session shows (Codex states them, other agents read them)."""


def seconds(stamp: Any) -> float:
    """Return an ISO time, or milliseconds, as seconds since the epoch; 0 when it is neither."""
    if isinstance(stamp, int | float):
        return stamp / 1000 if stamp > 1e11 else float(stamp)
    try:
        return datetime.fromisoformat(str(stamp).replace("Z", "+00:00")).timestamp()
    except ValueError:
        return 0.0


def read_session(path: Path, entry: dict[str, Any]) -> Session:
    """Read one file of the manifest; the manifest's times, where it has them, order the sessions."""
    session = Session(
        entry["file"], entry["repo"], entry["session"], entry.get("start") or 0.0, entry.get("end") or 0.0
    )
    session.branch = entry.get("branch") or ""
    rows = list(objects(path))
    last = 0.0
    if any("sessionId" in one and "messages" in one for one in rows[:1]):
        last = _gemini(rows[0], session)
    else:
        for row in rows:
            last = max(last, seconds(row.get("timestamp")))
            kind, inner = row.get("type"), (row.get("data") or {})
            if kind == "progress" and isinstance(inner, dict) and inner.get("type") == "agent_progress":
                message = dict(inner.get("message") or {})
                message.setdefault("timestamp", row.get("timestamp"))
                if isinstance(message.get("message"), dict):
                    _claude(message, session, agent=str(inner.get("agentId") or "?"))
                continue
            if kind in ("user", "assistant") and isinstance(row.get("message"), dict):
                _claude(row, session, agent="side" if row.get("isSidechain") else "")
            elif isinstance(row.get("payload"), dict):
                _codex(row, session)
            elif isinstance(row.get("data"), dict) and "." in str(kind):
                _copilot(row, session)
    session.calls.sort(key=lambda call: call.at)
    session.start = session.start or min((call.at for call in session.calls), default=last)
    session.end = max(session.end, last, session.start)
    return session


def objects(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file, one document or one a line; other lines are passed over."""
    raw = path.read_bytes()
    if raw[:1] == b"{" and b"\n" in raw.strip():
        try:
            whole = json.loads(raw)
        except ValueError:
            whole = None
        if isinstance(whole, dict):
            yield whole
            return
    for line in raw.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row


def text_of(content: Any) -> str:
    """Return the text of a message or result: a string, or a list of parts with text in them."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(text_of(part) for part in content)
    if isinstance(content, dict):
        inner = content.get("text", content.get("output", content.get("content", "")))
        return inner if isinstance(inner, str) else text_of(inner)
    return ""


def _say(session: Session, at: float, text: str) -> None:
    """Keep what a person said; of a slash command its arguments."""
    if "<command-name>" in text and (
        given := re.search(r"<command-args>(.+?)</command-args>", text, re.DOTALL)
    ):
        text = given.group(1)
    if text.strip() and not NOT_SAID.match(text):
        session.prompts.append((at, text.strip()))
    elif "AGENTS.md instructions" in text[:40]:
        session.instructions.append(text)


def _make(session: Session, id_: str, at: float, name: str, given: Any, agent: str = "") -> Call:
    """Add a call, once for each id; read the command, the path and the edits out of its arguments."""
    if id_ in session.ids:
        return session.ids[id_]
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            given = {"input": given}
    given = given if isinstance(given, dict) else {}
    low = name.lower()
    call = Call(id_, at, "Bash" if low in SHELLS else NAMES.get(low, name), given, agent=agent)
    call.context = session.contexts[-1][1] if session.contexts else 0
    command = given.get("command", given.get("cmd", "")) if call.tool == "Bash" else ""
    call.command = (
        command[-1] if isinstance(command, list) and command else command if isinstance(command, str) else ""
    )
    path = (
        given.get("file_path")
        or given.get("path")
        or given.get("notebook_path")
        or given.get("absolute_path")
    )
    call.path = path if isinstance(path, str) else ""
    patch = given.get("input") or given.get("patch") or call.command
    if isinstance(patch, str) and "*** Begin Patch" in patch:
        call.edits = list(_patched(patch))
    elif low in EDITORS and call.path:
        for one in given.get("edits") or [given]:
            old = one.get("old_string") or one.get("old_str") or ""
            new = (
                one.get("new_string")
                or one.get("new_str")
                or one.get("content")
                or one.get("file_text")
                or ""
            )
            call.edits.append(Edit(call.path, str(old), str(new)))
    session.calls.append(call)
    session.ids[id_] = call
    return call


def _patched(patch: str) -> Iterator[Edit]:
    """Yield what an apply_patch text changes, file by file."""
    for part in re.split(r"^\*\*\* (?:Update|Add|Delete) File: ", patch, flags=re.MULTILINE)[1:]:
        head, _, rest = part.partition("\n")
        rows = rest.split("\n*** End Patch")[0].splitlines()
        old = "\n".join(row[1:] for row in rows if row[:1] == "-")
        new = "\n".join(row[1:] for row in rows if row[:1] == "+")
        yield Edit(head.strip(), old, new)


def _end(session: Session, id_: str, at: float, failed: bool, output: str) -> None:
    call = session.ids.get(id_)
    if call is not None and not call.answered:
        call.done, call.answered, call.output = at, True, output[:20000]
        call.rejected = bool(failed and REJECTED.search(output[:600]))
        call.failed = failed and not call.rejected


def _claude(row: dict[str, Any], session: Session, agent: str = "") -> None:
    message, at = row["message"], seconds(row.get("timestamp"))
    session.cwd = session.cwd or row.get("cwd") or ""
    content = message.get("content")
    if row["type"] == "assistant":
        usage = message.get("usage") or {}
        names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        read = sum(int(usage.get(name) or 0) for name in names)
        model = str(message.get("model") or "")
        id_ = str(message.get("id"))
        if not agent and id_ not in session.messages and read:
            session.messages.add(id_)
            session.contexts.append((at, read))
            session.outputs += usage.get("output_tokens") or 0
        for part in content if isinstance(content, list) else []:
            if isinstance(part, dict) and part.get("type") == "tool_use":
                _make(session, str(part.get("id")), at, str(part.get("name")), part.get("input"), agent)
        if model and not model.startswith("<"):
            session.models[model] = session.models.get(model, 0) + 1
        return
    if isinstance(content, list):
        for part in content:
            if isinstance(part, dict) and part.get("type") == "tool_result":
                _end(
                    session,
                    str(part.get("tool_use_id")),
                    at,
                    bool(part.get("is_error")),
                    text_of(part.get("content")),
                )
    if row.get("isCompactSummary"):
        session.compactions.append(at)
    if not agent and not row.get("isMeta") and not row.get("isCompactSummary"):
        said = content if isinstance(content, str) else "\n".join(
            part["text"] for part in content or []
            if isinstance(part, dict) and part.get("type") == "text"
            and ("<command-args>" in str(part.get("text")) or not NOT_SAID.match(str(part.get("text"))))
        )  # fmt: skip
        _say(session, at, said)


def _codex(row: dict[str, Any], session: Session) -> None:
    load, at = row["payload"], seconds(row.get("timestamp"))
    kind = load.get("type")
    if row["type"] in ("session_meta", "turn_context"):
        session.cwd = session.cwd or load.get("cwd") or ""
        if load.get("model"):
            session.models[load["model"]] = session.models.get(load["model"], 0) + 1
    elif kind == "user_message" or (kind == "message" and load.get("role") == "user"):
        text = load.get("message") if kind == "user_message" else text_of(load.get("content"))
        if not any(said == (text or "").strip() for _, said in session.prompts[-1:]):
            _say(session, at, text or "")
    elif kind in ("function_call", "custom_tool_call", "local_shell_call"):
        given = load.get("arguments", load.get("input", load.get("action")))
        _make(session, str(load.get("call_id")), at, str(load.get("name", "shell")), given)
    elif kind in ("function_call_output", "custom_tool_call_output"):
        _ended_codex(session, str(load.get("call_id")), at, load.get("output"))
    elif kind == "token_count":
        last = (load.get("info") or {}).get("last_token_usage") or {}
        if last.get("input_tokens"):
            session.contexts.append((at, last["input_tokens"]))
            session.outputs += last.get("output_tokens") or 0
    elif row["type"] == "compacted":
        session.compactions.append(at)


def _ended_codex(session: Session, id_: str, at: float, output: Any) -> None:
    text = output if isinstance(output, str) else text_of(output)
    code = 0
    if text[:1] == "{":
        try:
            told = json.loads(text)
            text, code = str(told.get("output", "")), (told.get("metadata") or {}).get("exit_code", 0)
        except (ValueError, AttributeError):
            code = 0
    if found := re.search(r"^(?:Process exited with code|Exit code:) (\d+)", text[:400], re.MULTILINE):
        code = int(found.group(1))
    failed = bool(code) or text.startswith(
        ("apply_patch verification failed", "exec_command failed", "write_stdin failed")
    )
    _, mark, rest = text.partition("\nOutput:\n")
    _end(session, id_, at, failed, rest if mark else text)


def _copilot(row: dict[str, Any], session: Session) -> None:
    data, at, kind = row["data"], seconds(row.get("timestamp")), row["type"]
    if kind == "session.start":
        session.cwd = ((data.get("context") or {}).get("cwd")) or session.cwd
    elif kind == "user.message":
        _say(session, at, str(data.get("content") or ""))
    elif kind == "tool.execution_start":
        _make(session, str(data.get("toolCallId")), at, str(data.get("toolName")), data.get("arguments"))
    elif kind == "tool.execution_complete":
        text = text_of(data.get("result") or {}) or str((data.get("error") or {}).get("message", ""))
        code = re.search(r"completed with exit code (\d+)>\s*$", text)
        failed = data.get("success") is False or bool(code and code.group(1) != "0")
        _end(session, str(data.get("toolCallId")), at, failed, re.sub(r"<shellId: .*?>\s*$", "", text))


def _gemini(whole: dict[str, Any], session: Session) -> float:
    last = seconds(whole.get("lastUpdated"))
    for row in whole.get("messages") or []:
        at = seconds(row.get("timestamp"))
        last = max(last, at)
        if row.get("type") == "user":
            _say(session, at, text_of(row.get("content")))
        if (row.get("tokens") or {}).get("input"):
            session.contexts.append((at, row["tokens"]["input"]))
            session.outputs += row["tokens"].get("output") or 0
        for one in row.get("toolCalls") or []:
            called = seconds(one.get("timestamp")) or at
            _make(session, str(one.get("id")), called, str(one.get("name")), one.get("args"))
            answer = [
                ((part.get("functionResponse") or {}).get("response") or {})
                for part in one.get("result") or []
            ]
            text = "\n".join(str(part.get("output") or part.get("error") or "") for part in answer)
            code = re.search(r"^Exit Code: (\d+)", text, re.MULTILINE)
            failed = one.get("status") == "error" or bool(code and code.group(1) != "0")
            _end(session, str(one.get("id")), called, failed, text)
    return last


def read_all(folder: Path) -> list[Session]:
    """Read every session of a folder's manifest, by start; a call copied from an earlier session is dropped.

    A resumed session repeats the calls of the one it goes on from under the same ids; they belong to the
    session that starts first, and of two that start together to the first in the manifest.
    """
    manifest = json.loads((folder / "manifest.json").read_text())
    sessions = [read_session(folder / entry["file"], entry) for entry in manifest]
    sessions.sort(key=lambda one: (one.start, one.file))
    seen: dict[str, str] = {}
    for session in sessions:
        kept = [call for call in session.calls if seen.setdefault(call.id, session.file) == session.file]
        session.calls = kept
    return sessions
