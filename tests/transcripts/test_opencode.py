from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from holdfast.transcripts.events import (
    Call,
    Compaction,
    Interruption,
    Prompt,
    Result,
    Say,
    SubagentEnd,
    SubagentStart,
    Usage,
)
from holdfast.transcripts.opencode import OpenCodeExportReader
from holdfast.transcripts.opencode_results import read_outcome
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
INFO = {"id": "ses_1", "projectID": "p", "directory": "/home/ada/shop", "version": "1.18.0"}


def user(*parts: Any, **info: Any) -> dict[str, Any]:
    return {
        "info": {"id": "m1", "role": "user", "time": {"created": 1_772_442_000_000}, **info},
        "parts": [*parts],
    }


def assistant(*parts: Any, **info: Any) -> dict[str, Any]:
    time = {"created": 1_772_442_001_000, "completed": 1_772_442_002_000}
    return {"info": {"id": "m2", "role": "assistant", "time": time, **info}, "parts": [*parts]}


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said, **more}


def tool(name: str, given: dict[str, Any], **state: Any) -> dict[str, Any]:
    held = {"status": "completed", "input": given, "output": "", **state}
    return {"type": "tool", "callID": "call_0000000000000001", "tool": name, "state": held}


@pytest.fixture
def export(tmp_path: Path) -> Any:
    def read(*messages: dict[str, Any], **info: Any) -> list[Any]:
        path = tmp_path / "export.json"
        path.write_text(json.dumps({"info": INFO | info, "messages": messages}, indent=2))
        return list(open_transcript(path).events())

    return read


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize("name", ["opencode-export.json", "opencode-session.jsonl"])
def test_the_session_is_described(name: str) -> None:
    transcript = open_transcript(FIXTURES / name)
    list(transcript.events())
    session = transcript.session
    assert (session.agent, session.root) == ("opencode", "/home/ada/shop")
    assert (session.version, session.model) == ("1.18.0", "example-1")
    assert transcript.counts.unknown_types == {"part/brand-new": 1}


class TestPrompts:
    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ('"mend the total"', "mend the total"),
            ('"say \\"no\\" there"', 'say "no" there'),
            ('"this" and "that"', '"this" and "that"'),
            ('""', '""'),
            ('"', '"'),
            ("mend", "mend"),
        ],
    )
    def test_the_quotes_of_a_single_argument_are_not_the_persons(
        self, export: Any, written: str, said: str
    ) -> None:
        assert [prompt.text for prompt in only(export(user(text(written))), Prompt)] == [said]

    def test_what_the_client_put_beside_a_prompt_is_injected(self, export: Any) -> None:
        events = export(
            user(text("mend it"), text("Called the Read tool", synthetic=True), text("x", ignored=True))
        )
        assert [(prompt.text, prompt.injected) for prompt in events] == [
            ("Called the Read tool", True),
            ("mend it", False),
        ]

    def test_what_a_subagent_is_told_is_no_persons(self, export: Any) -> None:
        events = export(user(text("look")), assistant(text("small"), finish="stop"), parentID="ses_0")
        [start, prompt] = events[:2]
        assert isinstance(start, SubagentStart)
        assert (prompt.injected, prompt.subagent) == (True, "ses_1")
        assert isinstance(events[-1], SubagentEnd)

    def test_a_subagent_that_goes_on_has_not_ended(self, export: Any) -> None:
        events = export(user(text("look")), assistant(text("hm"), finish="tool-calls"), parentID="ses_0")
        assert only(events, SubagentEnd) == []


class TestMessages:
    def test_the_half_of_a_sentence_that_is_being_written_is_not_given(self, export: Any) -> None:
        writing = assistant(text("Half a", time={"start": 1}), time={"created": 1_772_442_001_000})
        assert export(writing) == []
        assert only(export(assistant(text("Half a"), error={"name": "MessageAbortedError"})), Say)

    def test_a_call_that_runs_has_no_result(self, export: Any) -> None:
        events = export(assistant(tool("bash", {"command": "make"}, status="running")))
        assert [type(event) for event in events] == [Call]
        assert export(assistant(tool("bash", {"command": "make"}, status="pending"))) == []

    def test_an_abort_is_an_interruption_and_a_fault_of_the_network_is_none(self, export: Any) -> None:
        assert only(export(assistant(error={"name": "MessageAbortedError"})), Interruption)
        assert only(export(assistant(error={"name": "APIError"})), Interruption) == []

    def test_a_compaction_says_what_began_it_and_its_summary_is_injected(self, export: Any) -> None:
        used = {"input": 10, "output": 1, "cache": {"read": 5, "write": 2}}
        events = export(
            assistant(text("hi"), tokens=used),
            user({"type": "compaction", "auto": False}),
            assistant(text("So far."), id="m3", summary=True),
        )
        [compaction] = only(events, Compaction)
        assert (compaction.trigger, compaction.before) == ("manual", 17)
        assert [prompt.injected for prompt in only(events, Prompt)] == [True]

    def test_each_step_of_a_message_has_its_own_tokens(self, export: Any) -> None:
        steps = [
            {"id": f"s{number}", "type": "step-finish", "tokens": {"input": number, "output": 1, "cache": {}}}
            for number in (10, 20)
        ]
        used = only(export(assistant(*steps, tokens={"input": 20, "output": 1})), Usage)
        assert [(one.message_id, one.input) for one in used] == [("s10", 10), ("s20", 20)]

    def test_a_document_after_a_line_of_the_programs_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "export.txt"
        path.write_text(
            "Exporting session: ses_1\n" + json.dumps({"info": INFO, "messages": [user(text("hi"))]})
        )
        assert [event.text for event in open_transcript(path).events()] == ["hi"]

    def test_an_object_that_only_looks_alike_is_not_taken(self) -> None:
        for head in (
            b'{"info": {"title": "an API"}, "messages": []}',
            b'["ses_1"]',
            b'{"a": {"info": "ses_"}}',
        ):
            assert not OpenCodeExportReader.recognizes(head)


class TestOutcomes:
    @pytest.mark.parametrize(
        ("name", "state", "status", "code", "words"),
        [
            ("bash", {"status": "completed", "metadata": {"exit": 0}}, "ok", 0, None),
            ("bash", {"status": "completed", "metadata": {"exit": 2}}, "failed", 2, None),
            ("bash", {"status": "completed", "metadata": {"exit": None}}, "failed", None, None),
            ("bash", {"status": "completed", "metadata": {}}, "ok", None, None),
            (
                "bash",
                {
                    "status": "completed",
                    "output": "x\n\n<bash_metadata>\nUser aborted the command\n</bash_metadata>",
                },
                "rejected",
                None,
                None,
            ),
            ("read", {"status": "error", "error": "File not found"}, "failed", None, None),
            (
                "bash",
                {"status": "error", "error": "The user dismissed this question"},
                "rejected",
                None,
                None,
            ),
            (
                "edit",
                {
                    "status": "error",
                    "error": "The user rejected permission to use this specific tool call "
                    "with the following feedback: use tabs",
                },
                "rejected",
                None,
                "use tabs",
            ),
        ],
    )
    def test_the_state_of_a_call_tells_its_outcome(
        self, name: str, state: dict[str, Any], status: str, code: int | None, words: str | None
    ) -> None:
        outcome = read_outcome(name, state)
        assert outcome is not None
        assert (outcome.status, outcome.exit_code, outcome.words) == (status, code, words)

    def test_what_a_tool_printed_refuses_nothing(self, export: Any) -> None:
        shown = "The user rejected permission to use this specific tool call."
        [_, result] = export(assistant(tool("read", {"filePath": "a"}, output=shown)))[:2]
        assert isinstance(result, Result)
        assert (result.status, result.words) == ("ok", None)
