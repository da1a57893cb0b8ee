"""What an agent's log says of a context beside the events: its window, its instructions, its tools.

Claude Code writes the prompt and the tools that it sends, and the instruction files; Codex its own
instructions and the window. Other logs say nothing of the kind.
"""

from __future__ import annotations

from typing import Any

import msgspec

from holdfast.transcripts.origin import Origin
from holdfast.transcripts.values import count_of, items, table, text_of

LONGEST = 8 << 20
"""Bytes of a line that is read."""
_SIGNS = (
    b'"attachment"', b'"model_context_window"', b'"base_instructions"',
)  # fmt: skip
_LISTS = ("skill_listing", "agent_listing_delta", "mcp_instructions_delta", "deferred_tools_delta")
_NO_RAW = msgspec.Raw()


class _Record(msgspec.Struct, gc=False):
    attachment: msgspec.Raw = _NO_RAW
    payload: msgspec.Raw = _NO_RAW


class LogFacts(msgspec.Struct):
    """What a log states of its context.

    Attributes:
        window: Tokens that the model reads at most; 0 when it is not stated.
        model: The model with what tells its window (``name[1m]``), as it was at last; "" when not stated.
        prompt: The agent's own prompt to the model; ``tools`` the definitions of its tools, as JSON.
        instructions: Files of instructions and lists of skills and agents, by path or kind.
    """

    window: int = 0
    model: str = ""
    prompt: str = ""
    tools: str = ""
    instructions: dict[str, str] = {}


def facts_of(origin: Origin) -> LogFacts:
    """Read what a log states of its context; what cannot be read is left out."""
    facts = LogFacts()
    with origin.open() as file:
        if file.read(1) != b"{":
            return facts
        file.seek(0)
        while line := file.readline(LONGEST):
            if any(sign in line for sign in _SIGNS):
                _note(line, facts)
    return facts


def _note(line: bytes, facts: LogFacts) -> None:
    try:
        record = msgspec.json.decode(line, type=_Record)
        attachment = _decoded(record.attachment)
        payload = _decoded(record.payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return
    if attachment:
        _note_attachment(attachment, facts)
    if payload:
        base = table(payload.get("base_instructions"))
        facts.prompt = text_of(base.get("text")) or facts.prompt
        stated = table(payload.get("info")).get("model_context_window", payload.get("model_context_window"))
        facts.window = count_of(stated) or facts.window


def _decoded(raw: msgspec.Raw) -> dict[str, Any]:
    return table(msgspec.json.decode(raw)) if bytes(raw) else {}


def _note_attachment(attachment: dict[str, Any], facts: LogFacts) -> None:
    kind = attachment.get("type")
    if kind == "model":
        facts.model = text_of(table(attachment.get("identity")).get("modelId")) or facts.model
    elif kind == "prompt_snapshot":
        facts.prompt = "\n".join(map(text_of, items(attachment.get("systemPrompt")))) or facts.prompt
        tools = attachment.get("tools")
        if tools:
            facts.tools = msgspec.json.encode(tools).decode()
    elif kind == "instructions":
        for file in map(table, items(attachment.get("files"))):
            facts.instructions[text_of(file.get("path"))] = text_of(file.get("content"))
    elif kind in _LISTS:
        told = attachment.get("content") or attachment.get("addedLines")
        text = told if isinstance(told, str) else "\n".join(map(text_of, items(told)))
        facts.instructions[str(kind)] = f"{facts.instructions.get(str(kind), '')}\n{text}"
