"""Name the fields of Copilot CLI's events that are read, and tell its logs from others.

The kinds of events are those that GitHub's public software development kit for Copilot documents.
"""

from __future__ import annotations

from typing import Any

import msgspec

from holdfast.transcripts.records import decode_as
from holdfast.transcripts.values import some_text

HEAD_LINES = 60
_NO_RAW = msgspec.Raw()


class Record(msgspec.Struct, gc=False):
    """The envelope of one event."""

    type: Any = None
    id: Any = None
    timestamp: Any = None
    agentId: Any = None  # noqa: N815  (the log's own names)
    data: msgspec.Raw = _NO_RAW


class Data(msgspec.Struct, gc=False):
    """What an event holds; one struct serves for all the kinds that are read."""

    sessionId: Any = None  # noqa: N815
    copilotVersion: Any = None  # noqa: N815
    selectedModel: Any = None  # noqa: N815
    newModel: Any = None  # noqa: N815
    context: Any = None
    cwd: Any = None
    gitRoot: Any = None  # noqa: N815
    branch: Any = None
    content: Any = None
    source: Any = None
    isAutopilotContinuation: Any = None  # noqa: N815
    inputIntegrity: Any = None  # noqa: N815
    messageId: Any = None  # noqa: N815
    model: Any = None
    outputTokens: Any = None  # noqa: N815
    apiCallId: Any = None  # noqa: N815
    usage: Any = None
    parentToolCallId: Any = None  # noqa: N815
    toolCallId: Any = None  # noqa: N815
    toolName: Any = None  # noqa: N815
    arguments: Any = None
    success: Any = None
    result: Any = None
    error: Any = None
    shellExecution: Any = None  # noqa: N815
    agentName: Any = None  # noqa: N815
    kind: Any = None
    reason: Any = None
    trigger: Any = None
    preCompactionTokens: Any = None  # noqa: N815
    preTruncationTokensInMessages: Any = None  # noqa: N815


class _Sign(msgspec.Struct, gc=False):
    type: Any = None
    id: Any = None
    timestamp: Any = None
    parentId: Any = msgspec.UNSET  # noqa: N815
    data: msgspec.Raw = _NO_RAW


class _Start(msgspec.Struct, gc=False):
    copilotVersion: Any = None  # noqa: N815
    producer: Any = None


_IGNORED = frozenset(
    {"session.error", "session.idle", "session.title_changed", "session.schedule_created",
     "session.schedule_cancelled", "session.schedule_rearmed", "session.autopilot_objective_changed",
     "session.info", "session.warning", "session.mode_changed", "session.mode_notice_delivered",
     "session.session_limits_changed", "session.permissions_changed", "session.plan_changed",
     "session.todos_changed", "session.workspace_file_changed", "session.handoff", "session.snapshot_rewind",
     "session.usage_checkpoint", "session.usage_info", "session.compaction_start",
     "session.task_complete", "session.remote_steerable_changed", "session.binary_asset",
     "session.tools_updated", "session.background_tasks_changed", "session.skills_loaded",
     "session.custom_agents_updated", "session.mcp_servers_loaded", "session.mcp_server_status_changed",
     "session.mcp_tools_list_changed", "session.mcp_resources_list_changed",
     "session.mcp_prompts_list_changed", "session.extensions_loaded", "session.import_legacy",
     "session.custom_notification", "session.managed_settings_resolved",
     "session.managed_settings_enforced", "session.auto_mode_resolved", "system.message", "skill.invoked",
     "assistant.turn_start", "assistant.turn_end", "assistant.turn_retry", "assistant.intent",
     "assistant.reasoning", "assistant.reasoning_delta", "assistant.message_start",
     "assistant.message_delta", "assistant.streaming_delta", "assistant.tool_call_delta", "assistant.idle",
     "assistant.server_tool_progress", "tool.user_requested", "tool.execution_partial_result",
     "tool.execution_progress", "tool_search.activated", "subagent.selected", "subagent.deselected",
     "subagent.configured", "pending_messages.modified"}
)  # fmt: skip
"""Kinds of events that are known and carry nothing for the stream."""

_FAMILIES = (
    "hook.", "model.", "model_call.", "permission.", "user_input.", "elicitation.", "sampling.", "mcp.",
    "mcp_", "external_tool.", "command.", "commands.", "capabilities.", "exit_plan_mode.", "auto_mode",
    "session_limits_exhausted.", "ui.", "skills.", "factory.", "fusion.", "assistant.fusion_", "binary_asset",
    "session.canvas", "session.factory_", "session.fusion_", "session.extensions.", "session.compaction_p",
)  # fmt: skip


def is_known(name: str) -> bool:
    """Tell whether an event is of a kind that is known and carries nothing for the stream."""
    return name in _IGNORED or name.startswith(_FAMILIES)


def looks_like_copilot(head: bytes) -> bool:
    """Tell whether the first bytes of a file are a log of Copilot CLI's events."""
    lines = head.split(b"\n", HEAD_LINES)
    for line in lines[:HEAD_LINES]:
        sign = decode_as(_Sign, line)
        if sign is None or not isinstance(sign.type, str) or bytes(sign.data)[:1] != b"{":
            continue
        if sign.type == "session.start":
            start = decode_as(_Start, sign.data)
            return start is not None and bool(some_text(start.copilotVersion) or some_text(start.producer))
        named = isinstance(sign.id, str) and isinstance(sign.timestamp, str)
        if named and sign.parentId is not msgspec.UNSET and (is_known(sign.type) or sign.type in READ):
            return True
    first = lines[0][:4096]
    signs = (b'"type":"session.start"', b'"data":{', b'"copilotVersion"')
    return len(lines) == 1 and first.startswith(b"{") and all(sign in first for sign in signs)


READ = frozenset(
    {"session.start", "session.resume", "session.context_changed", "session.model_change", "user.message",
     "system.notification", "assistant.message", "assistant.usage", "session.usage_record",
     "tool.execution_start", "tool.execution_complete", "permission.completed", "subagent.started",
     "subagent.completed", "subagent.failed", "abort", "session.compaction_complete",
     "session.context_cleared", "session.truncation", "session.shutdown"}
)  # fmt: skip
"""Kinds of events that are read."""
