from __future__ import annotations

import threading
from pathlib import Path

import pytest

from holdfast.errors import EnvironmentProblem, RecordsError, Refused, UsageError
from holdfast.repo import chain, ids
from holdfast.repo.branch import SHARED, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.sync import SyncReport, outgoing, sync
from holdfast.repo.verify import load_anchors, verify
from holdfast.testing.repositories import clone, commit, make_repository, run_git, snapshot

DAY = "1767225600 +0000"


def record(text: str = "{}") -> dict[str, bytes]:
    return {f"events/2026/01/{ids.new_id()}.json": text.encode()}


def paths(branch: RecordsBranch) -> set[str]:
    return set(chain.files(branch.repository, branch.tips()[SHARED]))


def exchange(branch: RecordsBranch) -> SyncReport:
    return sync(branch, "origin", lambda path, data: [])


def forge(repository: Repository, *lines: str, message: str = "x") -> None:
    """Commit anything at all onto the branch, as only another program would."""
    head = [f"commit {SHARED}", f"committer X <x@x> {DAY}", f"data {len(message)}", message]
    stream = "\n".join([*head, f"from {SHARED}^0", *lines, ""])
    run_git(repository.directory, "fast-import", "--quiet", "--date-format=raw", input=stream)


class Team:
    """A bare remote, and clones of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        seed = make_repository(folder / "seed")
        self.remote = clone(seed.directory, folder / "remote.git", "--bare")

    def member(self, name: str, *options: str) -> RecordsBranch:
        return RecordsBranch(clone(self.remote.directory, self.folder / name, *options))

    @property
    def records(self) -> RecordsBranch:
        return RecordsBranch(self.remote)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


def test_two_clones_that_both_learned_end_with_the_same_records(team: Team) -> None:
    ann, ben = team.member("ann"), team.member("ben")
    hers, his = record("hers"), record("his")
    ann.append(hers, "x")
    ben.append(his, "y")
    assert exchange(ann).sent == 1
    report = exchange(ben)
    assert (report.received, report.sent, report.merged) == (1, 1, True)
    assert exchange(ann).received == 1
    assert paths(ann) == paths(ben) == paths(team.records) == hers.keys() | his.keys()
    assert ann.tips()[SHARED] == ben.tips()[SHARED] == team.records.tips()[SHARED]
    for branch in (ann, ben, team.records):
        assert verify(branch).ok


def test_a_second_sync_does_nothing(team: Team) -> None:
    ann = team.member("ann")
    ann.append(record(), "x")
    exchange(ann)
    before = ann.tips()
    report = exchange(ann)
    assert (report.received, report.sent, report.merged, report.notes) == (0, 0, False, [])
    assert ann.tips() == before


def test_with_no_records_anywhere_there_is_nothing_to_do(team: Team) -> None:
    ann = team.member("ann")
    assert exchange(ann) == SyncReport(remote="origin")
    assert ann.tips() == {}


def test_a_fresh_clone_reads_what_it_fetched_before_it_writes(team: Team) -> None:
    ann = team.member("ann")
    files = record()
    ann.append(files, "x")
    exchange(ann)
    fresh = team.member("fresh", "--single-branch")
    assert fresh.tips() == {}
    assert exchange(fresh).received == 1
    assert {added.path for added in fresh.added()} == files.keys()
    assert fresh.tip() is None


def test_nothing_of_the_users_is_fetched_pushed_or_changed(team: Team) -> None:
    ann, ben = team.member("ann"), team.member("ben")
    ben.append(record(), "y")
    exchange(ben)
    ann.append(record(), "x")
    run_git(ann.repository.directory, "branch", "secret")
    run_git(ann.repository.directory, "tag", "v1")
    run_git(team.remote.directory, "tag", "theirs")
    commit(team.folder / "seed", {"new": "work"})
    run_git(team.folder / "seed", "push", "--quiet", str(team.remote.directory), "main:main")
    run_git(ann.repository.directory, "config", "push.followTags", "true")
    run_git(ann.repository.directory, "config", "fetch.prune", "true")
    marker = team.folder / "hook-ran"
    for name in ("pre-push", "reference-transaction", "post-merge"):
        hook = ann.repository.common_dir / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {marker}\nexit 1\n")
        hook.chmod(0o755)
    before = users(ann.repository)
    exchange(ann)
    assert users(ann.repository) == before
    assert not marker.exists()
    assert not (ann.repository.git_dir / "FETCH_HEAD").exists()
    refs = run_git(team.remote.directory, "for-each-ref", "--format=%(refname)").split()
    assert set(refs) == {SHARED, "refs/heads/main", "refs/tags/theirs"}


def users(repository: Repository) -> dict[str, tuple[int, bytes]]:
    """Return the user's files, without the copy of the remote's records that a sync keeps."""
    found = snapshot(repository)
    return {name: held for name, held in found.items() if not name.endswith("refs/remotes/origin/holdfast")}


def test_a_remote_with_a_slash_in_its_name_is_read_and_a_branch_of_that_shape_is_not(team: Team) -> None:
    ann, ben = team.member("ann"), team.member("ben")
    files = record("hers")
    ann.append(files, "x")
    exchange(ann)
    run_git(team.remote.directory, "branch", "topic/holdfast", "main")
    run_git(ben.repository.directory, "fetch", "--quiet")
    assert "refs/remotes/origin/topic/holdfast" not in ben.tips()
    run_git(ben.repository.directory, "remote", "rename", "origin", "team/shared")
    assert sync(ben, "team/shared", lambda path, data: []).tip == ann.tips()[SHARED]
    assert list(ben.tips()) == ["refs/remotes/team/shared/holdfast"]
    assert {added.path for added in ben.added()} == files.keys()


def test_an_odd_refspec_does_not_let_a_fetch_write_our_branch(team: Team) -> None:
    ann, ben = team.member("ann"), team.member("ben")
    ben.append(record(), "y")
    exchange(ben)
    mine = record()
    ann.append(mine, "x")
    run_git(ann.repository.directory, "config", "--add", "remote.origin.fetch", "+refs/heads/*:refs/heads/*")
    exchange(ann)
    assert mine.keys() < paths(ann)


def test_what_a_scan_finds_is_named_and_nothing_is_sent(team: Team) -> None:
    ann = team.member("ann")
    (path,) = secret = record("the password")
    ann.append(secret | record("harmless"), "x")
    with pytest.raises(Refused) as caught:
        sync(ann, "origin", lambda path, data: ["a password"] if b"password" in data else [])
    assert f"{path}: a password" in caught.value.message
    assert "purge" in caught.value.hint
    assert team.records.tips() == {}
    assert load_anchors(ann.repository) == {}


def test_what_the_remote_has_already_is_not_scanned_again(team: Team) -> None:
    ann = team.member("ann")
    ann.append(record("old"), "x")
    exchange(ann)
    (new,) = files = record("new")
    ann.append(files, "a new one")
    seen: list[tuple[str, bytes]] = []
    sync(ann, "origin", lambda path, data: seen.append((path, data)) or [])  # type: ignore[func-returns-value]
    assert seen == [(new, b"new"), ("message", b"a new one")]


def test_a_preview_names_what_would_leave_and_sends_nothing(team: Team) -> None:
    ann = team.member("ann")
    ann.append(record("old"), "x")
    exchange(ann)
    assert outgoing(ann, "origin").records == []
    files = record("new")
    ann.append(files, "y")
    assert {added.path for added in outgoing(ann, "origin").records} == files.keys()
    assert not files.keys() & paths(team.records)


def test_a_preview_asks_the_remote_and_not_what_it_last_held(team: Team, tmp_path: Path) -> None:
    ann = team.member("ann")
    first = record("old")
    ann.append(first, "x")
    exchange(ann)
    directory = ann.repository.directory
    run_git(team.records.repository.directory, "update-ref", "-d", SHARED)
    assert {added.path for added in outgoing(ann, "origin").records} == first.keys()
    other = tmp_path / "elsewhere.git"
    run_git(tmp_path, "init", "-q", "--bare", str(other))
    run_git(directory, "remote", "set-url", "origin", str(other))
    found = outgoing(ann, "origin")
    assert {added.path for added in found.records} == first.keys()
    assert len(found.commits) == 1
    run_git(directory, "remote", "set-url", "origin", str(tmp_path / "gone.git"))
    with pytest.raises(EnvironmentProblem):
        outgoing(ann, "origin")


def test_one_path_with_two_contents_is_an_error_that_names_it(team: Team) -> None:
    ann, ben = team.member("ann"), team.member("ben")
    (path,) = files = record("hers")
    ann.append(files, "x")
    ben.append({path: b"his"}, "y")
    exchange(ann)
    before = ben.tips()[SHARED]
    with pytest.raises(RecordsError, match=path):
        exchange(ben)
    assert ben.tips()[SHARED] == before


def test_private_records_are_never_sent(team: Team) -> None:
    ann = RecordsBranch(team.member("ann").repository, private=True)
    ann.append(record(), "x")
    with pytest.raises(UsageError, match="private"):
        exchange(ann)
    assert team.records.tips() == {}


def test_a_remote_that_does_not_exist_is_told_with_those_that_do(team: Team) -> None:
    with pytest.raises(UsageError, match="upstream") as caught:
        sync(team.member("ann"), "upstream", lambda path, data: [])
    assert "origin" in caught.value.hint


def test_an_option_is_not_taken_for_a_remote(team: Team) -> None:
    with pytest.raises(UsageError):
        sync(team.member("ann"), "--upload-pack=touch", lambda path, data: [])


def test_a_remote_that_cannot_be_reached_is_an_environment_problem(team: Team) -> None:
    ann = team.member("ann")
    ann.append(record(), "x")
    team.remote.directory.rename(team.folder / "away")
    with pytest.raises(EnvironmentProblem, match="cannot be read") as caught:
        exchange(ann)
    assert "git fetch origin" in caught.value.hint


def test_a_remote_that_refuses_the_branch_is_quoted(team: Team) -> None:
    hook = team.remote.common_dir / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    ann = team.member("ann")
    ann.append(record(), "x")
    with pytest.raises(EnvironmentProblem, match="pre-receive hook declined"):
        exchange(ann)


def test_a_remote_that_moves_meanwhile_is_merged_and_sent_again(team: Team) -> None:
    ann, ben = team.member("ann"), team.member("ben")
    hers, his = record("hers"), record("his")
    ann.append(hers, "x")
    ben.append(his, "y")

    def scan_while_ben_pushes(path: str, data: bytes) -> list[str]:
        exchange(ben)
        return []

    report = sync(ann, "origin", scan_while_ben_pushes)
    assert (report.received, report.merged) == (1, True)
    assert paths(ann) == paths(team.records) == hers.keys() | his.keys()


def test_many_clones_that_sync_at_once_lose_nothing(team: Team) -> None:
    members = [team.member(name) for name in ("a", "b", "c")]
    files: dict[str, bytes] = {}
    for member in members:
        files |= (own := record())
        member.append(own, "x")
    threads = [threading.Thread(target=exchange, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths(team.records) == files.keys()
    assert verify(team.records).ok


@pytest.mark.parametrize("options", [["--depth=1"], ["--depth=1", "--no-single-branch"], ["--single-branch"]])
def test_a_clone_without_all_history_or_branches_can_sync(team: Team, options: list[str]) -> None:
    ann = team.member("ann")
    theirs: dict[str, bytes] = {}
    for _ in range(3):
        theirs |= (one := record())
        ann.append(one, "x")
    exchange(ann)
    ben = team.member("ben", *options)
    mine = record("mine")
    ben.append(mine, "y")
    exchange(ben)
    assert paths(team.records) == paths(ben) == theirs.keys() | mine.keys()
    assert verify(team.records).ok
    assert verify(ben).ok


@pytest.mark.parametrize("left_out", ["blob:none", "tree:0"])
def test_a_partial_clone_gets_the_records_that_it_left_out(team: Team, left_out: str) -> None:
    ann = team.member("ann")
    files = record("far away")
    ann.append(files, "x")
    exchange(ann)
    run_git(team.remote.directory, "config", "uploadpack.allowFilter", "true")
    run_git(team.remote.directory, "config", "uploadpack.allowAnySHA1InWant", "true")
    ben = team.member("ben", f"--filter={left_out}")
    exchange(ben)
    (found,) = ben.added()
    assert dict(ben.read([found.blob])) == {found.blob: b"far away"}


@pytest.mark.parametrize(
    "line",
    [
        "D {path}",
        "M 100644 inline {path}\ndata 6\nforged",
        "M 120000 inline events/2026/01/bbbbbbbbbbbbbbbb.json\ndata 11\n/etc/passwd",
        "M 100644 inline .github/workflows/x.yml\ndata 1\nx",
    ],
)
def test_a_remote_that_breaks_the_rules_is_not_merged(team: Team, line: str) -> None:
    ann, ben = team.member("ann"), team.member("ben")
    (path,) = files = record("first")
    ann.append(files, "x")
    exchange(ann)
    exchange(ben)
    ben.append(record(), "y")
    own = ben.tips()[SHARED]
    forge(team.remote, line.format(path=path))
    with pytest.raises(RecordsError):
        exchange(ben)
    assert ben.tips()[SHARED] == own


def test_a_remotes_own_branch_of_that_name_is_not_merged(team: Team) -> None:
    run_git(team.remote.directory, "branch", "holdfast", "main")
    ann = team.member("ann")
    with pytest.raises(RecordsError, match="not a tip of records"):
        ann.append(record(), "x")
    with pytest.raises(RecordsError, match="not a tip of records"):
        exchange(RecordsBranch(private_then_shared(ann.repository)))


def private_then_shared(repository: Repository) -> Repository:
    """Make the branch on its own, as if it had been begun before the remote had one of that name."""
    run_git(repository.directory, "update-ref", "-d", "refs/remotes/origin/holdfast")
    RecordsBranch(repository).append(record(), "x")
    return repository


def test_a_remote_that_lost_records_is_told_and_gets_them_back(team: Team) -> None:
    ann = team.member("ann")
    first, second = record("1"), record("2")
    ann.append(first, "x")
    ann.append(second, "y")
    exchange(ann)
    run_git(team.remote.directory, "update-ref", SHARED, f"{SHARED}~1")
    report = exchange(ann)
    assert any("had lost 1 of the records" in note for note in report.notes)
    assert paths(team.records) == first.keys() | second.keys()
    run_git(team.remote.directory, "update-ref", "-d", SHARED)
    assert any("had none now" in note for note in exchange(ann).notes)
    assert paths(team.records) == first.keys() | second.keys()


def test_what_only_the_copy_of_the_remote_held_is_taken_up_before_it_is_replaced(team: Team) -> None:
    ann = team.member("ann")
    first, second = record("1"), record("2")
    ann.append(first, "x")
    ann.append(second, "y")
    exchange(ann)
    reader = team.member("reader")
    run_git(team.remote.directory, "update-ref", SHARED, f"{SHARED}~1")
    with pytest.raises(RecordsError, match="had lost 1 of the records") as caught:
        exchange(reader)
    assert "--preview" in caught.value.hint
    assert paths(reader) == first.keys() | second.keys()
    assert paths(team.records) == first.keys()
    assert {added.path for added in outgoing(reader, "origin").records} == second.keys()
    assert exchange(reader).sent == 1
    assert paths(team.records) == first.keys() | second.keys()


def test_what_git_fetched_since_the_last_sync_is_taken_up_too(team: Team) -> None:
    ann, ben = team.member("ann"), team.member("ben")
    ann.append(record("1"), "x")
    exchange(ann)
    exchange(ben)
    (late,) = files = record("late")
    ann.append(files, "y")
    exchange(ann)
    run_git(ben.repository.directory, "fetch", "--quiet")
    run_git(team.remote.directory, "update-ref", SHARED, f"{SHARED}~1")
    with pytest.raises(RecordsError, match="had lost 1 of the records"):
        exchange(ben)
    assert late in paths(ben)


def test_what_a_later_commit_took_away_is_not_sent_either(team: Team) -> None:
    ann = team.member("ann")
    (path,) = files = record("the password")
    ann.append(files, "x")
    forge(ann.repository, f"D {path}")
    assert [added.path for added in outgoing(ann, "origin").records] == [path]
    with pytest.raises(RecordsError, match=f"Your records break the rule.*{path}"):
        exchange(ann)
    assert team.records.tips() == {}


def test_the_whole_message_of_a_commit_is_scanned(team: Team) -> None:
    ann = team.member("ann")
    ann.append(record(), "x")
    forge(ann.repository, message="a subject\n\nthe password\n")
    with pytest.raises(Refused, match=r"commit .*: a password"):
        sync(ann, "origin", lambda path, data: ["a password"] if b"password" in data else [])
    assert team.records.tips() == {}


def test_a_remotes_branch_that_leaves_no_room_is_named(team: Team) -> None:
    run_git(team.remote.directory, "branch", "holdfast/theirs", "main")
    ann = team.member("ann")
    ann.append(record(), "x")
    with pytest.raises(EnvironmentProblem, match="holdfast/theirs") as caught:
        exchange(ann)
    assert "Rename" in caught.value.hint


def test_the_copy_of_a_branch_that_the_remote_no_longer_has_is_named_with_the_way_out(team: Team) -> None:
    run_git(team.remote.directory, "branch", "holdfast/old", "main")
    ann, ben = team.member("ann"), team.member("ben")
    run_git(team.remote.directory, "branch", "-D", "holdfast/old")
    run_git(ben.repository.directory, "remote", "prune", "origin")
    ben.append(record(), "x")
    exchange(ben)
    with pytest.raises(EnvironmentProblem, match="holdfast/old") as caught:
        exchange(ann)
    assert "git remote prune origin" in caught.value.hint
    run_git(ann.repository.directory, "remote", "prune", "origin")
    assert exchange(ann).received == 1


def test_to_a_remote_that_mirrors_only_the_records_are_sent(team: Team) -> None:
    ann = team.member("ann")
    run_git(ann.repository.directory, "config", "remote.origin.mirror", "true")
    run_git(ann.repository.directory, "branch", "secret")
    ann.append(record(), "x")
    assert exchange(ann).sent == 1
    refs = run_git(team.remote.directory, "for-each-ref", "--format=%(refname)").split()
    assert set(refs) == {SHARED, "refs/heads/main"}


def test_a_key_that_a_remote_refuses_is_no_problem_of_this_disk(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\necho 'git@host: Permission denied (publickey).' >&2\nexit 255\n")
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))
    ann = team.member("ann")
    run_git(ann.repository.directory, "remote", "set-url", "origin", "git@host:project.git")
    with pytest.raises(EnvironmentProblem, match="cannot be read") as caught:
        exchange(ann)
    assert "Permission denied (publickey)" in caught.value.message
    assert "git fetch origin" in caught.value.hint


def test_while_the_branch_is_checked_out_a_sync_refuses(team: Team) -> None:
    ann, ben = team.member("ann"), team.member("ben")
    ann.append(record(), "x")
    exchange(ann)
    ben.append(record(), "y")
    run_git(ben.repository.directory, "switch", "--quiet", "holdfast")
    with pytest.raises(RecordsError, match="checked out"):
        exchange(ben)
