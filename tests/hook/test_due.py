"""Sessions are noted when they end, and a process of its own reads them at the next start."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from holdfast.hook import due
from holdfast.hook.incoming import Incoming
from holdfast.hook.moment import session_key
from holdfast.repo.location import Repository
from holdfast.repo.lock import held
from holdfast.testing.sessions import ClaudeSession

NOW = 1_772_400_000.0


class Moment:
    """What a hook is given, without what it does not need."""

    def __init__(self, repository: Repository, agent: str, event: str, **told: str) -> None:
        self.incoming = Incoming(agent, event, dict(told))
        self.key = session_key(self.incoming.name, self.incoming.session)
        self.place = Place(repository)
        self.now = NOW


class Place:
    def __init__(self, repository: Repository) -> None:
        self.root, self.state = str(repository.root), str(repository.state_dir)


def lines(repository: Repository) -> list[dict[str, object]]:
    text = (repository.state_dir / due.NAME).read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_an_end_is_one_line_that_says_where_the_log_is(empty: Repository) -> None:
    moment = Moment(
        empty, "gemini", "end", session_id="abc", cwd="/p", transcript_path="/t.jsonl", reason="exit"
    )
    due.note_end(moment)
    assert lines(empty) == [
        {
            "at": NOW, "agent": "gemini-cli", "session": "abc", "transcript": "/t.jsonl", "cwd": "/p",
            "reason": "exit",
        }
    ]  # fmt: skip
    assert (empty.state_dir / due.NAME).stat().st_mode & 0o777 == 0o600


def test_an_end_that_names_no_session_is_not_noted(empty: Repository) -> None:
    due.note_end(Moment(empty, "codex", "end", cwd="/p"))
    assert not (empty.state_dir / due.NAME).exists()


def test_ten_sessions_that_end_at_once_are_all_noted(empty: Repository) -> None:
    with ThreadPoolExecutor(10) as pool:
        ends = [Moment(empty, "codex", "end", session_id=f"s{number}") for number in range(50)]
        list(pool.map(due.note_end, ends))
    assert {line["session"] for line in lines(empty)} == {f"s{number}" for number in range(50)}


def test_nothing_is_written_through_a_link(empty: Repository, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("")
    (empty.state_dir / due.NAME).symlink_to(outside)
    with pytest.raises(OSError, match=r"symbolic|levels"):
        due.note_end(Moment(empty, "codex", "end", session_id="s"))
    assert outside.read_text() == ""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", False),
        ("not json\n", False),
        ('{"session":"s","at":1,"reason":"exit"}\n', True),
        (f'{{"session":"s","at":{NOW - 60},"reason":"open"}}\n', False),
        (f'{{"session":"s","at":{NOW - 700},"reason":"open"}}\n', True),
        ('{"session":"s","at":1,"reason":"exit","tries":3}\n', False),
    ],
)
def test_what_is_due(empty: Repository, line: str, *, expected: bool) -> None:
    (empty.state_dir / due.NAME).write_text(line)
    assert due.is_due(str(empty.state_dir), NOW) is expected


@pytest.mark.parametrize(
    ("written", "looked", "expected"),
    [
        (NOW - 700, None, True),
        (NOW - 30, None, False),
        (NOW - 700, NOW - 650, False),
        (NOW - 700, NOW - 800, True),
    ],
)
def test_a_journal_that_fell_silent_since_they_were_looked_through_is_due(
    empty: Repository, written: float, looked: float | None, *, expected: bool
) -> None:
    path = empty.state_dir / due.JOURNALS / "0123456789abcdef.jsonl"
    path.parent.mkdir()
    path.write_text("{}\n")
    os.utime(path, (written, written))
    if looked is not None:
        stamp = empty.state_dir / due.LOOKED
        stamp.touch()
        os.utime(stamp, (looked, looked))
    assert due.is_due(str(empty.state_dir), NOW) is expected


def test_no_second_process_is_started_while_one_reads(empty: Repository) -> None:
    """It would only find the lock taken, ten times over when ten agents start at once."""
    due.note_end(Moment(empty, "codex", "end", session_id="s"))
    with held(empty, name=due.LOCK):
        assert due._is_at_work(str(empty.state_dir))
    assert not due._is_at_work(str(empty.state_dir))


def test_a_start_has_what_is_due_read_by_a_process_apart(empty: Repository, isolated_home: Path) -> None:
    """The process takes nothing from the working directory, and is over when it has read what there was."""
    log = ClaudeSession("0badcafe-0000-4000-8000-000000000001", root=str(empty.root), start=NOW - 5000)
    log.bash("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", exit_code=1)
    log.bash("uv run pytest -q", "3 passed")
    path = log.write(isolated_home / ".claude" / "projects" / "p" / f"{log.id}.jsonl")
    due.note_end(
        Moment(empty, "claude-code", "end", session_id=log.id, cwd=str(empty.root), transcript_path=str(path))
    )
    assert empty.root is not None
    (empty.root / "json.py").write_text("raise SystemExit('a module of the project was imported')\n")
    due.start_capture(Moment(empty, "claude-code", "start", session_id="other"))
    end = time.monotonic() + 50
    while lines(empty) and time.monotonic() < end:
        time.sleep(0.1)
    assert lines(empty) == []
    records = empty.git("ls-tree", "-r", "--name-only", "holdfast").decode()
    assert "learnings/failure/" in records
    assert "segments/" in records
