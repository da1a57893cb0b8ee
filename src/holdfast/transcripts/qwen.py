"""Read Qwen Code's chats: ``~/.qwen/projects/<directory>/chats/<session>.jsonl``.

A record is one message, in the parts that the model's interface has, or a note of the client. What a
subagent does stands in the notes alone: its calls without their output, its tokens without its words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, ClassVar

import msgspec

from holdfast.transcripts.calls import read_call
from holdfast.transcripts.events import (
    AnyEvent,
    Compaction,
    Say,
    SessionInfo,
    SubagentEnd,
    SubagentStart,
    Usage,
)
from holdfast.transcripts.gemini_messages import usage_of
from holdfast.transcripts.gemini_prompts import read_prompts, texts_of
from holdfast.transcripts.gemini_results import read_outcome, response_of
from holdfast.transcripts.outcome import result_of
from holdfast.transcripts.qwen_records import (
    COMPACTED,
    COUNTS,
    IGNORED,
    NOTED,
    OF_PERSON,
    Payload,
    Record,
    looks_like_qwen,
)
from holdfast.transcripts.reader import RecordReader, Source
from holdfast.transcripts.records import RecordDecoder, decode_as
from holdfast.transcripts.tools import tool_of
from holdfast.transcripts.values import count_of, cut, items, seconds_of, some_text, table, text_of

KEPT = 100
"""How many subagents without an end, and calls without a result, are kept in mind."""

_DECODER = RecordDecoder(Record)


class QwenReader(RecordReader):
    """Turn Qwen Code's records into events."""

    agent: ClassVar[str] = "qwen-code"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._open: dict[str, str] = {}
        self._unanswered: dict[str, str] = {}
        self._failed: dict[str, list[Any]] = {}
        self._subagent: str | None = None

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file whether it is Qwen Code's chat."""
        return looks_like_qwen(head)

    def feed(self, line: bytes) -> Iterable[AnyEvent]:
        """Return the events of one line."""
        return [event for record in self.records_in(line, _DECODER) for event in self._read(record)]

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on after this line, as JSON values."""
        return {
            **super().state(),
            "open": self._open,
            "subagent": self._subagent,
            "unanswered": self._unanswered,
            "failed": self._failed,
        }

    def restore(self, state: Mapping[str, Any], session: SessionInfo) -> None:
        """Go on from what `state` returned."""
        super().restore(state, session)
        self._open = dict(state["open"])
        self._subagent = state["subagent"]
        self._unanswered = dict(state["unanswered"])
        self._failed = dict(state["failed"])

    def _read(self, record: Record) -> Iterable[AnyEvent]:
        kind = record.type
        at = seconds_of(record.timestamp)
        self.counts.understood += 1
        if kind in ("user", "assistant", "tool_result"):
            self._note(record, at)
            return self._message(record, at)
        if kind == "system" and record.subtype in ("ui_telemetry", "chat_compression", "parent_session"):
            self._note(record, at)
            return self._system(record, at)
        self.counts.understood -= 1
        given = record.subtype if kind == "system" else kind
        name = given if isinstance(given, str) else "(no type)"
        if kind == "system" and name in IGNORED:
            self.counts.ignored += 1
        else:
            self.note_unknown(name)
        return ()

    def _note(self, record: Record, at: float | None) -> None:
        """Fill what the record says about its session."""
        session = self.session
        self.note_time(at)
        self.note_place(record.cwd)
        own, agent = some_text(record.sessionId), some_text(record.agentId)
        self._subagent = agent
        if agent is not None:
            session.parent, session.id = own or session.parent, agent
        elif own is not None and session.id not in ("", own):
            session.parent, session.id = session.id, own  # a fork repeats the records of its origin
        else:
            session.id = own or session.id
        session.parent = some_text(table(record.forkedFrom).get("sessionId")) or session.parent
        session.branch = some_text(record.gitBranch) or session.branch
        session.version = some_text(record.version) or session.version

    def _message(self, record: Record, at: float | None) -> Iterator[AnyEvent]:
        uuid = some_text(record.uuid)
        if uuid is not None and not self.is_new("record", uuid, at):
            return
        if self._subagent is not None:
            yield from self._start(self._subagent, None, at)
        parts = table(record.message).get("parts")
        if record.type != "tool_result":
            yield from self._unwritten()
        if record.type == "user":
            injected = record.subtype not in OF_PERSON or self._subagent is not None
            yield from read_prompts(parts, None, at=at, subagent=self._subagent, injected=injected)
        elif record.type == "assistant":
            yield from self._answer(record, items(parts), uuid or f"{self.session.id}/{at}", at)
        else:
            yield from self._results(table(record.toolCallResult), items(parts), at)

    def _answer(
        self, record: Record, parts: list[Any], identity: str, at: float | None
    ) -> Iterator[AnyEvent]:
        model = some_text(record.model)
        self.session.model = model or self.session.model
        text = "".join(texts_of(parts))
        if text.strip():
            yield Say(at=at, subagent=self._subagent, text=text)
        for number, part in enumerate(parts):
            asked = table(table(part).get("functionCall"))
            name = some_text(asked.get("name"))
            call = some_text(asked.get("id")) or f"{identity}/{number}"
            if name is not None and self.is_new("", call, at):
                _keep(self._unanswered, _digest(name, asked.get("args")), call)
                yield read_call(call, name, asked.get("args"), self.paths, at=at, subagent=self._subagent)
        usage = usage_of(table(record.usageMetadata), COUNTS)
        if usage is not None and self.is_new("usage", identity, at):
            yield _placed(usage, identity, model, at, self._subagent)

    def _results(self, noted: dict[str, Any], parts: list[Any], at: float | None) -> Iterator[AnyEvent]:
        for part in parts:
            response = response_of(part)
            call = some_text(response.get("id")) or some_text(noted.get("callId"))
            if not response or call is None or not self.is_new("result", call, at):
                continue
            self._failed.pop(call, None)
            self._unanswered = {key: asked for key, asked in self._unanswered.items() if asked != call}
            own = noted if noted.get("callId") in (None, call) else {}
            outcome = read_outcome(
                text_of(response.get("name")), own.get("status"), [part], reason=own.get("errorType")
            )
            if outcome is not None:
                yield result_of(call, outcome, at=at, subagent=self._subagent)
            shown = table(own.get("resultDisplay"))
            if shown.get("type") == "task_execution" and shown.get("status") != "background":
                yield from self._returned(some_text(shown.get("subagentName")), call, at)

    def _system(self, record: Record, at: float | None) -> Iterable[AnyEvent]:
        payload = decode_as(Payload, record.systemPayload) or Payload()
        if record.subtype == "parent_session":
            self.session.parent = some_text(payload.parentSessionId) or self.session.parent
            return ()
        uuid = some_text(record.uuid)
        if uuid is not None and not self.is_new("record", uuid, at):
            return ()
        if record.subtype == "chat_compression":
            return self._compacted(table(payload.info), at)
        return self._telemetry(table(payload.uiEvent), uuid, at)

    def _compacted(self, info: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        if info.get("compressionStatus") in COMPACTED:
            before = count_of(info.get("originalTokenCount")) or None
            yield Compaction(at=at, subagent=self._subagent, before=before)

    def _telemetry(self, event: dict[str, Any], uuid: str | None, at: float | None) -> Iterator[AnyEvent]:
        """Give what a subagent did: its prompt ids are ``<session>#<name>-<id>#<round>``.

        Of the session itself only the calls that failed are noted: one that a person refused may have no
        other record.
        """
        name = event.get("event.name")
        place = text_of(event.get("prompt_id")).split("#")
        if len(place) != 3 or not place[1]:
            if name == "qwen-code.tool_call" and event.get("status") in ("error", "cancelled"):
                self._note_failure(event, at)
            return
        if uuid is None or self._subagent is not None:
            return
        agent, kind = place[1], some_text(event.get("subagent_name")) or place[1].rpartition("-")[0]
        yield from self._start(agent, kind, at)
        if name == "qwen-code.api_response":
            usage = usage_of(event, NOTED)
            identity = some_text(event.get("response_id")) or uuid
            if usage is not None and self.is_new("usage", identity, at):
                yield _placed(usage, identity, some_text(event.get("model")), at, agent)
        elif name == "qwen-code.tool_call" and some_text(event.get("function_name")):
            yield from self._noted_call(event, uuid, agent, at)

    def _note_failure(self, event: dict[str, Any], at: float | None) -> None:
        """Keep in mind that a call failed, until its result is written, or is not."""
        name = text_of(event.get("function_name"))
        call = self._unanswered.pop(_digest(name, event.get("function_args")), None)
        if call is not None:
            status, error = text_of(event.get("status")), cut(text_of(event.get("error")))
            self._failed[call] = [name, status, error, some_text(event.get("error_type")), at]

    def _unwritten(self) -> Iterator[AnyEvent]:
        """Give the results of failed calls that no record holds: those a person refused in an editor."""
        for call, (name, status, error, reason, at) in self._failed.items():
            outcome = read_outcome(name, status, error, reason=reason)
            if outcome is not None and self.is_new("result", call, at):
                yield result_of(call, outcome, at=at, subagent=self._subagent)
        self._failed = {}

    def _noted_call(
        self, event: dict[str, Any], uuid: str, agent: str, at: float | None
    ) -> Iterator[AnyEvent]:
        name, status = text_of(event.get("function_name")), event.get("status")
        began = at - count_of(event.get("duration_ms")) / 1000 if at is not None else None
        if self.is_new("", uuid, at):
            yield read_call(uuid, name, event.get("function_args"), self.paths, at=began, subagent=agent)
        if status == "success" and tool_of(name) == "Bash":
            return  # how the command ended is not noted
        outcome = read_outcome(name, status, text_of(event.get("error")), reason=event.get("error_type"))
        if outcome is not None and self.is_new("result", uuid, at):
            yield result_of(uuid, outcome, at=at, subagent=agent)

    def _start(self, agent: str, kind: str | None, at: float | None) -> Iterator[AnyEvent]:
        if agent in self._open:
            return
        _keep(self._open, agent, kind or "")
        if self.is_new("subagent-start", f"{self.session.id}/{agent}"):
            yield SubagentStart(at=at, subagent=agent, kind=kind)

    def _returned(self, kind: str | None, call: str, at: float | None) -> Iterator[AnyEvent]:
        """Give the end of the subagent that a call ran: the one of its kind that began first."""
        agent = next((agent for agent, own in self._open.items() if own == kind), None)
        if agent is None:
            agent = call
            yield from self._start(agent, kind, at)
        self._open.pop(agent, None)
        if self.is_new("subagent-end", f"{self.session.id}/{agent}"):
            yield SubagentEnd(at=at, subagent=agent)


def _keep(known: dict[str, str], key: str, value: str) -> None:
    known.pop(key, None)
    known[key] = value
    if len(known) > KEPT:
        del known[next(iter(known))]


def _digest(name: str, given: Any) -> str:
    """Return what a call and the client's note on it have in common: the tool's name and the arguments."""
    try:
        data = msgspec.json.encode([name, given], order="sorted")
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError):
        data = name.encode("utf-8", "replace")
    return blake2b(data, digest_size=12).hexdigest()


def _placed(usage: Usage, identity: str, model: str | None, at: float | None, subagent: str | None) -> Usage:
    return msgspec.structs.replace(usage, at=at, subagent=subagent, message_id=identity, model=model)
