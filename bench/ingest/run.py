"""Measure ingest end to end against plain ``json.loads`` of the same bytes, and its peak memory.

    python bench/ingest/run.py [--transcripts DIR] [--runs N]

Both are whole processes, started in turn (A B A B …), so start-up counts on both sides and a machine whose
speed drifts still gives a fair ratio. Ingest includes reading, pairing, the gate, redaction, one git commit
and the index. Without transcripts the sample sessions are repeated to 64 MB.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

BASELINE = """
import json, sys
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        for line in file:
            try:
                json.loads(line)
            except ValueError:
                pass
"""


class Run(NamedTuple):
    """One finished process: seconds of wall and processor time, and peak memory in MB."""

    wall: float
    cpu: float
    peak: float


def measure(command: list[str], cwd: Path, environment: dict[str, str]) -> Run:
    """Run a command and account for it as the operating system does."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[:4]} exited with {process.returncode}")
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def readable(folder: Path) -> list[Path]:
    """Return the transcripts below a folder that a reader knows: the same bytes for both sides."""
    from holdfast.transcripts.discovery import expand

    return [Path(origin.name) for origin in expand([folder])]


def synthetic(folder: Path, size: int = 64_000_000) -> None:
    """Repeat the sample sessions, each copy under ids of its own, until ``size`` bytes are written."""
    samples = sorted((Path(__file__).parents[2] / "examples" / "sessions").glob("*.jsonl"))
    written = number = 0
    while written < size:
        for sample in samples:
            number += 1
            text = "".join(
                sample.read_text()
                .replace("-4000-8000-", f"-{number:04x}-8000-")
                .replace("toolu_", f"toolu_{turn}x{number}")
                for turn in range(20)
            )
            (folder / f"{number:05d}.jsonl").write_text(text)
            written += len(text)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--transcripts", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as name:
        scratch = Path(name)
        folder = options.transcripts
        if folder is None:
            folder = scratch / "synthetic"
            folder.mkdir()
            synthetic(folder)
        paths = readable(folder.resolve())
        size = sum(path.stat().st_size for path in paths) / 1e6
        pairs = [_pair(scratch / str(run), paths) for run in range(options.runs + 1)][
            1:
        ]  # the first warms up
    ratios = [plain.wall / ours.wall for plain, ours in pairs]
    cpus = [plain.cpu / ours.cpu for plain, ours in pairs]
    print(f"{len(paths)} transcripts, {size:.0f} MB, {options.runs} paired runs")
    for label, runs in (("json.loads", [p for p, _ in pairs]), ("holdfast ingest", [o for _, o in pairs])):
        walls = sorted(size / run.wall for run in runs)
        peak = max(run.peak for run in runs)
        spread = f"({walls[0]:.1f}–{walls[-1]:.1f})"
        print(f"{label:16} median {statistics.median(walls):6.1f} MB/s {spread}, peak {peak:.0f} MB")
    print(
        f"speed of ingest ÷ json.loads: median {statistics.median(ratios):.2f} wall "
        f"({min(ratios):.2f}–{max(ratios):.2f}), {statistics.median(cpus):.2f} processor time; aim ≥ 0.33"
    )


def _pair(scratch: Path, paths: list[Path]) -> tuple[Run, Run]:
    home = scratch / "home"
    repository = scratch / "repository"
    home.mkdir(parents=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q", str(repository)], env=environment, check=True)
    names = [str(path) for path in paths]
    plain = measure([sys.executable, "-c", BASELINE, *names], repository, environment)
    ours = measure([sys.executable, "-m", "holdfast", "ingest", *names], repository, environment)
    shutil.rmtree(scratch)
    return plain, ours


if __name__ == "__main__":
    main()
