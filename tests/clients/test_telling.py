"""What a real client tells its model because of Holdfast, read from the log of the requests it made.

A first session meets a failure and gets past it; later ones are told at their start, and at the failure in
the very next request, once in a context.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.clients.conftest import Client
from tests.clients.test_reading import run_claude, run_codex

from holdfast.testing.model_protocols import Turn
from holdfast.testing.scripted_model import ScriptedModel

Run = Callable[..., list[Path]]

TOOL = """\
#!/bin/sh
case "$*" in
*--locked*) echo "3 passed" ;;
*) echo "frob: error: test is refused, the option --locked is missing" >&2; exit 3 ;;
esac
"""
FAILS, WORKS = "./frob test", "./frob test --locked"
FIRST = [Turn(shell=FAILS), Turn(shell=WORKS), Turn(text="It passes now.")]
OTHER = [Turn(shell="echo nothing to see"), Turn(text="Done.")]

AGENTS = pytest.mark.parametrize(("agent", "run"), [("claude-code", run_claude), ("codex", run_codex)])


def holdfast(client: Client, *args: str) -> str:
    """Run the program in the client's home; it must end with 0."""
    done = subprocess.run(
        [sys.executable, "-m", "holdfast", *args],
        cwd=client.repository.directory,
        env={"HOME": str(client.home), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def play(client: Client, run: Run, turns: list[Turn], *said: str, **more: str) -> list[str]:
    """Let the client's model take some turns; return the requests that these answered."""
    with ScriptedModel(turns) as model:
        run(client, model, *said, **more)
        assert model.left == 0
        return [each.text for each in model.asked if each.turn is not None]


def prepare(client: Client, agent: str, *options: str) -> None:
    """Set the repository up for an agent, with a tool that fails as it is called first."""
    (client.home / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@example.invalid\n")
    tool = client.repository.directory / "frob"
    tool.write_text(TOOL)
    tool.chmod(0o755)
    holdfast(client, "init", "--yes", "--agent", agent, *options)


HINT = "Met before in this repository"
START = "Known in this repository"


def learn(client: Client, run: Run, sessions: int = 1) -> None:
    """Let some sessions pay for the failure, and be read as the next start would have them read."""
    for _ in range(sessions):
        play(client, run, FIRST)
        assert "1 session" in holdfast(client, "ingest", "--due")


@AGENTS
def test_the_second_session_is_told_what_the_first_one_paid_for(client: Client, agent: str, run: Run) -> None:
    prepare(client, agent)
    learn(client, run)
    first, second, third = play(client, run, FIRST)
    assert HINT not in first
    assert HINT in second  # the very next request after the failure
    assert second.count("Use `./frob test --locked`, not `./frob test`") == 1
    assert third.count(HINT) == 1


@AGENTS
def test_it_happens_by_itself(client: Client, agent: str, run: Run) -> None:
    """Nobody types a command: the next start has the last session read, apart from the agent."""
    prepare(client, agent)
    play(client, run, FIRST)
    play(client, run, OTHER)
    state = client.repository.state_dir
    deadline = time.monotonic() + 60
    while b"./frob test" not in (state / "hook.lines").read_bytes() and time.monotonic() < deadline:
        time.sleep(0.2)
    _, second, _ = play(client, run, FIRST)
    assert HINT in second


@AGENTS
def test_a_later_session_is_told_at_its_start(client: Client, agent: str, run: Run) -> None:
    prepare(client, agent)
    learn(client, run, sessions=3)
    first, *_ = play(client, run, OTHER)
    assert START in first
    assert "./frob test --locked" in first


@AGENTS
def test_nothing_is_told_twice_in_a_context_and_it_is_after_a_compaction(
    client: Client, agent: str, run: Run
) -> None:
    prepare(client, agent)
    learn(client, run)
    asked = play(client, run, [Turn(shell=FAILS), Turn(shell=FAILS), Turn(text="It fails.")])
    assert [each.count(HINT) for each in asked] == [0, 1, 1]
    if agent == "claude-code":
        logs = sorted((client.home / ".claude" / "projects").rglob("*.jsonl"), key=_changed)
        session = logs[-1].stem
        with ScriptedModel([Turn(text="A summary of what was done.")]) as model:
            run(client, model, "/compact", resume=session)
        asked = play(client, run, [Turn(shell=FAILS), Turn(text="It fails.")], resume=session)
        assert asked[-1].count(HINT) == 1


def _changed(path: Path) -> float:
    return path.stat().st_mtime


@AGENTS
def test_an_undo_leaves_home_and_repository_as_they_were(client: Client, agent: str, run: Run) -> None:
    (client.home / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@example.invalid\n")
    play(client, run, OTHER)  # so that the client's own files are there
    before = snapshot(client.home), snapshot(client.repository.directory)
    holdfast(client, "init", "--yes", "--agent", agent)
    assert before != (snapshot(client.home), snapshot(client.repository.directory))
    holdfast(client, "init", "--undo", "--yes")
    assert before == (snapshot(client.home), snapshot(client.repository.directory))


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return mode and bytes of every file, and the mode of every folder."""
    return {
        str(each.relative_to(folder)): (each.lstat().st_mode, each.read_bytes() if each.is_file() else b"")
        for each in sorted(folder.rglob("*"))
    }
