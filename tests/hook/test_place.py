from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from holdfast.errors import RepositoryError
from holdfast.hook import place
from holdfast.repo.location import Repository
from holdfast.testing import repositories


def same(found: place.Place | None, repository: Repository) -> bool:
    assert found is not None
    assert found.is_known == (repository.is_known is True)
    return (found.root, found.git_dir, found.common_dir) == (
        str(repository.root), str(repository.git_dir), str(repository.common_dir),
    )  # fmt: skip


def test_it_finds_what_git_finds_from_a_folder_below(tmp_path: Path) -> None:
    made = repositories.make_repository(tmp_path / "r", files={"a/b/c.txt": "c\n"})
    assert same(place.find(str(tmp_path / "r" / "a" / "b")), made)


def test_a_worktree_shares_the_state_of_its_repository(tmp_path: Path) -> None:
    repositories.make_repository(tmp_path / "r")
    repositories.run_git(tmp_path / "r", "worktree", "add", "--quiet", str(tmp_path / "w"), "-b", "side/one")
    found = place.find(str(tmp_path / "w"))
    assert same(found, Repository.find(tmp_path / "w"))
    assert found is not None
    assert found.branch == "side/one"


def test_a_git_directory_kept_elsewhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    repositories.run_git(tmp_path / "r", "init", "--quiet", f"--separate-git-dir={tmp_path / 'git'}")
    found = place.find(str(tmp_path / "r"))
    assert same(found, Repository.find(tmp_path / "r"))
    assert found is not None
    assert not found.is_known, "git writes down nowhere whose it is"


@pytest.mark.parametrize("name", ["part", "pa rt#1", 'p"a\\rt', "pärt"])
def test_a_submodule_is_a_repository_of_its_own(tmp_path: Path, name: str) -> None:
    repositories.make_repository(tmp_path / "part")
    repositories.make_repository(tmp_path / "r")
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../part", name)
    repositories.run_git(tmp_path / "r", *add)
    run_in = tmp_path / "r" / name
    repositories.run_git(run_in, "worktree", "add", "--quiet", str(tmp_path / "w"))
    for top in (run_in, tmp_path / "w"):
        found = place.find(str(top))
        assert same(found, Repository.find(top))
        assert found is not None
        assert found.is_known


def test_settings_of_one_worktree_name_it_too(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "s").mkdir()
    repositories.run_git(tmp_path / "r", "init", "--quiet", f"--separate-git-dir={tmp_path / 'git'}")
    (tmp_path / "git" / "config.worktree").write_text(
        "[user]\n\tworktree = ../s\n[core]\n\tworktree = ../r\n"
    )
    assert place.knows(str(tmp_path / "git"), str(tmp_path / "git"), str(tmp_path / "r"))
    assert place.knows(str(tmp_path / "git"), str(tmp_path / "git"), str(tmp_path / "s")) is False


@pytest.mark.parametrize(
    ("name", "may_be"),
    [
        ("holdfast", True),
        ("holdfast-0123abcd", True),
        ("holdfast-0123ABCD", False),
        ("holdfast-0123abc", False),
        ("holdfast-0123abcde", False),
        ("holdfast-", False),
        ("holdfast-../../x", False),
        ("../holdfast", False),
        ("", False),
    ],
)
def test_only_some_names_are_those_of_local_state(name: str, may_be: bool) -> None:
    assert place.is_state(name) == may_be


@pytest.mark.parametrize(
    "files",
    [
        {".git": "gitdir: {r}/.git\n"},
        {".git": "gitdir: ../r/.git/worktrees/w\n"},
        {".git/commondir": "{r}/.git\n", ".git/gitdir": ".\n"},
        {".git": "gitdir: made\n", "made/commondir": "{r}/.git\n", "made/gitdir": "../.git\n"},
        {".git": "-> {r}/.git"},
        {".git": "-> {w}/.git"},
        {".git": "gitdir: {r}/.git/modules/part\n"},
        {".git": "-> {r}/.git/modules/part"},
    ],
)
def test_a_directory_that_only_claims_to_be_of_a_repository_is_in_none(
    tmp_path: Path, files: dict[str, str]
) -> None:
    made = repositories.make_repository(tmp_path / "r")
    repositories.make_repository(tmp_path / "part")
    repositories.run_git(tmp_path / "r", "worktree", "add", "--quiet", str(tmp_path / "w"))
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../part")
    repositories.run_git(tmp_path / "r", *add)
    for name, text in files.items():
        path = tmp_path / "unpacked" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        is_link, told = text.startswith("-> "), text.removeprefix("-> ").format(r=made.root, w=tmp_path / "w")
        path.symlink_to(told) if is_link else path.write_text(told)
    assert place.find(str(tmp_path / "unpacked")) is None
    with contextlib.suppress(RepositoryError):  # git takes some for none
        assert Repository.find(tmp_path / "unpacked").is_known is False


def test_without_a_branch_the_commit_is_named(tmp_path: Path) -> None:
    made = repositories.make_repository(tmp_path / "r")
    repositories.run_git(tmp_path / "r", "checkout", "--quiet", "--detach")
    found = place.find(str(tmp_path / "r"))
    assert found is not None
    assert (made.head() or "").startswith(found.branch)
    assert len(found.branch) == 12


@pytest.mark.parametrize("where", ["", "/", "/does/not/exist", "a\0b"])
def test_where_there_is_no_repository_there_is_no_place(where: str) -> None:
    assert place.find(where) is None


def test_a_link_to_itself_ends_the_search(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: .git\n")
    found = place.find(str(tmp_path))
    assert found is None or not place.may_hold_state(found.common_dir)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    assert place.read_text(str(tmp_path / "pipe")) == ""
