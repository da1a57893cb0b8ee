"""``holdfast recall`` as a user meets it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.repo.location import Repository
from holdfast.testing import repositories

Run = Callable[..., Any]
NO_MODULE = "E   ModuleNotFoundError: No module named 'shop'\n"


@pytest.fixture(autouse=True)
def _there(learned: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(learned.directory)


def test_what_is_near_is_shown_with_how_sure_it_is(holdfast: Run) -> None:
    done = holdfast("recall", "pytest")
    assert done.code == 0
    assert "Use `uv run pytest -q`" in done.out
    assert "failure · proven · worked in 4 sessions · recorded · " in done.out


def test_nothing_near_exits_with_1(holdfast: Run) -> None:
    done = holdfast("recall", "kubernetes", "ingress")
    assert (done.code, done.out) == (1, "Nothing recorded that is near to “kubernetes ingress”.\n")


def test_a_failure_is_answered_with_what_ended_it(learned: Repository, program: Run) -> None:
    args = ("recall", "--command", "pytest -q", "--output", "-")
    done = program(*args, cwd=learned.directory, stdin=NO_MODULE)
    assert done.code == 0
    assert "ended this failure in 4 of 4 sessions · proven" in done.out
    done = program(*args, cwd=learned.directory, stdin="\x1b[2Jerror: unknown zebra 'x'\n")
    assert done.code == 1
    assert "Nothing is recorded about it." in done.out
    assert "\x1b" not in done.out


def test_the_output_may_come_from_a_file(holdfast: Run, tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_text(NO_MODULE)
    assert holdfast("recall", "--command", "pytest -q", "--output", str(tmp_path / "out.txt")).code == 0


def test_limit_is_kept(holdfast: Run) -> None:
    assert len(holdfast("recall", "failed not found", "-n", "1", "--json").json["items"]) <= 1


def test_notes_are_shown_with_their_line_once(holdfast: Run, learned: Repository) -> None:
    assert learned.root is not None
    (learned.root / "learnings.md").write_text("- Freeze `deploy/prod` on Fridays.\n")
    out = holdfast("recall", "freeze fridays").out
    assert out.count("learnings.md:1") == 1


def test_output_without_its_command_is_a_usage_error(holdfast: Run) -> None:
    done = holdfast("recall", "pytest", "--output", "out.txt")
    assert done.code == 2
    assert "--command CMD" in done.err


def test_what_a_stranger_recorded_is_said_to_be_theirs(
    holdfast: Run, learned: Repository, tmp_path: Path, fetch_records: Callable[..., None]
) -> None:
    other = repositories.make_repository(tmp_path / "other")
    other.git("config", "user.email", "somebody-else@example.invalid")
    fetch_records(other, learned)
    theirs = "recorded by developer@example.invalid, not accepted here"
    where = ("-C", str(other.directory))
    assert theirs in holdfast("recall", "pytest", *where).out
    failed = tmp_path / "out.txt"
    failed.write_text(NO_MODULE)
    assert theirs in holdfast("recall", "--command", "pytest -q", "--output", str(failed), *where).out
    known = holdfast("recall", "pytest", "--json", *where).json["items"][0]["id"]
    assert theirs in holdfast("why", known, *where).out
