"""``holdfast status --context``: which session it shows, and how."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from tests.cli.conftest import Run

from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.discovery import project_directory_name

ID = "5f0c1a2b-0000-4000-8000-000000000001"


@pytest.fixture(autouse=True)
def _outside_of_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAUDE_CODE_SESSION_ID", raising=False)


def session_of(repository: Repository, session: str = ID) -> ClaudeSession:
    made = ClaudeSession(
        session, root=str(repository.root), start=time.time() - 600, model="claude-sonnet-4-5"
    )
    made.prompt("Make the tests pass")
    made.read("shop/cart.py", "x = 1\n" * 400)
    made._context = 88_168
    made.say("Going on.")
    return made


def in_home(repository: Repository, home: Path, session: str = ID) -> Path:
    """Write a session where Claude Code would."""
    folder = home / ".claude" / "projects" / project_directory_name(str(repository.root))
    return session_of(repository, session).write(folder / f"{session}.jsonl")


def heard_of(repository: Repository, log: Path, session: str = ID, age: float = 0.0) -> None:
    """Note in a journal that a session started, as a hook does."""
    folder = repository.ensure_state() / "journal"
    folder.mkdir(exist_ok=True)
    told = {"at": 1, "do": "start", "session": session, "transcript": str(log), "root": str(repository.root)}
    path = folder / f"{session}.jsonl"
    path.write_text(json.dumps(told) + "\n")
    os.utime(path, (time.time() - age, time.time() - age))


def test_the_last_session_that_hooks_heard_of_is_shown(
    holdfast: Run, repository: Repository, tmp_path: Path
) -> None:
    old = session_of(repository, "old-1").write(tmp_path / "old.jsonl")
    heard_of(repository, session_of(repository).write(tmp_path / "new.jsonl"))
    heard_of(repository, old, "old-1", age=5000)
    done = holdfast("status", "--context")
    assert done.code == 0
    assert "45 % full, 90k of 200k tokens (claude-code 5f0c1a2b, claude-sonnet-4-5)" in done.out
    assert "shop/cart.py" in done.out
    assert "So far: 1 exchange" in done.out


def test_a_session_is_named_by_the_beginning_of_its_id(
    holdfast: Run, repository: Repository, home: Path
) -> None:
    in_home(repository, home)
    assert "5f0c1a2b" in holdfast("status", "--context", "--session", "5f0c").out


def test_a_session_is_named_by_its_log(holdfast: Run, repository: Repository, tmp_path: Path) -> None:
    log = session_of(repository).write(tmp_path / "any.jsonl")
    done = holdfast("status", "--context", "--session", str(log), "--json")
    assert (done.json["schema"], done.json["percent"]) == ("holdfast.status-context/1", 45)


def test_the_agent_that_asks_is_shown_its_own(
    holdfast: Run, repository: Repository, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_home(repository, home)
    in_home(repository, home, "ffffffff-0000")
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", ID)
    assert "5f0c1a2b" in holdfast("status", "--context").out


def test_the_home_is_not_looked_into_unasked(holdfast: Run, repository: Repository, home: Path) -> None:
    in_home(repository, home)
    done = holdfast("status", "--context")
    assert done.code == 2
    assert "--session ID" in done.err


def test_an_unknown_session_and_an_ambiguous_one_are_refused(
    holdfast: Run, repository: Repository, home: Path
) -> None:
    in_home(repository, home)
    in_home(repository, home, "5f0cffff-0000")
    assert "no session 'zzz'" in holdfast("status", "--context", "--session", "zzz").err
    assert "2 sessions have '5f0c' in their name" in holdfast("status", "--context", "--session", "5f0c").err


def test_what_stands_in_a_log_moves_no_cursor(holdfast: Run, repository: Repository, tmp_path: Path) -> None:
    session = ClaudeSession("5f\x1b[2J", root="/", start=1.0, model="mo\x1b[2Jdel")
    session.read("a\x1b[2Jb.py", "x = 1\n" * 400)
    for _ in range(2):
        session.read("c\x1b[2Jd.py", "x = 1\n" * 400)
    log = session.write(tmp_path / "log.jsonl")
    done = holdfast("status", "--context", "--session", str(log))
    assert done.code == 0
    assert "\x1b" not in done.out


def test_a_compaction_is_called_what_it_is(holdfast: Run, repository: Repository, tmp_path: Path) -> None:
    session = session_of(repository)
    session.compact(160_000)
    session.say("Where was I?")
    log = session.write(tmp_path / "log.jsonl")
    out = holdfast("status", "--context", "--session", str(log)).out
    assert "Out of memory: compacted 1 time (at 160k tokens)" in out


def test_it_works_where_holdfast_is_set_up(holdfast: Run, empty: Repository, tmp_path: Path) -> None:
    log = session_of(empty).write(tmp_path / "log.jsonl")
    done = holdfast("status", "--context", "--session", str(log), "-C", str(empty.directory))
    assert done.code == 0, done.err
