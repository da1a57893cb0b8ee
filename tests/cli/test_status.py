"""``holdfast status`` as a user meets it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

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
