"""``holdfast status`` as a user meets it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.connect import levels
from holdfast.hook.levels import NAMES
from holdfast.hook.published import NAME, Published
from holdfast.repo import config
from holdfast.repo.location import Repository

Run = Callable[..., Any]


def test_it_says_what_is_known_what_repeats_what_is_needed_and_what_next(
    learned: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    done = holdfast("status")
    assert done.code == 0
    first, *rest = done.out.splitlines()
    assert re.match(r"Known: \d+ fixes; ", first)
    assert first.endswith("from 9 sessions.")
    assert any(line.startswith("Paid for again: ") for line in rest)
    assert any("4 sessions, 4 times; up to 9 calls and " in line for line in rest)
    assert "  · 1 learning waits for your review: `holdfast review`" in rest
    assert rest[-1] == "Next: holdfast review"


def test_before_anything_it_names_the_first_step(repository: Repository, holdfast: Run) -> None:
    assert holdfast("status").out == "Known (not set up): nothing yet.\n\nNext: holdfast init\n"
    holdfast("init", "--private")
    assert holdfast("status").out == "Known (private): nothing yet.\n\nNext: holdfast ingest\n"


def test_notes_are_counted(repository: Repository, holdfast: Run) -> None:
    (repository.directory / "learnings.md").write_text("- one\n- two\n")
    assert "2 notes in your own files" in holdfast("status").out


def test_it_leaves_the_repository_as_it_was(repository: Repository, holdfast: Run) -> None:
    from holdfast.testing.repositories import snapshot

    before = snapshot(repository)
    holdfast("status")
    assert snapshot(repository) == before


def test_a_later_level_is_named_once_with_the_numbers(
    learned: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    config.choose(learned, level="quickstart")
    told = " ".join(holdfast("status").out.split())
    assert "Level foundation would help: 6 of 9 sessions met a failure" in told
    assert "`holdfast init --level foundation`" in told
    assert "would help" not in holdfast("status").out
    assert holdfast("status", "--json").json["next_level"]["level"] == "foundation", "programs may always ask"
    assert "would help" not in holdfast("status").out


def test_asking_as_a_program_does_not_use_up_the_one_time(
    learned: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    config.choose(learned, level="quickstart")
    holdfast("status", "--json")
    assert "would help" in holdfast("status").out


@pytest.mark.parametrize("level", NAMES)
def test_at_each_level_it_names_no_command_of_a_later_one(
    learned: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    monkeypatch.chdir(learned.directory)
    guide = learned.directory / ".holdfast" / "guidance" / "a.md"
    guide.parent.mkdir(parents=True)
    guide.write_text("- Always obey.\n")
    config.choose(learned, level=level)
    holdfast("status")  # the one time that it names a level is over
    for told in (holdfast("status").out, holdfast("status", "--json").out):
        named = set(re.findall(r"holdfast ([a-z]+)", told.partition('"next_level"')[0])) - {"init"}
        assert named <= levels.may_name(level)
    assert ("holdfast trust" in holdfast("status").out) == (level != "quickstart")


def test_going_down_and_up_again_loses_nothing(
    learned: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    config.choose(learned, level="scale", offered=NAMES)
    before = holdfast("status", "--json").json
    for level in ("quickstart", "foundation", "flow", "knowledge"):
        config.choose(learned, level=level)
        assert holdfast("status", "--json").json["learnings"] == before["learnings"]
    config.choose(learned, level="scale")
    assert holdfast("status", "--json").json == before


def test_what_hooks_may_say_follows_the_level_at_once(
    learned: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    path = learned.state_dir / NAME
    for level in ("foundation", "quickstart", "knowledge", "flow"):
        config.choose(learned, level=level)
        assert not path.exists() or Published(str(path)).get("meta")["level"] == level
        holdfast("status")
        assert Published(str(path)).get("meta")["surfaces"] == list(levels.surfaces(level))


def test_quiet_silences_until_midnight_or_for_good_and_status_says_so(
    repository: Repository, holdfast: Run
) -> None:
    holdfast("init")
    for args, until in ((("--quiet", "today"), r"until \d{4}-\d\d-\d\d 00:00"), (("--quiet",), "any more")):
        done = holdfast("status", *args)
        assert done.code == 0
        assert re.match(rf"Quiet: agents are told nothing here {until}\.", done.out)
        assert done.out.splitlines()[0] in holdfast("status").out
    assert holdfast("status", "--json").json["quiet_until"] == 0
    assert holdfast("status", "--quiet", "off").out == "Agents are told what is known here.\n"
    assert "Quiet" not in holdfast("status").out
    assert holdfast("status", "--json").json["quiet_until"] is None


def test_quiet_answers_programs_too(repository: Repository, holdfast: Run) -> None:
    holdfast("init")
    assert holdfast("status", "--quiet", "--json").json == {
        "schema": "holdfast.status-quiet/1", "quiet": True, "until": None,
    }  # fmt: skip
    assert holdfast("status", "--quiet", "today", "--json").json["until"] > 0
    assert holdfast("status", "--quiet", "off", "--json").json["quiet"] is False


def test_before_init_there_is_nothing_to_silence(repository: Repository, holdfast: Run) -> None:
    done = holdfast("status", "--quiet")
    assert done.code == 2
    assert "holdfast init" in done.err
    assert not (repository.state_dir / "quiet").exists()


def test_context_shows_a_session_and_goes_with_nothing_else(
    repository: Repository, holdfast: Run, samples: Path
) -> None:
    log = str(samples / "01-claude.jsonl")
    done = holdfast("status", "--context", "--session", log)
    assert done.code == 0
    assert done.out.startswith("Context: ")
    assert (
        holdfast("status", "--context", "--session", log, "--json").json["schema"]
        == "holdfast.status-context/1"
    )
    for wrong in (("--session", log), ("--context", "--quiet", "today")):
        assert holdfast("status", *wrong).code == 2
