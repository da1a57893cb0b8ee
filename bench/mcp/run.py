"""How soon the tools are there: from the start of the server to the answer that a client waits for.

The SDK alone, serving the same tools, is measured in the same run; so is a Python that does nothing.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdfast.connect.mcp import wiring
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing import repositories

SAMPLES = Path(__file__).parents[2] / "examples" / "sessions"
RUNS = 15
SDK = (
    "import os, sys; from pathlib import Path; from holdfast.connect.mcp.server import serve_lines;"
    "serve_lines(Path(), os.fdopen(0), os.fdopen(1, 'w'))"
)
CLIENT = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "1"},
}
OPENING: list[dict[str, Any]] = [
    {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": CLIENT},
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
]
ASKED = {"name": "recall", "arguments": {"query": "vitest not found"}}
CALL: dict[str, Any] = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": ASKED}


def ready(command: list[str], directory: Path) -> float:
    """Return the milliseconds from the start of a server to its list of tools."""
    return talk(command, directory, OPENING, 2)


def called(command: list[str], directory: Path) -> float:
    """Return the milliseconds from the start of a server to the answer of its first tool."""
    return talk(command, directory, [*OPENING, CALL], 3)


def talk(command: list[str], directory: Path, messages: list[dict[str, Any]], answers: int) -> float:
    """Send messages to a server and wait for so many answers; return the milliseconds it took."""
    begun = time.perf_counter()
    with subprocess.Popen(
        command, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdin
        assert server.stdout
        server.stdin.write("".join(json.dumps(each) + "\n" for each in messages).encode())
        server.stdin.flush()
        for _ in range(answers):
            line = server.stdout.readline()
            assert b'"result"' in line, line
        took = (time.perf_counter() - begun) * 1000
        server.stdin.close()
    return took


def floor(_: list[str], directory: Path) -> float:
    """Return the milliseconds of a Python that does nothing."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], cwd=directory, check=True)
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Print the figures, each the middle of `RUNS` runs with the slowest."""
    with tempfile.TemporaryDirectory() as folder, repositories.isolated(Path(folder) / "home"):
        repository = repositories.make_repository(Path(folder) / "project")
        learn(repository)
        sdk = [sys.executable, "-c", SDK]
        cases: list[tuple[str, Callable[[list[str], Path], float], list[str]]] = [
            ("python -I -S -c pass", floor, []),
            ("holdfast mcp: tools listed", ready, wiring.command()),
            ("the SDK alone: tools listed", ready, sdk),
            ("holdfast mcp: first answer of a tool", called, wiring.command()),
            ("the SDK alone: first answer of a tool", called, sdk),
        ]
        found: dict[str, list[float]] = {name: [] for name, _, _ in cases}
        for _ in range(RUNS):
            for name, measure, command in cases:
                found[name].append(measure(command, repository.directory))
        for name, times in found.items():
            print(f"{name:<40}{statistics.median(times):7.0f} ms   slowest {max(times):5.0f} ms")
    cost = wiring.cost()
    print(
        f"at rest ≈ {cost.deferred} tokens where tools are named alone, ≈ {cost.declared} where shown whole"
    )


def learn(repository: Repository) -> None:
    """Let a repository learn from the sample sessions, and trust it."""
    with View(repository) as view:
        ingest(view, [SAMPLES])
    TrustStore().accept(repository)


if __name__ == "__main__":
    main()
