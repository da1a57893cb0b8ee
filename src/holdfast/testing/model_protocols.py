"""The two protocols in which coding agents talk with a model, as far as a scripted answer needs them.

Field names as of the public documentation of Anthropic's Messages and OpenAI's Responses, both streamed as
server-sent events; seen accepted by Claude Code 2.1.330 and Codex 0.169.0.
"""

from __future__ import annotations

import itertools
import json
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

    ends_with: str

    def tools(self, body: Body) -> dict[str, dict[str, Any]]:
        """Return the schema of the input of each tool that a request declares, by name."""
        ...

    def events(self, body: Body, text: str, calls: Sequence[Call], tokens: int) -> Iterator[Event]:
        """Yield the events of a streamed answer; the last one holds it whole."""
        ...


class AnthropicMessages:
    """``POST …/v1/messages``."""

    ends_with = "/messages"

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


class OpenAIResponses:
    """``POST …/v1/responses``."""

    ends_with = "/responses"

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


PROTOCOLS: tuple[ModelProtocol, ...] = (AnthropicMessages(), OpenAIResponses())


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
