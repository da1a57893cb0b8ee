from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.taking_back import Action, actions


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("git commit -m x", Action("commit")),
        ("git commit --dry-run", None),
        ("git checkout -- a.py b.py", Action("discard", ("a.py", "b.py"))),
        ("git checkout HEAD -- a.py", Action("discard", ("a.py",))),
        ("git checkout src/a.py", Action("discard", ("src/a.py",))),
        ("git checkout main", None),
        ("git checkout -b fix.it", None),
        ("git checkout --ours a.py", None),
        ("git -C sub restore a.py", Action("discard", ("a.py",))),
        ("git restore --staged a.py", None),
        ("git restore --staged --worktree a.py", Action("discard", ("a.py",))),
        ("git reset --hard", Action("discard")),
        ("git reset --hard HEAD~2", Action("uncommit", commits=2)),
        ("git reset --hard HEAD^^", Action("uncommit", commits=2)),
        ("git reset --hard @~", Action("uncommit", commits=1)),
        ("git reset --hard HEAD~0", Action("uncommit")),
        ("git reset --hard HEAD~²", None),
        ("git reset --hard HEAD^2", None),
        ("git reset --hard HEAD@{1}", None),
        ("git reset --hard origin/main", None),
        ("git reset HEAD", None),
        ("git revert --no-edit HEAD", Action("revert")),
        ("git revert @", Action("revert")),
        ("git revert --continue", None),
        ("git revert 1a2b3c4", None),
        ("git revert HEAD~1", None),
        ("git stash", Action("stash")),
        ("git stash push -m x", Action("stash")),
        ("git stash pop", Action("pop")),
        ("git stash drop", Action("drop")),
        ("git stash list", None),
        ("ls", None),
    ],
)
def test_a_git_command_is_known_by_what_it_does_to_edits(command: str, expected: Action | None) -> None:
    assert list(actions(command)) == ([expected] if expected else [])


def test_each_command_of_a_line_counts_in_order() -> None:
    assert [action.kind for action in actions("git stash && make && git stash pop")] == ["stash", "pop"]


def test_files_are_put_back_only_where_they_are_named_and_not_committed() -> None:
    discard = Action("discard", ("a.py",))
    assert discard.reaches("a.py", 0, 0)
    assert discard.reaches("src/a.py", 0, 0)
    assert not discard.reaches("b.py", 0, 0)
    assert not discard.reaches("a.py", 0, 1)
    assert Action("uncommit", commits=1).reaches("b.py", 0, 1)
    assert not Action("uncommit", commits=1).reaches("b.py", 0, 2)
    assert [Action("revert").reaches("b.py", 0, now) for now in range(3)] == [False, True, False]
    assert not Action("stash").reaches("b.py", 0, 0)


@given(
    st.text(alphabet="HEAD@~^0123456789²٣./ab&;'\" -", max_size=30),
    st.sampled_from(["reset --hard ", "checkout ", "stash "]),
)
def test_any_line_is_read(target: str, verb: str) -> None:
    for action in actions(f"git {verb}{target}"):
        assert action.commits >= 0
