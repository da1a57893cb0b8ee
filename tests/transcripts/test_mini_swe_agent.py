from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from holdfast.transcripts.events import Call, Interruption, Prompt, Result, Usage
from holdfast.transcripts.mini_swe_agent import MiniSweAgentReader
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
INFO = {
    "model_stats": {},
    "config": {
        "agent": {"instance_template": "Solve: {{task}}\nNow."},
        "environment": {"cwd": "/home/ada/shop"},
    },
    "mini_version": "2.4.0",
}


def user(content: str, **extra: Any) -> dict[str, Any]:
    return {"role": "user", "content": content, "extra": extra}


def run(command: str, call: str = "call_0000000000000001", at: float = 1_772_442_000.0) -> dict[str, Any]:
    actions = [{"command": command, "tool_call_id": call}]
    return {"role": "assistant", "content": "", "extra": {"actions": actions, "timestamp": at}}


def ran(code: int, call: str = "call_0000000000000001", problem: str = "") -> dict[str, Any]:
    extra = {"returncode": code, "raw_output": "out", "exception_info": problem, "timestamp": 1_772_442_001.0}
    return {"role": "tool", "tool_call_id": call, "content": "", "extra": extra}


@pytest.fixture
def trajectory(tmp_path: Path) -> Any:
    def read(*messages: dict[str, Any]) -> list[Any]:
        path = tmp_path / "traj.json"
        path.write_text(
            json.dumps({"info": INFO, "messages": messages, "trajectory_format": "mini-swe-agent-1.1"})
        )
        return list(open_transcript(path).events())

    return read


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_the_session_is_described() -> None:
    transcript = open_transcript(FIXTURES / "mini-trajectory.json")
    list(transcript.events())
    session = transcript.session
    assert (session.agent, session.root) == ("mini-swe-agent", "/home/ada/shop")
    assert (session.version, session.model) == ("2.4.0", "example/example-1")


def test_two_runs_of_one_task_are_two_sessions(tmp_path: Path) -> None:
    names = set()
    for at in (1_772_442_000.0, 1_772_443_000.0):
        path = tmp_path / f"{at}.json"
        messages = [user("Solve: it\nNow."), run("ls", at=at)]
        path.write_text(json.dumps({"info": INFO, "messages": messages}))
        transcript = open_transcript(path)
        list(transcript.events())
        names.add(transcript.session.id)
    assert len(names) == 2


class TestPrompts:
    def test_the_task_is_taken_out_of_its_template(self, trajectory: Any) -> None:
        [prompt] = trajectory(user("Solve: mend the total\nand test it\nNow."))
        assert (prompt.text, prompt.injected) == ("mend the total\nand test it", False)

    def test_a_prompt_that_fits_no_template_is_taken_as_the_programs(self, trajectory: Any) -> None:
        [prompt] = trajectory(user("Something else"))
        assert prompt.injected

    def test_a_format_error_is_injected_and_its_tokens_count(self, trajectory: Any) -> None:
        response = {"id": "chatcmpl-1", "choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 2}}
        events = trajectory(user("No tool call.", interrupt_type="FormatError", response=response))
        assert [prompt.injected for prompt in only(events, Prompt)] == [True]
        assert [used.input for used in only(events, Usage)] == [10]

    def test_an_interruption_keeps_what_the_person_said(self, trajectory: Any) -> None:
        events = trajectory(
            user("Interrupted by user: use tabs", interrupt_type="UserInterruption"),
            user("Interrupted by user: Temporary interruption caught.", interrupt_type="UserInterruption"),
        )
        assert len(only(events, Interruption)) == 2
        assert [prompt.text for prompt in only(events, Prompt) if not prompt.injected] == ["use tabs"]


class TestResults:
    def test_a_command_that_was_refused_bears_the_persons_words(self, trajectory: Any) -> None:
        refused = "Commands not executed. The user rejected your commands with the following message: keep it"
        events = trajectory(run("rm -r build"), ran(-1, problem="action was not executed"),
                            user(refused, interrupt_type="UserRejection"))  # fmt: skip
        [result] = only(events, Result)
        assert (result.status, result.words, result.exit_code) == ("rejected", "keep it", None)
        assert only(events, Prompt) == []

    def test_handing_in_is_no_failure(self, trajectory: Any) -> None:
        events = trajectory(
            run("echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"), ran(-1, problem="action was not executed")
        )
        assert [result.status for result in only(events, Result)] == ["ok"]

    def test_a_command_that_could_not_be_run_failed(self, trajectory: Any) -> None:
        events = trajectory(run("sleep 900"), ran(-1, problem="timed out"))
        assert [(result.status, result.exit_code) for result in only(events, Result)] == [("failed", -1)]

    def test_commands_without_ids_are_answered_in_their_order(self, trajectory: Any) -> None:
        two = {"role": "assistant", "content": "", "extra": {"actions": [{"command": "a"}, {"command": "b"}]}}
        events = trajectory(
            two, user("", returncode=0, raw_output="1"), user("", returncode=3, raw_output="2")
        )
        calls = {call.id: call.command for call in only(events, Call)}
        assert [(calls[result.call_id], result.exit_code) for result in only(events, Result)] == [
            ("a", 0),
            ("b", 3),
        ]

    def test_a_command_that_got_no_answer_takes_no_others(self, trajectory: Any) -> None:
        first, second = (
            {"role": "assistant", "content": "", "extra": {"actions": [{"command": command}]}}
            for command in "ab"
        )
        events = trajectory(first, user("x", interrupt_type="UserNewTask"), second, user("", returncode=3))
        calls = {call.id: call.command for call in only(events, Call)}
        assert [(calls[result.call_id], result.exit_code) for result in only(events, Result)] == [("b", 3)]


@pytest.mark.parametrize(
    ("head", "taken"),
    [
        (b'{"info": {"exit_status": "Submitted", "model_stats": {}}', True),
        (b'{"messages": [], "info": {}, "trajectory_format": "mini-swe-agent-1"}', True),
        (b'{"text": "\\"trajectory_format\\": \\"mini-swe-agent-1\\""}', False),
        (b'{"info": {"id": "ses_1", "directory": "/a"}, "messages": []}', False),
        (b'[{"info": {"exit_status": 1}}]', False),
    ],
)
def test_a_trajectory_is_told_by_its_beginning(head: bytes, taken: bool) -> None:
    assert MiniSweAgentReader.recognizes(head) is taken
