from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository, run_git

Run = Callable[..., Any]


def test_it_says_what_was_done_and_ends_with_one_next_command(repository: Repository, holdfast: Run) -> None:
    done = holdfast("init", "--yes")
    assert done.code == 0
    assert "shared records" in done.out
    assert done.out.splitlines()[-1] == "Next: holdfast ingest"
    assert done.out.count("Next:") == 1


def test_json_is_one_document_with_a_schema(repository: Repository, holdfast: Run) -> None:
    body = holdfast("init", "--json").json
    assert body["schema"] == "holdfast.init/1"
    assert (body["mode"], body["trusted"], body["next"]) == ("shared", True, "holdfast ingest")


def test_private_and_back_again(repository: Repository, holdfast: Run) -> None:
    holdfast("init", "--private")
    assert config.mode(repository) == "private"
    holdfast("init", "--shared")
    assert config.mode(repository) == "shared"


def test_a_dry_run_says_so_first(repository: Repository, holdfast: Run) -> None:
    done = holdfast("init", "--dry-run")
    assert done.out.startswith("Nothing was done.")
    assert not repository.state_dir.exists()


def test_undo_goes_back(repository: Repository, holdfast: Run) -> None:
    holdfast("init", "--config")
    done = holdfast("init", "--undo")
    assert done.code == 0
    assert not repository.state_dir.exists()
    assert "Removed" in done.out


def test_undo_with_a_choice_is_a_usage_error(repository: Repository, holdfast: Run) -> None:
    done = holdfast("init", "--undo", "--private")
    assert done.code == 2
    assert "--undo" in done.err


def test_a_repository_with_something_to_look_at_is_sent_to_trust(
    repository: Repository, holdfast: Run
) -> None:
    (repository.directory / ".holdfast").mkdir()
    (repository.directory / ".holdfast/config.toml").write_text('[checks.x]\nrun = "x"\n')
    done = holdfast("init")
    assert done.code == 0
    assert done.out.splitlines()[-1] == "Next: holdfast trust"


def test_it_works_from_another_directory(tmp_path: Path, holdfast: Run) -> None:
    made = make_repository(tmp_path / "elsewhere")
    assert holdfast("init", "-C", str(made.directory)).code == 0
    assert config.mode(made) == "shared"


def test_outside_a_repository_the_error_says_what_to_do(
    tmp_path: Path, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = holdfast("init")
    assert (done.code, done.out) == (2, "")
    assert "no git repository" in done.err
    assert "git init" in done.err


def test_without_git_the_error_says_how_to_get_it(
    repository: Repository, tmp_path: Path, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = holdfast("init")
    assert done.code == 2
    assert "git is not installed" in done.err
    assert "apt install git" in done.err


def test_no_room_for_the_branch_is_an_error_with_the_way_out(repository: Repository, holdfast: Run) -> None:
    run_git(repository.directory, "branch", "holdfast/x")
    done = holdfast("init")
    assert done.code == 2
    assert "holdfast init --private" in done.err


def test_a_git_directory_that_cannot_be_written_is_an_error_that_says_so(
    repository: Repository, holdfast: Run
) -> None:
    repository.state_dir.write_text("a file where the folder must be")
    done = holdfast("init")
    assert done.code == 2
    assert str(repository.state_dir) in done.err
    assert "Traceback" not in done.err
