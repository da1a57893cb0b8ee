"""Measure `holdfast tuition` on many sessions: the first line, the whole, memory, and against ``json.loads``.

    python bench/tuition/run.py [--transcripts DIR] [--sessions 500 5000] [--runs N]

Whole processes, in turn (A B C A B C …). Real transcripts are repeated, each copy with session ids, call
ids and days of its own, so that it counts as a session of its own. Without transcripts the sample sessions
are repeated within themselves, a file being read in between, until each is as long as the median real one
and has as many calls. Above 1,000 sessions only the shorter half of the transcripts (or samples
of a third of that length) is used, and no more than 6 GB; what was used is printed. The scratch folder is
always removed.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from itertools import count, cycle, islice
from pathlib import Path
from typing import NamedTuple

BASELINE = """
import json, pathlib, sys
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    with open(path, "rb") as file:
        for line in file:
            try:
                json.loads(line)
            except ValueError:
                pass
"""
MEDIAN_SESSION = 700_000
"""Bytes of the median session of the real ones that this was written with."""
READ = 12
"""How much longer than the sample a file is that is read after it: real sessions have 14 kB a call."""
MOST_BYTES = 6_000_000_000
MANY = 1_000
_CALLS = re.compile(rb"\b(?:toolu|call|msg)_")
_IDS = re.compile(
    rb"\b([0-9a-f]{8})(?=-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    rb"|\b(?:toolu|call|msg|req|item|fc|rs)_(?=\w{6})"
    rb"|\b(20\d\d-\d\d-\d\d)(?=T\d\d:\d\d)"
)


class Run(NamedTuple):
    """One finished process: seconds to its first and second line and to its end, and peak memory in MB."""

    first: float
    second: float
    wall: float
    peak: float


def measure(command: list[str], cwd: Path, environment: dict[str, str]) -> Run:
    """Run a command and tell when its lines came and how much memory it and its children held at once."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, start_new_session=True
    )
    peak = _Peak(process.pid)
    try:
        lines: list[float] = []
        assert process.stdout is not None
        for _ in process.stdout:
            if len(lines) < 2:
                lines.append(time.perf_counter() - started)
        code = process.wait()
    finally:
        peak.stop()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    wall = time.perf_counter() - started
    if code:
        raise SystemExit(f"{command[:4]} exited with {code}")
    first, second = (*lines, wall, wall)[:2]
    return Run(first, second, wall, peak.most / 1e6)


class _Peak:
    """The most memory that a process and those below it held at once, looked at twenty times a second.

    Pages that two of them share count twice.
    """

    def __init__(self, pid: int) -> None:
        self.most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self, pid: int) -> None:
        while not self._ended.wait(0.05):
            self.most = max(self.most, sum(_resident(below) for below in _tree(pid)))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        pass
    if Path("/proc/self/statm").exists():  # the process has just ended
        return 0
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False).stdout
    return int(told or 0) * 1024


def repeat(text: bytes, number: int) -> bytes:
    """Return a transcript as another session: other ids everywhere, and days a week apart a copy."""
    return _IDS.sub(partial(_other, number, {}), text)


def _other(number: int, days: dict[bytes, bytes], match: re.Match[bytes]) -> bytes:
    if match[1] is not None:
        return b"%08x" % ((int(match[1], 16) + number * 0x9E3779B1) % (1 << 32))
    if match[2] is None:
        return match[0] + b"%04x" % number
    day = days.get(match[2])
    if day is None:
        try:
            moved = datetime.date.fromisoformat(match[2].decode()) - datetime.timedelta(days=7 * number % 730)
        except ValueError:
            return match[2]
        day = days[match[2]] = moved.isoformat().encode()
    return day


def real(folder: Path, shorter: bool) -> list[bytes]:
    """Return the transcripts below a folder that a reader knows."""
    from holdfast.transcripts.discovery import expand

    found = sorted((Path(origin.name) for origin in expand([folder])), key=lambda path: path.stat().st_size)
    return [path.read_bytes() for path in (found[: len(found) // 2] if shorter else found)]


def samples(size: int) -> list[bytes]:
    """Return the sample sessions, each repeated within itself under other call ids until it has ``size``.

    Between two repetitions a file is read, so that there are as many bytes a call as in real sessions.
    """
    folder = Path(__file__).parents[2] / "examples" / "sessions"
    return [_enlarged(sample.read_bytes(), size) for sample in sorted(folder.glob("*.jsonl"))]


def _enlarged(text: bytes, size: int) -> bytes:
    from holdfast.testing.sessions import ClaudeSession, CodexSession

    first = json.loads(text.splitlines()[0])
    name, kind = (
        (first["sessionId"], ClaudeSession)
        if "sessionId" in first
        else (first["payload"]["id"], CodexSession)
    )
    reads = kind(name, root="/home/ada/shop", start=1_772_500_000.0)
    before = len(reads.records)
    reads.bash("cat shop/cart.py", "    total = add(total, price * amount)\n" * (len(text) * READ // 40))
    read = "".join(json.dumps(record) + "\n" for record in reads.records[before:]).encode()
    turn = text + _CALLS.sub(rb"\g<0>read", read)
    turns = max(1, size // len(turn))
    return b"".join(_CALLS.sub(rb"\g<0>" + b"%03x" % number, turn) for number in range(turns))


def write_sessions(folder: Path, texts: list[bytes], number: int) -> int:
    """Write that many sessions, or as many as the disk allowance holds; return their bytes."""
    written = 0
    spread = sorted(range(len(texts)), key=lambda at: at * 7919 % len(texts))
    for place, at, copy in zip(range(number), cycle(spread), count(), strict=False):
        text = repeat(texts[at], copy // len(texts))
        if written + len(text) > MOST_BYTES:
            print(f"  stopped at {place} sessions: the scratch folder is full")
            break
        (folder / f"{place:05d}.jsonl").write_bytes(text)
        written += len(text)
    return written


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--transcripts", type=Path)
    parser.add_argument("--sessions", type=int, nargs="+", default=[500, 5000])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the scratch folder is removed
    for number in options.sessions:
        with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as name:
            _measure_all(Path(name), options.transcripts, number, options.runs)


def _measure_all(scratch: Path, transcripts: Path | None, number: int, runs: int) -> None:
    folder = scratch / "sessions"
    folder.mkdir()
    many = number > MANY
    if transcripts is not None:
        texts = real(transcripts, shorter=many)
        origin = f"{len(texts)} real ones{', the shorter half,' if many else ''} repeated"
    else:
        texts = samples(MEDIAN_SESSION // 3 if many else MEDIAN_SESSION)
        origin = f"{len(texts)} samples enlarged and repeated"
    size = write_sessions(folder, texts, number) / 1e6
    del texts
    if shutil.disk_usage(scratch).free < 1e9:
        raise SystemExit("The disk is nearly full.")
    held = len(list(folder.iterdir()))
    print(f"\n{held} sessions, {size:.0f} MB, mean {size / held:.2f} MB ({origin}), {runs} runs", flush=True)
    rounds = list(islice((_round(scratch, folder) for _ in count()), runs))
    plain, text, data = (list(column) for column in zip(*rounds, strict=True))
    _show("json.loads, one process", [run.wall for run in plain], "s")
    _show("first line", [run.first for run in text], "s")
    _show("second line", [run.second for run in text], "s")
    _show("in all, as text", [run.wall for run in text], "s")
    _show("in all, --json", [run.wall for run in data], "s")
    _show("peak memory, all processes", [run.peak for run in (*text, *data)], "MB", digits=0)
    _show("--json ÷ json.loads", [ours.wall / base.wall for base, ours in zip(plain, data, strict=True)], "×")


def _show(label: str, values: list[float], unit: str, digits: int = 2) -> None:
    median, least, most = statistics.median(values), min(values), max(values)
    print(f"  {label:28} {median:8.{digits}f} {unit:2} ({least:.{digits}f}–{most:.{digits}f})", flush=True)


def _round(scratch: Path, folder: Path) -> tuple[Run, Run, Run]:
    home, repository = scratch / "home", scratch / "repository"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    if "PYTHONPATH" in os.environ:  # another version than the installed one
        environment["PYTHONPATH"] = os.environ["PYTHONPATH"]
    subprocess.run(["git", "init", "-q", str(repository)], env=environment, check=True)
    ours = [sys.executable, "-m", "holdfast", "tuition", str(folder)]
    ran = (
        measure([sys.executable, "-c", BASELINE, str(folder)], repository, environment),
        measure(ours, repository, environment),
        measure([*ours, "--json"], repository, environment),
    )
    shutil.rmtree(home)
    shutil.rmtree(repository)
    return ran


if __name__ == "__main__":
    main()
