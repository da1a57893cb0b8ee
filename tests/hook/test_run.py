"""The hook as agents run it: a process of its own, with the interpreter's bare library."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import holdfast.hook
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.recall.publish import publish
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing.sessions import ClaudeSession

FOLDER = Path(holdfast.hook.__file__).parent
FAILED = "E   ModuleNotFoundError: No module named 'shop'"
CURE = "uv run pytest -q"


def hook(event: str, told: dict[str, Any] | bytes, agent: str = "claude-code", **environment: str) -> str:
    """Call the hook; it must end well and say nothing beside its reply."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(FOLDER), agent, event],
        input=told if isinstance(told, bytes) else json.dumps(told).encode(),
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def told_by(event: str, told: dict[str, Any], agent: str = "claude-code", **environment: str) -> str:
    """Return what the model is told of an event."""
    said = hook(event, told, agent, **environment)
    if not said:
        return ""
    return str(json.loads(said)["hookSpecificOutput"]["additionalContext"])


def learned_from(repository: Repository, folder: Path) -> None:
    """Let a repository learn from three sessions that met one failure."""
    logs = []
    for number in range(3):
        start = time.time() - 86400 * number - 99
        session = ClaudeSession(f"old{number}", root=str(repository.root), start=start)
        session.prompt("make the tests pass")
        session.bash("pytest -q", FAILED, exit_code=1)
        session.bash(CURE, "3 passed in 0.12s")
        logs.append(session.write(folder / f"old{number}.jsonl"))
    with View(repository) as view:
        ingest(view, logs)
        publish(view)


@pytest.fixture
def learned(empty: Repository, tmp_path: Path) -> Repository:
    learned_from(empty, tmp_path / "logs")
    return empty


def event(repository: Repository, session: str = "new", **more: Any) -> dict[str, Any]:
    return {"session_id": session, "cwd": str(repository.root), "transcript_path": "/nowhere.jsonl", **more}


def failure(repository: Repository, session: str = "new", **more: Any) -> dict[str, Any]:
    command = {"tool_name": "Bash", "tool_input": {"command": "pytest -q"}}
    return event(repository, session, **command, error=f"Exit code 1\n{FAILED}", **more)


def test_a_start_tells_what_comes_back(learned: Repository) -> None:
    assert CURE in told_by("start", event(learned, source="startup"))


def test_a_failure_tells_what_ended_it_and_not_again_in_this_context(learned: Repository) -> None:
    assert CURE in told_by("failure", failure(learned))
    assert told_by("failure", failure(learned)) == ""
    hook("compact", event(learned, trigger="manual"))
    assert CURE in told_by("failure", failure(learned))


def test_another_session_is_told_too(learned: Repository) -> None:
    assert CURE in told_by("failure", failure(learned))
    assert CURE in told_by("failure", failure(learned, "other"))


def test_a_failure_that_nobody_met_is_met_with_silence(learned: Repository) -> None:
    told = failure(learned) | {"error": "Exit code 1\nfrob: cannot open the lock file"}
    assert told_by("failure", told) == ""


def test_what_a_linter_reports_is_each_looked_up(empty: Repository, tmp_path: Path) -> None:
    """The directive that ended a finding in two sessions is told where the same rule is reported again."""
    logs = []
    for number in range(2):
        start = time.time() - 86400 * number - 99
        session = ClaudeSession(f"lint{number}", root=str(empty.root), start=start)
        session.prompt("make lint pass")
        session.bash("ruff check .", f"shop/a{number}.py:3:1 S324 Probable use of insecure hash", exit_code=1)
        session.edit(f"shop/a{number}.py", "x = md5(y)", "x = md5(y)  # noqa: S324")
        session.bash("ruff check .", "All checks passed!")
        logs.append(session.write(tmp_path / f"lint{number}.jsonl"))
    with View(empty) as view:
        ingest(view, logs)
        publish(view)
    printed = "shop/b.py:9:1 S324 Probable use of insecure hash\nFound 1 error."
    told = event(empty, tool_name="Bash", tool_input={"command": "ruff check shop"}, error=printed)
    assert "# noqa: S324" in told_by("failure", told)


def test_an_agent_that_does_not_say_so_is_told_by_the_output(learned: Repository) -> None:
    told = event(learned, tool_name="Bash", tool_input={"command": "pytest -q"}, tool_response=FAILED)
    assert CURE in told_by("result", told, "codex")


def test_what_a_viewing_command_prints_is_no_failure(learned: Repository) -> None:
    told = event(learned, tool_name="Bash", tool_input={"command": "cat log.txt"}, tool_response=FAILED)
    assert hook("result", told, "codex") == ""


def test_the_end_is_noted_for_the_next_start(learned: Repository) -> None:
    assert hook("end", event(learned, reason="other")) == ""
    assert "nowhere.jsonl" in (learned.state_dir / "due.jsonl").read_text()


def test_a_person_who_wants_quiet_has_it(learned: Repository) -> None:
    (learned.state_dir / "quiet").write_text("inf")
    assert told_by("failure", failure(learned)) == ""
    (learned.state_dir / "quiet").write_text("1000")
    assert CURE in told_by("failure", failure(learned), HOLDFAST_NOW="2000")


@pytest.mark.parametrize("agent", ["claude-code", "codex", "gemini"])
def test_each_agent_is_told_in_its_form(learned: Repository, agent: str) -> None:
    assert CURE in told_by("start", event(learned, agent, source="startup"), agent)


def test_an_agent_that_does_not_hear_at_its_start_is_told_at_its_first_prompt(learned: Repository) -> None:
    start, prompt = event(learned, "q", source="startup"), event(learned, "q", prompt="Go on.")
    assert hook("start", start, "qwen") == ""
    assert hook("prompt", event(learned, "q", prompt=""), "qwen") == ""
    assert CURE in told_by("prompt", prompt, "qwen")
    assert hook("prompt", prompt, "qwen") == ""


def test_a_session_that_tells_no_start_begins_at_its_prompt_and_ends_with_its_turn(
    learned: Repository,
) -> None:
    due = learned.state_dir / "due.jsonl"
    assert CURE in told_by("prompt", event(learned, "q", prompt="Go on."), "qwen")
    assert not due.exists()
    assert hook("stop", event(learned, "q"), "qwen") == ""
    assert '"q"' in due.read_text()
    hook("start", event(learned, "r", source="startup"), "qwen")
    hook("stop", event(learned, "r"), "qwen")
    assert '"r"' not in due.read_text()


def test_copilot_and_cursor_are_told_in_theirs(learned: Repository) -> None:
    told = {"sessionId": "c", "cwd": str(learned.root), "source": "new"}
    assert CURE in json.loads(hook("start", told, "copilot"))["additionalContext"]
    told = {"conversation_id": "d", "workspace_roots": [str(learned.root)]}
    assert CURE in json.loads(hook("start", told, "cursor"))["additional_context"]


def test_without_standard_input_and_output_it_ends_well(learned: Repository) -> None:
    line = f"exec {sys.executable} -I -S {FOLDER} claude-code start <&- >&-"
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=False, timeout=30)
    assert (done.returncode, done.stderr) == (0, b"")


def test_who_never_ends_its_input_is_not_waited_for(learned: Repository) -> None:
    started = [sys.executable, "-I", "-S", str(FOLDER), "claude-code", "start"]
    with subprocess.Popen(started, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.wait(timeout=30) == 0


def test_ten_agents_at_once_are_each_told(learned: Repository) -> None:
    with ThreadPoolExecutor(10) as pool:
        told = list(pool.map(lambda number: told_by("failure", failure(learned, f"s{number}")), range(10)))
    assert all(CURE in each for each in told)


BAD = {
    "no JSON": b"not json",
    "half of it": b'{"session_id": "a", "cwd": "',
    "nothing": b"",
    "a list": b"[]",
    "deep nesting": b'{"a":' * 50_000,
    "bytes that are no text": b"\xff\xfe\x00" * 100,
    "other types": b'{"session_id": 7, "cwd": {"a": 1}, "tool_input": "x", "error": [1]}',
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD)
@pytest.mark.parametrize("name", ["start", "failure", "call", "prompt"])
def test_what_cannot_be_read_is_met_with_silence(learned: Repository, data: bytes, name: str) -> None:
    assert hook(name, data) == ""


def test_fifty_megabytes_are_taken_and_met_with_silence(learned: Repository) -> None:
    told = failure(learned) | {"padding": "x" * (50 << 20)}
    assert hook("failure", told) == ""


def test_an_event_of_a_newer_version_is_still_read(learned: Repository) -> None:
    told = failure(learned) | {"schema": 99, "unheard_of": {"deep": [None, 1.5, True]}, "tool_input": {
        "command": "pytest -q", "sandbox": {"level": 3},
    }}  # fmt: skip
    assert CURE in told_by("failure", told)


def test_an_unknown_agent_or_event_is_met_with_silence(learned: Repository) -> None:
    assert hook("failure", failure(learned), "somebody") == ""
    assert hook("sneeze", failure(learned)) == ""


def test_without_an_index_it_still_tells(learned: Repository) -> None:
    (learned.state_dir / "index.db").unlink()
    assert CURE in told_by("failure", failure(learned))


@pytest.mark.parametrize("data", [None, b"", b"holdfast.hook/1\ngarbage", os.urandom(5000)])
def test_what_is_published_may_be_missing_or_damaged(learned: Repository, data: bytes | None) -> None:
    path = learned.state_dir / "hook.lines"
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    assert hook("failure", failure(learned)) == ""
    assert hook("start", event(learned, source="startup")) == ""


def test_an_untrusted_repository_is_told_nothing(learned: Repository) -> None:
    TrustStore().revoke(learned)
    assert hook("start", event(learned, source="startup")) == ""
    assert hook("failure", failure(learned)) == ""


def test_one_that_was_never_set_up_gets_no_file(tmp_path: Path, isolated_home: Path) -> None:
    from holdfast.testing import repositories

    made = repositories.make_repository(tmp_path / "r")
    before = repositories.snapshot(made)
    for name in ("start", "prompt", "call", "failure", "compact", "end"):
        assert hook(name, failure(made, prompt="do something useful now")) == ""
    assert repositories.snapshot(made) == before
    assert not made.state_dir.exists()


def test_it_says_nothing_where_nothing_can_be_written(learned: Repository) -> None:
    (learned.state_dir / "journal").write_text("in the way")
    assert hook("failure", failure(learned)) == ""
    assert hook("start", event(learned, source="startup")) == ""
