"""Whatever is lost, killed or read twice, ingest comes to the same knowledge as one clean run."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.testing import repositories

Know = Callable[[Repository], Any]


def forget_reading(repository: Repository) -> None:
    for path in repository.state_dir.glob("reading.db*"):
        path.unlink()


def forget_index(repository: Repository) -> None:
    for path in repository.state_dir.glob("index.db*"):
        path.unlink()


def grow(source: Path, target: Path, share: float) -> None:
    """Write the first part of a transcript, to the end of a line or into one."""
    data = source.read_bytes()
    target.write_bytes(data[: int(len(data) * share)])


@pytest.mark.parametrize("seed", range(4))
def test_a_transcript_that_grows_counts_as_if_read_at_once(
    empty: Repository, learned: Repository, samples: Path, tmp_path: Path, knowledge: Know, seed: int
) -> None:
    """Some of the times the place where reading was left off is lost, or the index, or the file moves."""
    chance = random.Random(seed)
    folder = tmp_path / "logs"
    folder.mkdir()
    for step in range(4):
        for source in sorted(samples.glob("*.jsonl")):
            grow(source, folder / source.name, 1.0 if step == 3 else chance.uniform(step / 4, (step + 1) / 4))
        with View(empty) as view:
            ingest(view, [folder])
        if seed % 2:
            forget_reading(empty)
        if chance.random() < 0.3:
            forget_index(empty)
        if chance.random() < 0.3:
            folder = folder.rename(tmp_path / f"moved-{step}")
    assert knowledge(empty) == knowledge(learned)


def test_a_copy_under_another_path_adds_nothing(
    learned: Repository, samples: Path, tmp_path: Path, knowledge: Know
) -> None:
    before = knowledge(learned)
    shutil.copytree(samples, tmp_path / "copies")
    with View(learned) as view:
        report = ingest(view, [tmp_path / "copies"])
    assert (report.transcripts, report.unchanged, report.commit) == (0, 9, None)
    assert knowledge(learned) == before


def test_a_grown_copy_counts_only_what_was_added(
    empty: Repository, learned: Repository, samples: Path, tmp_path: Path, knowledge: Know
) -> None:
    with View(empty) as view:
        for name in ("first", "second"):
            folder = tmp_path / name
            folder.mkdir()
            for source in samples.glob("*.jsonl"):
                grow(source, folder / source.name, 0.5 if name == "first" else 1.0)
            ingest(view, [folder])
    assert knowledge(empty) == knowledge(learned)


def test_a_lost_index_changes_no_answer(learned: Repository, knowledge: Know) -> None:
    before = knowledge(learned)
    forget_index(learned)
    assert knowledge(learned) == before
    (learned.state_dir / "index.db").write_bytes(b"not a database" * 100)
    assert knowledge(learned) == before


@pytest.mark.parametrize("damage", ["lost", "garbage", "empty"])
def test_a_lost_or_damaged_reading_position_doubles_no_count(
    learned: Repository, samples: Path, knowledge: Know, damage: str
) -> None:
    before = knowledge(learned)
    forget_reading(learned)
    if damage != "lost":
        (learned.state_dir / "reading.db").write_bytes(b"garbage " * 512 if damage == "garbage" else b"")
    with View(learned) as view:
        report = ingest(view, [samples])
        assert (report.transcripts, report.unchanged, report.commit) == (0, 9, None)
        assert ingest(view, [samples]).unchanged == 9
    assert knowledge(learned) == before


def test_a_candidate_that_was_lost_comes_back_and_a_dropped_one_does_not(
    learned: Repository, samples: Path
) -> None:
    from holdfast.learn.write import drop

    for path in (learned.state_dir / "candidates").iterdir():
        path.unlink()
    forget_reading(learned)
    with View(learned) as view:
        report = ingest(view, [samples])
        assert len(report.waiting) == 1
        drop(view, report.waiting[0])
        forget_reading(learned)
        assert ingest(view, [samples]).waiting == []


def test_the_fix_of_a_failure_that_was_counted_is_found_after_the_position_was_lost(
    empty: Repository, tmp_path: Path
) -> None:
    from holdfast.testing.sessions import ClaudeSession

    session = ClaudeSession("10570000-0000-4000-8000-000000000001", root="/home/ada/shop", start=1.7723e9)
    session.bash("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", exit_code=4)
    path = session.write(tmp_path / "s.jsonl")
    with View(empty) as view:
        assert ingest(view, [path]).failures == 1
        forget_reading(empty)
        session.bash("uv run pytest -q", "24 passed")
        session.write(path)
        report = ingest(view, [path])
        assert (report.failures, report.resolved, len(report.learned)) == (0, 1, 1)


def test_two_ingests_at_once_lose_nothing(
    empty: Repository, learned: Repository, samples: Path, knowledge: Know
) -> None:
    halves = [sorted(samples.glob("*.jsonl"))[:6], sorted(samples.glob("*.jsonl"))[3:]]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "holdfast", "ingest", *map(str, half)],
            cwd=empty.directory, env=dict(os.environ), stdout=subprocess.DEVNULL,
        )
        for half in halves
    ]  # fmt: skip
    assert [process.wait(60) for process in running] == [0, 0]
    found, expected = knowledge(empty), knowledge(learned)
    assert found.occurrences.keys() == expected.occurrences.keys()
    assert [row[:3] for row in found.learnings] == [row[:3] for row in expected.learnings]


@pytest.mark.parametrize("files", [1, 5, 9])
def test_killed_while_reading_then_run_again_it_knows_the_same(
    empty: Repository, learned: Repository, samples: Path, knowledge: Know, files: int
) -> None:
    child = os.fork()
    if child == 0:  # pragma: no cover - this process is killed
        seen = 0

        def killed_after(_: int) -> None:
            nonlocal seen
            seen += 1
            if seen == files:
                os.kill(os.getpid(), signal.SIGKILL)

        with View(empty) as view:
            ingest(view, [samples], killed_after)
        os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    with View(empty) as view:
        ingest(view, [samples])
    assert knowledge(empty) == knowledge(learned)


def test_killed_once_the_records_are_written_it_counts_nothing_twice(
    empty: Repository, learned: Repository, samples: Path, knowledge: Know
) -> None:
    ref = empty.common_dir / "refs" / "heads" / "holdfast"
    running = subprocess.Popen(
        [sys.executable, "-m", "holdfast", "ingest", str(samples)],
        cwd=empty.directory, env=dict(os.environ), stdout=subprocess.DEVNULL,
    )  # fmt: skip
    while not ref.exists() and running.poll() is None:
        time.sleep(0.0005)
    running.kill()
    running.wait()
    with View(empty) as view:
        report = ingest(view, [samples])
    assert report.commit is None, "everything was on record"
    assert knowledge(empty) == knowledge(learned)


def test_what_another_process_recorded_meanwhile_is_known(
    empty: Repository, learned: Repository, samples: Path, knowledge: Know
) -> None:
    """A view that was opened before, as by a process that waited for the other one."""
    with View(empty) as view:
        spec = "refs/heads/holdfast:refs/heads/holdfast"
        repositories.run_git(empty.directory, "fetch", "--quiet", str(learned.directory), spec)
        report = ingest(view, [samples])
    assert (report.transcripts, report.commit) == (0, None)
    assert knowledge(empty).ended == knowledge(learned).ended
