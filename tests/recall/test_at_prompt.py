from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.hook.test_run import event, hook, told_by

from holdfast.hook import published
from holdfast.learn.view import View
from holdfast.learn.write import learn_text
from holdfast.recall.at_prompt import answer
from holdfast.recall.publish import publish
from holdfast.repo.location import Repository

TASK = "The price cache shows yesterday's prices: expire the entries of the price cache earlier?"
DECISION = (
    "Keep the price cache written through and let entries expire after an hour, because customers saw "
    "yesterday's prices when the cache was only filled at night."
)


@pytest.fixture
def decided(empty: Repository) -> Repository:
    with View(empty) as view:
        learn_text(view, DECISION, kind="decision", anyway="for the test")
    with View(empty) as view:
        publish(view)
    return empty


def test_a_prompt_is_told_the_decision_that_it_hinges_on(decided: Repository) -> None:
    assert "written through" in told_by("prompt", event(decided, prompt=TASK))


def test_it_is_not_told_again(decided: Repository) -> None:
    assert "written through" in told_by("prompt", event(decided, prompt=TASK))
    assert "written through" not in told_by("prompt", event(decided, prompt=f"{TASK} Once more."))


@pytest.mark.parametrize(
    "prompt", ["ok go on", "", "/compact", "<task-notification>done</task-notification>"]
)
def test_what_asks_nothing_is_met_with_silence(decided: Repository, prompt: str) -> None:
    assert hook("prompt", event(decided, prompt=prompt)) == ""


def test_it_answers_for_a_repository_named_or_looked_for(decided: Repository) -> None:
    asked = {"prompt": TASK, "git_dir": str(decided.git_dir), "common_dir": str(decided.common_dir)}
    assert decided.root is not None
    named = answer(decided.root, json.dumps(asked).encode())
    assert named["ids"]
    assert named == answer(decided.root, json.dumps({"prompt": TASK}).encode())


def test_the_program_answers_in_json(decided: Repository) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-m", "holdfast.recall.at_prompt", str(decided.root)],
        input=json.dumps({"prompt": TASK}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "written through" in json.loads(done.stdout)["text"]


def test_who_does_not_get_to_its_end_is_ended(decided: Repository) -> None:
    """A hook that gave up leaves no process behind, whatever that waits for."""
    asking = [sys.executable, "-I", "-m", "holdfast.recall.at_prompt", str(decided.root)]
    with subprocess.Popen(asking, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.wait(timeout=30) == -signal.SIGALRM


def test_what_is_published_names_no_program_to_run(decided: Repository, tmp_path: Path) -> None:
    """Local state that came with a copy must not choose the interpreter."""
    canary, path = tmp_path / "canary", decided.state_dir / published.NAME
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {canary}\n")
    program.chmod(0o755)
    path.write_bytes(path.read_bytes().replace(b"meta\t{", b'meta\t{"python":"%s",' % str(program).encode()))
    assert "written through" in told_by("prompt", event(decided, prompt=TASK))
    assert not canary.exists()


def test_what_an_agent_notes_is_told_to_nobody_before_its_review(empty: Repository) -> None:
    from holdfast.learn.proposing import propose

    with View(empty) as view:
        noted = (
            "Keep the price cache written through and let entries of the price cache expire after an hour, "
            "because `prices.py` shows stale prices otherwise."
        )
        propose(view, noted, kind="decision")
    with View(empty) as view:
        assert view.index.count("decision") == 1
        publish(view)
    assert hook("prompt", event(empty, prompt=TASK)) == ""
