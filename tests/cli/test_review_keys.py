"""On a terminal one key decides on each thing that waits, shown with what it rests on."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.learn import waiting
from holdfast.learn.quoted import propose_quoted
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession

Run = Callable[..., Any]
SAID = {
    "always use uv run, the bare interpreter lacks the extras": (
        "Use `uv run pytest`, because the bare `pytest` failed without the extras of the project."
    ),
    "we dropped moment in favour of luxon last year": (
        "Use `luxon` for dates, because `moment` was dropped: its bundle was too large."
    ),
}
PROMPT = b"q quit "


@pytest.fixture
def proposed(empty: Repository, tmp_path: Path) -> Repository:
    """A repository in which two sessions have proposed what their user said."""
    for number, (words, text) in enumerate(SAID.items()):
        session = f"session-{number}"
        log = ClaudeSession(session, root=str(empty.directory), start=1772359200.0)
        log.prompt(words)
        log.bash("echo done", "done")
        log.write(tmp_path / ".claude" / "projects" / "-p" / f"{session}.jsonl")
        with View(empty) as view:
            found = propose_quoted(
                view, text, words, home=tmp_path, environ={"CLAUDE_CODE_SESSION_ID": session}
            )
            assert found.found
    return empty


def press(repository: Repository, keys: str, meanwhile: Callable[[], object] = lambda: None) -> str:
    """Run `holdfast review` on a terminal, press keys when it asks, each after ``meanwhile``; return all."""
    control, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "holdfast", "review"], cwd=repository.directory,
        stdin=terminal, stdout=terminal, stderr=terminal,
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "96"},
    )  # fmt: skip
    os.close(terminal)
    told = b""
    for key in keys:  # what is typed before it is asked for is thrown away
        begun = len(told)
        while PROMPT not in told[begun:] and (chunk := read(control)):
            told += chunk
        while process.poll() is None and termios.tcgetattr(control)[3] & termios.ICANON:
            time.sleep(0.01)
        meanwhile()
        os.write(control, key.encode())
    while chunk := read(control):
        told += chunk
    assert process.wait(60) == 0, told.decode()
    return told.decode()


def read(descriptor: int) -> bytes:
    if not select.select([descriptor], [], [], 30)[0]:
        return b""
    try:
        return os.read(descriptor, 4096)
    except OSError:  # the other end is closed
        return b""


def states(repository: Repository) -> list[str]:
    return sorted(item.status for item in waiting.read(repository))


def recorded(repository: Repository) -> int:
    with View(repository) as view:
        return len(view.learnings())


def test_each_is_shown_with_the_words_it_rests_on(proposed: Repository) -> None:
    told = " ".join(press(proposed, "q").replace("\r", "").split())
    assert sum(f"In the user's words: “{words}”" in told for words in SAID) == 1
    assert "a accept · d set aside for good · s later · q quit" in told
    assert states(proposed) == ["waiting", "waiting"]


def test_one_key_accepts_and_one_sets_aside(proposed: Repository) -> None:
    told = press(proposed, "ad")
    assert "1 recorded, 1 set aside, 0 left for later." in told
    assert states(proposed) == ["dropped"]
    assert recorded(proposed) == 1


def test_any_other_key_leaves_it_for_later(proposed: Repository) -> None:
    assert "0 recorded, 0 set aside, 2 left for later." in press(proposed, "sx")
    assert states(proposed) == ["waiting", "waiting"]
    assert recorded(proposed) == 0


def test_without_a_terminal_what_waits_is_listed(
    proposed: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(proposed.directory)
    done = holdfast("review")
    assert done.code == 0
    assert "holdfast review accept ID" in done.out
    assert states(proposed) == ["waiting", "waiting"]


def test_one_that_is_refused_says_why_and_the_next_is_asked(proposed: Repository) -> None:
    first = min(proposed.state_dir.glob("candidates/*.json"))
    told = press(proposed, "aa", meanwhile=lambda: first.unlink(missing_ok=True))
    assert "not done" in told
    assert "1 recorded, 0 set aside, 1 left for later." in told
    assert recorded(proposed) == 1
