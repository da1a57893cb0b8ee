"""``holdfast review guard`` as a user meets it."""

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

from holdfast.hook.published import NAME, Published
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession

Run = Callable[..., Any]


@pytest.fixture
def logs(empty: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sessions of this repository that broke a rule of its AGENTS.md."""
    assert empty.root is not None
    monkeypatch.chdir(empty.root)
    (empty.root / "AGENTS.md").write_text("- Never run `npm install`; use `pnpm install`.\n")
    for number in range(3):
        session = ClaudeSession(f"{number:08x}" * 4, root=str(empty.root), start=1_780_000_000.0 + number)
        session.prompt("go on")
        session.bash("npm install left-pad", "ok")
        session.write(tmp_path / "logs" / f"{number}.jsonl")
    return tmp_path / "logs"


def test_without_sessions_it_says_how_to_read_them(holdfast: Run, empty: Repository) -> None:
    done = holdfast("review", "guard", "-C", str(empty.root))
    assert done.code == 0
    assert "`holdfast review guard --yes`" in done.out


def test_a_broken_rule_is_shown_with_its_proof(holdfast: Run, logs: Path) -> None:
    out = holdfast("review", "guard", "--sessions", str(logs)).out
    assert "“Never run `npm install`; use `pnpm install`.” (AGENTS.md:1)" in out
    assert "broken in 3 of 3 sessions; a guard would have stopped 3 calls, wrongly 0" in out


def test_sessions_of_the_home_are_read_when_allowed(
    holdfast: Run, logs: Path, empty: Repository, isolated_home: Path
) -> None:
    folder = isolated_home / ".claude" / "projects" / str(empty.root).replace("/", "-").replace("_", "-")
    folder.mkdir(parents=True)
    for log in logs.iterdir():
        log.rename(folder / log.name)
    assert "3 past sessions" in holdfast("review", "guard", "--yes").out


def test_accepting_makes_a_guard_and_says_what_it_needs(holdfast: Run, logs: Path) -> None:
    holdfast("review", "guard", "--sessions", str(logs))
    done = holdfast("review", "guard", "accept", "npm-install")
    assert done.code == 0
    assert "Guard npm-install made" in done.out
    assert "holdfast init --level knowledge" in done.out, "agents do not call guards at this level"
    assert "Accepted, and not called yet" in holdfast("review", "guard").out


def test_an_unknown_proposal_is_refused(holdfast: Run, logs: Path) -> None:
    done = holdfast("review", "guard", "accept", "nothing")
    assert (done.code, "No guard `nothing` is proposed" in done.err) == (2, True)


def test_a_guard_is_tried_on_a_command(holdfast: Run, logs: Path) -> None:
    holdfast("review", "guard", "--sessions", str(logs))
    holdfast("review", "guard", "accept", "npm-install", "--rewrite")
    stopped = holdfast("review", "guard", "test", "cd web && npm i x")
    assert (stopped.code, "Replaced by npm-install: cd web && pnpm install x" in stopped.out) == (1, True)
    assert holdfast("review", "guard", "test", "make").code == 0
    assert "would have stopped 3" in holdfast("review", "guard", "test").out


def test_a_person_writes_a_guard_and_takes_it_away(holdfast: Run, logs: Path) -> None:
    rule = ("--rule", "Migrations are never edited.")
    assert holdfast("review", "guard", "add", "migrations", "--path", "db/migrate/**", *rule).code == 0
    assert holdfast("review", "guard", "test", "--path", "db/migrate/1.sql").code == 1
    assert holdfast("review", "guard", "keep", "migrations", "--days", "5").code == 0
    assert holdfast("review", "guard", "remove", "migrations").out == "migrations removed.\n"
    assert holdfast("review", "guard", "test", "--path", "db/migrate/1.sql").code == 0


def test_a_guard_for_everybody_says_to_commit_it(holdfast: Run, logs: Path, empty: Repository) -> None:
    rule = ("--rule", "Never.", "--command", "git push --force", "--shared")
    out = holdfast("review", "guard", "add", "force", *rule).out
    assert "commit it" in out
    assert holdfast("trust", "--show").code == 0, "who wrote it trusts it"


def test_two_guards_of_a_name_are_shown_tried_and_removed_apart(holdfast: Run, logs: Path) -> None:
    for more in ((), ("--shared",)):
        added = ("force", "--rule", "Never.", "--command", "git push --force", *more)
        assert holdfast("review", "guard", "add", *added).code == 0
    shown = holdfast("review", "guard").out
    assert "  force  “Never.”" in shown
    assert "  force (shared)  “Never.”" in shown
    tried = holdfast("review", "guard", "test", "git push --force").out
    assert "Stopped by force (shared)." in tried
    assert "Stopped by force." in tried
    unsaid = holdfast("review", "guard", "remove", "force")
    assert (unsaid.code, "`--own` or `--shared`" in unsaid.err) == (2, True)
    assert holdfast("review", "guard", "remove", "force", "--shared").out == "force (shared) removed.\n"
    assert "(shared)" not in holdfast("review", "guard").out
    assert holdfast("review", "guard", "keep", "force").code == 0


def test_hooks_know_at_once_of_what_was_decided(holdfast: Run, logs: Path, empty: Repository) -> None:
    assert holdfast("init", "--yes", "--level", "knowledge").code == 0

    def known() -> list[float]:
        return [one["until"] for one in Published(str(empty.state_dir / NAME)).get("guards")]

    holdfast("review", "guard", "add", "force", "--rule", "Never.", "--command", "git push --force")
    (until,) = known()
    holdfast("review", "guard", "keep", "force", "--days", "200")
    assert known() == [until + 110 * 86_400]
    holdfast("review", "guard", "remove", "force")
    assert known() == []


def test_a_proposal_is_set_aside_for_good(holdfast: Run, logs: Path) -> None:
    holdfast("review", "guard", "--sessions", str(logs))
    assert holdfast("review", "guard", "drop", "npm-install").out == "npm-install set aside.\n"
    assert holdfast("review", "guard", "--json").json["proposals"] == []


def test_what_is_not_proposed_cannot_be_set_aside(holdfast: Run, logs: Path) -> None:
    done = holdfast("review", "guard", "drop", "npm-instal")
    assert (done.code, done.out) == (2, "")
    assert "No guard `npm-instal` is proposed." in done.err


def test_json_says_the_same(holdfast: Run, logs: Path) -> None:
    told = holdfast("review", "guard", "--sessions", str(logs), "--json").json
    assert told["schema"] == "holdfast.review-guard/1"
    assert told["proposals"][0]["proof"]["stopped"] == 3


def press(directory: Path, *keys: str) -> str:
    """Run `holdfast review guard` on a terminal and press keys; return what it shows."""
    control, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "holdfast", "review", "guard"], cwd=directory,
        stdin=terminal, stdout=terminal, stderr=terminal,
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "96"},
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    for key in keys:
        begun = len(shown)
        while b"q quit " not in shown[begun:] and (data := read(control)):
            shown += data
        while process.poll() is None and termios.tcgetattr(control)[3] & termios.ICANON:
            time.sleep(0.01)  # what is typed before it is asked for is thrown away
        os.write(control, key.encode())
    while data := read(control):
        shown += data
    os.close(control)
    assert process.wait(60) == 0, shown.decode()
    return shown.decode()


def read(terminal: int) -> bytes:
    if not select.select([terminal], [], [], 30)[0]:
        return b""
    try:
        return os.read(terminal, 4096)
    except OSError:  # its program has ended
        return b""


def test_on_a_terminal_one_key_makes_a_guard(holdfast: Run, logs: Path, empty: Repository) -> None:
    holdfast("review", "guard", "--sessions", str(logs))
    assert "npm-install  g guard · r replace the call" in press(empty.directory, "s")
    assert holdfast("review", "guard", "--json").json["guards"] == []
    assert "guarded" in press(empty.directory, "g")
    (made,) = holdfast("review", "guard", "--json").json["guards"]
    assert (made["standing"], made["guard"].get("rewrite")) == ("on", None)


def test_on_a_terminal_one_key_lets_a_call_be_replaced(holdfast: Run, logs: Path, empty: Repository) -> None:
    holdfast("review", "guard", "--sessions", str(logs))
    assert "replaced from now on" in press(empty.directory, "r")
    (made,) = holdfast("review", "guard", "--json").json["guards"]
    assert made["guard"]["rewrite"] == "pnpm install"
