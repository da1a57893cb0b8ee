"""Turn OpenCode's sessions and messages into events, wherever they were kept.

A tool's call and its outcome stand in one part of a message; a command's exit code in its metadata. A
subagent has a session of its own, which names its parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from holdfast.transcripts.calls import read_call
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
from holdfast.transcripts.opencode_results import read_outcome
from holdfast.transcripts.outcome import result_of
from holdfast.transcripts.prompts import is_injected
from holdfast.transcripts.reader import RecordReader, Source
from holdfast.transcripts.values import count_of, items, seconds_of, some_text, table, text_of

_PARTS = frozenset(
    {
        "text", "tool", "compaction", "step-start", "step-finish", "reasoning", "file", "agent", "snapshot",
        "patch", "retry", "subtask",
    }
)  # fmt: skip
_GOES_ON = (None, "", "tool-calls", "tool_calls", "unknown")


class OpenCodeMessages(RecordReader):
    """Hold what the readers of OpenCode's two forms share."""

    agent: ClassVar[str] = "opencode"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._subagent: str | None = None
        self._begun = False
        self._over = False
        self._context = 0

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on after this line, as JSON values."""
        own = {"subagent": self._subagent, "begun": self._begun, "over": self._over, "context": self._context}
        return {**super().state(), **own}

    def restore(self, state: Mapping[str, Any], session: SessionInfo) -> None:
        """Go on from what `state` returned."""
        super().restore(state, session)
        self._subagent = state["subagent"]
        self._begun = state["begun"]
        self._over = state["over"]
        self._context = state["context"]

    def read_session(self, info: Any) -> None:
        """Take what a session's record says."""
        self.counts.records += 1
        fields = table(info)
        identity = some_text(fields.get("id"))
        if identity is None:
            self.note_unknown("session without an id")
            return
        self.counts.understood += 1
        session = self.session
        session.id = identity
        session.version = some_text(fields.get("version")) or session.version
        session.parent = some_text(fields.get("parentID"))
        if session.parent is not None:
            self._subagent = identity
        self.note_time(seconds_of(table(fields.get("time")).get("created")))
        self.note_place(fields.get("directory"))

    def read_message(self, info: Any, parts: Any) -> Iterator[AnyEvent]:
        """Give the events of one message."""
        self.counts.records += 1
        fields = table(info)
        role = fields.get("role")
        if role not in ("user", "assistant"):
            self.note_unknown(f"message/{role}"[:80])
            return
        self.counts.understood += 1
        self._note(fields)
        at = seconds_of(table(fields.get("time")).get("created"))
        self.note_time(at)
        if self._subagent is not None and not self._begun:
            self._begun = True
            if self.is_new("subagent-start", self._subagent):
                yield SubagentStart(at=at, subagent=self._subagent, kind=some_text(fields.get("agent")))
        known = [table(part) for part in items(parts)]
        self._count_unknown(known)
        if role == "user":
            yield from self._user(known, at)
        else:
            yield from self._assistant(fields, known, at)

    def _note(self, fields: dict[str, Any]) -> None:
        session = self.session
        session.id = session.id or text_of(fields.get("sessionID"))
        model = some_text(fields.get("modelID")) or some_text(table(fields.get("model")).get("modelID"))
        session.model = model or session.model
        self.note_place(table(fields.get("path")).get("cwd"))

    def _count_unknown(self, parts: list[dict[str, Any]]) -> None:
        """Count kinds of parts that are not known by name; their message was understood all the same."""
        for part in parts:
            kind = str(part.get("type"))
            if kind not in _PARTS:
                self.counts.records += 1
                self.note_unknown(f"part/{kind}")

    def _user(self, parts: list[dict[str, Any]], at: float | None) -> Iterator[AnyEvent]:
        said: list[str] = []
        for part in parts:
            text = text_of(part.get("text"))
            if part.get("type") == "compaction":
                trigger = "auto" if part.get("auto") is True else "manual"
                yield Compaction(
                    at=at, subagent=self._subagent, trigger=trigger, before=self._context or None
                )
            elif part.get("type") != "text" or not text.strip() or part.get("ignored") is True:
                continue
            elif part.get("synthetic") is True or is_injected(text) or self._subagent is not None:
                yield Prompt(at=at, subagent=self._subagent, text=text, injected=True)
            else:
                said.append(_unquoted(text))
        if said:
            yield Prompt(at=at, subagent=self._subagent, text="\n".join(said))

    def _assistant(
        self, fields: dict[str, Any], parts: list[dict[str, Any]], at: float | None
    ) -> Iterator[AnyEvent]:
        ended = seconds_of(table(fields.get("time")).get("completed"))
        error = some_text(table(fields.get("error")).get("name"))
        finished = ended is not None or error is not None
        self.note_time(ended)
        for part in parts:
            if part.get("type") == "tool":
                yield from self._tool(part, at)
            elif part.get("type") == "text" and (finished or table(part.get("time")).get("end")):
                yield from self._text(part, at, summary=fields.get("summary") is True)
        if finished:
            yield from self._usage(fields, parts, ended or at)
        if error == "MessageAbortedError":
            yield Interruption(at=ended or at, subagent=self._subagent)
        if self._subagent is None or self._over or not finished or fields.get("finish") in _GOES_ON:
            return
        self._over = True
        if self.is_new("subagent-end", self._subagent):
            yield SubagentEnd(at=ended or at, subagent=self._subagent)

    def _text(self, part: dict[str, Any], at: float | None, *, summary: bool) -> Iterator[AnyEvent]:
        text = text_of(part.get("text"))
        if not text.strip() or part.get("ignored") is True:
            return
        at = seconds_of(table(part.get("time")).get("start")) or at
        if summary or part.get("synthetic") is True:  # what a compaction left, read by the agent itself
            yield Prompt(at=at, subagent=self._subagent, text=text, injected=True)
        else:
            yield Say(at=at, subagent=self._subagent, text=text)

    def _tool(self, part: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        identity = some_text(part.get("callID")) or some_text(part.get("id"))
        name = some_text(part.get("tool"))
        state = table(part.get("state"))
        status = state.get("status")
        if identity is None or name is None or status == "pending":
            return
        time = table(state.get("time"))
        began = seconds_of(time.get("start")) or at
        given = table(state.get("input"))
        directory = some_text(given.get("workdir"))
        if directory is not None:
            self.paths.learn(directory)
        patch = some_text(given.get("patchText"))
        if self.is_new("", identity, began):
            yield read_call(identity, name, patch or given, self.paths, at=began, subagent=self._subagent)
        outcome = read_outcome(name, state)
        if outcome is None:
            return
        ended = seconds_of(time.get("end")) or began
        self.note_time(ended)
        if self.is_new("result", identity, ended):
            yield result_of(identity, outcome, at=ended, subagent=self._subagent)

    def _usage(
        self, fields: dict[str, Any], parts: list[dict[str, Any]], at: float | None
    ) -> Iterator[AnyEvent]:
        """Give the tokens of a message, or of each of its steps when it has several."""
        identity = some_text(fields.get("id")) or f"{self.session.id}/{at}"
        steps = [part for part in parts if part.get("type") == "step-finish"]
        if len(steps) < 2:
            used = [(identity, table(fields.get("tokens")))]
        else:
            used = [(text_of(step.get("id")) or identity, table(step.get("tokens"))) for step in steps]
        for message, tokens in used:
            cache = table(tokens.get("cache"))
            read, written = count_of(cache.get("read")), count_of(cache.get("write"))
            input_, output = count_of(tokens.get("input")), count_of(tokens.get("output"))
            total = count_of(tokens.get("total"))
            output = max(output, total - input_ - read - written)  # the reasoning is counted apart
            if not (input_ or output or read) or not self.is_new("usage", message, at):
                continue
            self._context = input_ + read + written
            yield Usage(
                at=at,
                subagent=self._subagent,
                message_id=message,
                model=self.session.model,
                input=input_,
                output=output,
                cache_read=read,
                cache_write=written,
            )


def _unquoted(text: str) -> str:
    """Return a prompt without the quotes that ``opencode run`` puts around a single argument."""
    inner = text.strip()[1:-1]
    if text.strip()[:1] == '"' == text.strip()[-1:] and '"' not in inner.replace('\\"', ""):
        return inner.replace('\\"', '"') or text
    return text
