"""Which calls were sent in one message is read in the logs of Claude Code and Codex, and never guessed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.hook.parallel import sent_together


def claude(message: str, *calls: str) -> list[dict[str, Any]]:
    blocks = [[{"type": "tool_use", "id": call}] for call in calls]
    return [{"type": "assistant", "message": {"id": message, "content": block}} for block in blocks]


def codex(kind: str, *calls: str) -> list[dict[str, Any]]:
    return [{"type": "response_item", "payload": {"type": kind, "call_id": call}} for call in calls]


ANSWERED = [{"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "a"}]}}]
LOGS = {
    "claude-code": [*claude("m1", "a"), *ANSWERED, *claude("m1", "b"), *claude("m2", "c")],
    "codex": [
        *codex("function_call", "a"), *codex("custom_tool_call", "b"),
        *codex("function_call_output", "a", "b"), *codex("function_call", "c"),
    ],
}  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.jsonl"


@pytest.mark.parametrize("agent", LOGS)
def test_calls_of_one_message_are_told_from_those_of_the_next(log: Path, agent: str) -> None:
    log.write_text("".join(json.dumps(line) + "\n" for line in LOGS[agent]))
    assert sent_together(str(log), "b", ["a"])
    assert sent_together(str(log), "a", ["b"])
    assert not sent_together(str(log), "c", ["a"])
    assert sent_together(str(log), "b", ["c", "a"])


def test_what_the_log_does_not_say_is_not_so(log: Path) -> None:
    assert not sent_together("", "b", ["a"])
    assert not sent_together(str(log), "b", ["a"])
    log.write_text("".join(json.dumps(line) + "\n" for line in claude("m1", "a")))
    assert not sent_together(str(log), "b", ["a"], late=True)
    assert not sent_together(str(log), "", ["a"])
    assert not sent_together(str(log), "a", [])


def test_messages_without_an_id_are_not_taken_for_one(log: Path) -> None:
    """Else the call that is sent again would be stopped for ever."""
    lines: list[dict[str, Any]] = [*claude("", "a"), *ANSWERED, *claude("", "b")]
    for line in lines:
        line["message"].pop("id", None)
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert not sent_together(str(log), "b", ["a"])


@given(st.binary(max_size=300))
def test_a_damaged_log_says_nothing(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    path.write_bytes(data + b'\n{"message": {"content": ["a"]}, "payload": {"call_id": "a"}}\n"a"\n')
    assert not sent_together(str(path), "b", ["a"])
