"""Commands say when the index is locked or not all is read yet, and two of them read on."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable
from typing import Any

from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.testing.repositories import commit

Run = Callable[..., Any]


def test_a_locked_index_is_said_on_standard_error_and_answered_from(
    repository: Repository, holdfast: Run
) -> None:
    assert repository.root is not None
    holdfast("init")
    commit(repository.root, {"a": "1"}, "Behind the lock")
    other = sqlite3.connect(repository.state_dir / "index.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        done = holdfast("status", "--json")
    finally:
        other.close()
    assert "keeps the index locked" in done.err
    assert done.json["stale"]
    again = holdfast("status", "--json")
    assert again.err == ""
    assert not again.json["stale"]


def test_init_reads_all_commits_where_one_use_would_read_a_few(repository: Repository, holdfast: Run) -> None:
    lines = []
    for number in range(2500):
        lines += ["commit refs/heads/main", f"committer A <a@example.invalid> {1_600_000_000 + number} +0000"]
        lines += [f"data {len(str(number))}", str(number)]
        lines += ["from refs/heads/main^0"] if number == 0 else []
    text = "\n".join(lines).encode() + b"\n"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=repository.directory, input=text, check=True)
    with View(repository, seconds=0.0) as view:
        assert view.unread == ["commit"]
    assert holdfast("init").code == 0
    with View(repository, seconds=0.0) as view:
        assert view.unread == []
        assert len(view.index.ids("commit")) == 2501


def test_a_dry_run_reads_nothing(repository: Repository, holdfast: Run) -> None:
    assert holdfast("init", "--dry-run").code == 0
    assert not (repository.state_dir / "index.db").exists()
