"""The context meter as the hook runs it: read off a session's log while that is written."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.hook.run import run
from holdfast.learn.view import View
from holdfast.recall.publish import publish
from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing.copilot_session import CopilotSession
from holdfast.testing.sessions import ClaudeSession, CodexSession, Session

MODEL = "claude-sonnet-4-5"


class Live:
    """A session that goes on: its log is written as far as it is, then an event is sent to the hook."""

    def __init__(self, repository: Repository, folder: Path, kind: type[Session] = ClaudeSession) -> None:
        self.repository = repository
        self.path = folder / "session.jsonl"
        started = time.time() - 600
        model = MODEL if kind is ClaudeSession else "gpt-5.5"
        self.session: Any = kind("5f0c5f0c", root=str(repository.root), start=started, model=model)
        self.agent = "claude-code" if kind is ClaudeSession else "codex"

    def told(self, event: str = "result", **more: Any) -> str:
        """Return what the model is told at an event."""
        self.session.write(self.path)
        told = {"session_id": "5f0c5f0c", "cwd": str(self.repository.root), "transcript_path": str(self.path)}
        said = run([self.agent, event], io.BytesIO(json.dumps({**told, **more}).encode()))
        return str(json.loads(said)["hookSpecificOutput"].get("additionalContext", "")) if said else ""

    def fill(self, tokens: int) -> None:
        """Let the model say something with so many tokens in its context."""
        self.session._context = tokens - 1832  # what the sample adds to it for a short sentence
        self.session.say("Going on.")


def speak_at(repository: Repository, level: str) -> None:
    config.choose(repository, level=level)
    with View(repository) as view:
        publish(view)


@pytest.fixture
def live(empty: Repository, tmp_path: Path) -> Live:
    speak_at(empty, "flow")
    return Live(empty, tmp_path)


def test_nothing_is_said_while_there_is_room(live: Live) -> None:
    live.fill(70_000)
    assert live.told() == ""


def test_one_line_is_told_on_crossing_forty_percent(live: Live) -> None:
    live.fill(85_000)
    said = live.told()
    assert said.startswith("Context 42 % full (")
    assert "of 200k tokens" in said
    live.fill(95_000)
    assert live.told() == ""


def test_another_line_is_told_on_crossing_seventy_percent(live: Live) -> None:
    live.fill(85_000)
    assert live.told()
    live.fill(145_000)
    assert "a compaction would lose it" in live.told("prompt", prompt="go on")
    live.fill(165_000)
    assert live.told() == ""


def test_who_jumps_over_forty_is_told_of_seventy_alone(live: Live) -> None:
    live.fill(150_000)
    assert live.told().startswith("Context 75 % full")
    assert live.told() == ""


def test_a_compaction_makes_each_line_due_again(live: Live) -> None:
    live.fill(150_000)
    assert live.told()
    live.session.compact()
    live.told("compact", trigger="auto")
    live.fill(50_000)
    assert live.told() == ""
    live.fill(90_000)
    assert live.told().startswith("Context 4")


def test_a_compaction_that_no_hook_was_called_for_counts_too(live: Live) -> None:
    live.fill(90_000)
    assert live.told()
    live.session._now = time.time() + 7200
    live.session.compact()
    live.fill(90_000)
    assert live.told().startswith("Context 4")


def test_codex_is_measured_against_the_window_that_its_log_states(empty: Repository, tmp_path: Path) -> None:
    speak_at(empty, "flow")
    live = Live(empty, tmp_path, CodexSession)
    usage = {"input_tokens": 60_000, "cached_input_tokens": 0, "output_tokens": 9}
    info = {"last_token_usage": usage, "model_context_window": 121_600}
    live.session._add("event_msg", {"type": "token_count", "info": info})
    assert live.told("prompt", prompt="go on").startswith("Context 49 % full (60k of 122k tokens)")


@pytest.mark.parametrize("level", ["quickstart", "foundation"])
def test_levels_before_flow_are_told_nothing(empty: Repository, tmp_path: Path, level: str) -> None:
    speak_at(empty, level)
    live = Live(empty, tmp_path)
    live.fill(150_000)
    assert live.told() == ""


def test_an_agent_inside_the_session_has_a_context_of_its_own(live: Live) -> None:
    live.fill(150_000)
    assert live.told(agent_id="a1") == ""


def edit_and_test(live: Live, files: int, times: int = 6) -> None:
    for number in range(times):
        live.session.edit(f"part{number % files}.py", f"{number}", f"{number + 1}")
        live.session.bash(
            "uv run pytest -q", f"FAILED test_{number}.py::test_a - assert {number}", exit_code=1
        )


def test_nobody_is_disturbed_in_a_tight_loop(live: Live) -> None:
    edit_and_test(live, files=3)
    live.fill(150_000)
    assert live.told() == ""


def test_a_loop_over_many_files_is_not_tight(live: Live) -> None:
    edit_and_test(live, files=4)
    live.fill(150_000)
    assert live.told().startswith("Context 75 %")


def test_even_a_tight_loop_is_told_at_eighty_five_percent(live: Live) -> None:
    edit_and_test(live, files=1)
    live.fill(168_000)
    assert live.told() == ""
    live.fill(172_000)
    assert live.told().startswith("Context 86 %")


def test_what_was_kept_back_in_a_loop_is_told_after_it(live: Live) -> None:
    edit_and_test(live, files=1)
    live.fill(90_000)
    assert live.told() == ""
    for name in "abcdef":
        live.session.read(f"{name}.py", f"text {name}")
    live.fill(92_000)
    assert live.told().startswith("Context 46 %")


def test_the_same_call_with_the_same_result_is_told_at_the_fourth_time(live: Live) -> None:
    for _ in range(3):
        live.session.bash("cargo metadata", "the same")
    assert live.told() == ""
    live.session.bash("cargo metadata", "the same")
    assert "gave the same result 4 times: `cargo metadata`" in live.told()
    live.session.bash("cargo metadata", "the same")
    assert live.told() == ""


def test_a_file_that_somebody_else_changed_is_named(live: Live) -> None:
    root = live.repository.directory
    (root / "a.py").write_text("one\n")
    os.utime(root / "a.py", (time.time() - 900, time.time() - 900))
    live.session.read("a.py", "one\n")
    live.session.say("I see.")
    assert live.told("prompt", prompt="go on") == ""
    os.utime(root / "a.py", (time.time() - 60, time.time() - 60))
    said = live.told("prompt", prompt="go on")
    assert said.startswith("a.py was changed by someone else")
    assert live.told("prompt", prompt="go on") == ""


def test_a_file_that_the_session_itself_changed_is_not(live: Live) -> None:
    root = live.repository.directory
    (root / "a.py").write_text("one\n")
    live.session.read("a.py", "one\n")
    live.session.bash("ruff format a.py", "1 file reformatted")
    os.utime(root / "a.py", (live.session._now, live.session._now))
    live.session.say("Formatted.")
    assert live.told("prompt", prompt="go on") == ""


def test_a_large_file_read_again_unchanged_is_told_and_a_small_one_not(live: Live) -> None:
    for _ in range(2):
        live.session.read("small.py", "x = 1\n")
    assert live.told() == ""
    for _ in range(2):
        live.session.read("large.py", "x = 1\n" * 400)
    assert live.told().startswith("large.py was read again unchanged (about 600 tokens)")


def test_a_question_that_was_answered_is_not_asked_twice(live: Live) -> None:
    live.session.ask("Which database do we use?", ["SQLite", "PostgreSQL"], "SQLite")
    live.session.compact()
    live.session.ask("which database do we use", ["SQLite", "PostgreSQL"], "SQLite")
    said = live.told()
    assert 'asked this before: "Which database do we use?"' in said
    assert '"SQLite"' in said


def test_an_answer_is_told_before_the_question_is_put_again_and_once(live: Live) -> None:
    live.session.ask("Which database do we use?", ["SQLite", "PostgreSQL"], "SQLite")
    live.told()
    asked = {"tool_name": "AskUserQuestion", "tool_use_id": "toolu_new"}
    same = {"tool_input": {"questions": [{"question": "which database do we use"}]}}
    other = {"tool_input": {"questions": [{"question": "Which port?"}]}}
    for _ in range(4):
        live.session.bash("make", "the same")
    assert live.told("call", **asked, **other) == ""
    assert live.told("call", **asked, **same).endswith('Their answer: "SQLite"')
    assert live.told("call", **asked, **same) == ""
    assert live.told().startswith("The same call gave the same result 4 times"), "no sign is lost"


def test_signs_end_after_three_in_a_context(live: Live) -> None:
    for name in ("a", "b", "c", "d"):
        for _ in range(4):
            live.session.bash(f"make {name}", "the same")
        said = live.told()
        assert bool(said) == (name != "d")


def test_the_log_is_read_on_from_where_it_was_left(live: Live) -> None:
    live.session.bash("ls", "a\n")
    live.told()
    kept = next((live.repository.state_dir / "meter").glob("*.json"))
    before = json.loads(kept.read_text())["offset"]
    assert before == live.path.stat().st_size
    live.fill(90_000)
    assert live.told()
    assert json.loads(kept.read_text())["offset"] > before


def damaged(kept: Path) -> None:
    kept.write_text('{"of": ')


def of_another_version(kept: Path) -> None:
    told = json.loads(kept.read_text())
    told["counts"] = {**told["counts"], "exchanges": "many", "recent": None, "later": 1, "background": 3}
    kept.write_text(json.dumps(told))


def removed(kept: Path) -> None:
    kept.unlink()


@pytest.mark.parametrize("spoil", [damaged, of_another_version, removed])
def test_counts_that_are_lost_are_counted_again(live: Live, spoil: Callable[[Path], None]) -> None:
    live.fill(70_000)
    live.told()
    spoil(next((live.repository.state_dir / "meter").glob("*.json")))
    live.fill(90_000)
    assert live.told().startswith("Context 4")


def test_only_the_end_of_a_very_long_log_is_read(live: Live) -> None:
    for number in range(30):
        live.session.bash(f"cat log{number}", "x" * 60_000)
    live.fill(90_000)
    assert live.told().startswith("Context 4")


@pytest.mark.parametrize(
    "line",
    [b"{", b"null", b'{"type":"user"', b'{"type":"assistant","message":7}', b"\xff\xfe", b'"type":"user"'],
)
def test_a_broken_line_in_the_log_is_passed_over(live: Live, line: bytes) -> None:
    live.fill(90_000)
    live.session.write(live.path)
    live.path.write_bytes(line + b"\n" + live.path.read_bytes())
    records = live.session.records
    live.session.records = []
    whole = live.path.read_bytes()
    live.session.write = lambda path: path.write_bytes(whole)
    assert live.told().startswith("Context 4")
    assert records


@pytest.mark.parametrize("path", ["/nowhere/at/all.jsonl", "/dev/zero", "/"])
def test_a_log_that_is_none_is_met_with_silence(live: Live, path: str) -> None:
    assert live.told(transcript_path=path) == ""


def fail(live: Live, number: int, *, first: bool) -> str:
    """Let a call fail; its event comes first, or when the log has it."""
    called = {"tool_name": "Bash", "tool_use_id": f"toolu_{number:022}"}
    given = {"tool_input": {"command": f"make it{number}", "description": "Make it"}}
    error = {"error": "Exit code 2\nfrob: cannot open the lock file"}
    said = live.told("failure", **called, **given, **error) if first else ""
    live.session.bash(f"make it{number}", "frob: cannot open the lock file", exit_code=2)
    made, answered = live.session.records[-2:]
    made["message"]["content"][0]["id"] = called["tool_use_id"]
    answered["message"]["content"][0]["tool_use_id"] = called["tool_use_id"]
    return said if first else live.told("failure", **called, **given, **error)


@pytest.mark.parametrize("first", [True, False])
def test_the_third_time_of_an_error_is_told_at_once_and_each_is_counted_once(live: Live, first: bool) -> None:
    assert fail(live, 1, first=first) == ""
    assert fail(live, 2, first=first) == ""
    assert live.told() == ""
    assert fail(live, 3, first=first).startswith("The same error 3 times, the last by `make it3`. Read it")


def test_counts_of_sessions_long_over_are_dropped(live: Live) -> None:
    folder = live.repository.state_dir / "meter"
    folder.mkdir()
    for name, days in (("old", 15), ("recent", 13)):
        (folder / f"{name}.json").write_text("{}")
        os.utime(folder / f"{name}.json", (time.time() - days * 86400,) * 2)
    live.fill(1000)
    live.told()
    assert (folder / "recent.json").exists()
    assert not (folder / "old.json").exists()


def test_nothing_is_dropped_or_written_behind_a_link(live: Live, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "old.json").write_text("{}")
    os.utime(mine / "old.json", (1e9, 1e9))
    (live.repository.state_dir / "meter").symlink_to(mine)
    live.fill(85_000)
    assert live.told() == ""
    assert [path.name for path in mine.iterdir()] == ["old.json"]


def test_what_is_no_count_is_not_dropped(live: Live) -> None:
    other = live.repository.state_dir / "meter" / "notes.txt"
    other.parent.mkdir()
    other.write_text("mine")
    os.utime(other, (1e9, 1e9))
    live.fill(1000)
    live.told()
    assert other.exists()


def test_copilots_log_is_found_by_the_sessions_id(empty: Repository, isolated_home: Path) -> None:
    speak_at(empty, "flow")
    session = CopilotSession("5f0c", root=str(empty.root), start=time.time() - 600, model="claude-sonnet-4.5")
    session._context = 89_000
    session.say("Going on.")
    session.write(isolated_home / ".copilot" / "session-state" / "5f0c" / "events.jsonl")
    told = {
        "sessionId": "5f0c",
        "cwd": str(empty.root),
        "toolName": "view",
        "toolResult": {"resultType": "success"},
    }
    said = json.loads(run(["copilot", "result"], io.BytesIO(json.dumps(told).encode())))
    assert said["additionalContext"].startswith("Context 44 % full (90k of 200k tokens)")


def test_a_window_that_a_person_set_is_the_one_that_counts(live: Live) -> None:
    folder = live.repository.directory / ".holdfast"
    folder.mkdir(exist_ok=True)
    (folder / "config.toml").write_text('[context.windows]\n"claude-sonnet-4-5" = 1000000\n')
    TrustStore().accept(live.repository)
    speak_at(live.repository, "flow")
    live.fill(150_000)
    assert live.told() == ""
    live.fill(450_000)
    assert live.told().startswith("Context 45 % full (450k of 1M tokens)")


def test_the_person_is_shown_the_meters_line_too(live: Live) -> None:
    live.fill(90_000)
    live.session.write(live.path)
    told = {"session_id": "5f0c5f0c", "cwd": str(live.repository.root), "transcript_path": str(live.path)}
    said = json.loads(run(["claude-code", "result"], io.BytesIO(json.dumps(told).encode())))
    assert said["systemMessage"] == said["hookSpecificOutput"]["additionalContext"]


def test_the_status_line_is_drawn_by_the_same_program(isolated_home: Path) -> None:
    told = {"model": {"display_name": "Sonnet 4.5"}, "context_window": {"context_window_size": 200_000}}
    assert "0 % of 200k" in run(["claude-code", "statusline"], io.BytesIO(json.dumps(told).encode()))
