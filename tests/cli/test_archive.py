"""Transcripts are kept when that was chosen, outlive their logs, and leave the machine in no case."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.learn.view import open_view
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession

Run = Callable[..., Any]


@pytest.fixture
def log(repository: Repository, home: Path) -> Path:
    """A log in the home, where Claude Code would keep it."""
    root = str(repository.directory)
    made = ClaudeSession("0badcafe-0000-4000-8000-000000000001", root=root, start=1_772_359_200.0)
    made.prompt("make the tests pass")
    made.bash("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", exit_code=1)
    made.bash("uv run pytest -q", "3 passed")
    folder = "".join(letter if letter.isalnum() else "-" for letter in root)
    return made.write(home / ".claude" / "projects" / folder / "session.jsonl")


def copies(repository: Repository) -> list[Path]:
    folder = repository.state_dir / "archive"
    return sorted(folder.iterdir()) if folder.exists() else []


def test_nothing_is_kept_unless_it_was_chosen(repository: Repository, log: Path, holdfast: Run) -> None:
    holdfast("init")
    assert holdfast("ingest", str(log), "--json").json["archived"] == 0
    assert copies(repository) == []


def test_what_was_chosen_is_said_once_and_remembered(
    repository: Repository, log: Path, holdfast: Run
) -> None:
    holdfast("init")
    first = holdfast("ingest", "--archive", str(log))
    assert "From now on" in first.err
    assert "1 transcript copied" in first.out
    assert len(copies(repository)) == 1
    again = holdfast("ingest", "--archive", str(log))
    assert "From now on" not in again.err
    with log.open("a") as file:
        file.write(log.read_text().splitlines()[0] + "\n")
    assert holdfast("ingest", str(log), "--json").json["archived"] == 1
    assert len(copies(repository)) == 1


def test_ending_it_keeps_what_was_kept(repository: Repository, log: Path, holdfast: Run) -> None:
    holdfast("init")
    holdfast("ingest", "--archive", str(log))
    assert "stay" in holdfast("ingest", "--no-archive", str(log)).err
    log.write_text(log.read_text() * 2)
    assert holdfast("ingest", str(log), "--json").json["archived"] == 0
    assert len(copies(repository)) == 1
    assert str(repository.state_dir / "archive") in holdfast("init", "--undo").out
    assert len(copies(repository)) == 1


def test_it_needs_a_repository_that_is_set_up(repository: Repository, log: Path, holdfast: Run) -> None:
    done = holdfast("ingest", "--archive", str(log))
    assert (done.code, "holdfast init" in done.err) == (2, True)


def test_doctor_lists_it_with_its_size(repository: Repository, log: Path, holdfast: Run) -> None:
    holdfast("init")
    holdfast("ingest", "--archive", str(log))
    (copy,) = copies(repository)
    found = holdfast("doctor", "--json").json["findings"]
    told = next(finding for finding in found if "transcripts kept from your agents" in finding["what"])
    assert f"(1 file, {copy.stat().st_size:,} bytes)" in told["what"]


def test_a_log_that_is_gone_is_read_from_its_copy(repository: Repository, log: Path, holdfast: Run) -> None:
    holdfast("init")
    before = holdfast("ingest", "--archive", "--yes", "--json").json
    assert len(before["learned"]) == 1
    log.unlink()
    assert holdfast("ingest", "--yes", "--json").json["unchanged"] == 1
    repository.git("update-ref", "-d", "refs/heads/holdfast")
    shutil.rmtree(repository.state_dir / "logs", ignore_errors=True)
    again = holdfast("ingest", "--yes", "--json").json
    assert (len(again["learned"]), again["failures"]) == (1, before["failures"])


def test_it_is_in_nothing_that_leaves(repository: Repository, log: Path, holdfast: Run) -> None:
    holdfast("init")
    holdfast("ingest", "--archive", str(log))
    with open_view(repository.directory) as view:
        names = {added.path for added in view.branch.added()}
    assert names
    assert not any("archive" in name or name.endswith(".gz") for name in names)
    assert "archive" not in repository.git("status", "--porcelain", "--ignored").decode()


def test_an_agent_words_what_ingest_learns(
    repository: Repository, log: Path, holdfast: Run, tmp_path: Path
) -> None:
    """A real program stands in for the agent: it answers by what it is asked."""
    script = tmp_path / "agent.py"
    script.write_text(
        "import json, sys\n"
        "facts = json.loads(sys.stdin.read().strip().splitlines()[-1])\n"
        "print('Run the tests with `uv run pytest -q`: `pytest -q` failed with ModuleNotFoundError.')\n"
    )
    holdfast("init")
    holdfast("learn", "--wording", f"{sys.executable} {script}")
    told = holdfast("ingest", str(log))
    assert "Your agent worded 1 of 1" in told.out
    found = json.loads(holdfast("recall", "pytest", "--json").out)["items"]
    assert found[0]["text"].startswith("Run the tests with `uv run pytest -q`")
