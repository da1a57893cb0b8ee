"""What sessions did is kept once, without secrets and without the words of a person."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from holdfast.learn import guard_history
from holdfast.learn.guard_history import FOLDER, note_sessions, read_sessions
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.discovery import expand
from holdfast.transcripts.origin import FileOrigin


@pytest.fixture
def session(empty: Repository) -> ClaudeSession:
    return ClaudeSession("5f0c" * 8, root=str(empty.root), start=1_772_359_200.0)


def note(repository: Repository, session: ClaudeSession, folder: Path) -> int:
    return note_sessions(repository, list(expand([session.write(folder / "log.jsonl")])))


def test_calls_are_kept_with_what_became_of_them(
    empty: Repository, session: ClaudeSession, tmp_path: Path
) -> None:
    session.bash("npm install", "no", exit_code=1)
    session.edit("db/schema.rb", "a", "b")
    session.reject("git push --force", "no!")
    note(empty, session, tmp_path)
    (kept,) = read_sessions(empty)
    assert [(deed.command, deed.paths, deed.status) for deed in kept.deeds] == [
        ("npm install", (), "failed"),
        ("", ("db/schema.rb",), "ok"),
        ("git push --force", (), "rejected"),
    ]


def test_a_session_that_did_not_change_is_not_read_again(
    empty: Repository, session: ClaudeSession, tmp_path: Path
) -> None:
    session.bash("make", "ok")
    assert note(empty, session, tmp_path) == 1
    assert note_sessions(empty, list(expand([tmp_path / "log.jsonl"]))) == 0
    session.bash("make test", "ok")
    assert note(empty, session, tmp_path) == 1
    assert [len(one.deeds) for one in read_sessions(empty)] == [2]


def test_what_the_person_asked_for_is_known_and_what_he_forbade_is_not(
    empty: Repository, session: ClaudeSession, tmp_path: Path
) -> None:
    session.prompt("Please run npm install. Never use git push --force!")
    session.bash("npm install", "ok")
    session.bash("git push --force", "ok")
    note(empty, session, tmp_path)
    asked, forbidden = read_sessions(empty)[0].deeds
    assert asked.named == ("install", "npm")
    assert "--force" not in forbidden.named


def test_no_secret_and_no_word_of_a_prompt_is_kept(
    empty: Repository, session: ClaudeSession, tmp_path: Path
) -> None:
    secret = "ghp_" + "x7Kq2mZ9" * 4 + "abcd"
    session.prompt("our customer Zebulon wants it")
    session.bash(f"curl -H 'Authorization: token {secret}' https://example.com", "ok")
    session.bash(f"echo {secret} > login", "ok")
    note(empty, session, tmp_path)
    data = b"".join(path.read_bytes() for path in (empty.state_dir / FOLDER).iterdir())
    assert b"curl" in data
    assert secret.encode() not in data
    assert b"ebulon" not in data


def test_the_latest_sessions_are_kept_and_older_ones_are_not_read_again(
    empty: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard_history, "MOST_SESSIONS", 2)
    logs = []
    for number in range(4):
        one = ClaudeSession(f"5f0{number}" * 8, root=str(empty.root), start=1_772_359_200.0)
        one.bash(f"make number{number}", "ok")
        logs.append(one.write(tmp_path / f"{number}.jsonl"))
        os.utime(logs[-1], (1e9 + number, 1e9 + number))
    newest_first = list(expand(logs))[::-1]
    assert note_sessions(empty, newest_first) == 2
    assert note_sessions(empty, newest_first) == 0
    assert {one.deeds[0].command for one in read_sessions(empty)} == {"make number2", "make number3"}


def test_a_log_that_cannot_be_read_is_named_and_the_others_are_read(
    empty: Repository, session: ClaudeSession, tmp_path: Path
) -> None:
    session.bash("make", "ok")
    good = session.write(tmp_path / "log.jsonl")
    other = tmp_path / "other.jsonl"
    other.write_text("no log of any agent\n")
    unreadable: list[str] = []
    assert note_sessions(empty, [*expand([good]), FileOrigin(other)], unreadable=unreadable) == 1
    assert unreadable == [str(other)]


def test_a_damaged_file_is_as_if_it_were_not_there(
    empty: Repository, session: ClaudeSession, tmp_path: Path
) -> None:
    session.bash("make", "ok")
    note(empty, session, tmp_path)
    for path in (empty.state_dir / FOLDER).iterdir():
        path.write_bytes(b"\xc1")
    assert read_sessions(empty) == []
