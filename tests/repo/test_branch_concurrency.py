"""Many writers at once lose nothing, and a writer killed at any moment leaves a valid branch."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from holdfast.repo import ids
from holdfast.repo.branch import SHARED, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.verify import verify
from holdfast.testing.repositories import make_repository, run_git

WRITER = """
import sys
from pathlib import Path
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
branch = RecordsBranch(Repository.find(sys.argv[1]))
for name in sys.argv[2:]:
    branch.append({f"events/2026/01/{name}.json": name.encode()}, f"write {name}")
    print(name, flush=True)
"""


# a process's children are only known where there is /proc
WAYS = ("group", "writer", "git") if Path("/proc/self/stat").exists() else ("group", "writer")


def writer(repository: Repository, names: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(repository.directory), *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def written(repository: Repository) -> set[str]:
    return {ids.of_path(found.path) or "" for found in RecordsBranch(repository).added()}


def commits(repository: Repository) -> int:
    return int(run_git(repository.directory, "rev-list", "--count", SHARED))


def test_thirty_two_processes_at_once_lose_nothing(repository: Repository) -> None:
    names = [ids.new_id() for _ in range(32)]
    running = [writer(repository, [name]) for name in names]
    ended = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * 32, ended
    assert written(repository) == set(names)
    assert commits(repository) == 32
    assert verify(RecordsBranch(repository)).ok


def test_the_same_record_written_by_many_at_once_is_there_once(repository: Repository) -> None:
    name = ids.new_id()
    running = [writer(repository, [name]) for _ in range(6)]
    assert [process.communicate(timeout=60)[1] for process in running] == [""] * 6
    assert written(repository) == {name}
    assert commits(repository) == 1


def test_threads_of_one_process_lose_nothing(repository: Repository) -> None:
    names = [ids.new_id() for _ in range(12)]

    def write(mine: list[str]) -> None:
        branch = RecordsBranch(repository)
        for name in mine:
            branch.append({f"events/2026/01/{name}.json": b"{}"}, "x")

    threads = [threading.Thread(target=write, args=(names[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert written(repository) == set(names)


def test_a_tip_that_another_program_moves_is_written_onto_again(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some git writers know nothing of our lock: a fetch into the branch, a machine on a shared disk."""
    branch = RecordsBranch(repository)
    branch.append({f"events/2026/01/{'a' * 16}.json": b"{}"}, "x")
    moves = iter(["b" * 16, "c" * 16])
    plan = branch._planned

    def plan_then_move(*args: object) -> object:
        planned = plan(*args)  # type: ignore[arg-type]
        for name in moves:
            move(repository, name)
            break
        return planned

    monkeypatch.setattr(branch, "_planned", plan_then_move)
    branch.append({f"events/2026/01/{'d' * 16}.json": b"{}"}, "y")
    assert written(repository) == {letter * 16 for letter in "abcd"}
    assert commits(repository) == 4


def move(repository: Repository, name: str) -> None:
    stream = (
        f"commit {SHARED}\ncommitter X <x@x> 0 +0000\ndata 1\nx\nfrom {SHARED}^0\n"
        f"M 100644 inline events/2026/01/{name}.json\ndata 2\n{{}}\n"
    )
    run_git(repository.directory, "fast-import", "--quiet", "--date-format=raw", input=stream)


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        found = [int(child) for child in children.read_text().split()]
    except (OSError, ValueError):
        return []
    return [one for child in found for one in (child, *descendants(child))]


def kill(process: subprocess.Popen[str], how: str) -> None:
    """Kill the writer alone, all of its process group, or only the git process it started."""
    targets = {"writer": [process.pid], "git": descendants(process.pid)}.get(how)
    with contextlib.suppress(ProcessLookupError):
        if targets is None:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            for pid in targets:
                os.kill(pid, signal.SIGKILL)


def fsck(repository: Repository) -> list[str]:
    done = subprocess.run(
        ["git", "fsck", "--connectivity-only", "--no-dangling"],
        cwd=repository.directory,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in (done.stdout + done.stderr).splitlines() if line] + [str(done.returncode)]


def test_a_writer_killed_at_any_moment_leaves_a_valid_branch(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "project")
    chance = random.Random(20260101)
    promised: set[str] = set()
    killed = 0
    for number in range(24):
        process = writer(repository, [ids.new_id() for _ in range(40)])
        assert process.stdout is not None
        promised.add(process.stdout.readline().strip())  # at work: a first record is safely written
        time.sleep(chance.uniform(0, 0.06))
        kill(process, WAYS[number % len(WAYS)])
        out, _ = process.communicate(timeout=60)
        killed += process.returncode != 0
        promised |= set(out.split())
        if number % 6 == 5:
            assert fsck(repository) == ["0"]
    name = ids.new_id()
    RecordsBranch(repository).append({f"events/2026/01/{name}.json": b"{}"}, "after all of it")
    assert killed >= 20
    assert verify(RecordsBranch(repository)).problems == []
    assert fsck(repository) == ["0"]
    assert written(repository) >= promised | {name}
    assert list(repository.common_dir.glob("fast_import_crash_*")) == []
