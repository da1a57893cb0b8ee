from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.repo.location import Repository

Run = Callable[..., Any]


def test_it_exits_with_0_when_all_is_well(repository: Repository, holdfast: Run) -> None:
    holdfast("init")
    done = holdfast("doctor")
    assert done.code == 0
    assert done.out.splitlines()[-1] == "No problem found."


def test_it_exits_with_1_and_a_next_step_when_there_is_a_problem(
    repository: Repository, holdfast: Run
) -> None:
    holdfast("init")
    repository.state_dir.chmod(0o755)
    done = holdfast("doctor")
    assert done.code == 1
    assert f"→ chmod go-rwx {repository.state_dir}" in done.out
    assert done.out.splitlines()[-1] == "1 problem found."


def test_json_lists_each_finding_with_its_level(repository: Repository, holdfast: Run) -> None:
    body = holdfast("doctor", "--json").json
    assert body["schema"] == "holdfast.doctor/1"
    assert {finding["level"] for finding in body["findings"]} <= {"ok", "note", "problem"}
    assert {"git", "search", "trust", "records"} <= {finding["name"] for finding in body["findings"]}


def test_outside_a_repository_it_still_looks_at_the_machine(
    tmp_path: Path, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = holdfast("doctor")
    assert done.code == 1
    assert "full-text search" in done.out
    assert "no git repository" in done.out


def test_without_git_it_says_how_to_get_it(
    repository: Repository, tmp_path: Path, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = holdfast("doctor")
    assert done.code == 1
    assert "git is not installed" in done.out


def test_it_mends_what_agents_call_and_takes_that_back(
    repository: Repository, home: Path, holdfast: Run
) -> None:
    holdfast("init", "--agent", "claude-code", "--yes")
    launcher = home / "data/holdfast/hook"
    broken = launcher.read_text().replace("PYTHON=", "PYTHON=/moved")
    launcher.write_text(broken)
    assert holdfast("doctor").code == 1
    done = holdfast("doctor", "--fix")
    assert done.code == 0
    assert "it runs this installation of Holdfast" in " ".join(done.out.split())
    assert launcher.read_text() != broken
    back = holdfast("doctor", "--fix", "--undo", "--json").json
    assert back["mended"] == ["~/data/holdfast/hook is as it was."]
    assert launcher.read_text() == broken


def test_mending_where_nothing_is_wrong_says_so(repository: Repository, holdfast: Run) -> None:
    holdfast("init")
    done = holdfast("doctor", "--fix")
    assert done.out.startswith("Nothing to mend in what agents call.")
    assert holdfast("doctor", "--fix", "--undo").code == 2


def test_undo_alone_is_a_usage_error(repository: Repository, holdfast: Run) -> None:
    done = holdfast("doctor", "--undo")
    assert done.code == 2
    assert "--fix" in done.err
