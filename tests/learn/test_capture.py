"""Sessions that ended are read soon, whichever way they ended, once, and only those of this repository."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from holdfast.errors import RecordsBusy
from holdfast.evidence import journal
from holdfast.evidence.segments import session_key
from holdfast.hook import due as hook_due
from holdfast.learn.capture import LOCK, Captured, capture, is_due, is_given_up
from holdfast.learn.due import Due, DueList
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.repo.lock import held
from holdfast.testing.sessions import ClaudeSession, CodexSession
from holdfast.transcripts.events import SessionInfo

NOW = 1_772_400_000.0
FAILURE = "E   ModuleNotFoundError: No module named 'shop'"


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", str(NOW))


def log_of(repository: Repository, home: Path, number: int = 1, root: str = "", age: float = 60) -> Path:
    """Write a session's log as Claude Code does, last changed so many seconds ago."""
    name = f"0badcafe-0000-4000-8000-00000000000{number}"
    session = ClaudeSession(name, root=root or str(repository.root), start=NOW - 5000)
    session.bash("pytest -q", FAILURE, exit_code=1)
    session.bash("uv run pytest -q", "3 passed")
    path = session.write(home / ".claude" / "projects" / "p" / f"{name}.jsonl")
    os.utime(path, (NOW - age, NOW - age))
    return path


def line(path: Path, **more: Any) -> dict[str, Any]:
    return {
        "at": NOW - 60, "agent": "claude-code", "session": path.stem, "transcript": str(path),
        "cwd": "", "reason": "exit", **more,
    }  # fmt: skip


def put(repository: Repository, *lines: dict[str, Any]) -> None:
    text = "".join(json.dumps(each) + "\n" for each in lines)
    (repository.state_dir / hook_due.NAME).write_text(text)


def started(repository: Repository, path: Path, *more: str, age: float = 60) -> None:
    """Write the journal of a session that began."""
    folder = repository.state_dir / journal.FOLDER
    folder.mkdir(exist_ok=True)
    key = session_key(SessionInfo(agent="claude-code", id=path.stem))
    entry = {
        "at": NOW - 5000, "do": "start", "agent": "claude-code", "session": path.stem,
        "transcript": str(path), "root": str(repository.root),
    }  # fmt: skip
    entries = [entry, *({"at": NOW - age, "do": word} for word in more)]
    file = folder / f"{key}.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in entries))
    os.utime(file, (NOW - age, NOW - age))


def run(repository: Repository, home: Path, **more: Any) -> Captured:
    with View(repository) as view:
        return capture(view, home=home, **more)


def left(repository: Repository) -> list[Due]:
    return DueList(repository).lines


def test_what_ended_is_read_and_no_longer_due(empty: Repository, isolated_home: Path) -> None:
    put(empty, line(log_of(empty, isolated_home)))
    done = run(empty, isolated_home)
    assert (done.sessions, len(done.report.learned), left(empty)) == (1, 1, [])
    assert not is_due(empty)


def test_a_path_that_can_be_none_keeps_no_other_session_from_being_read(
    empty: Repository, isolated_home: Path
) -> None:
    path = log_of(empty, isolated_home)
    started(empty, Path("/x\0y"), age=3600)
    put(empty, line(path, transcript="/x\0y", session="other"), line(path))
    done = run(empty, isolated_home)
    assert (done.sessions, left(empty)) == (1, [])


def test_a_session_that_ended_twice_is_read_once(empty: Repository, isolated_home: Path) -> None:
    path = log_of(empty, isolated_home)
    put(empty, line(path), line(path, reason="logout"))
    assert run(empty, isolated_home).sessions == 1


def test_the_logs_of_its_subagents_are_read_with_it(empty: Repository, isolated_home: Path) -> None:
    path = log_of(empty, isolated_home)
    inner = ClaudeSession("agent-1", root=str(empty.root), start=NOW - 4000)
    inner.bash("go test ./...", "main_test.go:3: undefined: shop", exit_code=1)
    inner.write(path.with_suffix("") / "subagents" / "agent-1.jsonl")
    put(empty, line(path))
    done = run(empty, isolated_home)
    assert (done.sessions, done.report.transcripts, len(done.transcripts)) == (1, 2, 1)


def test_a_killed_session_is_read_once_it_is_idle(empty: Repository, isolated_home: Path) -> None:
    path = log_of(empty, isolated_home, age=700)
    started(empty, path, age=4000)
    assert is_due(empty)
    assert run(empty, isolated_home).sessions == 1
    assert not is_due(empty)


def test_a_session_at_work_is_looked_at_again_later(
    empty: Repository, isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its journal may be old while its log grows: so it stays listed until it falls silent."""
    started(empty, log_of(empty, isolated_home, age=20), age=4000)
    done = run(empty, isolated_home)
    assert (done.sessions, done.open, is_due(empty)) == (0, 1, False)
    monkeypatch.setenv("HOLDFAST_NOW", str(NOW + 700))
    assert is_due(empty)
    done = run(empty, isolated_home)
    assert (done.sessions, done.open, left(empty)) == (1, 0, [])


def test_a_session_that_said_it_ended_is_left_to_its_line(empty: Repository, isolated_home: Path) -> None:
    started(empty, log_of(empty, isolated_home, age=700), "end", age=700)
    assert run(empty, isolated_home).sessions == 0


def test_a_log_of_another_project_is_not_read(empty: Repository, isolated_home: Path, tmp_path: Path) -> None:
    """A list that came with a copied clone may name any file."""
    put(empty, line(log_of(empty, isolated_home, root="/home/ada/secret")))
    done = run(empty, isolated_home)
    assert (done.sessions, done.missing, empty.git("for-each-ref", "refs/heads/holdfast")) == (0, 1, b"")


def test_a_log_that_was_not_named_is_found_by_its_session(empty: Repository, isolated_home: Path) -> None:
    name = "019a0000-0000-7000-8000-000000000001"
    session = CodexSession(name, root=str(empty.root), start=NOW - 5000)
    session.bash("pytest -q", FAILURE, exit_code=1)
    session.write(isolated_home / ".codex" / "sessions" / "2026" / "03" / "01" / f"rollout-x-{name}.jsonl")
    put(empty, {"at": NOW, "agent": "codex", "session": name, "transcript": "", "reason": ""})
    assert run(empty, isolated_home).sessions == 1


def test_a_log_that_is_not_there_yet_is_tried_a_few_times(empty: Repository, isolated_home: Path) -> None:
    gone = isolated_home / "0badcafe-0000-4000-8000-000000000009.jsonl"
    put(empty, line(gone))
    for tries in (1, 2, 3):
        run(empty, isolated_home)
        assert [each.tries for each in left(empty)] == [tries]
    assert not is_due(empty)


def test_a_session_that_was_given_up_is_read_when_a_person_asks(
    empty: Repository, isolated_home: Path
) -> None:
    put(empty, line(log_of(empty, isolated_home), tries=3))
    assert (is_due(empty), is_given_up(empty)) == (False, True)
    assert (run(empty, isolated_home).sessions, len(left(empty))) == (0, 1)
    assert (run(empty, isolated_home, given_up=True).sessions, left(empty)) == (1, [])


@pytest.mark.parametrize("tries", [0, 3])
def test_a_log_that_never_came_is_given_up(tries: int, empty: Repository, isolated_home: Path) -> None:
    gone = isolated_home / "0badcafe-0000-4000-8000-000000000009.jsonl"
    put(empty, line(gone, at=NOW - 3600, tries=tries))
    assert run(empty, isolated_home).missing == 1
    assert left(empty) == []


def test_without_time_what_is_left_waits(empty: Repository, isolated_home: Path) -> None:
    put(empty, *(line(log_of(empty, isolated_home, number)) for number in (1, 2, 3)))
    done = run(empty, isolated_home, seconds=-1)
    assert (done.sessions, done.left, len(left(empty))) == (0, 3, 3)
    assert run(empty, isolated_home).sessions == 3


def test_what_was_stopped_in_the_middle_is_tried_again(empty: Repository, isolated_home: Path) -> None:
    put(empty, line(log_of(empty, isolated_home, 1)), line(log_of(empty, isolated_home, 2)))
    with View(empty) as view, held(empty, name="ingest.lock"), pytest.raises(RecordsBusy):
        capture_at_once(view, isolated_home)
    assert len(left(empty)) == 2
    assert run(empty, isolated_home).sessions == 2


def capture_at_once(view: View, home: Path) -> None:
    from holdfast.learn import capture as module

    module._Capture(view, 40, home, []).all(patience=0.1)


def test_what_is_added_meanwhile_stays(empty: Repository, isolated_home: Path) -> None:
    put(empty, line(log_of(empty, isolated_home, 1)))
    listed = DueList(empty)
    hook_due.append(str(empty.state_dir), line(log_of(empty, isolated_home, 2)))
    listed.keep([])
    assert [each.session[-1] for each in left(empty)] == ["2"]


def test_one_process_works_in_a_repository_at_a_time(empty: Repository, isolated_home: Path) -> None:
    put(empty, line(log_of(empty, isolated_home)))
    context = multiprocessing.get_context("spawn")
    begun, end = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(empty.directory), begun, end))
    other.start()
    assert begun.wait(30)
    assert run(empty, isolated_home).busy
    end.set()
    other.join(30)
    assert len(left(empty)) == 1


def _hold(directory: str, begun: Any, end: Any) -> None:
    with held(Repository.find(directory), 0.0, name=LOCK):
        begun.set()
        end.wait(30)


@pytest.mark.parametrize("text", [b"\xff\xfe\n", b"[" * 4000 + b"\n", b'{"session": 5}\n', b"{}\n"])
def test_lines_that_are_none_do_no_harm(empty: Repository, isolated_home: Path, text: bytes) -> None:
    (empty.state_dir / hook_due.NAME).write_bytes(
        text + json.dumps(line(log_of(empty, isolated_home))).encode()
    )
    assert run(empty, isolated_home).sessions == 1
    assert left(empty) == []


def test_journals_long_silent_are_moved_and_still_found(empty: Repository, isolated_home: Path) -> None:
    path = log_of(empty, isolated_home, age=40 * 86_400)
    started(empty, path, "end", age=40 * 86_400)
    key = session_key(SessionInfo(agent="claude-code", id=path.stem))
    before = journal.read(empty, key)
    run(empty, isolated_home)
    assert list(journal.read_all(empty)) == []
    assert journal.read(empty, key) == before
