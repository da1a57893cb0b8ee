from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from holdfast.errors import EnvironmentProblem, RecordsBusy
from holdfast.repo import lock
from holdfast.repo.branch import SHARED, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository

EVENT = "events/2026/01/aaaaaaaaaaaaaaaa.json"


def leave_ref_lock(repository: Repository, *, age: float) -> Path:
    path = repository.common_dir / f"{SHARED}.lock"
    path.touch()
    os.utime(path, (time.time() - age, time.time() - age))
    return path


def test_a_second_writer_waits_and_then_says_who_is_in_the_way(repository: Repository) -> None:
    with (
        lock.held(repository),
        pytest.raises(RecordsBusy, match="Another Holdfast process"),
        lock.held(repository, wait=0.1),
    ):
        pass


def test_a_lock_of_another_name_is_another_lock(repository: Repository) -> None:
    with lock.held(repository), lock.held(repository, wait=0.1, name="capture.lock") as other:
        assert other


def test_the_lock_ends_with_its_holder_however_that_ends(repository: Repository) -> None:
    code = (
        "import os,sys;from holdfast.repo import lock;from holdfast.repo.location import Repository\n"
        "with lock.held(Repository.find(sys.argv[1])): print(flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(repository.root)], stdout=subprocess.PIPE, check=False
    )
    assert (done.returncode, done.stdout) == (-9, b"\n")
    with lock.held(repository, wait=0.1) as taken:
        assert taken


def test_the_lock_outlives_a_dead_writer_while_what_it_started_still_writes(repository: Repository) -> None:
    with lock.held(repository) as descriptor:
        child = subprocess.Popen(["sleep", "30"], pass_fds=(descriptor,))
    try:
        with pytest.raises(RecordsBusy), lock.held(repository, wait=0.1):
            pass
    finally:
        child.kill()
        child.wait()
    with lock.held(repository, wait=0.1) as taken:
        assert taken


def test_a_folder_in_place_of_the_lock_is_an_environment_problem(repository: Repository) -> None:
    repository.ensure_state().joinpath("lock").mkdir()
    with pytest.raises(EnvironmentProblem, match="Cannot open"), lock.held(repository):
        pass


def test_an_old_lock_of_the_ref_that_no_git_holds_is_removed(repository: Repository) -> None:
    left = leave_ref_lock(repository, age=60)
    branch = RecordsBranch(repository)
    assert branch.append({EVENT: b"{}"}, "write past it") == branch.tip()
    assert not left.exists()


def test_a_lock_from_the_future_is_removed_after_it_was_watched_long_enough(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "STALE_AFTER", 0.3)
    left = leave_ref_lock(repository, age=-3600)
    began = time.monotonic()
    lock.wait_for_ref(repository, SHARED)
    assert not left.exists()
    assert time.monotonic() - began >= lock.STALE_AFTER


def test_a_young_lock_is_left_alone(repository: Repository) -> None:
    left = leave_ref_lock(repository, age=0)
    with pytest.raises(RecordsBusy, match="delete that one file"):
        lock.wait_for_ref(repository, SHARED, wait=0.2)
    assert left.exists()


def test_a_lock_is_left_alone_while_git_works_in_this_repository(repository: Repository) -> None:
    left = leave_ref_lock(repository, age=60)
    # waits for input: a git process at work here
    with subprocess.Popen(
        ["git", "cat-file", "--batch"], cwd=repository.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as working:
        assert lock.holders(repository) == [working.pid]
        with pytest.raises(RecordsBusy):
            lock.wait_for_ref(repository, SHARED, wait=0.2)
        assert left.exists()
        assert working.stdin is not None
        working.stdin.close()
    lock.wait_for_ref(repository, SHARED)
    assert not left.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere any git process counts")
def test_git_at_work_in_another_repository_is_no_holder(repository: Repository, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other")
    with subprocess.Popen(
        ["git", "cat-file", "--batch"], cwd=other.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as working:
        assert lock.holders(repository) == []
        assert working.pid in lock.holders(other)
        assert working.stdin is not None
        working.stdin.close()


def test_git_called_from_elsewhere_by_its_directory_is_a_holder(repository: Repository) -> None:
    with subprocess.Popen(
        ["git", f"--git-dir={repository.git_dir}", "cat-file", "--batch"],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as working:
        assert working.pid in lock.holders(repository)
        assert working.stdin is not None
        working.stdin.close()


def test_ps_finds_a_running_git_too(repository: Repository) -> None:
    with subprocess.Popen(
        ["git", "cat-file", "--batch"], cwd=repository.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as working:
        assert working.pid in lock._ps_git(0)
        assert working.pid not in lock._ps_git(3600)
        assert working.stdin is not None
        working.stdin.close()


@pytest.mark.parametrize(
    ("elapsed", "seconds"), [("00:07", 7), ("03:01", 181), ("01:00:00", 3600), ("2-01:00:01", 176401)]
)
def test_elapsed_time_is_read_as_ps_prints_it(elapsed: str, seconds: int) -> None:
    assert lock._seconds(elapsed) == seconds
