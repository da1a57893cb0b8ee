"""Read Claude Code's logs: ``~/.claude/projects/<directory>/<session>.jsonl`` and its subagents' files.

One record holds one content block; the records of one message repeat its id and its usage, and only
the last of them states all output tokens. Subagents stand in files of their own, or inline as progress.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from holdfast.transcripts import claude_records as records
from holdfast.transcripts.claude_calls import read_call
from holdfast.transcripts.claude_results import background_task, read_outcome, read_task_report
from holdfast.transcripts.claude_session import note_session
from holdfast.transcripts.claude_tasks import Tasks
from holdfast.transcripts.claude_usage import UsageByMessage
from holdfast.transcripts.events import (
    AnyEvent,
    Compaction,
    Interruption,
    Prompt,
    Result,
    Say,
    SessionInfo,
    SubagentEnd,
    SubagentStart,
)
from holdfast.transcripts.outcome import Outcome, result_of
from holdfast.transcripts.prompts import is_injected, split_reminders
from holdfast.transcripts.reader import RecordReader, Source
from holdfast.transcripts.records import RecordDecoder, decode_as
from holdfast.transcripts.values import (
    count_of,
    items,
    joined_text,
    seconds_of,
    some_text,
    table,
    text_of,
)

_NOTIFICATIONS = ("<task-notification>", "<agent-notification>")
_INTERRUPTED = "[Request interrupted by user"
_CALL_BLOCKS = ("tool_use", "server_tool_use", "mcp_tool_use")
_RESULT_BLOCKS = ("tool_result", "mcp_tool_result", "web_search_tool_result")
_SUBAGENT_TOOLS = ("Task", "Agent")
_QUEUED = (None, "prompt", "task-notification")

_DECODER = RecordDecoder(records.Record)


class Place:
    """Where and when a record's content belongs."""

    __slots__ = ("at", "new", "record", "subagent")

    def __init__(self, record: records.Record, at: float | None, subagent: str | None) -> None:
        self.record = record
        self.at = at
        self.subagent = subagent
        self.new: bool | None = None


class ClaudeCodeReader(RecordReader):
    """Turn Claude Code's records into events."""

    agent: ClassVar[str] = "claude-code"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._usage = UsageByMessage(self)
        self._tasks = Tasks()
        self._facts: tuple[Any, ...] | None = None
        self._started: set[str] = set()
        self._over: set[str] = set()

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file whether it is Claude Code's log."""
        return records.looks_like_claude_code(head)

    def feed(self, line: bytes) -> Iterable[AnyEvent]:
        """Return the events of one line."""
        return [event for record in self.records_in(line, _DECODER) for event in self._read(record)]

    def finish(self) -> Iterable[AnyEvent]:
        """Return the usage of the messages that were still being written."""
        return self._usage.flush_all()

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on after this line, as JSON values."""
        return {
            **super().state(),
            "usage": self._usage.state(),
            "tasks": self._tasks.state(),
            "started": sorted(self._started),
            "over": sorted(self._over),
        }

    def restore(self, state: Mapping[str, Any], session: SessionInfo) -> None:
        """Go on from what `state` returned."""
        super().restore(state, session)
        self._usage.restore(state["usage"])
        self._tasks.restore(state["tasks"])
        self._started = set(state["started"])
        self._over = set(state["over"])

    def _read(self, record: records.Record) -> Iterable[AnyEvent]:
        kind = record.type
        if kind == "progress":
            return self._progress(record)
        if kind in ("user", "assistant", "system", "attachment"):
            self._note(record)
            place = self._place(record)
            self.counts.understood += 1
            if kind == "system":
                return self._system(place)
            if kind == "attachment":
                return self._attachment(place)
            return self._message(place, record.message, str(kind))
        if isinstance(kind, str) and kind in records.IGNORED:
            self.counts.ignored += 1
        else:
            self.note_unknown(kind if isinstance(kind, str) else "(no type)")
        return ()

    def _note(self, record: records.Record) -> None:
        """Fill what the record says about its session."""
        self.note_place(record.cwd)
        facts = (record.sessionId, record.gitBranch, record.version, record.agentId, record.isSidechain)
        forked = record.forkedFrom is not None or record.requestSessionId is not None
        if facts != self._facts or forked:
            self._facts = facts
            note_session(self.session, record)

    def _place(self, record: records.Record) -> Place:
        at = seconds_of(record.timestamp)
        self.note_time(at)
        subagent = None
        if record.isSidechain:
            subagent = some_text(record.agentId) or "sidechain"
        return Place(record, at, subagent)

    def _message(self, place: Place, raw: Any, kind: str) -> Iterator[AnyEvent]:
        message = decode_as(records.Message, raw)
        if message is None:
            return
        if place.subagent is not None:
            yield from self._start(place, place.subagent, some_text(self.sidecar.get("agentType")))
        if kind == "assistant":
            yield from self._assistant(place, message)
        else:
            yield from self._user(place, message)

    def _assistant(self, place: Place, message: records.Message) -> Iterator[AnyEvent]:
        model = some_text(message.model)
        if place.record.isApiErrorMessage or model == "<synthetic>":
            return
        content = message.content
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else items(content)
        for block in blocks:
            if not isinstance(block, dict):
                continue
            kind = block.get("type")
            if kind == "text":
                text = text_of(block.get("text"))
                if text.strip() and self._is_new_record(place):
                    yield Say(at=place.at, subagent=place.subagent, text=text)
            elif kind in _CALL_BLOCKS:
                yield from self._call(place, block)
            elif kind in _RESULT_BLOCKS:
                yield from self._result(place, block)
        if place.subagent is None or place.subagent == self.session.id:
            self.session.model = model or self.session.model
        yield from self._usage.note(message, at=place.at, subagent=place.subagent)
        if place.subagent is not None and message.stop_reason == "end_turn":
            yield from self._end(place, place.subagent)

    def _user(self, place: Place, message: records.Message) -> Iterator[AnyEvent]:
        content = message.content
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else items(content)
        for block in blocks:
            if not isinstance(block, dict):
                continue
            kind = block.get("type")
            if kind == "text":
                yield from self._said(place, text_of(block.get("text")))
            elif kind in _RESULT_BLOCKS:
                yield from self._result(place, block)

    def _said(self, place: Place, text: str) -> Iterator[AnyEvent]:
        record = place.record
        if not text.strip() or not self._is_new_record(place):
            return
        if text.startswith(_INTERRUPTED):
            yield Interruption(at=place.at, subagent=place.subagent)
            return
        if text.startswith(_NOTIFICATIONS):
            yield from self._ended(place, text)
        system = bool(record.isMeta or record.isCompactSummary or place.subagent is not None)
        if system or is_injected(text):
            yield Prompt(at=place.at, subagent=place.subagent, text=text, injected=True)
            return
        own, reminders = split_reminders(text)
        if own:
            yield Prompt(at=place.at, subagent=place.subagent, text=own)
        if reminders:
            yield Prompt(at=place.at, subagent=place.subagent, text=reminders, injected=True)

    def _call(self, place: Place, block: dict[str, Any]) -> Iterator[AnyEvent]:
        identity = some_text(block.get("id"))
        name = some_text(block.get("name"))
        if identity is None or name is None or not self.is_new("", identity, place.at):
            return
        given = block.get("input")
        if name in _SUBAGENT_TOOLS:
            self._tasks.called_subagent(identity, some_text(table(given).get("subagent_type")))
        yield read_call(identity, name, given, self.paths, at=place.at, subagent=place.subagent)

    def _result(self, place: Place, block: dict[str, Any]) -> Iterator[AnyEvent]:
        identity = some_text(block.get("tool_use_id"))
        if identity is None:
            return
        text = joined_text(block.get("content"))
        task = background_task(text)
        if task is not None:
            self._tasks.went_to_background(task, identity)
            return
        if not self.is_new("result", identity, place.at):
            return
        record = place.record
        decision = table(record.permissionDecision).get("decision")
        denied = bool(record.toolDenialKind) or decision in ("deny", "reject")
        outcome = read_outcome(text, is_error=block.get("is_error") is True, denied=denied)
        yield self._outcome(place, identity, outcome)
        if text.startswith("<retrieval_status>"):
            yield from self._ended(place, text)
        if self._tasks.is_subagent_call(identity):
            yield from self._task_result(place, identity)

    def _outcome(self, place: Place, call: str, outcome: Outcome) -> Result:
        return result_of(call, outcome, at=place.at, subagent=place.subagent)

    def _ended(self, place: Place, text: str) -> Iterator[AnyEvent]:
        """Give the outcome of what ran in the background, when a text says that it ended."""
        report = read_task_report(text)
        if report is None:
            return
        if report.task in self._started:
            yield from self._end(place, report.task)
        call = self._tasks.came_back(report.task)
        if call is not None and self.is_new("result", call, place.at):
            yield self._outcome(place, call, report.outcome)

    def _task_result(self, place: Place, call: str) -> Iterator[AnyEvent]:
        """Give the start and the end of the subagent that a call ran."""
        kind, agent = self._tasks.subagent_returned(call)
        noted = decode_as(records.TaskResult, place.record.toolUseResult)
        agent = agent or (some_text(noted.agentId) if noted else None)
        if agent is None:
            return
        yield from self._start(place, agent, kind)
        if noted is None or noted.status != "async_launched":
            yield from self._end(place, agent)

    def _start(self, place: Place, agent: str, kind: str | None) -> Iterator[AnyEvent]:
        if agent in self._started:
            return
        self._started.add(agent)
        if self.is_new("subagent-start", f"{self._session_id()}/{agent}"):
            yield SubagentStart(at=place.at, subagent=agent, kind=kind)

    def _end(self, place: Place, agent: str) -> Iterator[AnyEvent]:
        if agent in self._over:
            return
        self._over.add(agent)
        if self.is_new("subagent-end", f"{self._session_id()}/{agent}"):
            yield from self._usage.flush(agent)
            yield SubagentEnd(at=place.at, subagent=agent)

    def _session_id(self) -> str:
        session = self.session
        return session.parent if session.parent and session.id in self._started else session.id

    def _progress(self, record: records.Record) -> Iterable[AnyEvent]:
        progress = decode_as(records.Progress, record.data)
        agent = some_text(progress.agentId) if progress and progress.type == "agent_progress" else None
        inner = decode_as(records.Inner, progress.message) if progress and agent else None
        if agent is None or inner is None or inner.type not in ("user", "assistant"):
            self.counts.ignored += 1
            return ()
        self.counts.understood += 1
        self._note(record)
        at = seconds_of(inner.timestamp) or seconds_of(record.timestamp)
        self.note_time(seconds_of(record.timestamp))
        return self._subagent_message(record, inner, agent, at)

    def _subagent_message(
        self, record: records.Record, inner: records.Inner, agent: str, at: float | None
    ) -> Iterator[AnyEvent]:
        call = some_text(record.parentToolUseID)
        content = records.Record(uuid=inner.uuid, isMeta=inner.isMeta)
        place = Place(content, at, agent)
        yield from self._start(place, agent, self._tasks.saw_subagent(call, agent) if call else None)
        yield from self._message(place, inner.message, str(inner.type))

    def _system(self, place: Place) -> Iterable[AnyEvent]:
        if place.record.subtype != "compact_boundary" or not self._is_new_record(place):
            return ()
        noted = table(place.record.compactMetadata)
        before = count_of(noted.get("preTokens")) or None
        return (
            Compaction(
                at=place.at, subagent=place.subagent, trigger=some_text(noted.get("trigger")), before=before
            ),
        )

    def _attachment(self, place: Place) -> Iterable[AnyEvent]:
        noted = decode_as(records.Attachment, place.record.attachment)
        if noted is None or noted.type != "queued_command" or noted.commandMode not in _QUEUED:
            return ()
        return self._said(place, joined_text(noted.prompt))

    def _is_new_record(self, place: Place) -> bool:
        if place.new is None:
            uuid = some_text(place.record.uuid)
            place.new = uuid is None or self.is_new("record", uuid, place.at)
        return place.new
