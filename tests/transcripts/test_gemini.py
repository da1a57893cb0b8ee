from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.errors import TranscriptError
from holdfast.transcripts.events import (
    AnyEvent,
    Call,
    Compaction,
    Edit,
    Interruption,
    Prompt,
    Result,
    Say,
    SubagentEnd,
    SubagentStart,
    Usage,
)
from holdfast.transcripts.gemini_results import read_outcome
from holdfast.transcripts.reader import SeenInMemory
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
HEADER = {"sessionId": "6f000000-0000-4000-8000-000000000001", "projectHash": "a", "kind": "main"}
AT = "2026-03-02T09:00:00.000Z"


def user(identity: str, *texts: str, **more: Any) -> dict[str, Any]:
    content = [{"text": text} for text in texts]
    return {"id": identity, "timestamp": AT, "type": "user", "content": content, **more}


def answer(identity: str, text: str = "", **more: Any) -> dict[str, Any]:
    return {"id": identity, "timestamp": AT, "type": "gemini", "content": text, **more}


def tool(identity: str, name: str, status: str = "success", **response: Any) -> dict[str, Any]:
    given = response.pop("args", {})
    result = [{"functionResponse": {"id": identity, "name": name, "response": response}}]
    return {"id": identity, "name": name, "args": given, "status": status, "result": result}


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture
def chat(read):
    return lambda *records: read([HEADER, *records])


def document(*messages: dict[str, Any], indent: int | None = 2) -> bytes:
    return json.dumps({**HEADER, "messages": messages}, indent=indent).encode()


def test_the_session_is_described():
    transcript = open_transcript(FIXTURES / "gemini-session.jsonl")
    list(transcript.events())
    session, counts = transcript.session, transcript.counts
    assert (session.agent, session.id, session.root) == ("gemini-cli", HEADER["sessionId"], "/home/ada/shop")
    assert session.model == "gemini-example"
    assert counts.unknown_types == {"$set/colour": 1, "brand_new": 1}
    assert counts.records == counts.understood + counts.ignored + counts.unknown


class TestWrittenAgain:
    def test_a_message_that_is_written_again_gives_only_what_was_added(self, chat):
        said = answer("m1", "Running.")
        counted = {**said, "tokens": {"input": 10, "output": 2, "cached": 4, "thoughts": 1, "total": 13}}
        called = {**counted, "toolCalls": [tool("call_1", "run_shell_command", output="Output: fine")]}
        events = chat(said, counted, counted, called, called)
        assert [type(event) for event in events] == [Say, Usage, Call, Result]
        assert only(events, Usage)[0].output == 3

    def test_a_call_has_its_result_when_it_has_ended(self, chat):
        begun = answer("m1", toolCalls=[tool("call_1", "read_file", "executing")])
        assert [type(event) for event in chat(begun)] == [Call]
        ended = answer("m1", toolCalls=[tool("call_1", "read_file", output="x")])
        assert [type(event) for event in chat(begun, ended)] == [Call, Result]

    def test_what_a_resume_repeats_under_new_times_is_given_once(self, chat):
        made = answer("m1", "Running.", toolCalls=[tool("call_1", "read_file", output="x")])
        kept = [
            user("u1", "fix it"),
            answer(
                "m1", content=[{"text": "Running."}, {"functionCall": {"id": "call_1", "name": "read_file"}}]
            ),
        ]
        events = chat(user("u1", "fix it"), made, {"$set": {"messages": kept}}, user("u2", "go on"))
        assert [prompt.text for prompt in only(events, Prompt)] == ["fix it", "go on"]
        assert (len(only(events, Say)), len(only(events, Call)), len(only(events, Result))) == (1, 1, 1)

    def test_a_chat_that_was_carried_over_to_the_newer_format_counts_once(self, write_log):
        messages = [
            user("6f000000-0000-4000-8000-000000000011", "fix it"),
            answer("6f000000-0000-4000-8000-000000000012", "Done.", tokens={"input": 10, "output": 2}),
        ]
        seen = SeenInMemory()
        older = write_log([document(*messages)], "chat.json")
        newer = write_log([HEADER, *messages, user("6f000000-0000-4000-8000-000000000013", "more")])
        first = list(open_transcript(older, seen=seen).events())
        second = list(open_transcript(newer, seen=seen).events())
        assert [type(event) for event in first] == [Prompt, Say, Usage]
        assert [event.text for event in second] == ["more"]


class TestCompaction:
    SUMMARY = (user("s1", "the summary"), answer("s2", "Got it. Thanks for the additional context!"))

    def test_a_compaction_is_told_by_what_the_agent_is_made_to_answer(self, chat):
        used = answer("m1", "Hm.", tokens={"input": 900, "output": 2})
        kept = {"$set": {"messages": [*self.SUMMARY, user("new", "fix it"), answer("newer", "Hm.")]}}
        events = chat(user("u1", "fix it"), used, kept, kept)
        assert [compaction.before for compaction in only(events, Compaction)] == [900]
        assert [(prompt.text, prompt.injected) for prompt in only(events, Prompt)] == [
            ("fix it", False),
            ("the summary", True),
        ]
        assert len(only(events, Say)) == 1


class TestPrompts:
    @pytest.mark.parametrize(
        "text",
        ["<session_context>\nfacts\n</session_context>", "System: Please continue.", "Please continue.",
         "<hook_context>x</hook_context>", "I ran the following shell command:\n```sh\nls\n```",
         "<system-reminder>x</system-reminder>"],
    )  # fmt: skip
    def test_what_the_client_wrote_is_injected(self, chat, text):
        events = chat(user("u1", text, displayContent=[{"text": "what was typed before"}]))
        assert [prompt.injected for prompt in only(events, Prompt)] == [True]

    def test_what_was_typed_is_the_persons_and_what_it_named_is_not(self, chat):
        said = user(
            "u1",
            "<hook_context>a</hook_context>\n\nsee @b.md",
            "\n--- Content from referenced files ---",
            "text of b",
        )
        typed = [{"text": "see @b.md"}]
        for message in (said, {**said, "displayContent": typed}):
            own, added = only(chat(message), Prompt)
            assert (own.text, own.injected) == ("see @b.md", False)
            assert added.injected
            assert "text of b" in added.text

    def test_a_cancelled_request_is_an_interruption(self, chat):
        notice = {"id": "i1", "timestamp": AT, "type": "info", "content": "Request cancelled."}
        assert only(chat(notice, {**notice, "content": "Update available."}), Interruption)


class TestOutcomes:
    SHELL = "run_shell_command"

    @pytest.mark.parametrize(
        ("text", "status", "code", "shown"),
        [
            ("<untrusted_context>\nOutput: boom\nExit Code: 3\nProcess Group PGID: 7\n</untrusted_context>",
             "failed", 3, "boom"),
            ("Output: fine\nProcess Group PGID: 7", "ok", None, "fine"),
            ("Output: (empty)\nSignal: 9\nProcess Group PGID: 7", "failed", None, ""),
            ("Command: a\nb\nDirectory: (root)\nOutput: x\ny\nError: (none)\nExit Code: 0\nSignal: 0",
             "ok", 0, "x\ny"),
            ("Command: a\nDirectory: (root)\nStdout: x\nStderr: y\nError: (none)\nExit Code: 2\nSignal: 0\n"
             "Background PIDs: (none)\nProcess Group PGID: 7", "failed", 2, "x\ny"),
            ("Output: Exit Code: 9\nError: (none)\nExit Code: 0\nSignal: 0", "ok", 0, "Exit Code: 9"),
            ("Output: no such file\nError: spawn failed\nProcess Group PGID: 7", "failed", None,
             "no such file\nspawn failed"),
            ("a summary of much\n[Exit Code: 4]", "failed", 4, "a summary of much\n[Exit Code: 4]"),
            ("Command was cancelled by user before it could complete.", "rejected", None,
             "Command was cancelled by user before it could complete."),
        ],
    )  # fmt: skip
    def test_a_commands_outcome_stands_at_the_end_of_its_result(self, text, status, code, shown):
        result = [{"functionResponse": {"response": {"output": text}}}]
        outcome = read_outcome(self.SHELL, "success", result)
        assert (outcome.status, outcome.exit_code, outcome.text) == (status, code, shown)

    def test_a_command_that_went_to_the_background_has_no_outcome(self):
        result = [{"functionResponse": {"response": {"output": "Command moved to background (PID: 3)."}}}]
        assert read_outcome(self.SHELL, "success", result) is None

    @pytest.mark.parametrize(
        ("status", "error", "expected"),
        [
            ("cancelled", "[Operation Cancelled] Reason: User denied execution.", "rejected"),
            ("error", "Tool execution denied by policy.", "rejected"),
            ("error", "Command rejected because it could not be parsed safely", "rejected"),
            ("error", 'Tool execution for "Shell" denied by policy.', "rejected"),
            ("error", "File not found: x", "failed"),
            (None, "File not found: x", "failed"),
        ],
    )
    def test_a_refusal_is_told_from_a_failure(self, status, error, expected):
        assert (
            read_outcome("read_file", status, [tool("c", "read_file", error=error)["result"][0]]).status
            == expected
        )

    def test_what_a_person_said_to_a_plan_is_kept(self):
        text = "Plan rejected. User feedback: keep one file\n\nStay in plan mode."
        outcome = read_outcome(
            "exit_plan_mode", "success", tool("c", "exit_plan_mode", output=text)["result"]
        )
        assert (outcome.status, outcome.words) == ("rejected", "keep one file")

    def test_an_exit_code_that_a_file_holds_is_not_a_commands(self):
        result = tool("c", "read_file", output="Output: x\nExit Code: 3")["result"]
        assert read_outcome("read_file", "success", result).status == "ok"


def test_calls_of_several_turns_in_one_message_follow_one_another(chat):
    first = {
        **tool("call_1", "run_shell_command", output="Output: no\nExit Code: 1"),
        "timestamp": "2026-03-02T09:00:05Z",
    }
    second = {
        **tool("call_2", "run_shell_command", output="Output: yes"),
        "timestamp": "2026-03-02T09:00:09Z",
    }
    events = chat(answer("m1", toolCalls=[first, second]))
    assert [type(event) for event in events] == [Call, Result, Call, Result]
    began = events[0].at
    assert [event.at - began for event in events] == [0, 5, 5, 9]


def test_an_edit_holds_what_was_removed_and_added(chat):
    given = {"file_path": "cart.py", "old_string": "a", "new_string": "b"}
    [edit] = only(chat(answer("m1", toolCalls=[tool("call_1", "replace", args=given)])), Call)
    assert (edit.tool, edit.edits) == ("Edit", (Edit("cart.py", "a", "b"),))


def test_a_subagents_chat_and_its_parents_name_it_alike(write_log):
    agent = "6f000000-0000-4000-8000-000000000900"
    called = {
        **tool("call_1", "invoke_agent", output="found", args={"agent_name": "finder"}),
        "agentId": agent,
    }
    parent = write_log([HEADER, answer("m1", toolCalls=[called])], "parent.jsonl")
    own = {**HEADER, "sessionId": agent, "kind": "subagent", "directories": ["/home/ada/shop"]}
    child = write_log([own, user("u1", "look"), answer("m2", "Found.")], "child.jsonl")
    seen = SeenInMemory()
    events = list(open_transcript(parent, seen=seen).events())
    assert [(start.subagent, start.kind) for start in only(events, SubagentStart)] == [(agent, "finder")]
    assert [end.subagent for end in only(events, SubagentEnd)] == [agent]
    inside = list(open_transcript(child, seen=seen).events())
    assert {event.subagent for event in inside} == {agent}
    assert [prompt.injected for prompt in only(inside, Prompt)] == [True]
    assert not only(inside, SubagentStart)


def test_each_chat_knows_its_directory_though_all_begin_with_the_same_message(write_log):
    seen = SeenInMemory()
    for name in ("one", "two"):
        facts = f"<session_context>\n- **Workspace Directories:**\n  - /home/ada/{name}\n</session_context>"
        first = {"$set": {"messages": [user("d0000000000000000000000000000001", facts)]}}
        transcript = open_transcript(write_log([HEADER, first], f"{name}.jsonl"), seen=seen)
        list(transcript.events())
        assert transcript.session.root == f"/home/ada/{name}"


class TestDocuments:
    def test_the_fixture_gives_the_events_it_is_known_to_hold(self):
        known = (FIXTURES / "gemini-document.events.jsonl").read_bytes().splitlines()
        transcript = open_transcript(FIXTURES / "gemini-document.json")
        events, places = [], []
        for event in transcript.events():
            events.append(event)
            places.append(transcript.line)
        assert events == [msgspec.json.decode(line, type=AnyEvent) for line in known]
        assert places == [1, 2, 2, 2, 2, 4, 4, 5]
        assert transcript.session.agent == "gemini-cli"

    @pytest.mark.parametrize("indent", [2, None])
    def test_a_document_is_one_whatever_its_spaces_and_its_suffix(self, write_log, indent):
        path = write_log([document(user("u1", "fix it"), indent=indent)], "chat.jsonl")
        assert [event.text for event in open_transcript(path).events()] == ["fix it"]

    def test_a_document_that_is_cut_is_malformed_and_no_more(self, write_log):
        path = write_log([document(user("u1", "fix it"))[:-20]])
        transcript = open_transcript(path)
        assert not list(transcript.events())
        assert transcript.counts.malformed == 1

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(goes=st.lists(st.integers(min_value=0, max_value=5), max_size=5))
    def test_a_document_that_grows_gives_each_event_once(self, tmp_path, goes):
        path = tmp_path / "chat.json"
        content = msgspec.json.decode((FIXTURES / "gemini-document.json").read_bytes())
        given: list[AnyEvent] = []
        since = None
        for count in [*sorted(goes), 5]:
            path.write_text(json.dumps({**content, "messages": content["messages"][:count]}, indent=2))
            transcript = open_transcript(path, since=since)
            given += transcript.events()
            since = transcript.checkpoint()
        at_once = list(open_transcript(FIXTURES / "gemini-document.json").events())
        assert given == at_once

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_a_document_that_was_cut_anywhere_is_read_when_it_is_whole(self, tmp_path, data):
        whole = (FIXTURES / "gemini-document.json").read_bytes()
        path = tmp_path / "chat.json"
        path.write_bytes(whole[: data.draw(st.integers(min_value=0, max_value=len(whole)))])
        given: list[AnyEvent] = []
        since = None
        try:
            first = open_transcript(path)
            given += first.events()
            since = first.checkpoint()
        except TranscriptError:
            pass  # so little of it cannot be recognised yet
        path.write_bytes(whole)
        given += open_transcript(path, since=since).events()
        assert given == list(open_transcript(FIXTURES / "gemini-document.json").events())


def test_a_history_that_is_written_again_and_again_gives_nothing_twice(chat):
    messages = [user(f"u{number}", f"word {number}") for number in range(300)]
    events = chat(*messages, *({"$set": {"messages": messages}} for _ in range(20)))
    assert len(events) == 300
