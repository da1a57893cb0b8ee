"""Read mini-swe-agent's trajectories: one JSON document ``{info, messages[], trajectory_format}``.

A message's ``extra`` holds what the agent itself made of it: the commands to run (``actions``), the exit
code, the interruption. The task stands inside the template that the document's own configuration states.
There is no session id: one is made of what the trajectory begins with.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from holdfast.hook.patterns import regex
from holdfast.transcripts.events import AnyEvent, Call, Interruption, Prompt, Result, Say, Status, Usage
from holdfast.transcripts.reader import RecordReader, Source
from holdfast.transcripts.records import RecordDecoder
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

_SIGNS = (b'"model_stats"', b'"exit_status"')
_FORMAT = re.compile(rb'"trajectory_format":\s*"mini-swe-agent')
_SAID = regex(
    r"(?:Commands? not executed\. The user rejected your commands? with the following message:"
    r"|The user added a new task:|Interrupted by user:)\s*(.*)",
    re.DOTALL,
)
_TEMPORARY = "Temporary interruption caught."
_NOT_RUN = "action was not executed"
_SUBMIT = "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"
_NEAR = 50
"""Messages after a command that was not run in which the reason is looked for."""
_FENCED = regex(r"```(?:mswea_bash_command|bash|sh)[ \t]*\n(.*?)\n?```", re.DOTALL)
_RETURNED = regex(r"<returncode>(-?\d{1,9})</returncode>")
_ROLES = ("system", "user", "assistant", "tool", "exit")


class _Trajectory(msgspec.Struct, gc=False):
    info: Any = None
    messages: Any = None


_DOCUMENTS = RecordDecoder(_Trajectory)


class MiniSweAgentReader(RecordReader):
    """Turn a trajectory's messages into events."""

    agent: ClassVar[str] = "mini-swe-agent"
    whole: ClassVar[bool] = True

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._messages: list[dict[str, Any]] = []
        self._open: dict[str, None] = {}
        self._commands: dict[str, str] = {}
        self._template = ("", "")
        self._at: float | None = None

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file whether it is a trajectory."""
        start = head.lstrip()
        if not start.startswith(b"{"):
            return False
        begins = b'"info"' in start[:200] and any(sign in start[:400] for sign in _SIGNS)
        return begins or _FORMAT.search(head) is not None

    def feed(self, data: bytes) -> Iterator[AnyEvent]:
        """Give the events of the document, message by message."""
        found, malformed = _DOCUMENTS.decode(data)
        self.counts.malformed += malformed
        for document in found[:1]:
            yield from self._read(document)

    def _read(self, document: _Trajectory) -> Iterator[AnyEvent]:
        messages = [table(message) for message in items(document.messages)]
        self._messages = messages
        self._describe(table(document.info), messages)
        for self.position, message in enumerate(messages, start=1):
            self.counts.records += 1
            kind = message.get("role") or message.get("type") or message.get("object")
            if kind not in (*_ROLES, "function_call_output", "response"):
                self.note_unknown(f"message/{kind}"[:80])
                continue
            self.counts.understood += 1
            yield from self._message(message, str(kind))

    def _describe(self, info: dict[str, Any], messages: list[dict[str, Any]]) -> None:
        config = table(info.get("config"))
        model = table(config.get("model"))
        self.session.model = some_text(model.get("model_name"))
        self.session.version = some_text(info.get("mini_version"))
        self.note_place(table(config.get("environment")).get("cwd"))
        template = text_of(table(config.get("agent")).get("instance_template"))
        before, _, after = template.partition("{{task}}") if "{{task}}" in template else ("", "", "")
        self._template = before, re.split(r"\{\{|\{%", after)[0]
        begun = next((mark for message in messages if (mark := _mark(message)) is not None), None)
        said = [joined_text(message.get("content")) for message in messages[:2]]
        digest = hashlib.blake2b(f"{begun}\0{said}".encode("utf-8", "replace"), digest_size=12)
        self.session.id = f"mini-{digest.hexdigest()}"

    def _message(self, message: dict[str, Any], kind: str) -> Iterator[AnyEvent]:
        at = self._at = _time(message) or self._at
        self.note_time(_time(message))
        extra = table(message.get("extra"))
        content = joined_text(message.get("content"))
        if kind in ("assistant", "response"):
            yield from self._assistant(message, extra, content, at)
        elif kind == "exit":
            return
        elif "returncode" in extra or kind in ("tool", "function_call_output"):
            yield from self._observation(message, extra, content or text_of(message.get("output")), at)
        elif "actions" in extra:
            yield from self._calls(items(extra["actions"]), at)  # a person runs a command
        elif _RETURNED.search(content) and self._open:
            yield from self._observation(message, extra, content, at)
        else:
            yield from self._told(extra, content, kind, at)

    def _told(self, extra: dict[str, Any], content: str, kind: str, at: float | None) -> Iterator[AnyEvent]:
        """Give what a person or the program said to the agent."""
        if table(extra.get("response")):
            reply = _reply(extra["response"])
            if reply.strip():
                yield Say(at=at, text=reply)
            yield from self._usage(table(extra["response"]), at)
        interrupted = extra.get("interrupt_type")
        said = _SAID.match(content)
        if interrupted == "UserInterruption":
            yield Interruption(at=at)
        words = said[1].strip() if said else ""
        if interrupted == "UserRejection" and said:
            return  # the words stand with the call's result
        if words and words != _TEMPORARY:
            yield Prompt(at=at, text=words)
            return
        if not content.strip():
            return
        task = self._task(content) if kind == "user" and interrupted is None else None
        yield Prompt(at=at, text=content if task is None else task, injected=task is None)

    def _task(self, content: str) -> str | None:
        """Return the task out of the first prompt; None when it cannot be told from the template."""
        before, after = self._template
        after = after.rstrip()
        if (not before and not after) or not content.startswith(before):
            return None
        end = content.find(after, len(before)) if after else len(content)
        return content[len(before) : end].strip() or None if end >= 0 else None

    def _assistant(
        self, message: dict[str, Any], extra: dict[str, Any], content: str, at: float | None
    ) -> Iterator[AnyEvent]:
        response = table(extra.get("response"))
        text = content or _reply(message)
        if text.strip():
            yield Say(at=at, text=text)
        actions = items(extra.get("actions"))
        if "actions" not in extra:
            actions = [{"command": command.strip()} for command in _FENCED.findall(text)[:1]]
        yield from self._calls(actions, at)
        yield from self._usage(response or message, at)

    def _calls(self, actions: list[Any], at: float | None) -> Iterator[AnyEvent]:
        if actions:
            self._open.clear()  # what was handed in gets no answer
        for action in actions:
            command = some_text(action) or some_text(table(action).get("command"))
            if command is None:
                continue
            own = f"{self.session.id}/{self.position}.{len(self._open)}"
            identity = some_text(table(action).get("tool_call_id")) or own
            self._open[identity] = None
            self._commands[identity] = command
            if self.is_new("", identity, at):
                yield Call(at=at, id=identity, tool="Bash", name="bash", command=cut(command))

    def _observation(
        self,
        message: dict[str, Any],
        extra: dict[str, Any],
        content: str,
        at: float | None,
    ) -> Iterator[AnyEvent]:
        identity = some_text(message.get("tool_call_id")) or some_text(message.get("call_id"))
        if identity is None:
            identity = next(iter(self._open), None)
        if identity is None:
            return
        self._open.pop(identity, None)
        command = self._commands.pop(identity, "")
        code = exit_code_of(extra.get("returncode"))
        text = text_of(extra["raw_output"]) if "raw_output" in extra else _output(content)
        stated = _RETURNED.search(content)
        if code is None and stated:
            code = int(stated[1])
        status: Status = "failed" if code or text_of(extra.get("exception_info")) else "ok"
        words: str | None = None
        if text_of(extra.get("exception_info")) == _NOT_RUN:
            code = None
            status, said = ("ok", "") if _SUBMIT in command else ("rejected", self._rejection())
            if said is None:
                return
            words = said or None
        if self.is_new("result", identity, at):
            yield Result(at=at, call_id=identity, status=status, text=cut(text), exit_code=code, words=words)

    def _rejection(self) -> str | None:
        """Return what the person said with the rejection that follows; None when none is written yet."""
        later = self._messages[self.position : self.position + _NEAR]
        for message in later:
            if table(message.get("extra")).get("interrupt_type") is not None:
                said = _SAID.match(joined_text(message.get("content")))
                return said[1].strip() if said else ""
            if message.get("role") in ("assistant", "exit"):
                return ""
        return None if len(later) < _NEAR else ""

    def _usage(self, response: dict[str, Any], at: float | None) -> Iterator[AnyEvent]:
        usage = table(response.get("usage"))
        read = count_of(usage.get("prompt_tokens")) or count_of(usage.get("input_tokens"))
        output = count_of(usage.get("completion_tokens")) or count_of(usage.get("output_tokens"))
        details = table(usage.get("prompt_tokens_details")) or table(usage.get("input_tokens_details"))
        cached = min(read, count_of(details.get("cached_tokens")))
        written = min(read - cached, count_of(usage.get("cache_creation_input_tokens")))
        identity = some_text(response.get("id")) or f"{self.session.id}/{self.position}"
        model = some_text(response.get("model")) or self.session.model
        self.session.model = self.session.model or model
        if (read or output) and self.is_new("usage", identity, at):
            yield Usage(
                at=at,
                message_id=identity,
                model=model,
                input=read - cached - written,
                output=output,
                cache_read=cached,
                cache_write=written,
            )


def _time(message: dict[str, Any]) -> float | None:
    return seconds_of(table(message.get("extra")).get("timestamp"))


def _mark(message: dict[str, Any]) -> Any:
    """Return what tells one run of a task from another."""
    response = table(table(message.get("extra")).get("response"))
    return _time(message) or some_text(response.get("id"))


def _reply(response: Any) -> str:
    """Return what the model said in a response of either interface."""
    fields = table(response)
    texts = [
        joined_text(table(table(choice).get("message")).get("content"))
        for choice in items(fields.get("choices"))
    ]
    texts += [joined_text(table(item).get("content")) for item in items(fields.get("output"))]
    return "\n".join(text for text in texts if text)


def _output(content: str) -> str:
    start, end = content.find("<output>"), content.rfind("</output>")
    return content[start + len("<output>") : end].removeprefix("\n") if 0 <= start < end else content
