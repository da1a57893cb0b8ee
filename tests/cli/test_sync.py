from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.repo import ids, records
from holdfast.repo.branch import SHARED, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing.repositories import clone, make_repository, run_git

Run = Callable[..., Any]
TOKEN = "ghp_" + "a1B2c3D4e5" * 3 + "F6g7H8"


def learn(repository: Repository, text: str) -> records.Learning:
    learning = records.Learning(id=ids.new_id(), kind="gotcha", created="2026-01-02", text=text)
    RecordsBranch(repository).append({learning.path: records.encode(learning)}, "learn")
    return learning


@pytest.fixture
def remote(repository: Repository, tmp_path: Path) -> Repository:
    """A bare repository that `repository` has as `origin`."""
    bare = make_repository(tmp_path / "remote.git", bare=True)
    run_git(repository.directory, "remote", "add", "origin", f"file://{bare.directory}")
    run_git(repository.directory, "push", "--quiet", "--set-upstream", "origin", "main")
    return bare


def test_what_was_learned_here_reaches_the_remote_and_back(
    repository: Repository, remote: Repository, tmp_path: Path, holdfast: Run
) -> None:
    learn(repository, "Use `uv run`, because the tests need the extras.")
    assert holdfast("sync", "--json").json["sent"] == 1
    other = clone(remote.directory, tmp_path / "other", "--branch=main")
    learn(other, "Run `make gen` after editing *.proto, because CI compares.")
    assert holdfast("sync", "-C", str(other.directory)).code == 0
    answer = holdfast("sync", "--json").json
    assert answer["schema"] == "holdfast.sync/1"
    assert (answer["remote"], answer["received"]) == ("origin", 1)
    assert RecordsBranch(repository).tips()[SHARED] == RecordsBranch(other).tips()[SHARED]
    assert "Nothing new" in holdfast("sync").out


def test_a_preview_prints_exactly_what_would_leave_and_sends_nothing(
    repository: Repository, remote: Repository, holdfast: Run
) -> None:
    learning = learn(repository, "Use `uv run`, because the tests need the extras.")
    done = holdfast("sync", "--preview")
    assert done.code == 0
    assert learning.path in done.out
    assert all(line in done.out for line in records.encode(learning).decode().splitlines())
    assert "developer@example.invalid" in done.out
    assert RecordsBranch(remote).tips() == {}


def test_a_preview_after_a_sync_has_nothing_to_show(
    repository: Repository, remote: Repository, holdfast: Run
) -> None:
    learn(repository, "Use `uv run`, because the tests need the extras.")
    holdfast("sync")
    assert holdfast("sync", "--preview", "--json").json["would_send"] == []


def test_what_must_not_leave_is_refused_and_named_and_not_printed(
    repository: Repository, remote: Repository, holdfast: Run
) -> None:
    learn(repository, f"Set GITHUB_TOKEN={TOKEN} because the build fails without.")
    preview = holdfast("sync", "--preview")
    assert preview.code == 3
    assert "Nothing will be sent" in preview.out
    assert TOKEN not in preview.out
    done = holdfast("sync")
    assert done.code == 3
    assert TOKEN not in done.out + done.err
    assert "review purge" in done.err
    assert RecordsBranch(remote).tips() == {}


def test_people_whose_records_arrived_are_named_with_the_way_to_accept_them(
    repository: Repository, remote: Repository, tmp_path: Path, holdfast: Run, home: Path
) -> None:
    holdfast("init")
    other = clone(remote.directory, tmp_path / "other", "--branch=main")
    run_git(other.directory, "config", "user.email", "friend@example.invalid")
    learn(other, "Use `uv run`, because the tests need the extras.")
    holdfast("sync", "-C", str(other.directory))
    done = holdfast("sync")
    assert "friend@example.invalid" in done.out
    assert "holdfast trust" in done.out
    holdfast("trust", "--yes")
    assert "friend@example.invalid" in TrustStore().accepted_identities(repository)
    assert "friend@example.invalid" not in holdfast("sync").out


def test_private_records_are_never_sent(repository: Repository, remote: Repository, holdfast: Run) -> None:
    holdfast("init", "--private")
    for args in (["sync"], ["sync", "--preview"]):
        done = holdfast(*args)
        assert done.code == 2
        assert "private" in done.err
    assert RecordsBranch(remote).tips() == {}


def test_without_a_remote_the_error_says_what_to_do(repository: Repository, holdfast: Run) -> None:
    done = holdfast("sync")
    assert done.code == 2
    assert "git remote add origin URL" in done.err


def test_an_unknown_remote_is_named_with_those_there_are(
    repository: Repository, remote: Repository, holdfast: Run
) -> None:
    done = holdfast("sync", "nowhere")
    assert done.code == 2
    assert "origin" in done.err


def test_the_remote_of_the_branch_comes_before_origin(
    repository: Repository, remote: Repository, tmp_path: Path, holdfast: Run
) -> None:
    second = make_repository(tmp_path / "second.git", bare=True)
    run_git(repository.directory, "remote", "add", "fork", f"file://{second.directory}")
    run_git(repository.directory, "config", "branch.main.remote", "fork")
    learn(repository, "Use `uv run`, because the tests need the extras.")
    assert holdfast("sync", "--json").json["remote"] == "fork"
    assert RecordsBranch(remote).tips() == {}


def test_several_remotes_without_a_default_are_asked_about(
    repository: Repository, tmp_path: Path, holdfast: Run
) -> None:
    for name in ("one", "two"):
        run_git(repository.directory, "remote", "add", name, str(tmp_path / name))
    done = holdfast("sync")
    assert done.code == 2
    assert "one, two" in done.err


def test_a_remote_that_cannot_be_reached_is_an_error_that_says_so(
    repository: Repository, tmp_path: Path, holdfast: Run
) -> None:
    run_git(repository.directory, "remote", "add", "origin", str(tmp_path / "gone"))
    learn(repository, "Use `uv run`, because the tests need the extras.")
    done = holdfast("sync")
    assert done.code == 2
    assert "origin" in done.err
    assert "Traceback" not in done.err


def test_with_no_records_anywhere_it_says_so(
    repository: Repository, remote: Repository, holdfast: Run
) -> None:
    done = holdfast("sync")
    assert done.code == 0
    assert "has records yet" in done.out


def test_a_purge_is_sent_whatever_the_address_of_who_purged(
    holdfast: Run, tmp_path: Path, repository: Repository
) -> None:
    """The scan of what leaves looks for addresses, so a tombstone names its person without one."""
    remote = make_repository(tmp_path / "remote.git", bare=True)
    repository.git("remote", "add", "origin", str(remote.git_dir))
    repository.git("config", "user.email", "somebody@gmail.com")
    said = "Run `make gen` after editing `api/*.proto`: CI compares and fails otherwise."
    learned = holdfast("learn", "--anyway", "for the test", said, "--json").json["id"]
    assert holdfast("review", "purge", learned, "--reason", "names a customer", "--yes").code == 0
    done = holdfast("sync")
    assert done.code == 0, done.err
