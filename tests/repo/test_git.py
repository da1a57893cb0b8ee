from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from holdfast.errors import EnvironmentProblem, GitError, RepositoryError
from holdfast.repo import git
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository, run_git


def test_every_variable_that_redirects_git_is_removed(repository: Repository) -> None:
    told = subprocess.run(
        ["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=True
    )
    carrying_configuration = {"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"}
    assert set(told.stdout.split()) - carrying_configuration <= set(git._REDIRECTING)


def test_a_hooks_environment_does_not_redirect_a_call(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repository(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.git_dir))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    assert repository.root is not None
    assert Repository.find(repository.root) == repository


def test_configuration_given_to_the_process_is_kept(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Someone Else")
    assert repository.git("config", "user.name") == b"Someone Else\n"


def test_no_hook_of_the_user_runs(repository: Repository) -> None:
    marker = repository.common_dir / "ran"
    hook = repository.common_dir / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {marker}\nexit 1\n")
    hook.chmod(0o755)
    repository.git("update-ref", "refs/heads/other", "HEAD")
    assert not marker.exists()


def test_a_failed_call_carries_its_exit_code_and_words(repository: Repository) -> None:
    with pytest.raises(GitError, match="rev-parse") as caught:
        repository.git("rev-parse", "--verify", "no-such-thing")
    assert caught.value.returncode == 128
    assert "single revision" in caught.value.stderr
    assert caught.value.hint


def test_without_git_the_error_says_how_to_install_it(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EnvironmentProblem, match="apt install git"):
        repository.git("status")


def test_a_directory_that_is_not_there_is_not_taken_for_a_missing_git(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="no directory"):
        git.run(["status"], cwd=tmp_path / "gone")


def test_a_repository_of_another_user_is_refused_in_gits_own_words(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(RepositoryError, match="another user") as caught:
        repository.git("status")
    assert "git config --global --add safe.directory" in caught.value.hint


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("fatal: write error: No space left on device", "disk is full"),
        ("error: unable to create temporary file: Read-only file system", "read-only"),
        ("error: insufficient permission for adding an object", "may not write"),
    ],
)
def test_a_disk_that_refuses_is_told_apart(tmp_path: Path, words: str, said: str) -> None:
    error = git.failure(["fast-import"], 128, words.encode(), tmp_path)
    assert not isinstance(error, GitError)
    assert said in error.message
    assert error.hint


def test_a_git_ended_by_the_limit_on_file_size_says_so(tmp_path: Path) -> None:
    error = git.failure(["fast-import"], -signal.SIGXFSZ, b"", tmp_path)
    assert "limit on file size" in error.message
    assert "ulimit -f" in error.hint


def test_a_stream_larger_than_any_pipe_blocks_neither_side(repository: Repository) -> None:
    data = b"x" * 100_000
    blob = repository.git("hash-object", "-w", "--stdin", input=data).decode().strip()
    with git.stream(
        ["cat-file", "--batch"], cwd=repository.directory, input=f"{blob}\n".encode() * 200
    ) as out:
        found = [git.read_object(out) for _ in range(200)]
    assert found == [data] * 200


def test_a_reader_that_stops_early_gets_its_own_error_not_gits(repository: Repository) -> None:
    def read_a_little() -> None:
        with git.stream(["rev-list", "--all"], cwd=repository.directory) as out:
            out.read(1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        read_a_little()


def test_a_stream_of_a_failed_call_raises(repository: Repository) -> None:
    with (
        pytest.raises(GitError),
        git.stream(["cat-file", "blob", "nothing"], cwd=repository.directory) as out,
    ):
        out.read()


def test_an_answer_that_is_neither_yes_nor_no_raises(repository: Repository) -> None:
    assert git.succeeds(["show-ref", "--quiet", "refs/heads/main"], cwd=repository.directory)
    assert not git.succeeds(["show-ref", "--quiet", "refs/heads/none"], cwd=repository.directory)
    with pytest.raises(GitError):
        git.succeeds(["merge-base", "--is-ancestor", "0" * 40, "HEAD"], cwd=repository.directory)


def test_replaced_objects_do_not_change_what_is_read(repository: Repository) -> None:
    first = repository.git("hash-object", "-w", "--stdin", input=b"one").decode().strip()
    second = repository.git("hash-object", "-w", "--stdin", input=b"two").decode().strip()
    run_git(repository.directory, "replace", first, second)
    assert repository.git("cat-file", "blob", first) == b"one"
