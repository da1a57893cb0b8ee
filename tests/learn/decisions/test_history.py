from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.learn.decisions.history import decisions_in_history
from holdfast.repo.location import Repository
from holdfast.testing.repositories import clone, commit, make_repository, run_git

RULE = (
    "Tests that change the working directory must never run in parallel, because it is global to the process "
    "and they race with each other."
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return make_repository(tmp_path / "project", files={"README": "hello"})


def root(repository: Repository) -> Path:
    assert repository.root is not None
    return repository.root


def test_the_reason_of_a_revert_is_a_decision(repository: Repository) -> None:
    commit(root(repository), {"cache.py": "x"}, "Cache permissions for five minutes")
    made = run_git(root(repository), "rev-parse", "HEAD").strip()
    commit(
        root(repository),
        {"cache.py": ""},
        f'Revert "Cache permissions for five minutes"\n\nThis reverts commit {made}.\n\n'
        "Revoked access has to take effect at once, so permissions must never be cached.\n",
    )
    (decision,) = decisions_in_history(repository)
    assert decision.source == "revert"
    assert decision.text.startswith('Revert "Cache permissions for five minutes": ')
    assert "must never be cached" in decision.text
    assert (decision.ref, decision.paths) == (
        run_git(root(repository), "rev-parse", "HEAD").strip(),
        ("cache.py",),
    )
    assert len(decision.day) == 10


def test_a_revert_without_a_reason_is_none(repository: Repository) -> None:
    commit(root(repository), {"a": "1"}, "one")
    run_git(root(repository), "revert", "--no-edit", "HEAD")
    assert decisions_in_history(repository) == []


def test_what_a_commit_message_states_is_a_decision_and_what_it_did_is_none(repository: Repository) -> None:
    commit(
        root(repository), {"a_test.go": "x"}, f"test: drop t.Parallel\n\n{RULE}\n\nSigned-off-by: A <a@b.c>"
    )
    commit(root(repository), {"b.go": "x"}, "Add export\n\n- Add flag\n- Update tests\n\nCloses #12")
    (decision,) = decisions_in_history(repository)
    assert (decision.source, decision.text, decision.paths) == ("commit", RULE, ("a_test.go",))


def test_a_message_cannot_pass_for_another_commit(repository: Repository) -> None:
    forged = f"Add export\n\n\x1e{'f' * 40}\x1f2020-01-01\x1ftest: x\x1f{RULE}"
    commit(root(repository), {"a.go": "x"}, forged)
    assert all(decision.ref != "f" * 40 for decision in decisions_in_history(repository))


def test_only_the_newest_commits_are_read(repository: Repository) -> None:
    commit(root(repository), {"a_test.go": "x"}, f"test: drop t.Parallel\n\n{RULE}")
    commit(root(repository), {"b": "x"}, "newer")
    assert decisions_in_history(repository, limit=1) == []
    assert len(decisions_in_history(repository, limit=2)) == 1


def test_records_of_decisions_come_first(repository: Repository) -> None:
    (root(repository) / "docs/adr").mkdir(parents=True)
    (root(repository) / "docs/adr/0001-x.md").write_text(
        "# 1. Use UTC\n\n## Status\n\nAccepted\n\n## Decision\n\nTimes are stored as UTC.\n"
    )
    commit(root(repository), {"a_test.go": "x"}, f"test: drop t.Parallel\n\n{RULE}")
    assert [decision.source for decision in decisions_in_history(repository)] == ["adr", "commit"]


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q", "empty")
    assert decisions_in_history(Repository.find(tmp_path / "empty")) == []


def test_a_partial_clone_is_read_without_its_trees_and_fetches_nothing(
    repository: Repository, tmp_path: Path
) -> None:
    commit(root(repository), {"a_test.go": "x"}, f"test: drop t.Parallel\n\n{RULE}")
    commit(root(repository), {"b": "x"}, "newer")
    run_git(root(repository), "config", "uploadpack.allowFilter", "true")
    partial = clone(root(repository), tmp_path / "partial", "--filter=tree:0", "--no-local", "--bare")
    before = sorted(partial.git_dir.rglob("*.pack"))
    (decision,) = decisions_in_history(partial)
    assert decision.text == RULE
    assert sorted(partial.git_dir.rglob("*.pack")) == before
