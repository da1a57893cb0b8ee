"""Measure writing and reading records: appends, the fold of events, and a refresh of the view.

    python bench/records/run.py [--present N] [--runs N]

Each figure stands beside ``git rev-parse`` of the same repository, the least that a git call costs here, so
that ratios can be compared between machines. Records are spread over the months of four years.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from holdfast.repo import records
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.fold import Fold
from holdfast.repo.ids import new_id
from holdfast.repo.location import Repository
from holdfast.repo.records import RecordEvent


def timed(work: Callable[[], object], runs: int) -> list[float]:
    """Return the milliseconds of each run, sorted."""
    found = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        found.append((time.perf_counter() - started) * 1e3)
    return sorted(found)


def event(subject: str) -> RecordEvent:
    """Return an event about a record, on some day of four years."""
    month = random.randrange(48)
    day = f"{2023 + month // 12}-{month % 12 + 1:02d}-01"
    return RecordEvent(id=new_id(), kind="learning.accepted", subject=subject, day=day)


def files(count: int) -> dict[str, bytes]:
    """Return so many new records by path."""
    made = [event(new_id()) for _ in range(count)]
    return {record.path: records.encode(record) for record in made}


def report(label: str, times: list[float], unit: float) -> None:
    """Print the median with its range, and its ratio to the least git call."""
    median = statistics.median(times)
    print(
        f"{label:44} {median:9.1f} ms ({times[0]:.1f}–{times[-1]:.1f}), {median / unit:7.1f} × git rev-parse"
    )


def measure_writes(branch: RecordsBranch, present: int, runs: int) -> None:
    """Append one, a hundred and ten thousand records, on an empty branch and on a full one."""
    unit = statistics.median(timed(lambda: branch.repository.git("rev-parse", "HEAD", check=False), 20))
    print(f"git rev-parse: {unit:.1f} ms")
    report("1 record, few present", timed(lambda: branch.append(files(1), "one"), runs), unit)
    report("100 records", timed(lambda: branch.append(files(100), "hundred"), runs), unit)
    report("10,000 records", timed(lambda: branch.append(files(10_000), "many"), 3), unit)
    branch.append(files(present), "fill")
    report(f"1 record, {present:,} more present", timed(lambda: branch.append(files(1), "one"), runs), unit)


def measure_fold(count: int) -> None:
    """Fold events at once, and a hundred more into what was folded."""
    subjects = [new_id() for _ in range(count // 10)]
    events = [event(subjects[number % len(subjects)]) for number in range(count)]
    started = time.perf_counter()
    folded = Fold(events)
    folded.states()
    whole = time.perf_counter() - started
    more = [event(subject) for subject in subjects[:100]]
    started = time.perf_counter()
    for subject in folded.add(more):
        folded.state(subject)
    part = time.perf_counter() - started
    ratio = part / whole
    print(
        f"fold of {count:,} events: {whole * 1e3:.0f} ms; 100 more: {part * 1e3:.1f} ms ({ratio:.4f} of it)"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--present", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as name:
        os.environ.update(HOME=name, GIT_CONFIG_NOSYSTEM="1")
        folder = Path(name) / "repository"
        subprocess.run(["git", "init", "-q", str(folder)], check=True)
        measure_writes(RecordsBranch(Repository.find(folder)), options.present, options.runs)
    measure_fold(100_000)


if __name__ == "__main__":
    main()
