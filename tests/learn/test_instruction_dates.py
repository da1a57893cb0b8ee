from __future__ import annotations

from pathlib import Path

from holdfast.learn.instruction_dates import dated
from holdfast.learn.instructions import read_instructions
from holdfast.testing.repositories import commit, make_repository, run_git


def since(root: Path) -> list[float | None]:
    return [line.since for line in dated(root, read_instructions(root))]


def test_a_line_stands_since_the_commit_that_gave_it_its_words(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    make_repository(root)
    commit(root, {"CLAUDE.md": "- `make test`\n"})
    commit(root, {"CLAUDE.md": "- `make test`\n- `make lint`\n"})
    commit(root, {"CLAUDE.md": "- `make check`\n- `make lint`\n"})
    second, third = (float(run_git(root, "log", "-1", "--format=%ct", ref)) for ref in ("HEAD~1", "HEAD"))
    assert since(root) == [third, second]


def test_what_git_does_not_know_has_no_date(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    make_repository(root)
    (root / "CLAUDE.md").write_text("- `make test`\n")
    assert since(root) == [None]
    (tmp_path / "CLAUDE.md").write_text("- `make test`\n")
    assert since(tmp_path) == [None]


def test_a_shallow_clone_says_nothing_of_what_it_cut_off(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    make_repository(root)
    commit(root, {"CLAUDE.md": "- `make test`\n"})
    commit(root, {"other": "x"})
    run_git(tmp_path, "clone", "-q", "--depth=1", f"file://{root}", "shallow")
    assert since(tmp_path / "shallow") == [None]
