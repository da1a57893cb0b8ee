"""What git alone tells of work done twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.measure.tuition.history import history
from holdfast.repo.location import Repository
from holdfast.testing.repositories import commit, make_repository


@pytest.fixture
def repository(tmp_path: Path, isolated_home: Path) -> Repository:
    return make_repository(tmp_path / "shop")


def test_a_revert_is_told_with_its_reason(repository: Repository) -> None:
    top = repository.directory
    commit(top, {"a.py": "1\n"}, "Cache totals")
    commit(
        top,
        {"a.py": "2\n"},
        'Revert "Cache totals"\n\nThis reverts commit 0123456789ab.\n\nStale prices were shown.',
    )
    (undone,) = history(repository).reverts
    assert (undone.what, undone.why) == ("Cache totals", "Stale prices were shown.")


def test_a_file_that_is_fixed_again_and_again_is_named(repository: Repository) -> None:
    top = repository.directory
    for number in range(4):
        commit(top, {"cart.py": f"{number}\n"}, f"fix(cart): round once more, {number}")
    commit(top, {"other.py": "1\n"}, "fix: something else")
    commit(top, {"cart.py": "9\n"}, "Rename the cart")
    (again,) = history(repository).fixed_again
    assert (again.path, again.fixes) == ("cart.py", 3)


def test_a_repository_without_commits_has_no_history(tmp_path: Path, isolated_home: Path) -> None:
    empty = make_repository(tmp_path / "empty")
    assert history(empty).reverts == ()
