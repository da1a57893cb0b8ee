"""The programs that show how to use Holdfast run, are short, and read no home."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.repo.location import Repository

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
Program = Callable[..., Any]


def run(name: str, *args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *args], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONWARNINGS": "error", **environment},
    )  # fmt: skip


@pytest.mark.parametrize("name", ["read_transcript.py", "recall_in_an_agent.py"])
def test_a_program_fits_forty_lines(name: str) -> None:
    assert len((EXAMPLES / name).read_text().splitlines()) <= 40


@pytest.mark.parametrize("name", [path.name for path in sorted((EXAMPLES / "sessions").iterdir())])
def test_any_transcript_is_read(name: str, isolated_home: Path) -> None:
    done = run("read_transcript.py", str(EXAMPLES / "sessions" / name))
    assert (done.returncode, done.stderr) == (0, "")
    agent = "claude-code 2.1.0" if "claude" in name else "codex 0.160.0"
    assert done.stdout.startswith(agent)
    assert ", 0 unknown" in done.stdout


def test_reading_says_what_failed_and_what_got_past_it(isolated_home: Path) -> None:
    said = run("read_transcript.py", str(EXAMPLES / "sessions" / "01-claude.jsonl")).stdout
    assert "line 3: pytest: " in said
    assert "got past in 3 calls: uv run pytest -q" in said


def test_a_custom_agent_is_told_what_ended_a_failure(learned: Repository) -> None:
    failing = "pytest() { echo \"E   ModuleNotFoundError: No module named 'shop'\"; return 4; }; pytest -q"
    done = run("recall_in_an_agent.py", failing, str(learned.directory))
    assert done.returncode == 4
    assert "uv run pytest -q" in done.stdout
    assert "(worked in 4 of 4 sessions)" in done.stdout


def test_a_custom_agent_is_told_when_nothing_is_known(learned: Repository) -> None:
    done = run("recall_in_an_agent.py", "echo 'zebra: unknown stripe' >&2; exit 3", str(learned.directory))
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1] == "Nothing recorded about this failure."
    assert run("recall_in_an_agent.py", "true", str(learned.directory)).returncode == 0


def test_the_sample_sessions_are_what_their_maker_writes(tmp_path: Path) -> None:
    """When this fails: python examples/make_sessions.py examples/sessions."""
    assert run("make_sessions.py", str(tmp_path)).returncode == 0
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in (EXAMPLES / "sessions").iterdir()}


def test_the_demo_shows_the_loop_and_ends_with_the_one_command(tmp_path: Path) -> None:
    """HOME cannot even be looked into, and nothing is left behind."""
    home, temporary = tmp_path / "home", tmp_path / "tmp"
    home.write_text("no directory: whoever reads it fails")
    temporary.mkdir()
    done = run("demo.py", HOME=str(home), TMPDIR=str(temporary))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-3:] == [
        "Now your own sessions, in your own repository:", "", "    holdfast tuition",
    ]  # fmt: skip
    for said in (
        "Read 9 transcripts",
        "Paid for again: ",
        "ended this failure in 4 of 4 sessions",
        "not instructions",
    ):
        assert said in done.stdout
    assert "\x1b" not in done.stdout
    assert list(temporary.iterdir()) == []


def test_the_demo_reads_given_transcripts(tmp_path: Path) -> None:
    done = run("demo.py", str(EXAMPLES / "sessions" / "09-claude.jsonl"), HOME=str(tmp_path))
    assert done.returncode == 0
    assert "$ holdfast ingest TRANSCRIPTS\nRead 1 transcript" in done.stdout
    assert done.stdout.splitlines()[-1] == "    holdfast tuition"


def test_the_demo_stops_at_what_is_no_transcript(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    done = run("demo.py", str(tmp_path / "notes.txt"), HOME=str(tmp_path))
    assert done.returncode == 0
    assert "not read:" in done.stdout
    assert "No fix was found" in done.stdout
