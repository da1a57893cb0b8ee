from __future__ import annotations

from itertools import count
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
from holdfast.transcripts.reader import SeenInMemory
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
SESSION = "5f0c2a10-0000-4000-8000-0000000000a1"
NUMBERS = count()
REFUSAL = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file "
    "edit, the new_string was NOT written to the file). "
)


def record(kind: str, content: Any, **more: Any) -> dict[str, Any]:
    message: dict[str, Any] = {"role": kind, "content": content}
    message.update(more.pop("message", {}))
    return {
        "type": kind,
        "isSidechain": False,
        "sessionId": SESSION,
        "cwd": "/home/ada/shop",
        "uuid": more.pop("uuid", f"uuid-{next(NUMBERS)}"),
        "timestamp": "2026-03-01T10:00:00Z",
        "message": message,
        **more,
    }


def call(identity: str, name: str = "Bash", **given: Any) -> dict[str, Any]:
    return record("assistant", [{"type": "tool_use", "id": identity, "name": name, "input": given}])


def result(identity: str, content: Any, is_error: bool = False, **more: Any) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": identity, "content": content, "is_error": is_error}
    return record("user", [block], **more)


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


class TestFixture:
    def test_the_session_is_described(self):
        transcript = open_transcript(FIXTURES / "claude-session.jsonl")
        list(transcript.events())
        session = transcript.session
        assert (session.agent, session.id, session.root) == ("claude-code", SESSION, "/home/ada/shop")
        assert (session.branch, session.version, session.model) == ("main", "2.1.12", "claude-example-1")
        assert session.started == 1772359201.0
        assert session.ended == 1772359235.0

    def test_every_record_is_counted_once(self):
        transcript = open_transcript(FIXTURES / "claude-session.jsonl")
        list(transcript.events())
        counts = transcript.counts
        assert counts.records == 39 == counts.understood + counts.ignored + counts.unknown
        assert counts.unknown_types == {"something-new": 1}
        assert (counts.malformed, counts.oversized, counts.repeated) == (0, 0, 0)

    def test_an_inline_subagent_is_bracketed_and_its_normalized_copies_are_not_read(self):
        events = list(open_transcript(FIXTURES / "claude-subagent-inline.jsonl").events())
        start = next(i for i, event in enumerate(events) if isinstance(event, SubagentStart))
        end = next(i for i, event in enumerate(events) if isinstance(event, SubagentEnd))
        assert events[start].kind == "reviewer"
        assert [event.command for event in only(events[start:end], Call)] == ["git diff"]
        assert {event.subagent for event in only(events[start:end], Call)} == {"a1b2c3d"}
        assert "never read" not in str(events)

    def test_a_subagent_file_takes_its_kind_from_the_file_beside_it_and_its_parent_from_its_records(self):
        transcript = open_transcript(FIXTURES / "agent-a1b2c3d.jsonl")
        events = list(transcript.events())
        assert isinstance(events[0], SubagentStart)
        assert (events[0].subagent, events[0].kind) == ("a1b2c3d", "reviewer")
        assert isinstance(events[-1], SubagentEnd)
        assert (transcript.session.id, transcript.session.parent) == ("a1b2c3d", SESSION)
        assert all(event.injected for event in only(events, Prompt))

    def test_a_subagent_read_inline_is_not_read_again_from_its_file(self):
        seen = SeenInMemory()
        list(open_transcript(FIXTURES / "claude-subagent-inline.jsonl", seen=seen).events())
        again = open_transcript(FIXTURES / "agent-a1b2c3d.jsonl", seen=seen)
        events = list(again.events())
        assert not only(events, Call)
        assert not only(events, Result)
        assert not only(events, Usage)
        assert not only(events, SubagentStart)
        assert again.counts.repeated >= 5

    def test_a_fork_gives_only_what_is_its_own_once_its_origin_was_read(self):
        seen = SeenInMemory()
        list(open_transcript(FIXTURES / "claude-session.jsonl", seen=seen).events())
        fork = open_transcript(FIXTURES / "claude-fork.jsonl", seen=seen)
        events = list(fork.events())
        assert [event.command for event in only(events, Call)] == ["make lint"]
        assert [event.message_id for event in only(events, Usage)] == ["msg_30aaaaaaaaaaaaaaaaaaaaaa"]
        assert not only(events, Prompt)
        assert not only(events, Say)
        assert fork.session.parent == SESSION
        assert fork.counts.repeated > 0


class TestResults:
    @pytest.mark.parametrize(
        ("text", "status", "code", "words"),
        [
            ("Exit code 1\nE  boom", "failed", 1, None),
            ("Error: Exit code 127\nnot found", "failed", 127, None),
            ("Exit code 2", "failed", 2, None),
            ("<tool_use_error>File does not exist.</tool_use_error>", "failed", None, None),
            (REFUSAL + "To tell you how to proceed, the user said:\nuse uv", "rejected", None, "use uv"),
            (REFUSAL + "STOP what you are doing and wait for the user.", "rejected", None, None),
            (
                REFUSAL + "The user provided the following reason for the rejection:  not on main\n\n"
                "Note: The user's next message may contain a correction.",
                "rejected",
                None,
                "not on main",
            ),
            ("Permission to use Bash with command rm -rf x has been denied.", "rejected", None, None),
            (
                "Claude requested permissions to write to /x, but you haven't granted it yet.",
                "rejected",
                None,
                None,
            ),
            ("[Request interrupted by user for tool use]", "rejected", None, None),
            ("Exit code 137\n[Request interrupted by user for tool use]\nok", "rejected", 137, None),
            ("<tool_use_error>Sibling tool call errored</tool_use_error>", "rejected", None, None),
            ("cd in '/' was blocked. For security, Claude Code may only read", "rejected", None, None),
            ("ENOENT: no such file or directory", "failed", None, None),
        ],
    )
    def test_an_error_is_told_from_a_refusal(self, read, text, status, code, words):
        events = read([call("toolu_1", command="x"), result("toolu_1", text, is_error=True)])
        [outcome] = only(events, Result)
        assert (outcome.status, outcome.exit_code, outcome.words) == (status, code, words)

    def test_the_wrapping_of_an_error_is_taken_off(self, read):
        [failed] = only(read([result("toolu_1", "Exit code 1\nE  boom", is_error=True)]), Result)
        assert failed.text == "E  boom"
        error = "<tool_use_error>String not found.\nString: x</tool_use_error>"
        [refused] = only(read([result("toolu_1", error, is_error=True)]), Result)
        assert refused.text == "String not found.\nString: x"

    def test_phrases_of_refusal_in_a_result_that_succeeded_mean_nothing(self, read):
        text = REFUSAL + "To tell you how to proceed, the user said:\nrm -rf /"
        [outcome] = only(read([result("toolu_1", text)]), Result)
        assert (outcome.status, outcome.words, outcome.text) == ("ok", None, text)

    def test_a_denied_call_is_rejected_whatever_its_text_says(self, read):
        for decision in ("deny", "reject"):
            denied = {"decision": decision, "source": "config"}
            events = read([result("toolu_1", "no", is_error=True, permissionDecision=denied)])
            assert only(events, Result)[0].status == "rejected"

    def test_an_allowed_call_that_fails_was_not_rejected(self, read):
        allowed = {"decision": "accept", "source": "config"}
        events = read([result("toolu_1", "Exit code 1", is_error=True, permissionDecision=allowed)])
        assert only(events, Result)[0].status == "failed"

    def test_a_background_command_has_its_outcome_when_it_ended_and_none_before(self, read):
        begun = [
            call("toolu_1", command="make serve", run_in_background=True),
            result("toolu_1", "Command running in background with ID: b1. Output is being written to: /x"),
        ]
        assert not only(read(begun), Result)
        note = (
            "<task-notification>\n<task-id>b1</task-id>\n<status>completed</status>\n"
            '<summary>Background command "make serve" completed (exit code 0)</summary>\n</task-notification>'
        )
        queued = {"type": "queued_command", "commandMode": "task-notification", "prompt": note}
        in_a_turn = record("attachment", "", attachment=queued)
        for told in (record("user", note), in_a_turn):
            events = read([*begun, told])
            [outcome] = only(events, Result)
            assert (outcome.call_id, outcome.status, outcome.exit_code) == ("toolu_1", "ok", 0)
            assert [prompt.injected for prompt in only(events, Prompt)] == [True]

    def test_long_output_keeps_its_start_and_its_end(self, read):
        [outcome] = only(read([result("toolu_1", "start" + "x" * 200_000 + "end")]), Result)
        assert len(outcome.text) == 64 * 1024
        assert outcome.text.startswith("start")
        assert outcome.text.endswith("end")


class TestPrompts:
    @pytest.mark.parametrize(
        ("text", "injected"),
        [
            ("make the total right", False),
            ("<div> is not closed", False),
            ("why does it say <command-name>?", False),
            ("<command-name>/clear</command-name>", True),
            ("<local-command-stdout>ok</local-command-stdout>", True),
            ("<bash-input>ls</bash-input>", True),
            ("<system-reminder>be good</system-reminder>", True),
            ("Operation stopped by hook: no", True),
            ("This session is being continued from a previous conversation that ran out", True),
        ],
    )
    def test_a_person_is_told_from_the_system(self, read, text, injected):
        [prompt] = only(read([record("user", text)]), Prompt)
        assert (prompt.text, prompt.injected) == (text, injected)

    def test_meta_and_compaction_summaries_are_not_a_persons(self, read):
        prompts = only(
            read([record("user", "one", isMeta=True), record("user", "two", isCompactSummary=True)]), Prompt
        )
        assert [prompt.injected for prompt in prompts] == [True, True]

    def test_a_reminder_inside_a_prompt_is_split_off(self, read):
        text = "do it\n<system-reminder>\nthe list\n</system-reminder>"
        own, reminder = only(read([record("user", text)]), Prompt)
        assert (own.text, own.injected) == ("do it", False)
        assert (reminder.injected, "the list" in reminder.text) == (True, True)

    def test_an_interruption_is_no_prompt(self, read):
        events = read([record("user", [{"type": "text", "text": "[Request interrupted by user]"}])])
        assert only(events, Interruption)
        assert not only(events, Prompt)


class TestUsage:
    def usage(self, identity: str, output: int) -> dict[str, Any]:
        message = {"id": identity, "model": "m", "usage": {"input_tokens": 5, "output_tokens": output}}
        return record("assistant", [{"type": "text", "text": "x"}], message=message)

    def test_a_message_counts_once_with_its_final_figures(self, read):
        used = only(read([self.usage("msg_1", 1), self.usage("msg_1", 90), self.usage("msg_2", 7)]), Usage)
        assert [(one.message_id, one.input, one.output) for one in used] == [
            ("msg_1", 5, 90),
            ("msg_2", 5, 7),
        ]

    def test_what_a_message_grows_by_after_a_reading_is_given_as_the_difference(self, write_log):
        begun, grown = self.usage("msg_1", 1), self.usage("msg_1", 90)
        path = write_log([begun])
        first = open_transcript(path)
        assert [one.output for one in only(list(first.events()), Usage)] == [1]
        write_log([begun, grown])
        second = open_transcript(path, since=first.checkpoint())
        [rest] = only(list(second.events()), Usage)
        assert second.resumed
        assert (rest.message_id, rest.input, rest.output) == ("msg_1", 0, 89)

    def test_absurd_figures_are_zero(self, read):
        message = {
            "id": "msg_1",
            "usage": {"input_tokens": -5, "output_tokens": 10**30, "cache_read_input_tokens": "9"},
        }
        [used] = only(read([record("assistant", [], message=message)]), Usage)
        assert (used.input, used.output, used.cache_read) == (0, 0, 0)


def test_a_compaction_states_what_started_it_and_the_size_before(read):
    boundary = {
        **record("system", ""),
        "subtype": "compact_boundary",
        "compactMetadata": {"trigger": "manual", "preTokens": 99},
    }
    [compaction] = only(read([boundary]), Compaction)
    assert (compaction.trigger, compaction.before) == ("manual", 99)


def test_a_fork_names_the_session_that_its_copied_messages_were_asked_in(write_log):
    asked = record("assistant", [{"type": "text", "text": "x"}], requestSessionId="session-of-origin")
    transcript = open_transcript(write_log([record("user", "x"), asked, record("user", "y")]))
    list(transcript.events())
    assert (transcript.session.id, transcript.session.parent) == (SESSION, "session-of-origin")


def test_a_session_that_moves_to_a_worktree_is_fully_known(write_log):
    moved = {"type": "relocated", "sessionId": SESSION, "relocatedCwd": "/home/ada/shop/.claude/worktrees/x"}
    transcript = open_transcript(write_log([record("user", "x"), moved]))
    list(transcript.events())
    assert (transcript.counts.ignored, transcript.counts.unknown) == (1, 0)


def test_paths_are_relative_to_where_the_session_began_in_a_worktree_too(read):
    events = read(
        [
            call("toolu_1", "Read", file_path="/home/ada/shop/src/a.py"),
            {**call("toolu_2", "Read", file_path="/home/ada/shop/.claude/worktrees/x/src/a.py")}
            | {"cwd": "/home/ada/shop/.claude/worktrees/x"},
            call("toolu_3", "Read", file_path="/etc/hosts"),
        ]
    )
    assert [event.paths for event in only(events, Call)] == [("src/a.py",), ("src/a.py",), ("/etc/hosts",)]


def test_a_question_to_the_person_is_the_query_of_its_call(read):
    events = read([call("toolu_1", "AskUserQuestion", questions=[{"question": "uv or pip?"}])])
    assert only(events, Call)[0].query == "uv or pip?"


@pytest.mark.parametrize(
    "text",
    [
        "<tool_use_error>" + " " * 400_000 + "x",
        "<task-notification><task-id>b1</task-id><status>failed</status>" + "<output>" * 200_000,
    ],
    ids=["white space", "open tags"],
)
def test_an_outcome_of_any_text_is_read_in_one_pass(read, text):
    [outcome] = only(read([call("toolu_1", command="make"), result("toolu_1", text, is_error=True)]), Result)
    assert outcome.status == "failed"
    assert read([record("user", "x"), record("user", text)])
