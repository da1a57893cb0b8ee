"""A guard in the real programs: what breaks a rule is stopped once or replaced, and the model is told why."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.clients.conftest import Client, program
from tests.clients.test_reading import run_claude, run_codex
from tests.clients.test_telling import AGENTS, Run, holdfast, play

from holdfast.testing.model_protocols import Call, Turn
from holdfast.testing.scripted_model import ScriptedModel

BREAKS, OTHER = "./frob install", "./frob install --again"
RULE = "Never run frob install; use frob add."
STOPPED = "Stopped once by a rule of the user's"


@pytest.fixture
def ran(client: Client) -> Path:
    """A program that notes how it was run."""
    noted = client.repository.directory / "ran.txt"
    tool = client.repository.directory / "frob"
    tool.write_text('#!/bin/sh\necho "$@" >> ran.txt\necho done with "$@"\n')
    tool.chmod(0o755)
    return noted


def guard(client: Client, agent: str, *options: str) -> None:
    (client.home / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@example.invalid\n")
    holdfast(client, "init", "--yes", "--agent", agent, "--level", "knowledge")
    told = ("--rule", RULE, "--command", "./frob install", "--instead", "./frob add")
    holdfast(client, "review", "guard", "add", "no-install", *told, *options)


@AGENTS
def test_a_guard_stops_a_call_once_and_lets_the_same_one_through(
    client: Client, ran: Path, agent: str, run: Run
) -> None:
    guard(client, agent)
    turns = [Turn(shell=BREAKS), Turn(shell=BREAKS), Turn(shell=OTHER), Turn(text="Done.")]
    asked = play(client, run, turns)
    assert [each.count(STOPPED) for each in asked] == [0, 1, 1, 1]
    assert RULE.rstrip(".") in asked[1]
    assert ran.read_text().splitlines() == ["install", "install --again"]
    shown = holdfast(client, "review", "guard")
    assert "stopped 1 call in 1 session, insisted on in 1" in shown


@AGENTS
def test_all_that_one_message_sends_is_stopped_and_the_log_says_so(
    client: Client, ran: Path, agent: str, run: Run
) -> None:
    guard(client, agent)
    tool, name = ("Bash", "command") if agent == "claude-code" else ("exec_command", "cmd")
    lines = [f"{BREAKS} {number}" for number in range(3)]
    together = Turn(calls=tuple(Call(tool, {name: line}) for line in lines))
    asked = play(client, run, [together, Turn(shell=lines[0]), Turn(text="Done.")])
    assert [each.count(STOPPED) for each in asked] == [0, 3, 3]
    assert ran.read_text() == "install 0\n"
    assert "stopped 3 calls in 1 session, insisted on in 1" in holdfast(client, "review", "guard")


@AGENTS
def test_a_guard_stops_nothing_once_its_day_has_passed(
    client: Client, ran: Path, agent: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard(client, agent, "--days", "2")
    turns = [Turn(shell=BREAKS), Turn(text="Done.")]
    assert play(client, run, turns)[1].count(STOPPED) == 1
    assert not ran.exists()
    later = str(int(time.time()) + 4 * 86_400)
    program_of = client.run
    monkeypatch.setattr(
        client, "run", lambda command, **told: program_of(command, HOLDFAST_NOW=later, **told)
    )
    assert play(client, run, turns)[1].count(STOPPED) == 0
    assert ran.read_text() == "install\n"


@AGENTS
def test_a_guard_replaces_a_call_and_says_so(client: Client, ran: Path, agent: str, run: Run) -> None:
    guard(client, agent, "--rewrite", "./frob add")
    asked = play(client, run, [Turn(shell=f"{BREAKS} x"), Turn(text="Done.")])
    assert ran.read_text() == "add x\n"
    assert "The call is now `./frob add x`" in asked[1]
    assert "replaced 1" in holdfast(client, "review", "guard")


def test_an_edit_of_a_guarded_file_is_stopped(client: Client, ran: Path) -> None:
    guard(client, "claude-code", "--path", "schema.rb")
    path = str(client.repository.directory / "schema.rb")
    write = Turn(calls=(Call("Write", {"file_path": path, "content": "x"}),))
    asked = play(client, run_claude, [write, write, Turn(text="Done.")])
    assert [each.count(STOPPED) for each in asked] == [0, 1, 1]
    assert Path(path).read_text() == "x", "sent again, it is let through"


def test_a_patch_of_a_guarded_file_is_stopped(client: Client, ran: Path) -> None:
    guard(client, "codex", "--path", "schema.rb")
    patch = "*** Begin Patch\n*** Add File: schema.rb\n+x\n*** End Patch"
    turns = [Turn(shell=f"apply_patch <<'EOF'\n{patch}\nEOF\n"), Turn(text="Done.")]
    asked = play(client, run_codex, turns)
    assert [each.count(STOPPED) for each in asked] == [0, 1]
    assert not (client.repository.directory / "schema.rb").exists()


def test_what_is_replaced_still_needs_the_persons_leave(client: Client, ran: Path) -> None:
    guard(client, "claude-code", "--rewrite", "./frob add")
    with ScriptedModel([Turn(shell=f"{BREAKS} x"), Turn(text="Done.")]) as model:
        client.run(
            [program("claude"), "-p", "go on", "--model", "claude-sonnet-4-5", "--max-turns", "9"],
            ANTHROPIC_BASE_URL=model.url,
            ANTHROPIC_API_KEY="dummy",
            DISABLE_TELEMETRY="1",
            DISABLE_AUTOUPDATER="1",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
        )
        assert model.left == 0
    assert not ran.exists(), "the hook gave leave for a command that nobody allowed"
