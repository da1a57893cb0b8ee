"""The command that agents are given starts the server, and nothing that lies in the project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from holdfast.connect.mcp import wiring
from holdfast.repo.location import Repository


def test_the_command_runs_nothing_of_the_project(repository: Repository) -> None:
    for name in ("json", "mcp", "holdfast", "click", "msgspec"):
        (repository.directory / f"{name}.py").write_text("raise SystemExit('imported from the project')")
    assert Path(wiring.command()[0]).is_absolute()
    without_script = [sys.executable, "-P", "-m", "holdfast", "mcp"]
    for command in (wiring.command(), without_script):
        done = subprocess.run(
            command, cwd=repository.directory, input=b"", capture_output=True, check=False, timeout=60
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
