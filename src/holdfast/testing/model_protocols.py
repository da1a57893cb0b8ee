"""The protocols in which coding agents talk with a model, as far as a scripted answer needs them.

Field names as of the public documentation of Anthropic's Messages, OpenAI's Responses and Chat Completions,
and Gemini's ``generateContent``, streamed as server-sent events and not; seen accepted by Claude Code
2.1.330, Codex 0.169.0, Copilot CLI 1.0.102, Qwen Code 0.15.10, OpenCode 1.18.33 and Gemini CLI 0.61.0.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import msgspec

Body = Mapping[str, Any]
Event = dict[str, Any]
_SHELLS = ("Bash", "exec_command", "shell", "shell_command", "run_shell_command", "bash")
"""What agents call the tool that runs a command."""
_numbers = itertools.count(1)


class Call(msgspec.Struct, frozen=True):
    """A tool call of the model: the tool's name and its input."""

    name: str
    input: dict[str, Any]


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What the model answers to one request.

    Attributes:
        text: What it says.
        shell: A command that it runs with whichever tool of the agent runs commands.
        calls: Other tool calls.
        when: A text that the request must hold; it waits for one that does.
    """

    text: str = ""
    shell: str = ""
    calls: tuple[Call, ...] = ()
    when: str = ""


class ModelProtocol(Protocol):
    """How one protocol is read and answered."""

    ends_with: tuple[str, ...]
    """How the paths of its requests end."""
    closing: str
    """What a stream ends with after its events."""

    def tools(self, body: Body) -> dict[str, dict[str, Any]]:
        """Return the schema of the input of each tool that a request declares, by name."""
        ...

    def events(self, body: Body, text: str, calls: Sequence[Call], tokens: int) -> Iterator[Event]:
        """Yield the events of a streamed answer."""
        ...

    def whole(self, events: Sequence[Event]) -> Event:
        """Return the events of an answer as the one that is not streamed."""
        ...


class AnthropicMessages:
    """``POST …/v1/messages``."""

    ends_with: tuple[str, ...] = ("/messages",)
    closing = ""

    def tools(self, body: Body) -> dict[str, dict[str, Any]]:
        """Return the schema of the input of each tool that a request declares, by name."""
        return {each["name"]: each.get("input_schema") or {} for each in body.get("tools") or ()}

    def events(self, body: Body, text: str, calls: Sequence[Call], tokens: int) -> Iterator[Event]:
        """Yield the events of a streamed answer."""
        usage = {"input_tokens": tokens, "output_tokens": 20}
        message = {
            "id": _new("msg"), "type": "message", "role": "assistant", "model": body.get("model", ""),
            "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage,
        }  # fmt: skip
        yield {"type": "message_start", "message": message}
        blocks: list[tuple[Event, Event]] = []
        if text:
            blocks.append(({"type": "text", "text": ""}, {"type": "text_delta", "text": text}))
        for call in calls:
            begun = {"type": "tool_use", "id": _new("toolu"), "name": call.name, "input": {}}
            blocks.append((begun, {"type": "input_json_delta", "partial_json": json.dumps(call.input)}))
        for index, (block, delta) in enumerate(blocks):
            yield {"type": "content_block_start", "index": index, "content_block": block}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
            yield {"type": "content_block_stop", "index": index}
        ended = {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}
        yield {"type": "message_delta", "delta": ended, "usage": usage}
        yield {"type": "message_stop"}

    def whole(self, events: Sequence[Event]) -> Event:
        """Return the events of an answer as the one that is not streamed."""
        message: Event = dict(events[0]["message"])
        content = [event["content_block"] for event in events if event["type"] == "content_block_start"]
        deltas = [event["delta"] for event in events if event["type"] == "content_block_delta"]
        for block, delta in zip(content, deltas, strict=True):
            if block["type"] == "text":
                block["text"] = delta["text"]
            else:
                block["input"] = json.loads(delta["partial_json"])
        ended = next(event["delta"] for event in events if event["type"] == "message_delta")
        return {**message, **ended, "content": content}


class OpenAIResponses:
    """``POST …/v1/responses``."""

    ends_with: tuple[str, ...] = ("/responses",)
    closing = ""

    def tools(self, body: Body) -> dict[str, dict[str, Any]]:
        """Return the schema of the input of each tool that a request declares, by name."""
        declared = [each for each in body.get("tools") or () if isinstance(each, dict)]
        inner = [tool for each in declared for tool in each.get("tools") or ()]
        named = [each for each in (*declared, *inner) if each.get("name")]
        return {each["name"]: each.get("parameters") or {} for each in named}

    def events(self, body: Body, text: str, calls: Sequence[Call], tokens: int) -> Iterator[Event]:
        """Yield the events of a streamed answer."""
        items: list[Event] = []
        if text:
            said = {"type": "output_text", "text": text, "annotations": []}
            items.append({"type": "message", "id": _new("msg"), "role": "assistant", "content": [said]})
        for call in calls:
            named = {"call_id": _new("call"), "name": call.name, "arguments": json.dumps(call.input)}
            items.append({"type": "function_call", "id": _new("fc"), **named})
        model = body.get("model", "")
        response: Event = {"id": _new("resp"), "object": "response", "model": model, "output": []}
        yield {"type": "response.created", "response": {**response, "status": "in_progress"}}
        for index, item in enumerate(items):
            begun: Event = {**item, "status": "in_progress"}
            begun["content" if "content" in item else "arguments"] = [] if "content" in item else ""
            yield {"type": "response.output_item.added", "output_index": index, "item": begun}
            if "content" in item:
                where = {"item_id": item["id"], "output_index": index, "content_index": 0}
                yield {"type": "response.output_text.delta", **where, "delta": text}
            done = {**item, "status": "completed"}
            yield {"type": "response.output_item.done", "output_index": index, "item": done}
        usage = {
            "input_tokens": tokens, "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 20, "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": tokens + 20,
        }  # fmt: skip
        whole = {**response, "status": "completed", "output": items, "usage": usage}
        yield {"type": "response.completed", "response": whole}

    def whole(self, events: Sequence[Event]) -> Event:
        """Return the events of an answer as the one that is not streamed."""
        response: Event = events[-1]["response"]
        return response


class OpenAIChat:
    """``POST …/v1/chat/completions``."""

    ends_with: tuple[str, ...] = ("/chat/completions",)
    closing = "data: [DONE]\n\n"

    def tools(self, body: Body) -> dict[str, dict[str, Any]]:
        """Return the schema of the input of each tool that a request declares, by name."""
        declared = [each.get("function") or {} for each in body.get("tools") or () if isinstance(each, dict)]
        return {each["name"]: each.get("parameters") or {} for each in declared if each.get("name")}

    def events(self, body: Body, text: str, calls: Sequence[Call], tokens: int) -> Iterator[Event]:
        """Yield the chunks of a streamed answer: its role, its text, its calls, why it ended, its usage."""
        chunk: Event = {
            "id": _new("chatcmpl"), "object": "chat.completion.chunk", "created": int(time.time()),
            "model": body.get("model", ""),
        }  # fmt: skip
        deltas: list[Event] = [{"role": "assistant", "content": ""}]
        if text:
            deltas.append({"content": text})
        for index, call in enumerate(calls):
            made = {"name": call.name, "arguments": json.dumps(call.input)}
            named = {"index": index, "id": _new("call"), "type": "function", "function": made}
            deltas.append({"tool_calls": [named]})
        for delta in deltas:
            yield {**chunk, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        ended = "tool_calls" if calls else "stop"
        yield {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": ended}]}
        usage = {"prompt_tokens": tokens, "completion_tokens": 20, "total_tokens": tokens + 20}
        yield {**chunk, "choices": [], "usage": usage}

    def whole(self, events: Sequence[Event]) -> Event:
        """Return the events of an answer as the one that is not streamed."""
        choices = [choice for event in events for choice in event["choices"]]
        deltas = [choice["delta"] for choice in choices]
        calls = [{**call} for delta in deltas for call in delta.get("tool_calls", ())]
        for call in calls:
            del call["index"]
        message: Event = {"role": "assistant"}
        message["content"] = "".join(delta.get("content", "") for delta in deltas) or None
        message |= {"tool_calls": calls} if calls else {}
        choice = {"index": 0, "message": message, "finish_reason": choices[-1]["finish_reason"]}
        return {**events[-1], "object": "chat.completion", "choices": [choice]}


class GeminiContent:
    """``POST …/v1beta/models/NAME:generateContent`` and ``:streamGenerateContent``."""

    ends_with: tuple[str, ...] = (":generateContent", ":streamGenerateContent")
    closing = ""

    def tools(self, body: Body) -> dict[str, dict[str, Any]]:
        """Return the schema of the input of each tool that a request declares, by name."""
        declared = [
            tool for each in body.get("tools") or () for tool in each.get("functionDeclarations") or ()
        ]
        return {
            each["name"]: each.get("parametersJsonSchema") or each.get("parameters") or {}
            for each in declared
        }

    def events(self, body: Body, text: str, calls: Sequence[Call], tokens: int) -> Iterator[Event]:
        """Yield the answer: one event holds all of it."""
        made = [{"id": _new("call"), "name": call.name, "args": call.input} for call in calls]
        parts = [*([{"text": text}] if text else []), *({"functionCall": call} for call in made)]
        said = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
        usage = {
            "promptTokenCount": tokens, "candidatesTokenCount": 20, "totalTokenCount": tokens + 20,
        }  # fmt: skip
        model = body.get("model", "scripted")  # the path names it, as a rule
        yield {
            "candidates": [said],
            "usageMetadata": usage,
            "modelVersion": model,
            "responseId": _new("resp"),
        }

    def whole(self, events: Sequence[Event]) -> Event:
        """Return the events of an answer as the one that is not streamed."""
        return events[-1]


PROTOCOLS: tuple[ModelProtocol, ...] = (
    AnthropicMessages(), OpenAIResponses(), OpenAIChat(), GeminiContent(),
)  # fmt: skip


def calls_of(turn: Turn, tools: Mapping[str, Mapping[str, Any]]) -> list[Call]:
    """Return the tool calls of a turn; its command as the agent's own tool takes it."""
    found = list(turn.calls)
    if turn.shell:
        name = next((each for each in _SHELLS if each in tools), _SHELLS[0])
        properties = tools.get(name, {}).get("properties") or {}
        told: dict[str, Any] = {"cmd" if "cmd" in properties else "command": turn.shell}
        if (properties.get("command") or {}).get("type") == "array":
            told = {"command": ["bash", "-lc", turn.shell]}
        if "description" in properties:
            told["description"] = "Run it"
        found.insert(0, Call(name, told))
    return found


def _new(kind: str) -> str:
    return f"{kind}_{next(_numbers):024d}"
