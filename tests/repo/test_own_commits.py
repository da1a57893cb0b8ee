from __future__ import annotations

import stat

from holdfast.repo import own_commits
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.purge import purge

PATHS = [f"events/2026/01/{letter * 16}.json" for letter in "abc"]


def test_what_this_clone_writes_is_its_own_and_what_is_fetched_is_not(repository: Repository) -> None:
    branch = RecordsBranch(repository)
    branch.append({PATHS[0]: b"{}\n"}, "one")
    foreign = repository.git("commit-tree", "-m", "forged", f"{branch.tip()}^{{tree}}").decode().strip()
    repository.git("update-ref", "refs/remotes/origin/holdfast", foreign)
    assert [entry.here for entry in branch.added()] == [True]
    repository.git("update-ref", "-d", branch.ref)
    assert [(entry.here, entry.author_email) for entry in branch.added()] == [(False, branch.person().email)]


def test_a_purge_leaves_what_was_written_here_ones_own(repository: Repository) -> None:
    branch = RecordsBranch(repository)
    for number, path in enumerate(PATHS):
        branch.append({path: b'{"n": %d}\n' % number}, "one more")
    purge(branch, "a" * 16, "it names a customer", "A Person")
    assert {entry.path: entry.here for entry in branch.added()} == {
        path: True for path in [*PATHS[1:], *(e.path for e in branch.added() if e.path not in PATHS)]
    }


def test_the_list_is_for_its_owner_alone_and_may_be_lost(repository: Repository) -> None:
    RecordsBranch(repository).append({PATHS[0]: b"{}\n"}, "one")
    file = repository.state_dir / own_commits.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    assert own_commits.read(repository) == frozenset()
