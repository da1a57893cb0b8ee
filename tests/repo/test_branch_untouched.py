"""A write leaves everything of the user's byte for byte as it was, whatever state the repository is in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from holdfast.repo import ids
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.testing.repositories import clone, commit, make_repository, run_git, snapshot


def record() -> dict[str, bytes]:
    return {f"events/2026/01/{ids.new_id()}.json": b"{}"}


def busy_repository(path: Path) -> Repository:
    """Make a repository with stashed, staged, unstaged and untracked work, a hook that vetoes, and config."""
    repository = make_repository(path, commits=4)
    top = repository.directory
    run_git(top, "branch", "other", "HEAD~2")
    run_git(top, "tag", "-a", "v1", "-m", "a tag")
    run_git(top, "config", "gc.auto", "4")  # so that packing happens, too
    run_git(top, "config", "alias.x", "log")
    (top / "file1.txt").write_text("stashed\n")
    run_git(top, "stash", "--quiet")
    (top / "file0.txt").write_text("staged\n")
    run_git(top, "add", "file0.txt")
    (top / "file2.txt").write_text("not staged\n")
    (top / "new.txt").write_text("untracked\n")
    hook = repository.common_dir / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f'#!/bin/sh\necho "$1" >> {path.parent}/hook-ran\nexit 1\n')
    hook.chmod(0o755)
    return repository


def without_veto(repository: Repository) -> None:
    """Let the user's own git work again after `busy_repository` planted the hook that vetoes."""
    repository.common_dir.joinpath("hooks/reference-transaction").unlink()


def ordinary(repository: Repository) -> None:
    """Leave it as it is."""


def detached(repository: Repository) -> None:
    without_veto(repository)
    run_git(repository.directory, "checkout", "--quiet", "--detach", "HEAD~1")


def in_conflict(repository: Repository, command: str) -> None:
    """Leave a rebase onto, or a merge with, the main branch stopped at a conflict."""
    without_veto(repository)
    top = repository.directory
    run_git(top, "reset", "--hard", "--quiet")
    run_git(top, "switch", "--quiet", "other")
    commit(top, {"file3.txt": "in conflict\n"})
    run_git(top, command, "--quiet", "main", check=False)


def rebasing(repository: Repository) -> None:
    in_conflict(repository, "rebase")
    assert (repository.git_dir / "rebase-merge").is_dir()


def merging(repository: Repository) -> None:
    in_conflict(repository, "merge")
    assert (repository.git_dir / "MERGE_HEAD").is_file()


def bisecting(repository: Repository) -> None:
    without_veto(repository)
    top = repository.directory
    run_git(top, "reset", "--hard", "--quiet")
    run_git(top, "bisect", "start", "HEAD", "HEAD~3")
    assert (repository.git_dir / "BISECT_LOG").is_file()


def with_submodule(repository: Repository) -> None:
    without_veto(repository)
    other = make_repository(repository.directory.parent / "library")
    run_git(repository.directory, "submodule", "--quiet", "add", str(other.root), "inner")


def with_index_locked(repository: Repository) -> None:
    (repository.git_dir / "index.lock").write_bytes(b"")


STATES: list[Callable[[Repository], None]] = [
    ordinary,
    detached,
    rebasing,
    merging,
    bisecting,
    with_submodule,
    with_index_locked,
]


@pytest.mark.parametrize("private", [False, True], ids=["shared", "private"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_write_touches_nothing_of_the_users(
    tmp_path: Path, state: Callable[[Repository], None], private: bool
) -> None:
    repository = busy_repository(tmp_path / "project")
    state(repository)
    (tmp_path / "hook-ran").unlink(missing_ok=True)
    before = snapshot(repository)
    for _ in range(3):
        assert RecordsBranch(repository, private=private).append(record(), "x")
    assert snapshot(repository) == before
    assert not (tmp_path / "hook-ran").exists()
    assert len(list(RecordsBranch(repository).added())) == 3


def test_the_comparison_notices_what_it_must(tmp_path: Path) -> None:
    repository = busy_repository(tmp_path / "project")
    without_veto(repository)
    changes: list[Callable[[], object]] = [
        lambda: run_git(repository.directory, "branch", "another"),
        lambda: run_git(repository.directory, "add", "new.txt"),
        lambda: run_git(repository.directory, "config", "a.b", "c"),
        lambda: run_git(repository.directory, "commit", "--quiet", "--message", "x"),
        lambda: run_git(repository.directory, "stash", "--quiet"),
        lambda: (repository.directory / "file0.txt").chmod(0o755),
        lambda: (repository.common_dir / "logs" / "HEAD").write_text(""),
        lambda: (repository.common_dir / "fast_import_crash_1").touch(),
    ]
    for change in changes:
        before = snapshot(repository)
        change()
        assert snapshot(repository) != before


@contextmanager
def open_editor(top: Path, folder: Path) -> Iterator[None]:
    """Hold a real ``git commit`` open in an editor that waits until it is told to end."""
    editor = folder / "editor.py"
    editor.write_text(
        "import pathlib, sys, time\n"
        f"folder = pathlib.Path({str(folder)!r})\n"
        "(folder / 'open').touch()\n"
        "while not (folder / 'close').exists(): time.sleep(.01)\n"
        "pathlib.Path(sys.argv[1]).write_text('written by hand\\n')\n"
    )
    environment = {**os.environ, "GIT_EDITOR": f"{sys.executable} {editor}"}
    with subprocess.Popen(["git", "commit", "--quiet", "--all"], cwd=top, env=environment) as process:
        while not (folder / "open").exists():
            assert process.poll() is None
            time.sleep(0.01)
        try:
            yield
        finally:
            (folder / "close").touch()
            assert process.wait() == 0


def test_a_write_beside_an_open_commit_editor_touches_nothing_and_the_commit_ends_well(
    tmp_path: Path,
) -> None:
    repository = busy_repository(tmp_path / "project")
    without_veto(repository)
    head = repository.head()
    with open_editor(repository.directory, tmp_path):
        assert (repository.git_dir / "COMMIT_EDITMSG").exists()
        assert (repository.git_dir / "index.lock").exists()
        before = snapshot(repository)
        assert RecordsBranch(repository).append(record(), "x")
        assert snapshot(repository) == before
    assert repository.head() != head
    assert run_git(repository.directory, "log", "-1", "--format=%s%n%an").splitlines() == [
        "written by hand",
        "A Developer",
    ]
    assert run_git(repository.directory, "status", "--porcelain").split() == ["??", "new.txt"]


def test_a_write_from_any_worktree_touches_none_of_them(tmp_path: Path) -> None:
    repository = busy_repository(tmp_path / "project")
    without_veto(repository)
    linked = []
    for name in ("one", "two"):
        linked.append(tmp_path / name)
        run_git(repository.directory, "worktree", "add", "--quiet", "--detach", str(linked[-1]))
        (linked[-1] / "file0.txt").write_text(name)
    before = snapshot(repository)
    for place in [repository.directory, *linked, linked[0] / ".git"]:
        found = Repository.find(place if place.is_dir() else place.parent)
        assert RecordsBranch(found).append(record(), "x")
    assert snapshot(repository) == before
    assert len(list(RecordsBranch(repository).added())) == 4


def test_a_write_in_a_submodule_goes_to_the_submodule_alone(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "project")
    other = make_repository(tmp_path / "library")
    run_git(repository.directory, "submodule", "--quiet", "add", str(other.root), "inner")
    inner = Repository.find(repository.directory / "inner")
    before = snapshot(inner)
    status = run_git(repository.directory, "status", "--porcelain")
    assert RecordsBranch(inner).append(record(), "x")
    assert snapshot(inner) == before
    assert run_git(repository.directory, "status", "--porcelain") == status
    assert RecordsBranch(repository).tips() == {}


def test_a_write_in_a_shallow_clone_keeps_it_shallow(tmp_path: Path) -> None:
    origin = make_repository(tmp_path / "origin", commits=3)
    for _ in range(2):
        RecordsBranch(origin).append(record(), "x")
    shallow = clone(origin.directory, tmp_path / "shallow", "--depth=1", "--no-single-branch")
    before = snapshot(shallow)
    assert RecordsBranch(shallow).append(record(), "y")
    assert snapshot(shallow) == before
    assert (shallow.common_dir / "shallow").is_file()
    assert len(list(RecordsBranch(shallow).added())) == 3


@pytest.mark.parametrize("editor", [True, False])
def test_reading_writes_nothing_at_all(tmp_path: Path, editor: bool) -> None:
    repository = busy_repository(tmp_path / "project")
    RecordsBranch(repository).append(record(), "x")
    without_veto(repository)
    held: AbstractContextManager[None] = nullcontext()
    with open_editor(repository.directory, tmp_path) if editor else held:
        before = snapshot(repository)
        branch = RecordsBranch(repository)
        (found,) = branch.added()
        assert dict(branch.read([found.blob])) == {found.blob: b"{}"}
        assert snapshot(repository) == before
