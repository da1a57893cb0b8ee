from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from holdfast.transcripts.events import Call, Compaction, Interruption, Prompt, Result, Say, Usage
from holdfast.transcripts.pi import PiReader
from holdfast.transcripts.reader import SeenInMemory
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
SESSION = {
    "type": "session",
    "version": 3,
    "id": "01a00000-0000-7000-8000-00000000000a",
    "cwd": "/home/ada/shop",
}
AT = "2026-03-02T09:00:00.000Z"


def entry(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "id": "00000001", "parentId": None, "timestamp": AT, **fields}


def message(role: str, **fields: Any) -> dict[str, Any]:
    return entry("message", message={"role": role, **fields})


def result(text: str, *, error: bool = True) -> dict[str, Any]:
    content = [{"type": "text", "text": text}]
    return message("toolResult", toolCallId="call_0000000000000001", content=content, isError=error)


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_the_session_is_described() -> None:
    transcript = open_transcript(FIXTURES / "pi-session.jsonl")
    list(transcript.events())
    session = transcript.session
    assert (session.agent, session.root, session.model) == ("pi", "/home/ada/shop", "example-1")
    assert session.parent == "01a00000-0000-7000-8000-000000000001"
    assert transcript.counts.unknown_types == {"brand_new": 1}


@pytest.mark.parametrize(
    "head",
    [
        b'{"type":"session","id":"x"}',
        b'{"type":"session.start","id":"x","cwd":"/a"}',
        b'{"type":"session","id":7,"cwd":"/a"}',
    ],
)
def test_a_session_of_another_agents_is_not_taken(head: bytes) -> None:
    assert not PiReader.recognizes(head)


def test_a_title_may_stand_before_the_session(read: Any) -> None:
    [prompt] = read([{"type": "title", "title": "x"}, SESSION, message("user", content="hi")])
    assert (prompt.text, prompt.injected) == ("hi", False)


class TestResults:
    @pytest.mark.parametrize(
        ("text", "status", "code", "words"),
        [
            ("no\n\n\nCommand exited with code 7", "failed", 7, None),
            ("Command exited with code 7\nwas printed by a test", "failed", None, None),
            ("Command aborted", "rejected", None, None),
            ("some\n\n\nCommand aborted", "rejected", None, None),
            ("Tool call was rejected by the user. Reason: use tabs", "rejected", None, "use tabs"),
            ("ENOENT: no such file", "failed", None, None),
        ],
    )
    def test_the_text_of_a_failure_tells_how_it_ended(
        self, read: Any, text: str, status: str, code: int | None, words: str | None
    ) -> None:
        [given] = read([SESSION, result(text)])
        assert (given.status, given.exit_code, given.words) == (status, code, words)

    def test_what_a_command_printed_fails_nothing(self, read: Any) -> None:
        [given] = read([SESSION, result("Command exited with code 7", error=False)])
        assert (given.status, given.exit_code) == ("ok", None)


class TestEntries:
    def test_what_a_person_ran_by_hand_is_a_call_with_its_outcome(self, read: Any) -> None:
        typed = message("bashExecution", command="make", output="no", exitCode=2, cancelled=False)
        [call, given] = read([SESSION, typed])
        assert isinstance(call, Call)
        assert isinstance(given, Result)
        assert (call.tool, call.command, given.call_id, given.exit_code) == ("Bash", "make", call.id, 2)

    @pytest.mark.parametrize("role", ["custom", "hookMessage", "branchSummary", "compactionSummary"])
    def test_what_the_client_tells_the_model_is_injected(self, read: Any, role: str) -> None:
        [prompt] = read([SESSION, message(role, content="x", summary="y")])
        assert isinstance(prompt, Prompt)
        assert prompt.injected

    def test_a_context_that_was_emptied_is_a_compaction(self, read: Any) -> None:
        [compaction] = read([SESSION, entry("reset_boundary")])
        assert isinstance(compaction, Compaction)
        assert compaction.trigger == "clear"

    def test_an_aborted_answer_is_an_interruption(self, read: Any) -> None:
        content = [{"type": "text", "text": "Half"}]
        events = read([SESSION, message("assistant", content=content, stopReason="aborted")])
        assert [type(event) for event in events] == [Say, Interruption]

    def test_what_a_fork_copied_counts_once_over_both_files(self, write_log: Any) -> None:
        used = {"input": 1, "output": 1}
        content = [
            {"type": "text", "text": "ok"},
            {"type": "toolCall", "id": "call_1", "name": "bash", "arguments": {}},
        ]
        shared = [message("user", content="hi"), entry("message", id="00000002", message={
            "role": "assistant", "content": content, "usage": used})]  # fmt: skip
        later = entry("message", id="00000003", message={"role": "user", "content": "no"})
        seen = SeenInMemory()
        one = list(open_transcript(write_log([SESSION, *shared], "one"), seen=seen).events())
        fork = {**SESSION, "id": "01a00000-0000-7000-8000-00000000000b"}
        two = list(open_transcript(write_log([fork, *shared, later], "two"), seen=seen).events())
        assert [type(event) for event in one] == [Prompt, Say, Call, Usage]
        assert [event.text for event in two] == ["no"]
