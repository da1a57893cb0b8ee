"""Measure the index at scale: filling, the update after one commit, queries, memory.

    python bench/recall/run.py [--sizes 1000,10000,100000] [--queries N] [--json FILE]

A size is a number of learnings on record and as many commits. Each is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.recall.made import Words, make

from holdfast.index.store import Index
from holdfast.learn.view import View
from holdfast.repo.location import Repository

_COLD = """
import sys, time
started = time.perf_counter()
from pathlib import Path
from holdfast.index.store import Index
imported = time.perf_counter()
with Index.open(Path(sys.argv[1])) as index:
    index.search(sys.argv[2])
ended = time.perf_counter()
print((imported - started) * 1e3, (ended - imported) * 1e3)
"""


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that something takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e3


def spread(times: list[float]) -> dict[str, float]:
    """Return the median and the 95th percentile."""
    ordered = sorted(times)
    return {
        "p50": round(statistics.median(ordered), 2),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
        "n": len(ordered),
    }


def queries(words: Words, count: int) -> dict[str, list[str]]:
    """Return so many queries of each sort."""
    chance, every = words.chance, words.all
    return {
        "three rare words": [" ".join(chance.sample(every[2000:], 3)) for _ in range(count)],
        "five words as they come": [words.some(5) for _ in range(count)],
        "five of the fifty commonest words": [" ".join(chance.sample(every[:50], 5)) for _ in range(count)],
        "one of the fifty commonest words": [chance.choice(every[:50]) for _ in range(count)],
        "three hundred words": [words.some(300) for _ in range(count)],
        "another script": ["データベースの移行に失敗しました" for _ in range(count)],
    }


def measure_queries(path: Path, words: Words, count: int) -> dict[str, dict[str, float]]:
    """Return how long each sort of query takes on one connection, over all and over the learnings."""
    found = {}
    with Index.open(path) as index:
        for name, asked in queries(words, count).items():
            found[name] = spread([timed(partial(index.search, query)) for query in asked])
        few = [timed(lambda: index.search(words.some(5), sources=["record"])) for _ in range(count)]
        found["five words as they come, learnings alone"] = spread(few)
        fresh = []
        for query in queries(words, count)["five words as they come"]:
            with Index.open(path) as other:
                fresh.append(timed(partial(other.search, query)))
        found["five words as they come, a new connection each"] = spread(fresh)
    return found


def measure_cold(path: Path, words: Words) -> dict[str, dict[str, float]]:
    """Return how long a process of its own takes to open the index and ask once, as a hook would."""
    times = []
    for _ in range(9):
        done = subprocess.run(
            [sys.executable, "-c", _COLD, str(path), words.some(5)],
            capture_output=True,
            text=True,
            check=True,
        )
        times.append([float(part) for part in done.stdout.split()])
    return {
        "imports": spread([each[0] for each in times]),
        "open and ask": spread([each[1] for each in times]),
    }


def measure_updates(repository: Repository, words: Words) -> dict[str, dict[str, float]]:
    """Return how long the view takes to take in one commit, and to see that nothing changed."""
    after, nothing = [], []
    with View(repository) as view:
        for number in range(15):
            message = f"{words.some(8)}\n\n{words.some(60)}"
            repository.git("commit", "-q", "--allow-empty", "-m", message)
            after.append(timed(view.refresh))
            nothing.append(timed(view.refresh))
            assert view.index.get(f"commit:{repository.head()}") is not None, number
    opened = [timed(lambda: View(repository).index.close()) for _ in range(9)]
    least = [timed(lambda: repository.git("rev-parse", "HEAD")) for _ in range(15)]
    return {
        "update after one commit": spread(after),
        "nothing changed": spread(nothing),
        "view opened": spread(opened),
        "git rev-parse": spread(least),
    }


def measure(size: int, count: int) -> dict[str, object]:
    """Return all figures of one size."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as name:
        os.environ.update(HOME=name, GIT_CONFIG_NOSYSTEM="1")
        repository = make(Path(name) / "repository", size, size)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started, processor = time.perf_counter(), time.process_time()
        with View(repository, seconds=None) as view:
            held, path = view.index.count(), view.index.path
        filled, worked = time.perf_counter() - started, time.process_time() - processor
        words = Words(7)
        return {
            "learnings": size,
            "commits": size,
            "documents": held,
            "fill_seconds": round(filled, 1),
            "fill_processor_seconds": round(worked, 1),
            "peak_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "megabytes_before_filling": round(before / 1024),
            "file_megabytes": round(path.stat().st_size / 1e6, 1),
            "queries_ms": measure_queries(path, words, count),
            "cold_ms": measure_cold(path, words),
            "updates_ms": measure_updates(repository, words),
        }


def show(found: dict[str, object]) -> None:
    """Print the figures of one size."""
    print(f"\n{found['learnings']:,} learnings, {found['commits']:,} commits:")
    for name, value in found.items():
        if isinstance(value, dict):
            for label, times in value.items():
                print(
                    f"  {label:50} p50 {times['p50']:8.2f} ms   p95 {times['p95']:8.2f} ms   n {times['n']}"
                )
        elif name not in ("learnings", "commits"):
            print(f"  {name.replace('_', ' '):50} {value:,}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--queries", type=int, default=100, help="queries of each sort")
    parser.add_argument("--json", type=Path, help="where to write the figures, too")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.one, options.queries)))
        return
    every = []
    for size in map(int, options.sizes.split(",")):
        arguments = [sys.executable, __file__, "--one", str(size), "--queries", str(options.queries)]
        done = subprocess.run(arguments, stdout=subprocess.PIPE, check=True)
        every.append(json.loads(done.stdout))
        show(every[-1])
    if options.json:
        options.json.write_text(json.dumps(every, indent=1) + "\n")


if __name__ == "__main__":
    main()
