from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdfast.repo import ids, records
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository, run_git

Run = Callable[..., Any]


def learn(repository: Repository) -> str:
    event = records.RecordEvent(
        id=ids.new_id(), kind="learning.accepted", subject=ids.new_id(), day="2026-01-02"
    )
    RecordsBranch(repository).append({event.path: records.encode(event)}, "learn")
    return event.path


def change(repository: Repository, command: str) -> None:
    """Add a commit to the records as only another program would."""
    head = "commit refs/heads/holdfast\ncommitter X <x@example.invalid> 0 +0000\ndata 1\nx\n"
    tip = RecordsBranch(repository).tip()
    run_git(repository.directory, "fast-import", "--quiet", input=f"{head}from {tip}\n{command}\n")


def test_an_honest_ledger_holds(repository: Repository, holdfast: Run) -> None:
    learn(repository)
    learn(repository)
    done = holdfast("ledger", "verify")
    assert done.code == 0
    assert "The ledger holds: 2 commits" in done.out


def test_without_records_it_says_so(repository: Repository, holdfast: Run) -> None:
    done = holdfast("ledger", "verify")
    assert done.code == 0
    assert "no records here yet" in done.out


def test_a_record_that_was_deleted_is_found(repository: Repository, holdfast: Run) -> None:
    path = learn(repository)
    change(repository, f"D {path}")
    done = holdfast("ledger", "verify")
    assert done.code == 1
    assert path in done.out


def test_a_record_that_was_changed_is_found(repository: Repository, holdfast: Run) -> None:
    path = learn(repository)
    change(repository, f"M 100644 inline {path}\ndata 2\n{{}}")
    answer = holdfast("ledger", "verify", "--json")
    assert answer.code == 1
    assert answer.json["schema"] == "holdfast.ledger/1"
    assert answer.json["ok"] is False
    assert any(path in problem for problem in answer.json["problems"])


def test_a_history_that_was_replaced_is_found_by_its_anchor(
    repository: Repository, tmp_path: Path, holdfast: Run
) -> None:
    bare = make_repository(tmp_path / "remote.git", bare=True)
    run_git(repository.directory, "remote", "add", "origin", f"file://{bare.directory}")
    learn(repository)
    assert "no anchor" in holdfast("ledger", "verify").out
    holdfast("sync")
    done = holdfast("ledger", "verify", "--json")
    assert (done.code, list(done.json["anchors"])) == (0, ["origin"])
    run_git(repository.directory, "update-ref", "-d", "refs/heads/holdfast")
    run_git(repository.directory, "update-ref", "-d", "refs/remotes/origin/holdfast")
    learn(repository)
    done = holdfast("ledger", "verify")
    assert done.code == 1
    assert "origin" in done.out


def test_alone_it_shows_what_it_can_do(repository: Repository, holdfast: Run) -> None:
    done = holdfast("ledger", "--help")
    assert done.code == 0
    assert "verify" in done.out
