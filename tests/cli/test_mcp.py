"""``holdfast mcp`` as a user meets it: agents talk with it, so a person is told what to do instead."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdfast.repo.location import Repository

Run = Callable[..., Any]


def test_a_person_at_a_terminal_is_told_what_it_is_for(repository: Repository) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "holdfast", "mcp"], cwd=repository.directory, stdin=theirs,
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert (done.returncode, done.stdout) == (2, "")
    assert "This talks with an agent" in done.stderr
    assert "claude mcp add" in done.stderr


def test_options_of_http_are_refused_without_it(repository: Repository, holdfast: Run) -> None:
    for given in (["--port", "1"], ["--json"]):
        done = holdfast("mcp", *given)
        assert done.code == 2
        assert f"{given[0]} goes with --http." in done.err


def test_without_the_sdk_it_names_what_installs_it(
    repository: Repository, program: Run, tmp_path: Path
) -> None:
    """As on a machine with the core alone."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("import sys\nsys.modules['mcp'] = None\n")
    done = program("mcp", cwd=repository.directory, PYTHONPATH=str(hidden))
    assert (done.code, done.out) == (2, "")
    assert 'python -m pip install "holdfast[mcp]"' in done.err
    assert "Traceback" not in done.err


def test_over_http_it_needs_a_repository(tmp_path: Path, holdfast: Run) -> None:
    done = holdfast("mcp", "--http", "--port", "0", "-C", str(tmp_path))
    assert done.code == 2
    assert "There is no git repository" in done.err
