"""Name the fields of Qwen Code's records that are read, and tell its chats from other logs."""

from __future__ import annotations

from typing import Any

import msgspec

from holdfast.transcripts.records import decode_as

_NO_RAW = msgspec.Raw()
HEAD_LINES = 60
COUNTS = (
    "promptTokenCount", "candidatesTokenCount", "cachedContentTokenCount", "thoughtsTokenCount",
    "toolUsePromptTokenCount", "totalTokenCount",
)  # fmt: skip
NOTED = (
    "input_token_count", "output_token_count", "cached_content_token_count", "thoughts_token_count",
    "tool_token_count", "total_token_count",
)  # fmt: skip
OF_PERSON = (None, "mid_turn_user_message", "realtime_message")
IGNORED = frozenset(
    {"slash_command", "at_command", "attribution_snapshot", "custom_title", "rewind", "agent_bootstrap",
     "agent_launch_prompt", "agent_retry", "agent_session_ready", "file_history_snapshot", "session_source",
     "branch_checkpoint", "goal_state", "goal_runtime", "turn_result", "session_artifact_event",
     "session_artifact_snapshot", "session_sources_snapshot", "session_execution_engine", "session_model",
     "session_approval_mode", "omni_recall", "user_text_elements"}
)  # fmt: skip
"""Kinds of notes that are known and carry nothing for the stream of events."""

COMPACTED = (None, 1)
"""The statuses of a compaction that took place; the others say why none did."""


class Record(msgspec.Struct, gc=False):
    """One record: a message or a note of the client."""

    uuid: Any = None
    type: Any = None
    subtype: Any = None
    sessionId: Any = None  # noqa: N815  (the log's own names)
    agentId: Any = None  # noqa: N815
    forkedFrom: Any = None  # noqa: N815
    timestamp: Any = None
    cwd: Any = None
    gitBranch: Any = None  # noqa: N815
    version: Any = None
    model: Any = None
    message: Any = None
    usageMetadata: Any = None  # noqa: N815
    toolCallResult: Any = None  # noqa: N815
    systemPayload: msgspec.Raw = _NO_RAW  # noqa: N815


class Payload(msgspec.Struct, gc=False):
    """What a note holds."""

    uiEvent: Any = None  # noqa: N815
    info: Any = None
    parentSessionId: Any = None  # noqa: N815


class _Message(msgspec.Struct, gc=False):
    parts: msgspec.Raw = _NO_RAW
    content: msgspec.Raw = _NO_RAW


class _Sign(msgspec.Struct, gc=False):
    uuid: Any = None
    type: Any = None
    sessionId: Any = None  # noqa: N815
    message: msgspec.Raw = _NO_RAW
    systemPayload: msgspec.Raw = _NO_RAW  # noqa: N815


def looks_like_qwen(head: bytes) -> bool:
    """Tell whether the first bytes of a file are a chat of Qwen Code."""
    for line in head.split(b"\n", HEAD_LINES)[:HEAD_LINES]:
        sign = decode_as(_Sign, line)
        if sign is None or not isinstance(sign.uuid, str) or not isinstance(sign.sessionId, str):
            continue
        if sign.type == "system" and bytes(sign.systemPayload):
            return True
        message = decode_as(_Message, sign.message)
        if message is not None and sign.type in ("user", "assistant", "tool_result"):
            return bool(bytes(message.parts)) and not bytes(message.content)
    return False
