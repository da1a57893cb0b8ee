from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from holdfast.transcripts.events import (
    Call,
    Compaction,
    Prompt,
    Result,
    Say,
    SubagentEnd,
    SubagentStart,
    Usage,
)
from holdfast.transcripts.reader import SeenInMemory
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
SESSION = "7a000000-0000-4000-8000-000000000001"


def record(number: int, kind: str, *parts: Any, **more: Any) -> dict[str, Any]:
    message = {"message": {"role": "user", "parts": list(parts)}} if parts else {}
    return {
        "uuid": f"7a000000-0000-4000-8000-{number:012d}",
        "parentUuid": None,
        "sessionId": SESSION,
        "timestamp": f"2026-03-02T09:00:{number:02d}.000Z",
        "type": kind,
        "cwd": "/home/ada/shop",
        "version": "0.15.0",
        **message,
        **more,
    }


def call(identity: str, name: str, **given: Any) -> dict[str, Any]:
    return {"functionCall": {"id": identity, "name": name, "args": given}}


def result(number: int, identity: str, status: str, **response: Any) -> dict[str, Any]:
    part = {"functionResponse": {"id": identity, "name": "run_shell_command", "response": response}}
    return record(number, "tool_result", part, toolCallResult={"callId": identity, "status": status})


def note(number: int, name: str, **event: Any) -> dict[str, Any]:
    payload = {"uiEvent": {"event.name": f"qwen-code.{name}", **event}}
    return record(number, "system", subtype="ui_telemetry", systemPayload=payload)


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_the_session_is_described():
    transcript = open_transcript(FIXTURES / "qwen-session.jsonl")
    list(transcript.events())
    session, counts = transcript.session, transcript.counts
    assert (session.agent, session.id, session.root) == ("qwen-code", SESSION, "/home/ada/shop")
    assert (session.branch, session.version, session.model) == ("main", "0.15.0", "qwen-example")
    assert counts.unknown_types == {"brand_new": 1}
    assert counts.records == counts.understood + counts.ignored + counts.unknown


@pytest.mark.parametrize(
    ("status", "response", "expected", "code"),
    [
        ("success", {"output": "Command: a\nDirectory: b\nOutput: x\nExit Code: 3\nSignal: 0"}, "failed", 3),
        ("success", {"output": "Command: a\nDirectory: (root)\nOutput: x\nExit Code: 0\nSignal: 0"}, "ok", 0),
        ("cancelled", {"error": "[Operation Cancelled] Reason: User did not allow it"}, "rejected", None),
        ("error", {"error": 'Qwen Code requires permission to use "Bash", but that permission was declined.'},
         "rejected", None),
        ("error", {"error": "no such tool"}, "failed", None),
    ],
)  # fmt: skip
def test_an_outcome_is_read_from_the_status_and_the_text(read, status, response, expected, code):
    asked = record(1, "assistant", call("call_1", "run_shell_command", command="a"))
    [outcome] = only(read([asked, result(2, "call_1", status, **response)]), Result)
    assert (outcome.status, outcome.exit_code) == (expected, code)


def test_thoughts_are_not_said_and_their_tokens_count_once(read):
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 30, "thoughtsTokenCount": 20}
    for total, output in ((130, 30), (150, 50)):
        counted = {**usage, "totalTokenCount": total}
        said = record(
            1, "assistant", {"text": "hm", "thought": True}, {"text": "Yes."}, usageMetadata=counted
        )
        events = read([said])
        assert [say.text for say in only(events, Say)] == ["Yes."]
        assert [used.output for used in only(events, Usage)] == [output]


@pytest.mark.parametrize("subtype", ["notification", "cron", "anything_else"])
def test_what_the_client_puts_into_a_users_mouth_is_injected(read, subtype):
    assert [
        prompt.injected for prompt in only(read([record(1, "user", {"text": "x"}, subtype=subtype)]), Prompt)
    ] == [True]


def test_what_a_person_says_while_the_agent_works_is_the_persons(read):
    said = record(1, "user", {"text": "use uv"}, subtype="mid_turn_user_message")
    assert [prompt.injected for prompt in only(read([said]), Prompt)] == [False]


class TestSubagents:
    PLACE = f"{SESSION}#finder-ab12cd#0"

    def test_what_a_subagent_did_is_taken_from_the_clients_notes(self, read):
        ran = {
            "function_name": "run_shell_command",
            "function_args": {"command": "grep x"},
            "duration_ms": 500,
        }
        failed = {
            "function_name": "read_file",
            "function_args": {"file_path": "a"},
            "error": "File not found: a",
        }
        ended = {"type": "task_execution", "subagentName": "finder", "status": "completed"}
        events = read(
            [
                record(1, "assistant", call("call_1", "agent", prompt="look")),
                note(2, "api_response", response_id="r1", input_token_count=9, prompt_id=self.PLACE),
                note(3, "tool_call", status="success", prompt_id=self.PLACE, **ran),
                note(4, "tool_call", status="error", prompt_id=self.PLACE, **failed),
                {
                    **result(5, "call_1", "success", output="found"),
                    "toolCallResult": {"resultDisplay": ended},
                },
            ]
        )
        assert [(start.subagent, start.kind) for start in only(events, SubagentStart)] == [
            ("finder-ab12cd", "finder")
        ]
        assert [end.subagent for end in only(events, SubagentEnd)] == ["finder-ab12cd"]
        inside = [event for event in events if event.subagent == "finder-ab12cd"]
        assert [made.command for made in only(inside, Call)] == ["grep x", None]
        assert [used.input for used in only(inside, Usage)] == [9]

    def test_how_a_subagents_command_ended_is_not_claimed(self, read):
        ran = {"function_name": "run_shell_command", "function_args": {"command": "grep x"}}
        denied = {**ran, "error": "declined", "error_type": "execution_denied"}
        events = read(
            [
                note(1, "tool_call", status="success", prompt_id=self.PLACE, **ran),
                note(2, "tool_call", status="error", prompt_id=self.PLACE, **denied),
            ]
        )
        assert [outcome.status for outcome in only(events, Result)] == ["rejected"]

    def test_a_call_that_a_person_refused_has_its_result_from_the_clients_note(self, read):
        asked = record(
            1, "assistant", call("call_1", "run_shell_command", command="rm -rf x", is_background=False)
        )
        refused = {
            "function_name": "run_shell_command",
            "function_args": {"is_background": False, "command": "rm -rf x"},
            "error": 'Tool "run_shell_command" was canceled by the user.',
        }
        noted = note(2, "tool_call", status="error", prompt_id=f"{SESSION}########1", **refused)
        told = result(3, "call_1", "cancelled", error="[Operation Cancelled] Reason: said otherwise")
        after = record(4, "assistant", {"text": "I see."})
        for more, text in (([noted], refused["error"]), ([noted, told], "[Operation Cancelled]")):
            [outcome] = only(read([asked, *more, after]), Result)
            assert (outcome.call_id, outcome.status) == ("call_1", "rejected")
            assert outcome.text.startswith(text)

    def test_the_notes_on_the_session_itself_add_nothing(self, read):
        ran = {"function_name": "read_file", "status": "success", "prompt_id": "5e452685a1128"}
        assert not read(
            [note(1, "tool_call", **ran), note(2, "api_response", input_token_count=9, prompt_id="x")]
        )

    def test_a_subagents_own_chat_names_its_parent(self, write_log):
        own = {"agentId": "finder-ab12cd"}
        path = write_log(
            [record(1, "user", {"text": "look"}, **own), record(2, "assistant", {"text": "y"}, **own)]
        )
        transcript = open_transcript(path)
        events = list(transcript.events())
        assert {event.subagent for event in events} == {"finder-ab12cd"}
        assert [prompt.injected for prompt in only(events, Prompt)] == [True]
        assert (transcript.session.id, transcript.session.parent) == ("finder-ab12cd", SESSION)


def test_a_compaction_that_failed_is_none(read):
    def packed(number: int, status: int) -> dict[str, Any]:
        payload = {"info": {"originalTokenCount": 900, "compressionStatus": status}}
        return record(number, "system", subtype="chat_compression", systemPayload=payload)

    assert [done.before for done in only(read([packed(1, 1), packed(2, 2)]), Compaction)] == [900]


def test_what_a_fork_copies_counts_once(write_log):
    seen = SeenInMemory()
    copied = [
        record(1, "user", {"text": "fix it"}),
        record(2, "assistant", call("call_" + "1" * 20, "read_file")),
    ]
    first = open_transcript(write_log(copied, "origin.jsonl"), seen=seen)
    assert len(list(first.events())) == 2
    own = record(3, "user", {"text": "more"}) | {"sessionId": "7a000000-0000-4000-8000-000000000002"}
    forked = open_transcript(write_log([*copied, own], "fork.jsonl"), seen=seen)
    assert [event.text for event in forked.events()] == ["more"]
    assert (forked.session.id, forked.session.parent) == (own["sessionId"], SESSION)
