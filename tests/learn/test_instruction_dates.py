"""A rule that nobody had written yet cannot have been broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.learn.instruction_dates import dated
from holdfast.learn.instructions import read_instructions
from holdfast.repo.location import Repository
from holdfast.testing.repositories import commit, make_repository, run_git


@pytest.fixture
def root(tmp_path: Path, isolated_home: Path) -> Path:
    return make_repository(tmp_path / "repo").directory


def since(root: Path) -> list[float | None]:
    lines = dated(Repository.find(root), read_instructions(root))
    return [line.since for line in lines if line.forbidden]


def test_a_prohibition_stands_since_the_commit_that_gave_it_its_words(root: Path) -> None:
    commit(root, {"CLAUDE.md": "- Never run `make test`\n"})
    commit(root, {"CLAUDE.md": "- Never run `make test`\n- Never run `make lint`\n"})
    commit(root, {"CLAUDE.md": "- Do not run `make all`\n- Never run `make lint`\n"})
    second, third = (float(run_git(root, "log", "-1", "--format=%ct", ref)) for ref in ("HEAD~1", "HEAD"))
    assert since(root) == [third, second]


def test_what_a_line_tells_to_run_fails_whenever_it_was_written(root: Path) -> None:
    commit(root, {"CLAUDE.md": "- Run `make test`\n"})
    assert {line.since for line in dated(Repository.find(root), read_instructions(root))} == {None}


def test_what_git_does_not_know_has_no_date(root: Path) -> None:
    (root / "CLAUDE.md").write_text("- Never run `make test`\n")
    assert since(root) == [None]


def test_a_shallow_clone_says_nothing_of_what_it_cut_off(root: Path, tmp_path: Path) -> None:
    commit(root, {"CLAUDE.md": "- Never run `make test`\n"})
    commit(root, {"other": "x"})
    run_git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", "shallow")
    assert since(tmp_path / "shallow") == [None]


def test_a_line_of_the_very_first_commit_has_a_date(tmp_path: Path, isolated_home: Path) -> None:
    root = tmp_path / "first"
    root.mkdir()
    run_git(root, "init", "-q")
    commit(root, {"CLAUDE.md": "- Never run `make test`\n"}, "Begin")
    assert since(root) == [float(run_git(root, "log", "-1", "--format=%ct"))]
