from __future__ import annotations

import stat

from holdfast.repo import own_records
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.purge import purge
from holdfast.repo.writing import Commit

PATHS = [f"events/2026/01/{letter * 16}.json" for letter in "abc"]


def test_what_this_clone_writes_is_its_own_and_what_bears_its_address_is_not(repository: Repository) -> None:
    branch = RecordsBranch(repository)
    branch.append({PATHS[0]: b"{}\n"}, "one")
    (repository.state_dir / own_records.FILE).rename(repository.state_dir / "kept")
    branch.append({PATHS[1]: b'{"forged": 1}\n'}, "another")
    (repository.state_dir / "kept").rename(repository.state_dir / own_records.FILE)
    found = {entry.path: (entry.here, entry.author_email) for entry in branch.added()}
    address = branch.person().email
    assert found == {PATHS[0]: (True, address), PATHS[1]: (False, address)}


def test_a_record_is_noted_before_any_reader_can_meet_it(repository: Repository) -> None:
    """A write that is killed after the ref moved leaves one's own record one's own."""
    branch = RecordsBranch(repository)
    noted = []
    write = branch.write

    def watched(commits: list[Commit], descriptor: int) -> list[str]:
        noted.append(own_records.read(repository))
        return write(commits, descriptor)

    branch.write = watched  # type: ignore[assignment,method-assign]
    branch.append({PATHS[0]: b"{}\n"}, "one")
    assert [entry.blob in noted[0] for entry in branch.added()] == [True]


def test_a_purge_leaves_what_was_written_here_ones_own(repository: Repository) -> None:
    branch = RecordsBranch(repository)
    for number, path in enumerate(PATHS):
        branch.append({path: b'{"n": %d}\n' % number}, "one more")
    purge(branch, "a" * 16, "it names a customer", "A Person")
    assert all(entry.here for entry in branch.added())
    assert {entry.path for entry in branch.added()} >= set(PATHS[1:])


def test_the_list_is_for_its_owner_alone_and_may_be_lost(repository: Repository) -> None:
    RecordsBranch(repository).append({PATHS[0]: b"{}\n"}, "one")
    file = repository.state_dir / own_records.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    assert own_records.read(repository) == frozenset()


def test_a_strangers_tombstone_hides_no_record_of_ones_own(repository: Repository) -> None:
    branch = RecordsBranch(repository)
    branch.append({PATHS[0]: b'{"n": 1}\n'}, "mine")
    kept = repository.git("rev-parse", branch.ref).decode().strip()
    purge(branch, "a" * 16, "no reason", "A Stranger")
    repository.git("update-ref", "refs/remotes/origin/holdfast", branch.ref)
    repository.git("update-ref", branch.ref, kept)
    assert PATHS[0] in {entry.path for entry in branch.added()}
    (repository.state_dir / own_records.FILE).unlink()
    assert PATHS[0] not in {entry.path for entry in branch.added()}
