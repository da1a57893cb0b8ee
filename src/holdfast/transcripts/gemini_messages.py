"""Read the messages of Gemini CLI's chats, which both of its formats hold, into events.

A message is written again, whole, whenever something is added to it: first the answer, then its tokens,
then its calls with their results. What was given of it once is not given again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from holdfast.hook.patterns import regex
from holdfast.transcripts.calls import read_call
from holdfast.transcripts.events import (
    AnyEvent,
    Compaction,
    Interruption,
    Result,
    Say,
    SessionInfo,
    SubagentEnd,
    SubagentStart,
    Usage,
)
from holdfast.transcripts.gemini_prompts import ACCEPTED, is_added, read_prompts, texts_of
from holdfast.transcripts.gemini_results import ENDED, read_outcome, response_of
from holdfast.transcripts.outcome import Outcome, result_of
from holdfast.transcripts.reader import RecordReader, Source
from holdfast.transcripts.records import decode_as
from holdfast.transcripts.values import count_of, items, seconds_of, some_text, table, text_of

_NO_RAW = msgspec.Raw()
_DIRECTORY = regex(r"\*\*Workspace Directories:\*\*\s+- ([^\n]{1,4096})")
_IGNORED = ("info", "warning", "error")
"""Kinds of messages that are the client's own notices."""

_CANCELLED = "Request cancelled."
_LAST_CALL = "complete_task"
"""The tool by which a subagent says that it is done."""


class Message(msgspec.Struct, gc=False):
    """One message of a chat."""

    id: Any = None
    type: Any = None
    timestamp: Any = None
    content: Any = None
    displayContent: Any = None  # noqa: N815  (the log's own names)
    model: Any = None
    tokens: Any = None
    toolCalls: msgspec.Raw = _NO_RAW  # noqa: N815


class ToolCall(msgspec.Struct, gc=False):
    """One call of a message, with its result once it has one."""

    id: Any = None
    name: Any = None
    args: Any = None
    status: Any = None
    result: Any = None
    resultDisplay: Any = None  # noqa: N815
    timestamp: Any = None
    agentId: Any = None  # noqa: N815


class Header(msgspec.Struct, gc=False):
    """What a chat says about its session."""

    sessionId: Any = None  # noqa: N815
    startTime: Any = None  # noqa: N815
    kind: Any = None
    directories: Any = None


class MessageReader(RecordReader):
    """Turn the messages of Gemini CLI's chats into events."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._subagent: str | None = None
        self._message = ""
        self._told: set[str] = set()
        self._context = 0

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on after this line, as JSON values."""
        return {
            **super().state(),
            "subagent": self._subagent,
            "message": self._message,
            "told": sorted(self._told),
            "context": self._context,
        }

    def restore(self, state: Mapping[str, Any], session: SessionInfo) -> None:
        """Go on from what `state` returned."""
        super().restore(state, session)
        self._subagent = state["subagent"]
        self._message = state["message"]
        self._told = set(state["told"])
        self._context = state["context"]

    def _head(self, header: Header) -> Iterator[AnyEvent]:
        """Take note of what a chat says about its session."""
        at = seconds_of(header.startTime)
        self.note_time(at)
        self.session.id = some_text(header.sessionId) or self.session.id
        self.note_place(next(iter(items(header.directories)), None))
        if header.kind == "subagent" and self._subagent is None and self.session.id:
            self._subagent = self.session.id
            yield from self._start(self._subagent, None, at)

    def _read_message(self, message: Message) -> Iterable[AnyEvent]:
        """Return the events of a message that was written now, and count it."""
        kind = message.type
        at = seconds_of(message.timestamp)
        self.note_time(at)
        self.counts.understood += 1
        if kind == "user":
            return self._user(message, at, replayed=False)
        if kind == "gemini":
            return self._answer(message, at)
        if kind == "info" and message.content == _CANCELLED:
            return self._interrupted(message, at)
        self.counts.understood -= 1
        if kind in _IGNORED:
            self.counts.ignored += 1
        else:
            self.note_unknown(kind if isinstance(kind, str) else "(no type)")
        return ()

    def _read_history(self, raw: Any) -> Iterator[AnyEvent]:
        """Give what a rewritten history holds beyond the messages that were written before.

        The client rewrites it to resume, to compact, and to add words of its own. What it keeps may stand
        in it under new ids, so only what it says itself is given.
        """
        said: Message | None = None
        for entry in decode_as(list[msgspec.Raw], raw) or []:
            message = decode_as(Message, entry)
            if message is None:
                continue
            at = seconds_of(message.timestamp)
            if message.type == "user":
                yield from self._user(message, at, replayed=True)
            elif message.type == "gemini":
                if said is not None and said.type == "user" and texts_of(message.content) == [ACCEPTED]:
                    yield from self._compacted(said, message)
                yield from self._calls(message, at)
            said = message

    def _compacted(self, summary: Message, accepted: Message) -> Iterator[AnyEvent]:
        at = seconds_of(summary.timestamp)
        if self._is_first("compaction", accepted, at):
            yield Compaction(at=at, subagent=self._subagent, before=self._context or None)
            yield from read_prompts(summary.content, None, at=at, subagent=self._subagent, injected=True)

    def _user(self, message: Message, at: float | None, *, replayed: bool) -> Iterator[AnyEvent]:
        texts = texts_of(message.content)
        if texts and self.session.root is None:
            stated = _DIRECTORY.search(texts[0])
            self.note_place(stated[1].strip() if stated else None)
        copied = replayed and bool(texts) and not is_added(texts[0])
        if texts and not copied and self._is_first("prompt", message, at):
            injected = replayed or self._subagent is not None  # another agent speaks to a subagent
            yield from read_prompts(
                message.content, message.displayContent, at=at, subagent=self._subagent, injected=injected
            )
        for part in items(message.content):
            response = response_of(part)
            call = some_text(response.get("id"))
            if call is not None and self._is_first(f"result-{call}", message, at, known=call):
                yield from self._result(call, read_outcome(text_of(response.get("name")), None, [part]), at)

    def _answer(self, message: Message, at: float | None) -> Iterator[AnyEvent]:
        model = some_text(message.model)
        self.session.model = model or self.session.model
        text = "".join(texts_of(message.content))
        if text.strip() and self._is_first("say", message, at):
            yield Say(at=at, subagent=self._subagent, text=text)
        yield from self._usage(message, model, at)
        yield from self._calls(message, at)

    def _usage(self, message: Message, model: str | None, at: float | None) -> Iterator[AnyEvent]:
        tokens = table(message.tokens)
        usage = usage_of(tokens, ("input", "output", "cached", "thoughts", "tool", "total"))
        if usage is None or not self._is_first("usage", message, at):
            return
        self._context = usage.context
        yield msgspec.structs.replace(
            usage, at=at, subagent=self._subagent, message_id=self._message, model=model
        )

    def _calls(self, message: Message, at: float | None) -> Iterator[AnyEvent]:
        """Give each call of a message with the result that it states.

        A message may hold the calls of several turns, one after another: a call without a time of its own
        began when the one before it had ended.
        """
        made = [call for call in map(_call_of, decode_as(list[msgspec.Raw], message.toolCalls) or []) if call]
        for part in items(message.content):
            asked = table(table(part).get("functionCall"))
            made.append(ToolCall(id=asked.get("id"), name=asked.get("name"), args=asked.get("args")))
        for call in made:
            identity, name = some_text(call.id), some_text(call.name)
            if identity is None or name is None:
                continue
            if self._is_first(f"call-{identity}", message, at, known=identity, kind=""):
                yield read_call(identity, name, call.args, self.paths, at=at, subagent=self._subagent)
            if call.status in ENDED:
                ended = _later(seconds_of(call.timestamp), at)
                if self._is_first(f"result-{identity}", message, at, known=identity):
                    yield from self._ended(identity, name, call, at, ended)
                at = ended

    def _ended(
        self, identity: str, name: str, call: ToolCall, began: float | None, at: float | None
    ) -> Iterator[AnyEvent]:
        self.note_time(at)
        agent = some_text(call.agentId)
        if agent is not None:
            yield from self._start(agent, some_text(table(call.args).get("agent_name")), began)
            yield from self._end(agent, at)
        outcome = read_outcome(name, call.status, call.result, shown=call.resultDisplay)
        yield from self._result(identity, outcome, at)
        if name == _LAST_CALL and self._subagent is not None and call.status == "success":
            yield from self._end(self._subagent, at)

    def _result(self, call: str, outcome: Outcome | None, at: float | None) -> Iterator[Result]:
        if outcome is not None:
            yield result_of(call, outcome, at=at, subagent=self._subagent)

    def _interrupted(self, message: Message, at: float | None) -> Iterator[AnyEvent]:
        if self._is_first("interruption", message, at):
            yield Interruption(at=at, subagent=self._subagent)

    def _start(self, agent: str, kind: str | None, at: float | None) -> Iterator[AnyEvent]:
        if self.is_new("subagent-start", agent):
            yield SubagentStart(at=at, subagent=agent, kind=kind)

    def _end(self, agent: str, at: float | None) -> Iterator[AnyEvent]:
        if self.is_new("subagent-end", agent):
            yield SubagentEnd(at=at, subagent=agent)

    def _is_first(
        self, what: str, message: Message, at: float | None, *, known: str = "", kind: str = "result"
    ) -> bool:
        """Tell whether something of a message is met for the first time.

        Args:
            what: What it is, as distinguished within its message.
            message: The message that it stands in.
            at: When it happened.
            known: Its own id; without one, the message's id and ``what`` identify it.
            kind: The kind that goes with its own id, as in `is_new`.
        """
        own = some_text(message.id) or f"{message.type}@{message.timestamp}"
        if own != self._message:
            self._message = own
            self._told = set()
        if what in self._told:
            return False  # the message was only written again
        self._told.add(what)
        return self.is_new(kind, known, at) if known else self.is_new(what, own, at)


def usage_of(tokens: dict[str, Any], names: tuple[str, str, str, str, str, str]) -> Usage | None:
    """Return the tokens of a message, without its id; None when none are stated.

    Args:
        tokens: The log's counts.
        names: The names in it of input, output, cached, thoughts, tool and total. Input holds what was
            cached; output holds the thoughts or not, which the total tells.
    """
    read, output, cached, thoughts, tool, total = (count_of(tokens.get(name)) for name in names)
    if not (read or output or cached):
        return None
    if total >= read + output + thoughts:
        output += thoughts
    cached = min(cached, read)
    return Usage(message_id="", input=read - cached + tool, output=output, cache_read=cached)


def _later(one: float | None, other: float | None) -> float | None:
    return max(one, other) if one is not None and other is not None else one or other


def _call_of(raw: msgspec.Raw) -> ToolCall | None:
    return decode_as(ToolCall, raw)
