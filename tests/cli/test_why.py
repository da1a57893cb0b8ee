"""``holdfast why`` as a user meets it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.testing import repositories
from holdfast.testing.repositories import commit
from holdfast.testing.sessions import ClaudeSession

Run = Callable[..., Any]


@pytest.fixture
def known(learned: Repository, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(learned.directory)
    with View(learned) as view:
        return next(document.id for document in view.learnings() if "uv run pytest" in document.text)


def test_it_shows_line_command_exit_code_commit_and_sessions(known: str, holdfast: Run) -> None:
    done = holdfast("why", known[:6])
    assert done.code == 0
    assert "failed (line 3, exit 4): pytest -q" in done.out
    assert "worked (line 9, ok): uv run pytest -q" in done.out
    assert "committed after: 4c1f9ab" in done.out
    assert "Its fix worked in 4 sessions; the failure occurred in 4 sessions." in done.out


def test_its_last_line_is_a_command_that_shows_the_record(known: str, holdfast: Run) -> None:
    command = holdfast("why", known).out.splitlines()[-1].strip()
    assert command.startswith("git show holdfast:learnings/failure/")
    shown = subprocess.run(command.split(), capture_output=True, text=True, check=True)
    assert "uv run pytest" in shown.stdout


def test_what_happened_since_is_told_in_words(known: str, holdfast: Run) -> None:
    holdfast("review", "retire", known[:6], "--reason", "uv is gone")
    out = holdfast("why", known).out
    assert "retired: uv is gone" in out
    assert "failure · proven · retired" in out


def test_a_note_of_the_tree_is_named_as_it_was_shown(known: str, holdfast: Run, learned: Repository) -> None:
    assert learned.root is not None
    (learned.root / "learnings.md").write_text("- Freeze `deploy/prod` on Fridays.\n")
    shown = holdfast("recall", "freeze fridays", "--json").json["items"][0]["id"]
    done = holdfast("why", shown)
    assert (done.code, "Freeze `deploy/prod`" in done.out) == (0, True)
    assert "note · stated · learnings.md:1" in done.out
    assert "your own file" in holdfast("review", "retire", shown).err


def test_a_line_of_a_file_is_explained_from_the_logs_that_were_read(
    repository: Repository, tmp_path: Path, holdfast: Run
) -> None:
    talk = ClaudeSession(
        "5f0c0000-0000-4000-8000-000000000009", root=str(repository.directory), start=1772359200.0
    )
    talk.prompt("the total has too many digits")
    talk.say("Totals are floats, so I round where they leave the cart.")
    talk.edit("cart.py", "return total\n", "return round(total, 2)\n")
    log = talk.write(tmp_path / "log.jsonl")
    (repository.directory / "cart.py").write_text("return round(total, 2)\n")
    assert holdfast("ingest", str(log)).code == 0
    done = holdfast("why", "cart.py:1")
    assert done.code == 0
    assert "not committed yet" in done.out
    assert "asked: “the total has too many digits”" in done.out
    assert "said:  “Totals are floats" in done.out
    assert holdfast("why", "cart.py:1", "--json").json["session"]["transcript"] == str(log)


def test_a_line_that_no_session_wrote_has_its_commit_alone(repository: Repository, holdfast: Run) -> None:
    commit(repository.directory, {"a.txt": "one\n"}, "Say one")
    done = holdfast("why", "a.txt:1")
    assert done.code == 0
    assert "Say one" in done.out
    assert "No session that wrote it was found" in done.out


def test_a_log_that_is_gone_is_read_from_the_archive(
    repository: Repository, tmp_path: Path, holdfast: Run
) -> None:
    talk = ClaudeSession(
        "5f0c0000-0000-4000-8000-000000000010", root=str(repository.directory), start=1772359200.0
    )
    talk.prompt("the total has too many digits")
    talk.say("Totals are floats, so I round where they leave the cart.")
    talk.edit("cart.py", "return total\n", "return round(total, 2)\n")
    log = talk.write(tmp_path / "log.jsonl")
    (repository.directory / "cart.py").write_text("return round(total, 2)\n")
    assert holdfast("init", "--yes").code == 0
    assert holdfast("ingest", str(log), "--archive").code == 0
    log.unlink()
    assert "said:  “Totals are floats" in holdfast("why", "cart.py:1").out


def test_a_commit_is_shown_by_the_name_that_recall_gives_it_with_what_was_overridden(
    holdfast: Run, learned: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    repositories.run_git(
        learned.directory, "commit", "--allow-empty", "-q", "-m", "Never cache carts, it was flaky"
    )
    name = f"commit:{repositories.run_git(learned.directory, 'rev-parse', 'HEAD').strip()[:12]}"
    assert "Never cache carts" in holdfast("why", name).out
    holdfast("recall", "--approach", "cache carts", "--anyway", "a small shop")
    assert "gone on against it with “cache carts”: a small shop" in " ".join(
        holdfast("why", name).out.split()
    )
