from __future__ import annotations

import pytest

from holdfast.evidence.survival import Watched, commits, undone_by_command, undone_by_edit, watch
from holdfast.transcripts.events import Edit

MADE = Edit("src/a.py", "x = 1\n", "x = 1\ntimeout = 30  # seconds\n")


def watched(edit: Edit, *, commits: int = 0) -> Watched:
    found = watch(edit)
    assert found is not None
    found.commits = commits
    return found


def test_an_edit_is_known_by_the_lines_it_added() -> None:
    assert watched(MADE).added == ("timeout = 30 # seconds",)
    assert watched(Edit("a", "gone = 1\nkept = 2", "kept = 2")).removed == ("gone = 1",)
    assert watch(Edit("a", "same line", "same  line")) is None
    assert watch(Edit("a")) is None


def test_taking_the_lines_out_again_undoes_an_edit() -> None:
    assert undone_by_edit(watched(MADE), Edit("src/a.py", MADE.added, MADE.removed))
    assert undone_by_edit(watched(MADE), Edit("src/a.py", "", "x = 1\n"))
    assert undone_by_edit(watched(Edit("a", "gone = 1", "")), Edit("a", "here\n", "here\ngone = 1\n"))


def test_another_edit_of_the_file_undoes_nothing() -> None:
    assert not undone_by_edit(watched(MADE), Edit("src/a.py", "x = 1\n", "x = 2\n"))
    assert not undone_by_edit(watched(MADE), Edit("src/b.py", MADE.added, ""))
    assert not undone_by_edit(watched(MADE), Edit("src/a.py", "", MADE.added + "more = 1\n"))


@pytest.mark.parametrize(
    "command",
    [
        "git checkout -- src/a.py",
        "git restore src/a.py",
        "git checkout .",
        "git reset --hard",
        "git stash",
        "cd src && git restore a.py",
    ],
)
def test_putting_the_file_back_undoes_what_was_not_committed(command: str) -> None:
    assert undone_by_command(watched(MADE), command)
    assert not undone_by_command(watched(MADE, commits=1), command)


@pytest.mark.parametrize("command", ["git revert HEAD", "git reset --hard HEAD~1"])
def test_taking_a_commit_back_undoes_what_was_committed(command: str) -> None:
    assert undone_by_command(watched(MADE, commits=1), command)
    assert not undone_by_command(watched(MADE, commits=2), command)


@pytest.mark.parametrize(
    "command",
    [
        "git checkout main",
        "git restore --staged src/a.py",
        "git stash pop",
        "git diff src/a.py",
        "git status",
        "ls",
    ],
)
def test_looking_and_switching_undo_nothing(command: str) -> None:
    assert not undone_by_command(watched(MADE), command)


def test_a_commit_is_known() -> None:
    assert commits("git add -A && git commit -m 'x'")
    assert not commits("git log --grep commit")
