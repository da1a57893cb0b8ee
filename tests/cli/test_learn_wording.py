from __future__ import annotations

from collections.abc import Callable
from typing import Any

from holdfast.learn import wording
from holdfast.repo import config
from holdfast.repo.location import Repository

Run = Callable[..., Any]


def test_the_command_is_kept_for_this_clone_and_can_be_ended(repository: Repository, holdfast: Run) -> None:
    holdfast("init")
    told = holdfast("learn", "--wording", "claude -p --model 'a b'", "--wording-calls", "2")
    assert told.code == 0
    assert "claude -p --model 'a b'" in told.out
    assert "at most 2 calls a run" in " ".join(told.out.split())
    kept = config.settings(repository)
    assert kept
    assert (kept.wording, kept.wording_calls) == (("claude", "-p", "--model", "a b"), 2)
    assert wording.is_chosen(repository, kept.wording)
    ended = holdfast("learn", "--wording", "off", "--json")
    assert ended.json == {"schema": "holdfast.learn-wording/1", "command": [], "calls": 2, "seconds": 60}


def test_setting_the_repository_up_again_keeps_what_was_chosen(repository: Repository, holdfast: Run) -> None:
    holdfast("init")
    holdfast("learn", "--wording", "claude -p")
    holdfast("init", "--private")
    kept = config.settings(repository)
    assert kept
    assert (kept.mode, kept.wording) == ("private", ("claude", "-p"))


def test_doctor_says_what_is_run(repository: Repository, holdfast: Run) -> None:
    holdfast("init")
    assert "wording" not in holdfast("doctor").out
    holdfast("learn", "--wording", "claude -p")
    assert "`holdfast ingest` runs `claude -p`" in " ".join(holdfast("doctor").out.split())
    config.choose(repository, wording=("sh", "-c", "evil"))
    done = holdfast("doctor")
    assert (done.code, "not chosen on this machine" in " ".join(done.out.split())) == (1, True)


def test_what_cannot_be_chosen_is_named(repository: Repository, holdfast: Run) -> None:
    assert "holdfast init" in holdfast("learn", "--wording", "claude -p").err
    holdfast("init")
    for arguments, told in (
        (("--wording", "claude 'x"), "no command line"),
        (("--wording", ""), "no command"),
        (("--wording", "x", "--wording-seconds", "0"), "0 is not in the range 1<=x<=3600"),
        (("--wording-calls", "3"), "goes with the command"),
        (("--wording", "x", "--agent", "y"), "goes with no --agent"),
    ):
        done = holdfast("learn", *arguments)
        assert (done.code, told in done.err) == (2, True), (arguments, done.err)


def test_a_program_that_cannot_be_started_is_said(repository: Repository, holdfast: Run) -> None:
    def said(command: str) -> str:
        return " ".join(holdfast("learn", "--wording", command).out.split())

    holdfast("init")
    assert "There is no program /nope/x here" in said("/nope/x")
    assert "give the whole path of bin/x" in said("bin/x")
    assert "program" not in said("sh")
