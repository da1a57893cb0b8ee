"""``holdfast report``: a tour and a digest that fit on a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from holdfast.repo.location import Repository

Run = Callable[..., Any]


def test_the_tour_of_an_unknown_repository_says_what_to_do(repository: Repository, holdfast: Run) -> None:
    done = holdfast("report", "tour")
    assert done.code == 1
    assert "holdfast ingest" in done.out


def test_the_tour_names_what_keeps_failing(
    learned: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    done = holdfast("report", "tour")
    assert done.code == 0
    assert "What keeps failing" in done.out
    assert "uv run pytest" in done.out
    assert len(done.out.splitlines()) <= 60
    assert holdfast("report", "tour", "..").code == 2


def test_the_digest_has_at_most_twelve_lines(
    learned: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    done = holdfast("report", "digest", "--days", "366")
    assert done.code == 0
    lines = done.out.splitlines()
    assert 1 < len(lines) <= 12
    assert all(len(line) <= 130 for line in lines)


def test_a_week_without_anything_is_one_line(repository: Repository, holdfast: Run) -> None:
    done = holdfast("report", "digest")
    assert done.out.endswith(": nothing this week.\n")
    assert len(done.out.splitlines()) == 1


def test_a_tour_of_what_is_not_there_is_refused(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, holdfast: Run
) -> None:
    monkeypatch.chdir(repository.directory)
    done = holdfast("report", "tour", "nope")
    assert (done.code, "There is no nope here." in done.err) == (2, True)
