"""Whether a call was sent in one message with another: before its model could hear what was said of that one.

Clients write each message of the model into their log: Claude Code with the id of the message beside each
call, Codex as calls with no result between them. Seen with Claude Code 2.1 and Codex 0.169: the log holds all
calls of a message when the hook of one is called, or a tenth of a second later.
"""

from __future__ import annotations

import time

from .json_reading import read_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_PAUSES = (0.0, 0.1, 0.2)
"""Seconds to wait before each look at a log that may be written late."""
_RESULTS = (b'"tool_result"', b'_call_output"')


def sent_together(log: str, call: str, others: Sequence[str], *, late: bool = False) -> bool:
    """Tell whether a call was sent in one message with another; False where the log does not say.

    Args:
        log: The transcript's path.
        call: The call's id.
        others: Ids of calls that came before it.
        late: Whether one of these is so new that the log may not hold it yet.
    """
    if not log or not call or not others:
        return False
    from .meter import read_tail

    for pause in _PAUSES if late else _PAUSES[:1]:
        time.sleep(pause)
        messages = _messages(read_tail(log, 0)[0], {call, *others})
        if any(other in messages for other in others):
            return call in messages and any(messages.get(other) == messages[call] for other in others)
    return False


def _messages(data: bytes, calls: set[str]) -> dict[str, str]:
    """Return of each call that a log holds what tells its message from others."""
    names = [call.encode("utf-8", "replace") for call in calls]
    found: dict[str, str] = {}
    results = 0
    for line in data.split(b"\n"):
        if any(name in line for name in names):
            told = read_object(line.decode("utf-8", "replace"))
            for call, message in _sent(told, results):
                found.setdefault(call, message)
        results += any(mark in line for mark in _RESULTS)
    return found


def _sent(told: dict[str, Any], results: int) -> list[tuple[str, str]]:
    message, payload = told.get("message"), told.get("payload")
    if isinstance(message, dict) and isinstance(message.get("content"), list):
        blocks = [block for block in message["content"] if isinstance(block, dict)]
        calls = [block.get("id") for block in blocks if block.get("type") == "tool_use"]
        name = message.get("id")
        return [(call, name) for call in calls if isinstance(call, str) and isinstance(name, str)]
    if isinstance(payload, dict) and str(payload.get("type")).endswith("_call"):
        return [(str(payload.get("call_id")), str(results))]
    return []
