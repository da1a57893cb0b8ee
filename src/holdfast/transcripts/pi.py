"""Read the sessions of Pi and of Oh My Pi: ``~/.pi/agent/sessions/--<path>--/<time>_<id>.jsonl``.

The first line names the session; each later one is an entry of a tree (``id``, ``parentId``), written in the
order of time, so that a branch that was left stands before the one that replaced it. Forks copy entries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import msgspec

from holdfast.hook.patterns import regex
from holdfast.transcripts.calls import read_call
from holdfast.transcripts.events import (
    AnyEvent,
    Call,
    Compaction,
    Interruption,
    Prompt,
    Result,
    Say,
    Status,
    Usage,
)
from holdfast.transcripts.prompts import is_injected, split_reminders
from holdfast.transcripts.reader import RecordReader
from holdfast.transcripts.records import RecordDecoder, decode_as
from holdfast.transcripts.values import (
    count_of,
    cut,
    exit_code_of,
    items,
    joined_text,
    seconds_of,
    some_text,
    table,
    text_of,
)

HEAD_LINES = 20
_IGNORED = frozenset(
    {
        "thinking_level_change", "custom", "label", "session_info", "mode_change", "session_init", "title",
        "title_change", "service_tier_change", "mcp_tool_selection", "ttsr_injection", "credential_pin",
        "model_usage", "tool_execution_start",
    }
)  # fmt: skip
_TOLD = frozenset({"custom", "hookMessage", "branchSummary", "compactionSummary", "developer", "fileMention"})
_TYPED = ("bashExecution", "pythonExecution")
_ENDING = 200
"""Characters at the end of a failed command's output in which its exit code stands."""
_EXIT = regex(r"(?:^|\n)\s*(?:Command exited with code|Exit code:?) (-?\d{1,9})$")
_REFUSED = regex(
    r"(?:Skipped due to queued user message|Command aborted|Operation aborted"
    r"|Tool execution was (?:aborted|blocked)"
    r"|.{0,80}\b(?:user rejected|rejected by (?:the )?user|denied by (?:the )?user|cancelled by (?:the )?user"
    r"|blocked by (?:the )?user|User denied))",
    re.IGNORECASE,
)
_ABORTED = regex(r"(?:^|\n)Command aborted\s*$")
_REASON = regex(r"(?:user said|reason|feedback):[ \t]*\n?(.+)", re.DOTALL | re.IGNORECASE)
_FILE_ID = regex(r"([0-9A-Za-z-]{8,64})\.jsonl$")


class _Entry(msgspec.Struct, gc=False):
    type: Any = None
    id: Any = None
    timestamp: Any = None
    cwd: Any = None
    parentSession: Any = None  # noqa: N815  (the log's own names)
    modelId: Any = None  # noqa: N815
    model: Any = None
    message: Any = None
    content: Any = None
    summary: Any = None
    tokensBefore: Any = None  # noqa: N815


_DECODER = RecordDecoder(_Entry)


class PiReader(RecordReader):
    """Turn the entries of a session into events."""

    agent: ClassVar[str] = "pi"

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file whether it is a session of Pi's."""
        for line in head.split(b"\n", HEAD_LINES)[:HEAD_LINES]:
            entry = decode_as(_Entry, line)
            if entry is not None and entry.type == "session":
                return isinstance(entry.id, str) and isinstance(entry.cwd, str)
        return False

    def feed(self, line: bytes) -> Iterable[AnyEvent]:
        """Return the events of one line."""
        return [event for record in self.records_in(line, _DECODER) for event in self._read(record)]

    def _read(self, entry: _Entry) -> Iterable[AnyEvent]:
        at = seconds_of(entry.timestamp)
        self.note_time(at)
        kind = entry.type if isinstance(entry.type, str) else ""
        if kind in _IGNORED:
            self.counts.ignored += 1
            return ()
        self.counts.understood += 1
        if kind == "session":
            return self._session(entry)
        if kind == "model_change":
            model = some_text(entry.modelId) or some_text(entry.model)
            self.session.model = model or self.session.model
            return ()
        if kind == "message":
            return self._message(entry, table(entry.message), at)
        if kind in ("compaction", "reset_boundary"):
            return self._compaction(entry, at)
        if kind in ("branch_summary", "custom_message"):
            return self._told(entry, text_of(entry.summary) or joined_text(entry.content), at)
        self.counts.understood -= 1
        self.note_unknown(kind or "(no type)")
        return ()

    def _session(self, entry: _Entry) -> Iterable[AnyEvent]:
        self.session.id = some_text(entry.id) or self.session.id
        origin = _FILE_ID.search(text_of(entry.parentSession).replace("_", "/"))
        self.session.parent = (origin[1] if origin else some_text(entry.parentSession)) or self.session.parent
        self.note_place(entry.cwd)
        return ()

    def _is_new_entry(self, entry: _Entry, at: float | None) -> bool:
        """Tell whether an entry is met for the first time: a fork copies those of its origin."""
        identity = some_text(entry.id)
        return identity is None or self.is_new("entry", identity, at)

    def _message(self, entry: _Entry, message: dict[str, Any], at: float | None) -> Iterable[AnyEvent]:
        role = str(message.get("role"))
        at = seconds_of(message.get("timestamp")) or at
        if role == "user":
            return self._prompt(entry, message, at)
        if role == "assistant":
            return self._assistant(entry, message, at)
        if role == "toolResult":
            return self._result(message, at)
        if role in _TYPED:
            return self._typed(entry, message, at)
        if role in _TOLD:
            return self._told(
                entry, text_of(message.get("summary")) or joined_text(message.get("content")), at
            )
        self.counts.understood -= 1
        self.note_unknown(f"message/{role}"[:80])
        return ()

    def _prompt(self, entry: _Entry, message: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        text, reminders = split_reminders(joined_text(message.get("content")))
        if not self._is_new_entry(entry, at):
            return
        if reminders:
            yield Prompt(at=at, text=reminders, injected=True)
        if text.strip():
            injected = is_injected(text) or message.get("synthetic") is True
            yield Prompt(at=at, text=text, injected=injected)

    def _told(self, entry: _Entry, text: str, at: float | None) -> Iterator[AnyEvent]:
        if text.strip() and self._is_new_entry(entry, at):
            yield Prompt(at=at, text=text, injected=True)

    def _compaction(self, entry: _Entry, at: float | None) -> Iterator[AnyEvent]:
        if self._is_new_entry(entry, at):
            trigger = "clear" if entry.type == "reset_boundary" else None
            yield Compaction(at=at, trigger=trigger, before=count_of(entry.tokensBefore) or None)

    def _assistant(self, entry: _Entry, message: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        self.session.model = some_text(message.get("model")) or self.session.model
        new = self._is_new_entry(entry, at)
        for block in (table(block) for block in items(message.get("content"))):
            text = text_of(block.get("text"))
            if block.get("type") == "text" and text.strip() and new:
                yield Say(at=at, text=text)
            elif block.get("type") == "toolCall":
                yield from self._call(block, at)
        yield from self._usage(entry, message, at)
        if new and message.get("stopReason") == "aborted":
            yield Interruption(at=at)

    def _call(self, block: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        identity, name = some_text(block.get("id")), some_text(block.get("name"))
        if identity is not None and name is not None and self.is_new("", identity, at):
            yield read_call(identity, name, block.get("arguments"), self.paths, at=at, subagent=None)

    def _result(self, message: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        identity = some_text(message.get("toolCallId"))
        if identity is None or not self.is_new("result", identity, at):
            return
        text = joined_text(message.get("content"))
        status: Status = "ok"
        code: int | None = None
        words: str | None = None
        if message.get("isError") is True:
            status = "failed"
            end = len(text.rstrip())
            stated = _EXIT.search(text, max(0, end - _ENDING), end)
            if stated:
                code, text = int(stated[1]), text[: stated.start()]
            elif _REFUSED.match(text) or _ABORTED.search(text):
                status = "rejected"
                said = _REASON.search(text[:4000])
                words = said[1].strip() or None if said else None
        yield Result(at=at, call_id=identity, status=status, text=cut(text), exit_code=code, words=words)

    def _typed(self, entry: _Entry, message: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        """Give what a person ran by hand in the session."""
        name = text_of(message.get("role"))
        identity = f"{self.session.id}/{entry.id}" if some_text(entry.id) else f"{self.session.id}/{at}"
        command = some_text(message.get("command")) or some_text(message.get("code"))
        if command is None or not self._is_new_entry(entry, at):
            return
        shell = name == "bashExecution"
        yield Call(
            at=at,
            id=identity,
            tool="Bash" if shell else name,
            name=name,
            command=cut(command) if shell else None,
            query=None if shell else cut(command),
        )
        code = exit_code_of(message.get("exitCode"))
        status: Status = "rejected" if message.get("cancelled") is True else "failed" if code else "ok"
        yield Result(
            at=at, call_id=identity, status=status, text=cut(text_of(message.get("output"))), exit_code=code
        )

    def _usage(self, entry: _Entry, message: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        usage = table(message.get("usage"))
        input_, output, read, written = (
            count_of(usage.get(name)) for name in ("input", "output", "cacheRead", "cacheWrite")
        )
        identity = some_text(message.get("responseId")) or some_text(entry.id) or f"{self.session.id}/{at}"
        if (input_ or output or read) and self.is_new("usage", identity, at):
            yield Usage(
                at=at,
                message_id=identity,
                model=self.session.model,
                input=input_,
                output=output,
                cache_read=read,
                cache_write=written,
            )
