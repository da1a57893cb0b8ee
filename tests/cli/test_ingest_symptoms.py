"""``holdfast ingest --symptoms``: what a person types and sees."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.recall.agent_in_words import agent, asked

from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing import repositories

Run = Callable[..., Any]


def test_an_agent_must_have_been_chosen(repository: Repository, holdfast: Run) -> None:
    done = holdfast("ingest", "--symptoms")
    assert (done.code, 'learn --wording "claude -p"' in done.err) == (2, True)


def test_what_came_of_it_is_said(repository: Repository, holdfast: Run, tmp_path: Path) -> None:
    assert repository.root
    repositories.commit(repository.root, {"a.py": "x"}, "Hold a seat for ten minutes while somebody pays")
    command = shlex.join(agent(tmp_path, {"Hold a seat": ["Two visitors both sit on chair 14"]}))
    holdfast("init")
    TrustStore().accept(repository)
    holdfast("learn", "--wording", command)
    done = holdfast("ingest", "--symptoms")
    said = " ".join(done.out.split())
    assert done.code == 0
    assert "1 settles something" in said
    assert "about 1 call and" in " ".join(done.err.split())
    assert "Nothing waits" in said
    found = holdfast("recall", "why did two visitors both sit on chair 14 yesterday")
    assert "Hold a seat" in found.out
    again = holdfast("ingest", "--symptoms", "--json")
    assert (again.json["calls"], again.json["left"]) == (0, 0)
    assert len(asked(tmp_path)) == 1  # there is no earlier decision to compare it with


def test_nothing_of_a_repository_that_is_not_trusted_is_put_before_an_agent(
    repository: Repository, holdfast: Run, tmp_path: Path
) -> None:
    assert repository.root
    config = repository.root / ".holdfast" / "config.toml"
    config.parent.mkdir()
    config.write_text('[checks.test]\nrun = "make test"\n')
    repositories.run_git(repository.root, "add", "--all")
    repositories.run_git(repository.root, "commit", "--quiet", "--message", "Check with make")
    holdfast("init")
    holdfast("learn", "--wording", shlex.join(agent(tmp_path, {})))
    done = holdfast("ingest", "--symptoms")
    assert (done.code, "holdfast trust" in done.err, asked(tmp_path)) == (1, True, [])


def test_an_agent_that_fails_is_named(repository: Repository, holdfast: Run) -> None:
    assert repository.root
    repositories.commit(repository.root, {"a.py": "x"}, "Hold a seat for ten minutes while somebody pays")
    holdfast("init")
    TrustStore().accept(repository)
    holdfast("learn", "--wording", "/nope/agent")
    done = holdfast("ingest", "--symptoms")
    assert (done.code, "cannot be started" in " ".join(done.out.split())) == (1, True)


def test_it_reads_no_sessions(repository: Repository, holdfast: Run) -> None:
    for arguments in (("--symptoms", "x.jsonl"), ("--symptoms", "--everywhere"), ("--calls", "3")):
        assert holdfast("ingest", *arguments).code == 2
