"""Read Copilot CLI's logs: ``~/.copilot/session-state/<session>/events.jsonl``.

Each record is one event. Those of a subagent stand among the session's own and name it, in older
versions by the call that began it. Who wrote a user's message is said by its ``source``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from holdfast.transcripts import copilot_records as records
from holdfast.transcripts.calls import read_call
from holdfast.transcripts.copilot_results import Refusals, Shells, read_outcome
from holdfast.transcripts.events import (
    AnyEvent,
    Compaction,
    Interruption,
    Prompt,
    Say,
    SessionInfo,
    SubagentEnd,
    SubagentStart,
    Usage,
)
from holdfast.transcripts.outcome import Outcome, result_of
from holdfast.transcripts.prompts import is_injected, split_reminders
from holdfast.transcripts.reader import RecordReader, Source
from holdfast.transcripts.records import RecordDecoder, decode_as
from holdfast.transcripts.values import count_of, seconds_of, some_text, table, text_of

_DECODER = RecordDecoder(records.Record)
_PEOPLE = (None, "", "user")
_POLLS = ("read_bash", "write_bash", "stop_bash", "read_powershell", "write_powershell", "stop_powershell")
_NOTHING = records.Data()


class CopilotReader(RecordReader):
    """Turn Copilot CLI's events into those of the common stream."""

    agent: ClassVar[str] = "copilot-cli"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._refusals = Refusals()
        self._shells = Shells()

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file whether it is Copilot CLI's log."""
        return records.looks_like_copilot(head)

    def feed(self, line: bytes) -> Iterable[AnyEvent]:
        """Return the events of one line."""
        return [event for record in self.records_in(line, _DECODER) for event in self._read(record)]

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on after this line, as JSON values."""
        return {**super().state(), "refusals": self._refusals.state(), "shells": self._shells.state()}

    def restore(self, state: Mapping[str, Any], session: SessionInfo) -> None:
        """Go on from what `state` returned."""
        super().restore(state, session)
        self._refusals.restore(state["refusals"])
        self._shells.restore(state["shells"])

    def _read(self, record: records.Record) -> Iterable[AnyEvent]:
        kind = record.type if isinstance(record.type, str) else "(no type)"
        at = seconds_of(record.timestamp)
        self.note_time(at)
        if kind not in records.READ:
            if records.is_known(kind):
                self.counts.ignored += 1
            else:
                self.note_unknown(kind)
            return ()
        self.counts.understood += 1
        data = decode_as(records.Data, record.data) or _NOTHING
        agent = some_text(record.agentId) or some_text(data.parentToolCallId)
        if kind == "session.shutdown":
            return self._unread(at)
        if kind.startswith("session."):
            return self._session(kind, data, record, at, agent)
        if kind == "user.message":
            return self._prompt(data, record, at, agent)
        if kind == "assistant.message":
            return self._answer(data, record, at, agent)
        if kind == "assistant.usage":
            return self._usage(decode_as(dict[str, Any], record.data) or {}, at, agent)
        if kind == "tool.execution_start":
            return self._call(data, at, agent)
        if kind == "tool.execution_complete":
            return self._result(data, at, agent)
        if kind.startswith("subagent."):
            return self._subagent(kind, data, at, some_text(record.agentId) or some_text(data.toolCallId))
        return self._other(kind, data, record, at, agent)

    def _session(
        self, kind: str, data: records.Data, record: records.Record, at: float | None, agent: str | None
    ) -> Iterable[AnyEvent]:
        session = self.session
        if kind == "session.usage_record":
            return self._usage(table(data.usage), at, agent)
        if kind in ("session.compaction_complete", "session.context_cleared", "session.truncation"):
            return self._compacted(kind, data, record, at, agent)
        if agent is None:
            session.model = some_text(data.newModel) or some_text(data.selectedModel) or session.model
        if kind == "session.start":
            own = some_text(data.sessionId)
            if own is not None and session.id not in ("", own):
                session.parent = session.parent or session.id  # a fork repeats the events of its origin
            session.id = own or session.id
            session.version = some_text(data.copilotVersion) or session.version
        place = table(data.context) if kind != "session.context_changed" else {}
        self.note_place(place.get("gitRoot") or data.gitRoot)
        self.note_place(place.get("cwd") or data.cwd)
        session.branch = some_text(place.get("branch")) or some_text(data.branch) or session.branch
        return ()

    def _compacted(
        self, kind: str, data: records.Data, record: records.Record, at: float | None, agent: str | None
    ) -> Iterator[AnyEvent]:
        if data.success is False or not self._is_new_record(record, at):
            return
        before = count_of(data.preCompactionTokens) or count_of(data.preTruncationTokensInMessages)
        named = {"session.context_cleared": "clear", "session.truncation": "truncation"}.get(kind)
        yield Compaction(
            at=at, subagent=agent, trigger=named or some_text(data.trigger), before=before or None
        )

    def _prompt(
        self, data: records.Data, record: records.Record, at: float | None, agent: str | None
    ) -> Iterator[AnyEvent]:
        if agent is None:
            yield from self._unread(at)
        text = text_of(data.content)
        if not text.strip() or not self._is_new_record(record, at):
            return
        by_client = data.source not in _PEOPLE or data.isAutopilotContinuation is True
        if by_client or agent is not None or data.inputIntegrity == "untrusted" or is_injected(text):
            yield Prompt(at=at, subagent=agent, text=text, injected=True)
            return
        own, reminders = split_reminders(text)
        if own.strip():
            yield Prompt(at=at, text=own)
        if reminders:
            yield Prompt(at=at, text=reminders, injected=True)

    def _answer(
        self, data: records.Data, record: records.Record, at: float | None, agent: str | None
    ) -> Iterator[AnyEvent]:
        model, text = some_text(data.model), text_of(data.content)
        if agent is None:
            self.session.model = model or self.session.model
        if text.strip() and self._is_new_record(record, at):
            yield Say(at=at, subagent=agent, text=text)
        if count_of(data.outputTokens):
            identity = some_text(data.apiCallId) or some_text(data.messageId)
            yield from self._usage(
                {"model": model, "outputTokens": data.outputTokens, "apiCallId": identity}, at, agent
            )

    def _usage(self, usage: dict[str, Any], at: float | None, agent: str | None) -> Iterator[AnyEvent]:
        """Give the tokens of a call of the model; its input holds those that went through its cache."""
        read, output, cached, written = (
            count_of(usage.get(name))
            for name in ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens")
        )
        identity = some_text(usage.get("apiCallId")) or f"{self.session.id}/{at}"
        if not (read or output or cached) or not self.is_new("usage", identity, at):
            return
        cached = min(cached, read)
        written = min(written, read - cached)
        yield Usage(
            at=at,
            subagent=agent,
            message_id=identity,
            model=some_text(usage.get("model")),
            input=read - cached - written,
            output=output,
            cache_read=cached,
            cache_write=written,
        )

    def _call(self, data: records.Data, at: float | None, agent: str | None) -> Iterator[AnyEvent]:
        call, name = some_text(data.toolCallId), some_text(data.toolName)
        if call is None or name is None:
            return
        shell = table(data.arguments).get("shellId")
        if name in _POLLS and self._shells.polls(call, name, str(shell)):
            return
        if self.is_new("", call, at):
            yield read_call(call, name, data.arguments, self.paths, at=at, subagent=agent)

    def _result(self, data: records.Data, at: float | None, agent: str | None) -> Iterator[AnyEvent]:
        call = some_text(data.toolCallId)
        if call is None:
            return
        settled = self._shells.settle(call, read_outcome(data, self._refusals.take(call)))
        if settled is not None:
            yield from self._outcome(*settled, at, agent)

    def _outcome(
        self, call: str, outcome: Outcome, at: float | None, agent: str | None
    ) -> Iterator[AnyEvent]:
        if self.is_new("result", call, at):
            yield result_of(call, outcome, at=at, subagent=agent)

    def _unread(self, at: float | None) -> Iterator[AnyEvent]:
        """Give the outcomes of commands that ended in the background, when no more of them will be read."""
        for call, outcome in self._shells.flush():
            yield from self._outcome(call, outcome, at, None)

    def _subagent(
        self, kind: str, data: records.Data, at: float | None, agent: str | None
    ) -> Iterator[AnyEvent]:
        if agent is None:
            return
        key = f"{self.session.id}/{agent}"
        if kind == "subagent.started":
            if self.is_new("subagent-start", key):
                yield SubagentStart(at=at, subagent=agent, kind=some_text(data.agentName))
        elif self.is_new("subagent-end", key):
            yield SubagentEnd(at=at, subagent=agent)

    def _other(
        self, kind: str, data: records.Data, record: records.Record, at: float | None, agent: str | None
    ) -> Iterator[AnyEvent]:
        if kind == "permission.completed":
            self._refusals.note(data)
        elif kind == "system.notification":
            self._shells.ended(data)
            text = text_of(data.content)
            if text.strip() and self._is_new_record(record, at):
                yield Prompt(at=at, subagent=agent, text=text, injected=True)
        elif kind == "abort" and text_of(data.reason).startswith("user") and self._is_new_record(record, at):
            yield Interruption(at=at, subagent=agent)

    def _is_new_record(self, record: records.Record, at: float | None) -> bool:
        identity = some_text(record.id)
        return identity is None or self.is_new("record", identity, at)
