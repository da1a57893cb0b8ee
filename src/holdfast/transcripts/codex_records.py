"""Name the fields of Codex's rollout records that are read, and tell its rollouts from other logs."""

from __future__ import annotations

from typing import Any

import msgspec

from holdfast.transcripts.records import decode_as

HEAD_LINES = 60


class Payload(msgspec.Struct, gc=False):
    """What a record holds; the same fields serve for the bare records of old rollouts."""

    type: Any = None
    id: Any = None
    session_id: Any = None
    cwd: Any = None
    cli_version: Any = None
    source: Any = None
    forked_from_id: Any = None
    git: Any = None
    model: Any = None
    turn_id: Any = None
    timestamp: Any = None
    role: Any = None
    content: Any = None
    message: Any = None
    name: Any = None
    namespace: Any = None
    arguments: Any = None
    input: Any = None
    action: Any = None
    query: Any = None
    call_id: Any = None
    output: Any = None
    success: Any = None
    info: Any = None
    usage: Any = None
    response_id: Any = None
    item: Any = None
    reason: Any = None
    workspace_roots: Any = None


class Record(msgspec.Struct, gc=False):
    """The envelope of one record."""

    type: Any = None
    timestamp: Any = None
    payload: msgspec.Raw = msgspec.Raw()


class _Sign(msgspec.Struct, gc=False):
    type: Any = None
    timestamp: Any = None
    id: Any = None
    instructions: Any = msgspec.UNSET
    record_type: Any = None
    call_id: Any = None
    role: Any = None
    parentUuid: Any = msgspec.UNSET  # noqa: N815
    payload: msgspec.Raw = msgspec.Raw()


ENVELOPES = frozenset({"session_meta", "turn_context", "response_item", "event_msg", "compacted"})
IGNORED_ENVELOPES = frozenset({"world_state", "inter_agent_communication", "turn_state", "ghost_commit"})
IGNORED_ITEMS = frozenset(
    {"reasoning", "ghost_snapshot", "tool_search_call", "tool_search_output", "image_generation_call",
     "compaction", "compaction_summary", "context_compaction", "compaction_trigger", "agent_message", "other",
     "inter_agent_communication", "additional_context"}
)  # fmt: skip
"""Kinds of response items that are known and carry nothing for the stream of events."""

_EVENT_PREFIXES = (
    "task_", "turn_", "item_", "exec_command_", "exec_approval", "patch_apply_", "apply_patch_", "mcp_",
    "web_search_", "agent_reasoning", "agent_message_", "reasoning_", "raw_response", "thread_",
    "session_", "stream_", "hook_", "background_", "undo_", "list_", "plan_", "view_image",
    "image_generation", "entered_", "exited_", "collab_", "deprecation", "elicitation", "terminal_",
    "request_", "dynamic_tool", "sub_agent", "subagent", "skills_", "guardian_", "model_", "realtime_",
    "get_history", "conversation_", "memory_", "goal_", "tool_",
)  # fmt: skip
_EVENTS = frozenset({"error", "warning", "shutdown_complete", "user_message_delta", "stream_error"})


def is_known_event(name: str) -> bool:
    """Tell whether an ``event_msg`` is of a kind that is known and carries nothing for the stream."""
    return name in _EVENTS or name.startswith(_EVENT_PREFIXES)


def looks_like_codex(head: bytes) -> bool:
    """Tell whether the first bytes of a file are a Codex rollout."""
    lines = head.split(b"\n", HEAD_LINES)
    for line in lines[:HEAD_LINES]:
        sign = decode_as(_Sign, line)
        if sign is None or sign.parentUuid is not msgspec.UNSET:
            continue
        if isinstance(sign.type, str) and sign.type in ENVELOPES and bytes(sign.payload)[:1] == b"{":
            return True
        if sign.type is None and isinstance(sign.id, str) and sign.instructions is not msgspec.UNSET:
            return isinstance(sign.timestamp, str)
        if sign.record_type == "state" or (sign.type == "function_call" and isinstance(sign.call_id, str)):
            return True
    first = lines[0][:4096]
    return len(lines) == 1 and b'"type":"session_meta"' in first and b'"payload":{' in first
