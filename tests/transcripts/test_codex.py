from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from holdfast.transcripts.codex_results import read_outcome
from holdfast.transcripts.events import (
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
from holdfast.transcripts.reader import SeenInMemory
from holdfast.transcripts.transcript import open_transcript

FIXTURES = Path(__file__).parent / "fixtures"
META = {"id": "019e0000-0000-7000-8000-000000000001", "cwd": "/home/ada/shop", "cli_version": "0.140.0"}


def record(kind: str, **payload: Any) -> dict[str, Any]:
    return {"timestamp": "2026-03-02T09:00:00.000Z", "type": kind, "payload": payload}


def call(identity: str, name: str, **given: Any) -> dict[str, Any]:
    return record(
        "response_item", type="function_call", name=name, arguments=json.dumps(given), call_id=identity
    )


def output(identity: str, text: Any) -> dict[str, Any]:
    return record("response_item", type="function_call_output", call_id=identity, output=text)


def item(role: str, text: str) -> dict[str, Any]:
    return record("response_item", type="message", role=role, content=[{"type": "input_text", "text": text}])


def only(events: list[Any], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture
def rollout(read):
    return lambda *records: read([record("session_meta", **META), *records])


def test_the_session_is_described():
    transcript = open_transcript(FIXTURES / "codex-session.jsonl")
    list(transcript.events())
    session = transcript.session
    assert (session.agent, session.id, session.root) == ("codex", META["id"], "/home/ada/shop")
    assert (session.branch, session.version, session.model) == ("main", "0.140.0", "gpt-example")
    counts = transcript.counts
    assert counts.records == counts.understood + counts.ignored + counts.unknown
    assert counts.unknown_types == {"brand_new": 1}


class TestWrittenTwice:
    def test_a_prompt_counts_once_whichever_record_comes_first(self, rollout):
        shown = record("event_msg", type="user_message", message="push\n")
        for pair in ([item("user", "push"), shown], [shown, item("user", "push")]):
            assert [prompt.text.strip() for prompt in only(rollout(*pair), Prompt)] == ["push"]

    def test_the_same_prompt_said_twice_counts_twice(self, rollout):
        shown = record("event_msg", type="user_message", message="push")
        events = rollout(item("user", "push"), shown, item("user", "push"), shown)
        assert len(only(events, Prompt)) == 2

    def test_what_the_agent_said_counts_once(self, rollout):
        shown = record("event_msg", type="agent_message", message="done")
        said = record("response_item", type="message", role="assistant", content=[{"text": "done"}])
        assert len(only(rollout(shown, said), Say)) == 1

    def test_a_compaction_counts_once(self, rollout):
        both = rollout(record("compacted", message=""), record("event_msg", type="context_compacted"))
        assert len(only(both, Compaction)) == 1

    def test_tokens_reported_again_count_once_and_cached_ones_are_not_input(self, rollout):
        info = {
            "last_token_usage": {"input_tokens": 100, "cached_input_tokens": 80, "output_tokens": 7},
            "total_token_usage": {"total_tokens": 500},
        }
        again = record("event_msg", type="token_count", info=info)
        [used] = only(rollout(again, again), Usage)
        assert (used.input, used.cache_read, used.output, used.context) == (20, 80, 7, 100)

    def test_recorded_tokens_count_once_whatever_is_shown_of_them(self, rollout):
        usage = {"input_tokens": 100, "cache_write_input_tokens": 30, "output_tokens": 7}
        info = {"last_token_usage": usage, "total_token_usage": {"total_tokens": 500}}
        shown = record("event_msg", type="token_count", info=info)
        recorded = record("token_usage_record", response_id="resp_0000000000000001", usage=usage)
        [used] = only(rollout(recorded, shown, shown, recorded), Usage)
        assert used.message_id == "resp_0000000000000001"
        assert (used.input, used.cache_write, used.context) == (70, 30, 100)

    def test_tokens_that_a_fork_repeats_count_once(self, write_log):
        usage = {"input_tokens": 100, "output_tokens": 7}
        info = {"last_token_usage": usage, "total_token_usage": {"total_tokens": 500}}
        turn = record("turn_context", turn_id="019e0000-0000-7000-8000-00000000000a")
        shown = record("event_msg", type="token_count", info=info)
        seen = SeenInMemory()
        used = []
        for name, own in (("origin", META), ("fork", META | {"id": "019e0000-0000-7000-8000-000000000002"})):
            path = write_log([record("session_meta", **own), turn, shown], f"{name}.jsonl")
            used += only(list(open_transcript(path, seen=seen).events()), Usage)
        assert len(used) == 1


class TestOutcomes:
    @pytest.mark.parametrize(
        ("text", "status", "code", "shown"),
        [
            (
                "Chunk ID: a\nWall time: 1 s\nProcess exited with code 3\nOutput:\nboom\n",
                "failed",
                3,
                "boom\n",
            ),
            ("Exit code: 0\nWall time: 0 seconds\nOutput:\nDone\n", "ok", 0, "Done\n"),
            (
                "Exit code: 1\nWall time: 0 seconds\nTotal output lines: 9\nOutput:\n\nno\n",
                "failed",
                1,
                "\nno\n",
            ),
            ('{"output":"x","metadata":{"exit_code":2}}', "failed", 2, "x"),
            ('{"chunk_id":"1","output":"x","exit_code":0}', "ok", 0, "x"),
            ("exec command rejected by user", "rejected", None, "exec command rejected by user"),
            ("aborted by user after 29.7s", "rejected", None, "aborted by user after 29.7s"),
            ("Wall time: 2.2 seconds\naborted by user", "rejected", None, "aborted by user"),
            ("Wall time: 1 s\nOutput:\naborted by user", "ok", None, "aborted by user"),
            (
                "Command blocked by PreToolUse hook: no. Command: ls",
                "rejected",
                None,
                "Command blocked by PreToolUse hook: no. Command: ls",
            ),
            (
                "approval policy is Never; reject command",
                "rejected",
                None,
                "approval policy is Never; reject command",
            ),
            (
                'exec failed: X { m: "Rejected(\\"no\\")" }',
                "rejected",
                None,
                'exec failed: X { m: "Rejected(\\"no\\")" }',
            ),
            ("unable to locate image at `/x`", "failed", None, "unable to locate image at `/x`"),
            ("Wall time: 0 s\nOutput:\nExit code: 1\nWall time: 0 s\nOutput:\nno", "failed", 1, "no"),
            ("apply_patch verification failed: no", "failed", None, "apply_patch verification failed: no"),
            ("Plan updated", "ok", None, "Plan updated"),
            ('Wall time: 1 s\nOutput:\n{"error": 1}', "ok", None, '{"error": 1}'),
        ],
    )
    def test_an_outcome_is_read_from_every_form_of_output(self, text, status, code, shown):
        outcome = read_outcome(text)
        assert (outcome.status, outcome.exit_code, outcome.text) == (status, code, shown)

    def test_an_exit_code_that_a_program_prints_is_not_its_own(self):
        text = "Process exited with code 1\nOutput:\nProcess exited with code 0\nExit code: 0\n"
        assert read_outcome(text).exit_code == 1
        assert read_outcome("Exit code: 0\nOutput:\nexec command rejected by user").status == "ok"

    def test_a_servers_tool_fails_by_the_clients_own_note_of_it(self, rollout):
        done = {"type": "McpToolCall", "id": "call_1", "status": "failed"}
        events = rollout(
            call("call_1", "lookup"),
            record("event_msg", type="item_completed", item=done),
            output("call_1", [{"text": "Wall time: 1 s\nOutput:"}, {"text": "no such note"}]),
        )
        assert [(end.status, end.text) for end in only(events, Result)] == [("failed", "no such note")]

    def test_a_command_that_nobody_polls_has_its_result_when_it_ended(self, rollout):
        running = "Wall time: 1 s\nProcess running with session ID 7\nOutput:\nstart\n"
        begun = [call("call_1", "exec_command", cmd="make"), output("call_1", running)]
        done = {
            "type": "CommandExecution",
            "id": "call_1",
            "exit_code": 2,
            "aggregated_output": "start\nend\n",
        }
        ended = record("event_msg", type="item_completed", item=done)
        poll = call("call_2", "write_stdin", session_id=7)
        rest = output("call_2", "Process exited with code 2\nOutput:\nend\n")
        for more in ([ended], [poll, ended, rest]):
            [outcome] = only(rollout(*begun, *more), Result)
            assert (outcome.call_id, outcome.status, outcome.exit_code) == ("call_1", "failed", 2)
            assert outcome.text == "start\nend\n"
        killed = record("event_msg", type="item_completed", item={**done, "exit_code": -1})
        assert not only(rollout(*begun, killed), Result)

    def test_a_command_that_is_polled_has_one_result_with_all_its_output(self, rollout):
        running = "Process running with session ID 7\nOutput:\n"
        events = rollout(
            call("call_1", "exec_command", cmd="make"),
            output("call_1", running + "one\n"),
            call("call_2", "write_stdin", session_id=7, chars=""),
            output("call_2", running + "two\n"),
            call("call_3", "write_stdin", session_id=7, chars=""),
            output("call_3", "Process exited with code 1\nOutput:\nthree\n"),
        )
        [made] = only(events, Call)
        [outcome] = only(events, Result)
        assert (made.command, outcome.call_id, outcome.exit_code) == ("make", "call_1", 1)
        assert outcome.text == "one\ntwo\nthree\n"

    def test_a_command_that_still_runs_has_no_result(self, rollout):
        events = rollout(
            call("call_1", "exec_command", cmd="make"),
            output("call_1", "Process running with session ID 7\nOutput:\n"),
        )
        assert not only(events, Result)


class TestCalls:
    @pytest.mark.parametrize(
        ("name", "given", "command"),
        [
            ("exec_command", {"cmd": "make test"}, "make test"),
            ("shell", {"command": ["bash", "-lc", "a | b"]}, "a | b"),
            ("shell", {"command": ["git", "commit", "-m", "two words"]}, "git commit -m 'two words'"),
            ("shell", {"command": "bash -lc 'a && b'"}, "a && b"),
            ("shell_command", {"command": "ls"}, "ls"),
            ("container.exec", {"cmd": ["ls", "-l"]}, "ls -l"),
        ],
    )
    def test_the_command_is_what_the_shell_was_asked_to_run(self, rollout, name, given, command):
        [made] = only(rollout(call("call_1", name, **given)), Call)
        assert (made.tool, made.command) == ("Bash", command)

    def test_a_command_in_code_mode_is_found_in_the_snippet(self, rollout):
        snippet = "const r = await tools.exec_command({\n  cmd: 'go test \\'./...\\' ', yield: 1});"
        made = record("response_item", type="custom_tool_call", call_id="call_1", name="exec", input=snippet)
        assert only(rollout(made), Call)[0].command == "go test './...' "

    def test_half_of_a_surrogate_pair_in_a_snippet_leaves_text_that_can_be_stored(self, rollout):
        snippet = 'tools.exec_command({cmd: "echo \\ud800 \\ud83d\\ude00 \\n"})'
        made = record("response_item", type="custom_tool_call", call_id="call_1", name="exec", input=snippet)
        [command] = [made.command for made in only(rollout(made), Call)]
        assert command.startswith("echo \ufffd ")
        assert command.encode().decode() == command

    def test_a_patch_in_code_mode_is_an_edit(self, rollout):
        patch = "*** Begin Patch\\n*** Update File: a.py\\n@@\\n-x\\n+y\\n*** End Patch"
        snippet = f'await tools.apply_patch("{patch}");'
        made = record("response_item", type="custom_tool_call", call_id="call_1", name="exec", input=snippet)
        assert only(rollout(made), Call)[0].edits == (Edit("a.py", "x", "y"),)

    def test_a_patch_gives_each_hunk_of_each_file(self, rollout):
        patch = (
            "*** Begin Patch\n*** Update File: /home/ada/shop/a.py\n@@ def f\n ctx\n-x\n+y\n@@\n-z\n"
            "*** Add File: b.md\n+# B\n*** Delete File: c.py\n*** End Patch"
        )
        made = record(
            "response_item", type="custom_tool_call", call_id="call_1", name="apply_patch", input=patch
        )
        [edit] = only(rollout(made), Call)
        assert (edit.tool, edit.paths) == ("Edit", ("a.py", "b.md", "c.py"))
        assert edit.edits == (
            Edit("a.py", "x", "y"),
            Edit("a.py", "z", ""),
            Edit("b.md", "", "# B"),
            Edit("c.py"),
        )

    def test_a_file_that_is_moved_is_named_where_it_was_and_where_it_is(self, rollout):
        patch = "*** Begin Patch\n*** Update File: a.py\n*** Move to: b.py\n@@\n-x\n+y\n*** End Patch"
        made = record(
            "response_item", type="custom_tool_call", name="apply_patch", input=patch, call_id="call_1"
        )
        [moved] = only(rollout(made), Call)
        assert moved.edits == (Edit("a.py"), Edit("b.py", "x", "y"))

    def test_a_tool_of_a_server_keeps_the_servers_name(self, rollout):
        made = call("call_1", "search", query="total")
        made["payload"]["namespace"] = "mcp__notes"
        [asked] = only(rollout(made), Call)
        assert (asked.tool, asked.name, asked.query) == ("mcp__notes__search", "mcp__notes__search", "total")

    def test_a_patch_through_the_shell_is_an_edit(self):
        events = list(open_transcript(FIXTURES / "codex-bare.jsonl").events())
        [edit] = only(events, Call)
        assert (edit.tool, edit.edits) == ("Edit", (Edit("a.py", "x", "y"),))

    def test_arguments_that_are_not_json_leave_a_call_without_details(self, rollout):
        made = record(
            "response_item", type="function_call", name="shell", arguments='{"cmd": ', call_id="call_1"
        )
        [only_call] = only(rollout(made), Call)
        assert (only_call.tool, only_call.command) == ("Bash", None)


@pytest.mark.parametrize(
    ("role", "text"),
    [
        ("user", "<environment_context>\n<cwd>/x</cwd></environment_context>"),
        ("user", "# AGENTS.md instructions for /home/ada/shop\n\nbe kind"),
        ("user", "<user_instructions>\nbe kind\n</user_instructions>"),
        ("user", "<turn_aborted>\nThe user interrupted</turn_aborted>"),
        ("developer", "anything at all"),
    ],
)
def test_what_the_client_wrote_is_injected(rollout, role, text):
    assert [prompt.injected for prompt in only(rollout(item(role, text)), Prompt)] == [True]


def test_a_prompt_wrapped_by_an_editor_is_the_persons_request(rollout):
    text = (
        "# Context from my IDE setup:\n\n## Open tabs:\n- a.py\n\n## My request for Codex:\nfix the total\n"
    )
    [prompt] = only(rollout(item("user", text)), Prompt)
    assert (prompt.text, prompt.injected) == ("fix the total", False)


def test_an_aborted_turn_is_an_interruption_when_a_person_did_it(rollout):
    assert only(rollout(record("event_msg", type="turn_aborted", reason="interrupted")), Interruption)
    assert not only(rollout(record("event_msg", type="turn_aborted", reason="replaced")), Interruption)


def test_a_spawned_thread_is_a_subagent_of_its_parent(write_log):
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": "parent-1", "agent_role": "reviewer"}}}
    path = write_log([record("session_meta", **META, source=spawn), call("call_1", "exec_command", cmd="ls")])
    transcript = open_transcript(path)
    events = list(transcript.events())
    assert only(events, SubagentStart)[0].kind == "reviewer"
    assert only(events, Call)[0].subagent == META["id"]
    assert transcript.session.parent == "parent-1"


def test_what_another_agent_asks_of_a_subagent_is_injected_and_its_first_answer_ends_it(rollout):
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": "parent-1"}}}
    complete = record("event_msg", type="task_complete", last_agent_message="found")
    events = rollout(
        record("session_meta", **META, source=spawn), item("user", "look around"), complete, complete
    )
    assert [prompt.injected for prompt in only(events, Prompt)] == [True]
    assert [end.subagent for end in only(events, SubagentEnd)] == [META["id"]]
    assert not only(rollout(item("user", "look around"), complete), SubagentEnd)


def test_a_fork_keeps_its_own_name_and_names_its_origin(write_log):
    path = write_log([record("session_meta", **META), record("session_meta", **(META | {"id": "origin-1"}))])
    transcript = open_transcript(path)
    list(transcript.events())
    assert (transcript.session.id, transcript.session.parent) == (META["id"], "origin-1")


def test_a_bare_rollout_states_its_directory_in_its_context():
    transcript = open_transcript(FIXTURES / "codex-bare.jsonl")
    events = list(transcript.events())
    assert transcript.session.root == "/home/ada/shop"
    assert [prompt.text for prompt in only(events, Prompt) if not prompt.injected] == ["fix it"]
