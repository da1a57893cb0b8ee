"""Name the fields of Claude Code's log records that are read, and tell its logs from others.

Every field may hold anything in a real or a hostile log, so each is typed ``Any`` and checked where
it is used; ``Raw`` fields are decoded only for the kinds of records that need them.
"""

from __future__ import annotations

from typing import Any

import msgspec

from holdfast.transcripts.records import decode_as

HEAD_LINES = 60
_NO_RAW = msgspec.Raw()


class Record(msgspec.Struct, gc=False):
    """The envelope of one record."""

    type: Any = None
    subtype: Any = None
    uuid: Any = None
    timestamp: Any = None
    sessionId: Any = None  # noqa: N815  (the log's own names)
    agentId: Any = None  # noqa: N815
    cwd: Any = None
    gitBranch: Any = None  # noqa: N815
    version: Any = None
    isMeta: Any = None  # noqa: N815
    isSidechain: Any = None  # noqa: N815
    isCompactSummary: Any = None  # noqa: N815
    isApiErrorMessage: Any = None  # noqa: N815
    parentToolUseID: Any = None  # noqa: N815
    forkedFrom: Any = None  # noqa: N815
    requestSessionId: Any = None  # noqa: N815
    compactMetadata: Any = None  # noqa: N815
    permissionDecision: Any = None  # noqa: N815
    toolDenialKind: Any = None  # noqa: N815
    message: msgspec.Raw = _NO_RAW
    data: msgspec.Raw = _NO_RAW
    attachment: msgspec.Raw = _NO_RAW
    toolUseResult: msgspec.Raw = _NO_RAW  # noqa: N815


class Message(msgspec.Struct, gc=False):
    """A message of the conversation, as the model's interface has it."""

    id: Any = None
    model: Any = None
    content: Any = None
    usage: Any = None
    stop_reason: Any = None


class Inner(msgspec.Struct, gc=False):
    """The record inside a subagent's progress."""

    type: Any = None
    uuid: Any = None
    timestamp: Any = None
    isMeta: Any = None  # noqa: N815
    message: msgspec.Raw = _NO_RAW


class Progress(msgspec.Struct, gc=False):
    """What a ``progress`` record holds; only a subagent's is read further."""

    type: Any = None
    agentId: Any = None  # noqa: N815
    message: msgspec.Raw = _NO_RAW


class Attachment(msgspec.Struct, gc=False):
    """What an ``attachment`` record holds; only what was queued for the agent is read further."""

    type: Any = None
    prompt: Any = None
    commandMode: Any = None  # noqa: N815


class TaskResult(msgspec.Struct, gc=False):
    """What the client notes about a subagent beside its result."""

    agentId: Any = None  # noqa: N815
    status: Any = None


class _Sign(msgspec.Struct, gc=False):
    type: Any = None
    sessionId: Any = None  # noqa: N815
    uuid: Any = None
    leafUuid: Any = None  # noqa: N815
    snapshot: msgspec.Raw = _NO_RAW
    isSidechain: Any = None  # noqa: N815
    message: msgspec.Raw = _NO_RAW


class _MessageSign(msgspec.Struct, gc=False):
    role: Any = None
    content: msgspec.Raw = _NO_RAW


IGNORED = frozenset(
    {
        "summary", "file-history-snapshot", "queue-operation", "pr-link", "last-prompt", "tools-used",
        "cost-state", "atis-latch", "api-request", "api-request-shape", "api-request-blob", "custom-title",
        "ai-title", "agent-name", "agent-color", "agent-setting", "tag", "mode", "permission-mode",
        "content-replacement",
        "marble-origami-commit", "marble-origami-snapshot", "attribution-snapshot", "speculation-accept",
        "worktree-state", "relocated", "task-summary", "file-history-delta", "context-collapse",
    }
)  # fmt: skip
"""Kinds of records that are known and carry nothing for the stream of events."""


def looks_like_claude_code(head: bytes) -> bool:
    """Tell whether the first bytes of a file are Claude Code's log."""
    lines = head.split(b"\n", HEAD_LINES)
    for line in lines[:HEAD_LINES]:
        sign = decode_as(_Sign, line)
        if sign is None or not isinstance(sign.type, str):
            continue
        if sign.type == "summary" and isinstance(sign.leafUuid, str):
            return True
        if sign.type == "file-history-snapshot" and bytes(sign.snapshot):
            return True
        if not isinstance(sign.sessionId, str):
            continue
        if sign.type in IGNORED:
            return True
        if isinstance(sign.uuid, str) and isinstance(sign.isSidechain, bool):
            message = decode_as(_MessageSign, sign.message)
            return sign.type not in ("user", "assistant") or bool(message and bytes(message.content))
    first = lines[0][:4096]
    signs = (b'"parentUuid":', b'"isSidechain":', b'"sessionId":')
    return len(lines) == 1 and first.startswith(b"{") and all(sign in first for sign in signs)
