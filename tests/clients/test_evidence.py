"""What a real client was told, and what came of it, is on record; however its session ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.clients.conftest import Client
from tests.clients.test_reading import run_claude
from tests.clients.test_telling import AGENTS, FAILS, FIRST, HINT, OTHER, WORKS, Run, learn, play, prepare

from holdfast.evidence import journal
from holdfast.learn.view import View
from holdfast.repo.records import ItemEvidence
from holdfast.testing.model_protocols import Turn


def due(client: Client, ahead: float = 0.0) -> str:
    """Read what is due, as if so many seconds had passed."""
    done = subprocess.run(
        [sys.executable, "-m", "holdfast", "ingest", "--due"],
        cwd=client.repository.directory,
        env={
            "HOME": str(client.home), "PATH": os.environ["PATH"], "HOLDFAST_NOW": str(time.time() + ahead),
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def evidence(client: Client) -> list[ItemEvidence]:
    with View(client.repository) as view:
        return [row for rows in view.told_in_sessions().values() for row in rows]


@AGENTS
def test_what_was_told_at_a_failure_and_what_it_took_is_on_record(
    client: Client, agent: str, run: Run
) -> None:
    prepare(client, agent)
    learn(client, run)
    assert HINT in "".join(play(client, run, FIRST))
    assert "1 session" in due(client)
    (row,) = [each for each in evidence(client) if each.surface == "failure"]
    assert (row.shown, row.withheld, row.followed, row.resolved, row.steps) == (1, 0, 1, 1, 1)


@AGENTS
def test_the_next_start_has_the_last_session_read_by_itself(client: Client, agent: str, run: Run) -> None:
    prepare(client, agent)
    play(client, run, FIRST)
    play(client, run, OTHER)  # its start finds the first one due
    end = time.monotonic() + 55
    tip = b""
    while not tip and time.monotonic() < end:
        time.sleep(0.2)
        tip = client.repository.git("for-each-ref", "refs/heads/holdfast")
    assert tip
    time.sleep(1)
    assert HINT in "".join(play(client, run, FIRST))


def test_a_session_that_was_killed_is_read_when_it_has_been_silent(client: Client) -> None:
    prepare(client, "claude-code")
    with pytest.raises(AssertionError):  # it writes its log a moment behind: what it did last is lost
        play(client, run_claude, [Turn(shell=FAILS), Turn(shell=WORKS), Turn(shell="sleep 3; kill -9 $PPID")])
    (found,) = journal.read_all(client.repository)
    assert not found.ended
    assert "may still be at work" in due(client)
    assert "1 session" in due(client, ahead=700)
    assert HINT in "".join(play(client, run_claude, FIRST))


@AGENTS
def test_a_session_is_told_who_else_works_in_its_directory(client: Client, agent: str, run: Run) -> None:
    prepare(client, agent)
    log = client.home / "other.jsonl"
    edit = {"type": "tool_use", "name": "Edit", "input": {"file_path": str(client.repository.root) + "/frob"}}
    log.write_text(json.dumps({"message": {"content": [edit]}}) + "\n")
    begin(client, {"session_id": "other", "transcript_path": str(log), "source": "startup"})
    first, *_ = play(client, run, OTHER)
    assert "Another session works in this directory: gemini-cli, last active now, edited `frob`." in first
    assert "holdfast run worktree NAME" in first


def begin(client: Client, told: dict[str, str]) -> None:
    """Begin a session of another agent here, as its hook would say it."""
    root = str(client.repository.root)
    subprocess.run(
        [sys.executable, "-m", "holdfast", "hook", "gemini", "start"],
        input=json.dumps({**told, "cwd": root}).encode(),
        cwd=Path(root),
        env={"HOME": str(client.home), "PATH": os.environ["PATH"]},
        check=True,
    )
