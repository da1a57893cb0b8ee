"""Measure what a hook costs an agent: CPU and wall time of each event beside the bare interpreter's.

    python bench/hooks/run.py [--learnings 10000] [--runs 25] [--json FILE]

All events are run in turn, over and over, so that a busy machine slows all alike; what counts is the ratio to
``python -I -S -c pass`` of the same run.
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
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.hooks.made import command, make, output

import holdfast.hook
from holdfast.hook import due, published
from holdfast.learn.view import View
from holdfast.recall.publish import publish
from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.testing import repositories

PROGRAM = str(Path(holdfast.hook.__file__).parent / "__main__.py")
FLOOR = "python -I -S -c pass"


def events(repository: Repository, learnings: int, number: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return one event of each sort, of a session of its own."""

    def told(**more: Any) -> dict[str, Any]:
        return {"session_id": f"s{number}", "cwd": str(repository.root), "transcript_path": "", **more}

    def bash(line: str, **more: Any) -> dict[str, Any]:
        return told(tool_name="Bash", tool_input={"command": line}, **more)

    known, warned = number * 97 % learnings, number * 89 % learnings
    return {
        "a call that nothing is known of": ("call", bash("ls -la && git status")),
        "a call that may be warned of": ("call", bash(command(warned))),
        "a success (agents that do not say so)": (
            "result",
            bash("make", tool_response="built 12 files\n" * 40),
        ),
        "an unknown failure": ("failure", bash("frobnicate x", error="Exit code 2\nfrob: cannot open it")),
        "a known failure": ("failure", bash(command(known), error=output(known))),
        "a start": ("start", told(source="startup")),
        "a first prompt": ("prompt", told(prompt="Make the parts of the schema open again, please.")),
        "an end": ("end", told(reason="other")),
    }


def measured(arguments: list[str], data: bytes) -> tuple[float, float, bytes]:
    """Run a program; return its CPU and wall milliseconds, and what it said."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(arguments, input=data, capture_output=True, check=True)
    wall = (time.perf_counter() - started) * 1e3
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3
    return cpu, wall, done.stdout


def measure(repository: Repository, learnings: int, runs: int) -> dict[str, dict[str, float]]:
    """Return for each event the median and 95th percentile of both times, and how often it spoke."""
    times: dict[str, list[tuple[float, float]]] = {}
    spoke: dict[str, int] = {}
    for number in range(runs):
        floor = [sys.executable, "-I", "-S", "-c", "pass"]
        times.setdefault(FLOOR, []).append(measured(floor, b"")[:2])
        for name, (event, told) in events(repository, learnings, number).items():
            arguments = [sys.executable, "-I", "-S", PROGRAM, "claude-code", event]
            cpu, wall, said = measured(arguments, json.dumps(told).encode())
            times.setdefault(name, []).append((cpu, wall))
            spoke[name] = spoke.get(name, 0) + bool(said)
        (repository.state_dir / due.NAME).unlink(missing_ok=True)  # or the next start begins to read logs
    floor_cpu, floor_wall = (statistics.median(each) for each in zip(*times[FLOOR], strict=True))
    return {
        name: {
            "cpu": round(statistics.median(cpu for cpu, _ in found), 1),
            "wall": round(statistics.median(wall for _, wall in found), 1),
            "wall_p95": round(sorted(wall for _, wall in found)[int(0.95 * len(found))], 1),
            "cpu_ratio": round(statistics.median(cpu for cpu, _ in found) / floor_cpu, 2),
            "wall_ratio": round(statistics.median(wall for _, wall in found) / floor_wall, 2),
            "spoke": round(spoke.get(name, 0) / runs, 2),
        }
        for name, found in times.items()
    }


def main() -> None:
    """Make the repository, publish, measure, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--learnings", type=int, default=10_000)
    asked.add_argument("--runs", type=int, default=25)
    asked.add_argument("--json", type=Path)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder, repositories.isolated(Path(folder, "home")):
        repository = make(Path(folder, "r"), options.learnings)
        config.choose(repository, level="knowledge")  # so that every surface is measured
        started = time.perf_counter()
        with View(repository, seconds=None) as view:
            filled = time.perf_counter()
            publish(view)
        ended = time.perf_counter()
        path = repository.state_dir / published.NAME
        print(
            f"{options.learnings} learnings: index {filled - started:.1f} s, publish {ended - filled:.1f} s, "
            f"{path.stat().st_size / 1e6:.1f} MB"
        )
        found = measure(repository, options.learnings, options.runs)
    for name, row in found.items():
        print(
            f"{name:40} CPU {row['cpu']:6.1f} ms ({row['cpu_ratio']:.2f}×)   wall {row['wall']:6.1f} ms "
            f"({row['wall_ratio']:.2f}×), p95 {row['wall_p95']:.1f}   spoke {row['spoke']:.0%}"
        )
    if options.json:
        options.json.write_text(json.dumps({"learnings": options.learnings, "events": found}, indent=1))
    os.sync()


if __name__ == "__main__":
    main()
