from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from holdfast.transcripts.events import (
    Call,
    Compaction,
    Edit,
    Interruption,
    Prompt,
    Question,
    Result,
    SubagentEnd,
    SubagentStart,
    Usage,
)
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
SESSION = "8b000000-0000-4000-8000-000000000001"
CONTEXT = {"cwd": "/home/ada/shop", "gitRoot": "/home/ada/shop", "branch": "main"}


def record(kind: str, number: int = 0, /, **data: Any) -> dict[str, Any]:
    more = {"agentId": data.pop("agentId")} if "agentId" in data else {}
    identity = f"{kind}-{number:030d}"
    return {
        "type": kind,
        "data": data,
        "id": identity,
        "timestamp": "2026-03-02T09:00:00.000Z",
        "parentId": None,
        **more,
    }


START = record("session.start", sessionId=SESSION, copilotVersion="1.0.100", context=CONTEXT)


def call(identity: str, name: str, **given: Any) -> dict[str, Any]:
    return record("tool.execution_start", toolCallId=identity, toolName=name, arguments=given)


def done(identity: str, text: str = "", **data: Any) -> dict[str, Any]:
    return record(
        "tool.execution_complete",
        toolCallId=identity,
        **{"success": True, "result": {"content": text}, **data},
    )


def ended(shell: str, code: int) -> dict[str, Any]:
    return record(
        "system.notification",
        content="",
        kind={"type": "shell_completed", "shellId": shell, "exitCode": code},
    )


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture
def log(read):
    return lambda *records: read([START, *records])


def test_the_session_is_described():
    transcript = open_transcript(FIXTURES / "copilot-session.jsonl")
    list(transcript.events())
    session, counts = transcript.session, transcript.counts
    assert (session.agent, session.id, session.root) == ("copilot-cli", SESSION, "/home/ada/shop")
    assert (session.branch, session.version) == ("fix", "1.0.100")
    assert counts.unknown_types == {"brand.new": 1}
    assert counts.records == counts.understood + counts.ignored + counts.unknown


class TestOutcomes:
    @pytest.mark.parametrize(
        ("data", "status", "code", "shown"),
        [
            ({"result": {"content": "boom\n<shellId: 0 completed with exit code 3>"}}, "failed", 3, "boom"),
            ({"result": {"content": "x"}, "shellExecution": {"exitCode": 2}}, "failed", 2, "x"),
            ({"result": {"content": "x\n<exited with exit code 0>"}}, "ok", 0, "x"),
            ({"result": {"contents": [{"type": "text", "text": "x"}]}}, "ok", None, "x"),
            ({"success": False, "error": {"message": "no such path", "code": "failure"}}, "failed", None,
             "no such path"),
            ({"success": False, "error": {"message": "no", "code": "denied"}}, "rejected", None, "no"),
            ({"success": False, "error": {"message": "The user rejected this tool call."}}, "rejected", None,
             "The user rejected this tool call."),
        ],
    )  # fmt: skip
    def test_an_outcome_is_read_from_every_form_of_result(self, log, data, status, code, shown):
        [outcome] = only(log(call("call_1", "bash", command="a"), done("call_1", **data)), Result)
        assert (outcome.status, outcome.exit_code, outcome.text) == (status, code, shown)

    def test_what_a_person_said_when_refusing_is_kept(self, log):
        answered = {"kind": "denied-interactively-by-user", "feedback": "use uv"}
        refused = record("permission.completed", toolCallId="call_1", result=answered)
        failed = done("call_1", success=False, error={"message": "Denied."})
        [outcome] = only(log(call("call_1", "bash", command="pip"), refused, failed), Result)
        assert (outcome.status, outcome.words) == ("rejected", "use uv")

    def test_a_permission_that_was_given_refuses_nothing(self, log):
        given = record("permission.completed", toolCallId="call_1", result={"kind": "approved"})
        failed = done("call_1", success=False, error={"message": "no such file"})
        [outcome] = only(log(call("call_1", "bash", command="pip"), given, failed), Result)
        assert outcome.status == "failed"


class TestShells:
    BEGUN = (
        call("call_1", "bash", command="make"),
        done("call_1", "one\n<command with shellId: 7 is still running after 3 s.>"),
    )

    def test_a_command_that_is_read_later_has_one_result_with_all_its_output(self, log):
        events = log(
            *self.BEGUN,
            call("call_2", "read_bash", shellId="7"),
            done("call_2", "two\n<command with shellId: 7 is still running after 3 s.>"),
            call("call_3", "read_bash", shellId="7"),
            done("call_3", "three\n<shellId: 7 completed with exit code 1>"),
        )
        assert [made.command for made in only(events, Call)] == ["make"]
        [outcome] = only(events, Result)
        assert (outcome.call_id, outcome.exit_code, outcome.text) == ("call_1", 1, "one\ntwo\nthree")

    def test_a_command_that_ended_by_itself_has_its_result_at_the_next_prompt(self, log):
        assert not only(log(*self.BEGUN, ended("7", 2)), Result)
        [outcome] = only(log(*self.BEGUN, ended("7", 2), record("user.message", content="and?")), Result)
        assert (outcome.call_id, outcome.status, outcome.exit_code) == ("call_1", "failed", 2)

    def test_a_command_that_ended_and_is_read_then_has_its_output(self, log):
        read = (call("call_2", "read_bash", shellId="7"), done("call_2", "two"))
        [outcome] = only(log(*self.BEGUN, ended("7", 2), *read, record("session.shutdown")), Result)
        assert (outcome.exit_code, outcome.text) == (2, "one\ntwo")

    def test_a_command_that_the_agent_stopped_has_no_result(self, log):
        stop = (call("call_2", "stop_bash", shellId="7"), done("call_2", "<command with id: 7 stopped>"))
        assert not only(log(*self.BEGUN, *stop, ended("7", 0), record("session.shutdown")), Result)

    def test_reading_a_shell_that_nobody_began_is_a_call_like_others(self, log):
        events = log(call("call_2", "read_bash", shellId="9"), done("call_2", "x"))
        assert [type(event) for event in events] == [Call, Result]


class TestCalls:
    def test_an_edit_holds_what_was_removed_and_added(self, log):
        given = {"path": "/home/ada/shop/a.py", "old_str": "x", "new_str": "y"}
        [edit] = only(log(call("call_1", "edit", **given)), Call)
        assert (edit.tool, edit.edits) == ("Edit", (Edit("a.py", "x", "y"),))

    def test_a_file_that_is_created_is_written(self, log):
        [made] = only(log(call("call_1", "create", path="a.py", file_text="x")), Call)
        assert (made.tool, made.paths, made.edits) == ("Write", ("a.py",), (Edit("a.py", "", "x"),))

    def test_a_patch_gives_its_hunks(self, log):
        patch = "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch"
        for given in ({"input": patch}, {"patch": patch}):
            [made] = only(log(call("call_1", "apply_patch", **given)), Call)
            assert made.edits == (Edit("a.py", "x", "y"),)

    @pytest.mark.parametrize(
        ("command", "tool"),
        [("view", "Read"), ("create", "Write"), ("str_replace", "Edit"), ("undo", "Edit")],
    )
    def test_the_editor_of_several_uses_is_named_by_its_use(self, log, command, tool):
        [made] = only(log(call("call_1", "str_replace_editor", command=command, path="a.py")), Call)
        assert (made.tool, made.paths, made.command) == (tool, ("a.py",), None)

    def test_a_question_is_kept_with_its_choices(self, log):
        [asked] = only(log(call("call_1", "ask_user", question="Which?", choices=["a", "b"])), Call)
        assert asked.questions == (Question("Which?", ("a", "b")),)


class TestUsage:
    def test_the_record_of_a_call_of_the_model_counts_and_its_message_adds_nothing(self, log):
        used = {
            "model": "m",
            "inputTokens": 1000,
            "outputTokens": 50,
            "cacheReadTokens": 400,
            "cacheWriteTokens": 100,
        }
        noted = record("session.usage_record", usage={**used, "apiCallId": "msg_00000000000000000001"})
        said = record("assistant.message", content="x", outputTokens=50, apiCallId="msg_00000000000000000001")
        [usage] = only(log(noted, said), Usage)
        assert (usage.input, usage.output, usage.cache_read, usage.cache_write) == (500, 50, 400, 100)
        assert usage.context == 1000

    def test_an_older_log_has_the_tokens_that_came_out(self, log):
        said = record("assistant.message", content="x", outputTokens=50, messageId="m1")
        assert [usage.output for usage in only(log(said), Usage)] == [50]


@pytest.mark.parametrize(
    ("data", "injected"),
    [
        ({"content": "fix it"}, False),
        ({"content": "fix it", "source": "user"}, False),
        ({"content": "go on", "source": "autopilot"}, True),
        ({"content": "x", "source": "skill-pdf"}, True),
        ({"content": "go on", "isAutopilotContinuation": True}, True),
        ({"content": "look", "agentId": "a1"}, True),
        ({"content": "<system-reminder>x</system-reminder>"}, True),
    ],
)
def test_a_prompt_is_a_persons_when_a_person_sent_it(log, data, injected):
    assert [prompt.injected for prompt in only(log(record("user.message", **data)), Prompt)] == [injected]


@pytest.mark.parametrize(("reason", "count"), [("user_initiated", 1), ("user initiated", 1), ("timeout", 0)])
def test_an_abort_is_an_interruption_when_a_person_did_it(log, reason, count):
    assert len(only(log(record("abort", reason=reason)), Interruption)) == count


def test_each_way_of_losing_the_conversation_is_a_compaction(log):
    events = log(
        record("session.compaction_start"),
        record("session.compaction_complete", 1, success=True, preCompactionTokens=900, trigger="manual"),
        record("session.compaction_complete", 2, success=False),
        record("session.truncation", 3, preTruncationTokensInMessages=700),
        record("session.context_cleared", 4),
    )
    found = [(lost.trigger, lost.before) for lost in only(events, Compaction)]
    assert found == [("manual", 900), ("truncation", 700), ("clear", None)]


@pytest.mark.parametrize("own", [{"agentId": "a1"}, {"parentToolCallId": "a1"}])
def test_a_subagent_is_named_by_itself_or_by_the_call_that_began_it(log, own):
    events = log(
        record("subagent.started", toolCallId="a1", agentName="explore", **own),
        record(
            "tool.execution_start", toolCallId="call_2", toolName="grep", arguments={"pattern": "x"}, **own
        ),
        record("subagent.completed", toolCallId="a1", **own),
    )
    assert [(start.subagent, start.kind) for start in only(events, SubagentStart)] == [("a1", "explore")]
    assert [made.subagent for made in only(events, Call)] == ["a1"]
    assert [end.subagent for end in only(events, SubagentEnd)] == ["a1"]
