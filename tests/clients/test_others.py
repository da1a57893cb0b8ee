"""What Copilot CLI, Gemini CLI, Qwen Code, OpenCode and mini-swe-agent do with what `init` writes for them.

Each is read off the requests that the real program made. They are not part of ``make test-clients``:
``make test-more-clients`` installs them.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.clients.conftest import Client
from tests.clients.other_clients import OTHERS, PROMPT, Run, run_mini
from tests.clients.test_evidence import evidence
from tests.clients.test_guarding import BREAKS, RULE, STOPPED, guard
from tests.clients.test_guarding import OTHER as INSISTS
from tests.clients.test_telling import (
    FAILS,
    FIRST,
    HINT,
    OTHER,
    START,
    WORKS,
    holdfast,
    learn,
    play,
    prepare,
    snapshot,
)

from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.testing.model_protocols import Turn
from holdfast.testing.scripted_model import ScriptedModel
from holdfast.transcripts.discovery import expand
from holdfast.transcripts.events import Prompt
from holdfast.transcripts.transcript import open_transcript

pytestmark = pytest.mark.timeout(400)  # some take a quarter of a minute to start, and are started five times
AGENTS = pytest.mark.parametrize(("agent", "run"), OTHERS, ids=[each.agent for each in OTHERS])
AGAIN = [Turn(shell=FAILS), Turn(shell=FAILS), Turn(shell=WORKS), Turn(text="It passes now.")]
CURE = "Use `./frob test --locked`, not `./frob test`"
REPLACING = ("copilot", "opencode")
"""Those that run what a hook puts in place of a call; the others are stopped."""


@pytest.fixture(autouse=True)
def one_home(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at what the clients left from their own home."""
    monkeypatch.setenv("HOME", str(client.home))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)


@AGENTS
def test_later_sessions_are_told_what_earlier_ones_paid_for(client: Client, agent: str, run: Run) -> None:
    prepare(client, agent)
    learn(client, run)
    asked = play(client, run, AGAIN)
    assert [each.count(HINT) for each in asked] == [0, 1, 1, 1]  # the very next request, and no second time
    assert asked[1].count(CURE) == 1
    assert "2 failed calls" in holdfast(client, "ingest", "--due")  # what was told with them changes nothing
    (row,) = [each for each in evidence(client) if each.surface == "failure"]
    assert (row.shown, row.followed, row.resolved) == (1, 1, 1)
    learn(client, run)
    with ScriptedModel(OTHER) as model:
        logs = run(client, model)
        asked = [each.text for each in model.asked if each.turn is not None]
    assert CURE in asked[0]
    assert [each.count(START) for each in asked] == [1, 1]
    assert "Another session works" not in asked[0]  # those before have ended, and it is known
    assert asked_by_the_person(logs) == {PROMPT}


def asked_by_the_person(logs: list[Path]) -> set[str]:
    """Return what is read as a person's words in the logs of a client."""
    events = (event for origin in expand(logs) for event in open_transcript(origin).events())
    return {event.text for event in events if isinstance(event, Prompt) and not event.injected}


@AGENTS
def test_a_guard_stops_a_call_once_or_replaces_it(client: Client, agent: str, run: Run) -> None:
    ran = client.repository.directory / "ran.txt"
    tool = client.repository.directory / "frob"
    tool.write_text('#!/bin/sh\necho "$@" >> ran.txt\necho done with "$@"\n')
    tool.chmod(0o755)
    guard(client, agent)
    turns = [Turn(shell=BREAKS), Turn(shell=BREAKS), Turn(shell=INSISTS), Turn(text="Done.")]
    asked = play(client, run, turns)
    assert [each.count(STOPPED) for each in asked] == [0, 1, 1, 1]
    assert RULE.rstrip(".") in asked[1]
    assert ran.read_text().splitlines() == ["install", "install --again"]
    ran.unlink()
    told = ("--rule", RULE, "--command", "./frob drop", "--rewrite", "./frob keep")
    holdfast(client, "review", "guard", "add", "no-drop", *told)
    asked = play(client, run, [Turn(shell="./frob drop x"), Turn(text="Done.")])
    if agent in REPLACING:
        assert ran.read_text() == "keep x\n"
        assert STOPPED not in asked[1]
        assert ("The call is now `./frob keep x`" in asked[1]) == (agent == "opencode")
    else:
        assert not ran.exists()
        assert STOPPED in asked[1]


@AGENTS
def test_what_it_writes_is_read_whole(client: Client, agent: str, run: Run) -> None:
    prepare(client, agent)
    with ScriptedModel(FIRST) as model:
        logs = run(client, model)
        assert model.left == 0
    with View(client.repository) as view:
        report = ingest(view, logs)
    assert (report.malformed, report.unknown, report.oversized) == (0, 0, 0)
    assert (report.failures, report.transcripts) == (1, 1)


@AGENTS
def test_an_undo_leaves_home_and_repository_as_they_were(client: Client, agent: str, run: Run) -> None:
    (client.home / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@example.invalid\n")
    play(client, run, OTHER)  # so that the client's own files are there
    before = snapshot(client.home), snapshot(client.repository.directory)
    holdfast(client, "init", "--yes", "--agent", agent, "--level", "knowledge")
    assert before != (snapshot(client.home), snapshot(client.repository.directory))
    holdfast(client, "init", "--undo", "--yes")
    assert before == (snapshot(client.home), snapshot(client.repository.directory))


def test_mini_swe_agent_has_no_hooks_and_its_sessions_are_read(client: Client) -> None:
    prepare(client, "none")
    with pytest.raises(AssertionError, match="mini-swe-agent has no hooks to call Holdfast by"):
        holdfast(client, "init", "--yes", "--agent", "mini-swe-agent")
    done = Turn(shell="echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT")
    with ScriptedModel([*FIRST[:2], done]) as model:
        (log,) = run_mini(client, model)
        assert model.left == 0
    told = holdfast(client, "ingest", str(log))  # by its name: it does not say which directory it is of
    assert "1 fix learned" in told
    assert "./frob test --locked" in holdfast(client, "recall", "--command", FAILS)
