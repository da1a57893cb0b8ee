"""Many transcripts are read into facts, whatever some of them are."""

from __future__ import annotations

from pathlib import Path

from holdfast.measure.tuition.merge import merged
from holdfast.measure.tuition.sessions import read_sessions
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts.transcript import expand

from .conftest import GREEN, RED, Ran, write


def test_a_session_is_read_as_its_runs_and_its_lessons(tmp_path: Path) -> None:
    wrong = Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1)
    log = write(tmp_path, 1, [wrong, Ran("gh pr diff 12 --name-only", "a.py")])
    (read,) = read_sessions(list(expand([log])))
    (session,) = read.sessions
    assert [(run.text, run.status) for run in session.facts.runs] == [
        ("gh pr diff 12 --stat", "failed"),
        ("gh pr diff 12 --name-only", "ok"),
    ]
    (lesson,) = session.lessons
    assert (lesson.form, lesson.instead, lesson.failed) == (
        "call",
        "gh pr diff 12 --name-only",
        "gh pr diff 12 --stat",
    )


def test_what_cannot_be_read_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    log = write(tmp_path, 1, [GREEN])
    broken = tmp_path / "broken.jsonl"
    broken.write_bytes(b"\x00\x01")
    read = list(read_sessions([*expand([log]), *expand([broken]), *expand([tmp_path / "gone.jsonl"])]))
    assert sum(len(one.sessions) for one in read) == 1
    unreadable = [item for one in read for item in one.unreadable]
    assert [Path(item.name).name for item in unreadable] == ["broken.jsonl", "gone.jsonl"]
    assert all(item.reason and not item.reason.startswith("/") for item in unreadable)


def test_a_copied_call_counts_once(tmp_path: Path) -> None:
    """A fork begins with the calls of the session it came from, under their own ids."""
    first = ClaudeSession("5f0c0001-0000-4000-8000-000000000001", root="/home/ada/shop", start=1782000000.0)
    first.bash(*RED)
    fork = ClaudeSession("5f0c0002-0000-4000-8000-000000000002", root="/home/ada/shop", start=1782000000.0)
    fork.bash(*RED)
    fork.bash(*GREEN)
    fork.records = [
        *({**one, "sessionId": fork.id} for one in first.records),
        *fork.records[len(first.records) :],
    ]
    logs = [first.write(tmp_path / "1.jsonl"), fork.write(tmp_path / "2.jsonl")]
    sessions = merged(one for read in read_sessions(list(expand(logs))) for one in read.sessions)
    assert len(sessions) == 2
    assert sum(len(session.facts.episodes) for session in sessions) == 1
    assert sum(run.status == "failed" for session in sessions for run in session.facts.runs) == 1


def test_two_logs_of_one_session_are_one_session(tmp_path: Path) -> None:
    one = ClaudeSession("5f0c0001-0000-4000-8000-000000000001", root="/home/ada/shop", start=1782000000.0)
    one.bash(*RED)
    short = one.write(tmp_path / "short.jsonl")
    one.bash(*GREEN)
    whole = one.write(tmp_path / "whole.jsonl")
    (session,) = merged(got for read in read_sessions(list(expand([short, whole]))) for got in read.sessions)
    assert [run.text for run in session.facts.runs] == ["bun test", "bun run test"]
    assert len(session.facts.episodes) == 1


def test_what_a_fork_copied_teaches_once(tmp_path: Path) -> None:
    wrong, right = Ran("gh pr diff 12 --stat", "unknown flag: --stat", 1), Ran("gh pr diff 12 --name-only")
    first = ClaudeSession("5f0c0001-0000-4000-8000-000000000001", root="/home/ada/shop", start=1782000000.0)
    first.bash(*wrong)
    first.bash(*right)
    first.ask("Which database should the order history use?", ["SQLite", "PostgreSQL"], "SQLite")
    fork = ClaudeSession("5f0c0002-0000-4000-8000-000000000002", root="/home/ada/shop", start=1782000000.0)
    fork.records = [{**one, "sessionId": fork.id} for one in first.records]
    fork.bash(*GREEN)
    fork.ask("Which cache should the order history use?", ["Redis", "none"], "none")
    logs = [first.write(tmp_path / "1.jsonl"), fork.write(tmp_path / "2.jsonl")]
    one, other = merged(got for read in read_sessions(list(expand(logs))) for got in read.sessions)
    assert (len(one.lessons), len(other.lessons)) == (1, 0)
    assert [agreement.answer for agreement in other.agreements][-1] == "none"


def test_the_parts_of_a_session_keep_what_was_settled_in_each(tmp_path: Path) -> None:
    parts = []
    for number in (1, 2):
        part = ClaudeSession(
            "5f0c0001-0000-4000-8000-000000000001", root="/home/ada/shop", start=1782000000.0
        )
        part._number = 100 * number
        part.bash(*GREEN)
        part.ask(f"Which database should history {number} use?", ["SQLite", "PostgreSQL"], "SQLite")
        parts.append(part.write(tmp_path / f"{number}.jsonl"))
    reads = [got for read in read_sessions(list(expand(parts))) for got in read.sessions]
    (session,) = merged(reads)
    assert len(session.agreements) == 2
    assert session.facts.tokens == sum(read.facts.tokens for read in reads)


def test_sessions_come_in_the_order_of_their_time(tmp_path: Path) -> None:
    logs = [write(tmp_path / str(number), number, [GREEN]) for number in (3, 1, 2)]
    sessions = merged(one for read in read_sessions(list(expand(logs))) for one in read.sessions)
    assert [session.facts.id[:8] for session in sessions] == ["5f0c0001", "5f0c0002", "5f0c0003"]
