from __future__ import annotations

import stat
from pathlib import Path

import pytest

from holdfast.errors import EnvironmentProblem, RepositoryError
from holdfast.repo.location import Repository
from holdfast.testing.repositories import clone, commit, make_repository, run_git


def test_a_repository_is_found_from_any_folder_or_file_of_it(repository: Repository) -> None:
    assert repository.root is not None
    inner = repository.root / "a" / "b"
    inner.mkdir(parents=True)
    assert Repository.find(inner) == repository
    assert Repository.find(repository.root / "file0.txt") == repository


def test_outside_any_repository_the_error_names_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="no git repository") as caught:
        Repository.find(tmp_path)
    assert "git init" in caught.value.hint


def test_a_path_that_does_not_exist_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="no directory"):
        Repository.find(tmp_path / "gone")


def test_linked_worktrees_share_the_state_of_the_main_one(repository: Repository, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    run_git(repository.directory, "worktree", "add", "--quiet", str(linked))
    found = Repository.find(linked)
    assert found.root == linked
    assert found.git_dir != repository.git_dir
    assert found.state_dir == repository.state_dir
    assert found.worktrees() == repository.worktrees() == [repository.root, linked]


def test_a_bare_repository_has_no_worktree(tmp_path: Path) -> None:
    bare = make_repository(tmp_path / "bare.git", bare=True)
    assert bare.root is None
    assert bare.worktrees() == []
    assert bare.directory == bare.git_dir == bare.common_dir


def test_a_submodule_is_a_repository_of_its_own(repository: Repository, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other")
    run_git(repository.directory, "submodule", "--quiet", "add", str(other.root), "inner")
    inner = Repository.find(repository.directory / "inner")
    assert inner.root == repository.directory / "inner"
    assert inner.common_dir == repository.common_dir / "modules" / "inner"


def test_a_git_directory_elsewhere_is_followed(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", f"--separate-git-dir={tmp_path / 'elsewhere'}", "work")
    assert Repository.find(tmp_path / "work").common_dir == tmp_path / "elsewhere"


def test_head_is_none_until_something_is_committed(tmp_path: Path) -> None:
    unborn = make_repository(tmp_path / "unborn", commits=0)
    assert unborn.head() is None
    assert commit(tmp_path / "unborn", {"a": "b"}) == unborn.head()


def test_a_name_with_spaces_and_accents_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "ein Ordner für alle"
    assert make_repository(path).root == path


def test_a_name_with_what_only_some_call_a_line_break_is_a_name(tmp_path: Path) -> None:
    made = make_repository(tmp_path / "a\u2028b\x85c\x0cd")
    assert made.root == tmp_path / "a\u2028b\x85c\x0cd"
    assert made.worktrees() == [made.root]


def test_a_name_with_a_line_break_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a\nb").mkdir()
    with pytest.raises(RepositoryError, match="line break") as caught:
        Repository.find(tmp_path / "a\nb")
    assert "Rename" in caught.value.hint


def test_state_is_for_its_owner_alone_and_made_once(repository: Repository) -> None:
    assert not repository.state_dir.exists()
    made = repository.ensure_state()
    assert made == repository.ensure_state()
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_the_state_directory_does_not_hide_the_branch_of_the_same_name(repository: Repository) -> None:
    repository.ensure_state()
    run_git(repository.directory, "branch", "holdfast")
    assert run_git(repository.directory, "rev-parse", "holdfast").strip() == repository.head()


def test_a_file_where_the_state_belongs_is_left_and_state_is_made_beside_it(repository: Repository) -> None:
    repository.state_dir.write_text("in the way")
    again = Repository.find(repository.directory)
    assert again.ensure_state().is_dir()
    assert again.state_dir.name.startswith("holdfast-")
    assert (again.common_dir / "holdfast").read_text() == "in the way"


def test_where_the_state_cannot_be_made_the_error_says_where(repository: Repository) -> None:
    for path in (repository.state_dir, None):
        (path or Repository.find(repository.directory).state_dir).write_text("in the way")
    with pytest.raises(EnvironmentProblem, match="no room for local state") as caught:
        Repository.find(repository.directory).ensure_state()
    assert "Move one of them away: mv " in caught.value.hint


def test_one_who_stands_outside_of_the_worktree_is_not_known_to_it(
    repository: Repository, tmp_path: Path
) -> None:
    """As in a folder whose `.git` names the git directory of a submodule: git goes to the submodule then."""
    other = make_repository(tmp_path / "other")
    run_git(repository.directory, "submodule", "--quiet", "add", str(other.root), "inner")
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / ".git").write_text(f"gitdir: {repository.common_dir}/modules/inner\n")
    assert Repository.find(repository.directory / "inner").is_known
    assert Repository.find(repository.common_dir / "hooks").is_known
    assert Repository.find(tmp_path / "evil").is_known is False


def test_a_folder_that_names_a_bare_repository_is_not_known_to_it(tmp_path: Path) -> None:
    bare = make_repository(tmp_path / "bare.git", bare=True)
    assert bare.is_known
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / ".git").write_text(f"gitdir: {bare.git_dir}\n")
    assert Repository.find(tmp_path / "evil").is_known is False


def test_a_clone_without_its_history_is_found_as_any_other(repository: Repository, tmp_path: Path) -> None:
    commit(repository.directory, {"more": "text"})
    assert clone(repository.directory, tmp_path / "shallow", "--depth=1").head() == repository.head()
