"""Read Codex's rollouts: ``~/.codex/sessions/YYYY/MM/DD/rollout-<time>-<thread>.jsonl``.

Much is written twice, once as what went to the model (``response_item``) and once as what was shown
(``event_msg``); the first of the two counts. Old rollouts hold the bare items without an envelope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from holdfast.hook.patterns import regex
from holdfast.transcripts import codex_records as records
from holdfast.transcripts.codex_calls import arguments_of, read_call
from holdfast.transcripts.codex_pairs import Failures, Pairs, Running
from holdfast.transcripts.codex_results import read_outcome
from holdfast.transcripts.events import (
    AnyEvent,
    Call,
    Compaction,
    Interruption,
    Prompt,
    Result,
    Say,
    SessionInfo,
    SubagentEnd,
    SubagentStart,
    Usage,
)
from holdfast.transcripts.outcome import Outcome, result_of
from holdfast.transcripts.prompts import is_injected, person_request
from holdfast.transcripts.reader import RecordReader, Source
from holdfast.transcripts.records import RecordDecoder, decode_as
from holdfast.transcripts.values import (
    count_of,
    cut,
    exit_code_of,
    joined_text,
    seconds_of,
    some_text,
    table,
    text_of,
)

_DECODER = RecordDecoder(records.Record)
_CALLS = ("function_call", "custom_tool_call", "local_shell_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output", "local_shell_call_output")
_DIRECTORY = regex(r"(?:<cwd>|Current working directory: )([^<\n]{1,4096})")
_POLLS = ("write_stdin", "wait")


class CodexReader(RecordReader):
    """Turn Codex's records into events."""

    agent: ClassVar[str] = "codex"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._pairs = Pairs()
        self._running = Running()
        self._failures = Failures()
        self._turn = ""
        self._subagent: str | None = None
        self._over = False
        self._context = 0
        self._records_usage = False

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file whether it is a Codex rollout."""
        return records.looks_like_codex(head)

    def feed(self, line: bytes) -> Iterable[AnyEvent]:
        """Return the events of one line."""
        return [event for record in self.records_in(line, _DECODER) for event in self._read(record, line)]

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on after this line, as JSON values."""
        return {
            **super().state(),
            "pairs": self._pairs.state(),
            "running": self._running.state(),
            "failures": self._failures.state(),
            "turn": self._turn,
            "subagent": self._subagent,
            "over": self._over,
            "context": self._context,
            "records_usage": self._records_usage,
        }

    def restore(self, state: Mapping[str, Any], session: SessionInfo) -> None:
        """Go on from what `state` returned."""
        super().restore(state, session)
        self._pairs.restore(state["pairs"])
        self._running.restore(state["running"])
        self._failures.restore(state["failures"])
        self._turn = state["turn"]
        self._subagent = state["subagent"]
        self._over = state["over"]
        self._context = state["context"]
        self._records_usage = state["records_usage"]

    def _read(self, record: records.Record, line: bytes) -> Iterable[AnyEvent]:
        at = seconds_of(record.timestamp)
        self.note_time(at)
        kind = record.type if isinstance(record.type, str) else ""
        raw: Any = record.payload
        if kind not in records.ENVELOPES and not bytes(raw):
            raw = line  # an old rollout: the record is the payload
        payload = decode_as(records.Payload, raw)
        if payload is None:
            self.note_unknown(kind or "(no type)")
            return ()
        self.counts.understood += 1
        if kind == "session_meta":
            return self._session_meta(payload, at)
        if kind == "turn_context":
            return self._turn_context(payload)
        if kind == "compacted":
            return self._compacted("compacted", at)
        if kind == "event_msg":
            return self._event(payload, at)
        if kind == "token_usage_record":
            self._records_usage = True
            return self._usage(table(payload.usage), some_text(payload.response_id), at)
        if kind == "response_item" or raw is line:
            return self._item(payload, at, bare=raw is line)
        self.counts.understood -= 1
        if kind in records.IGNORED_ENVELOPES:
            self.counts.ignored += 1
        else:
            self.note_unknown(kind)
        return ()

    def _session_meta(self, payload: records.Payload, at: float | None) -> Iterator[AnyEvent]:
        session = self.session
        own = some_text(payload.id) or some_text(payload.session_id)
        if session.id and own != session.id:
            session.parent = session.parent or own  # a fork repeats the records of its origin
            return
        session.id = own or session.id
        self.note_place(payload.cwd)
        session.version = some_text(payload.cli_version) or session.version
        session.branch = some_text(table(payload.git).get("branch")) or session.branch
        session.parent = some_text(payload.forked_from_id) or session.parent
        spawned = table(payload.source).get("subagent")
        if spawned is None or self._subagent is not None or not session.id:
            return
        spawn = table(table(spawned).get("thread_spawn"))
        session.parent = some_text(spawn.get("parent_thread_id")) or session.parent
        self._subagent = session.id
        kind = some_text(spawn.get("agent_role")) or some_text(spawned)
        if self.is_new("subagent-start", session.id):
            yield SubagentStart(at=at, subagent=session.id, kind=kind)

    def _turn_context(self, payload: records.Payload) -> Iterable[AnyEvent]:
        self._turn = some_text(payload.turn_id) or self._turn
        self.session.model = some_text(payload.model) or self.session.model
        self.note_place(payload.cwd)
        return ()

    def _item(self, payload: records.Payload, at: float | None, *, bare: bool) -> Iterable[AnyEvent]:
        kind = payload.type if isinstance(payload.type, str) else ""
        if kind == "message" or (bare and not kind and isinstance(payload.role, str)):
            return self._message(payload, at)
        if kind in _CALLS:
            return self._call(payload, at)
        if kind in _OUTPUTS:
            return self._output(payload, at)
        if kind == "web_search_call":
            return self._web_search(some_text(payload.id), table(payload.action), at)
        if bare and not kind and payload.id is not None:
            return self._session_meta(payload, at)
        self.counts.understood -= 1
        if kind in records.IGNORED_ITEMS or (bare and not kind):
            self.counts.ignored += 1
        else:
            self.note_unknown(kind)
        return ()

    def _event(self, payload: records.Payload, at: float | None) -> Iterable[AnyEvent]:
        kind = payload.type if isinstance(payload.type, str) else ""
        if kind == "user_message":
            return self._prompt(text_of(payload.message), "event", at)
        if kind == "agent_message":
            return self._say(text_of(payload.message), "event", at)
        if kind == "token_count":
            return self._token_count(table(payload.info), at)
        if kind == "item_completed":
            return self._item_completed(table(payload.item), at)
        if kind == "task_complete" and self._subagent is not None:
            return self._subagent_end(at)
        if kind == "turn_aborted":
            return self._aborted(payload, at)
        if kind == "context_compacted":
            return self._compacted("event", at)
        if kind == "web_search_end":
            return self._web_search(some_text(payload.call_id), {"query": payload.query}, at)
        self.counts.understood -= 1
        if records.is_known_event(kind):
            self.counts.ignored += 1
        else:
            self.note_unknown(f"event_msg/{kind}")
        return ()

    def _message(self, payload: records.Payload, at: float | None) -> Iterable[AnyEvent]:
        text = joined_text(payload.content)
        if payload.role == "assistant":
            return self._say(text, "item", at)
        if payload.role == "user":
            return self._prompt(text, "item", at)
        if not text.strip():
            return ()
        return (Prompt(at=at, subagent=self._subagent, text=text, injected=True),)

    def _prompt(self, text: str, source: str, at: float | None) -> Iterator[AnyEvent]:
        if not text.strip():
            return
        injected = is_injected(text)
        if injected and self.session.root is None:
            stated = _DIRECTORY.search(text)
            self.note_place(stated[1].strip() if stated else None)
        if not injected and not self._pairs.is_first("prompt", text.strip(), source):
            return
        injected = injected or self._subagent is not None  # another agent speaks to a subagent
        yield Prompt(at=at, subagent=self._subagent, text=person_request(text), injected=injected)

    def _say(self, text: str, source: str, at: float | None) -> Iterator[AnyEvent]:
        if text.strip() and self._pairs.is_first("say", text.strip(), source):
            yield Say(at=at, subagent=self._subagent, text=text)

    def _compacted(self, source: str, at: float | None) -> Iterator[AnyEvent]:
        if self._pairs.is_first("compaction", "", source):
            yield Compaction(at=at, subagent=self._subagent, before=self._context or None)

    def _aborted(self, payload: records.Payload, at: float | None) -> Iterator[AnyEvent]:
        if payload.reason in (None, "interrupted"):
            yield Interruption(at=at, subagent=self._subagent)

    def _item_completed(self, item: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        """Take from the client's own note of a call what the call's output does not say."""
        call = some_text(item.get("id"))
        if call is None:
            return
        kind, code = item.get("type"), exit_code_of(item.get("exit_code"))
        if kind == "McpToolCall" and item.get("status") == "failed":
            self._failures.note(call)
        elif kind == "CommandExecution" and code is not None and code >= 0 and self._running.ended(call):
            text = text_of(item.get("aggregated_output"))
            if self.is_new("result", call, at):
                yield self._result(call, Outcome("failed" if code else "ok", text, code), at)

    def _subagent_end(self, at: float | None) -> Iterator[AnyEvent]:
        if not self._over and self.is_new("subagent-end", self.session.id):
            yield SubagentEnd(at=at, subagent=self._subagent)
        self._over = True

    def _call(self, payload: records.Payload, at: float | None) -> Iterator[AnyEvent]:
        identity = some_text(payload.call_id) or some_text(payload.id)
        name = some_text(payload.name) or some_text(payload.type)
        if identity is None or name is None:
            return
        server = some_text(payload.namespace) or ""
        if server.startswith("mcp__") and not name.startswith(server):
            name = f"{server}__{name}"
        given = payload.arguments if payload.arguments is not None else payload.input
        if given is None:
            given = payload.action
        if name in _POLLS:
            fields = arguments_of(given)
            session = fields.get("session_id", fields.get("cell_id"))
            if self._running.polls(identity, str(session)):
                return
        if self.is_new("", identity, at):
            yield read_call(identity, name, given, self.paths, at=at, subagent=self._subagent)

    def _output(self, payload: records.Payload, at: float | None) -> Iterator[AnyEvent]:
        identity = some_text(payload.call_id) or some_text(payload.id)
        if identity is None:
            return
        success = False if self._failures.take(identity) else payload.success
        outcome = read_outcome(payload.output, success=success)
        settled = self._running.settle(identity, outcome)
        if settled is not None and self.is_new("result", settled[0], at):
            yield self._result(settled[0], settled[1], at)

    def _result(self, call: str, outcome: Outcome, at: float | None) -> Result:
        return result_of(call, outcome, at=at, subagent=self._subagent)

    def _web_search(
        self, identity: str | None, action: dict[str, Any], at: float | None
    ) -> Iterator[AnyEvent]:
        query = some_text(action.get("query")) or some_text(action.get("url"))
        if identity is None or query is None or not self._pairs.is_first("search", identity, ""):
            return
        if self.is_new("", identity, at):
            name = "web_search"
            yield Call(at=at, subagent=self._subagent, id=identity, tool=name, name=name, query=cut(query))

    def _token_count(self, info: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        """Give the usage that is only shown; newer clients also record it, and show some of it twice."""
        if not self._records_usage:
            total = count_of(table(info.get("total_token_usage")).get("total_tokens"))
            own = f"{self._turn or self.session.id}/{total or at}"  # a fork repeats the turns of its origin
            yield from self._usage(table(info.get("last_token_usage")), own, at)

    def _usage(self, usage: dict[str, Any], identity: str | None, at: float | None) -> Iterator[AnyEvent]:
        read, cached, output = (
            count_of(usage.get(name)) for name in ("input_tokens", "cached_input_tokens", "output_tokens")
        )
        if not (read or cached or output):
            return
        identity = identity or f"{self.session.id}/{self._turn}/{at}"
        if not self.is_new("usage", identity, at):
            return
        written = min(count_of(usage.get("cache_write_input_tokens")), max(0, read - cached))
        self._context = read
        yield Usage(
            at=at,
            subagent=self._subagent,
            message_id=identity,
            model=self.session.model,
            input=max(0, read - cached) - written,
            output=output,
            cache_read=min(cached, read),
            cache_write=written,
        )
