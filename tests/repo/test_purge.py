from __future__ import annotations

import contextlib
import os
import random
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from holdfast.errors import RecordsError, UsageError
from holdfast.repo import chain, ids, records
from holdfast.repo.branch import PRIVATE, SHARED, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.purge import PurgeReport, purge
from holdfast.repo.sync import SyncReport, sync
from holdfast.repo.verify import load_anchors, verify
from holdfast.testing.repositories import clone, make_repository, run_git, snapshot

SECRET = b"the password is swordfish"
ID = "p" * 16
PATH = f"learnings/gotcha/the-password-is-swordfish-{ID}.md"
OTHER_DAY = "1767225600"


def record(text: str = "{}") -> dict[str, bytes]:
    return {f"events/2026/01/{ids.new_id()}.json": text.encode()}


def exchange(branch: RecordsBranch) -> SyncReport:
    return sync(branch, "origin", lambda path, data: [])


def erase(branch: RecordsBranch, name: str = ID) -> PurgeReport:
    return purge(branch, name, "holds a password", "Ann <ann@example.invalid>")


def paths(branch: RecordsBranch) -> set[str]:
    return {added.path for added in branch.added()}


def reachable(branch: RecordsBranch) -> set[str]:
    listed = run_git(
        branch.repository.directory, "rev-list", "--objects", "--no-object-names", "--all", "--reflog"
    )
    return set(listed.split())


def log(branch: RecordsBranch, tip: str) -> list[str]:
    return run_git(branch.repository.directory, "log", "--format=%an %ae %at %ct %s", tip).splitlines()


@pytest.fixture
def branch(repository: Repository) -> RecordsBranch:
    """A record, then the secret one, then two more."""
    branch = RecordsBranch(repository)
    branch.append(record("before"), "first")
    branch.append({PATH: SECRET} | record("beside"), "second")
    branch.append(record("after"), "third")
    branch.append(record("last"), "fourth")
    return branch


def test_the_record_is_gone_and_all_else_is_there(branch: RecordsBranch) -> None:
    before = {added.path: added.blob for added in branch.added()}
    secret = before.pop(PATH)
    report = erase(branch)
    after = {added.path: added.blob for added in branch.added()}
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == set(report.tombstones)
    assert (report.paths, report.blobs) == ([PATH], [secret])
    assert secret not in reachable(branch)
    assert chain.present(branch.repository, [branch.tips()[SHARED]])


def test_the_other_commits_keep_author_day_and_message(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch = RecordsBranch(repository)
    monkeypatch.setenv("HOLDFAST_NOW", OTHER_DAY)
    first = branch.append(record(), "first")
    branch.append({PATH: SECRET}, "second")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Bén")
    RecordsBranch(repository).append(record(), "third")
    monkeypatch.delenv("HOLDFAST_NOW")
    before = log(branch, SHARED)
    erase(branch)
    assert log(branch, f"{SHARED}~1") == before
    assert run_git(repository.directory, "rev-parse", f"{SHARED}~3").strip() == first
    assert log(branch, f"{SHARED}^0")[0].endswith(f"purge record {ID}")


def test_the_tombstone_says_who_and_why_but_not_what(branch: RecordsBranch) -> None:
    old = branch.tips()[SHARED]
    report = erase(branch)
    (path,) = report.tombstones
    data = run_git(branch.repository.directory, "show", f"{SHARED}:{path}")
    event = records.decode(path, data.encode())
    assert isinstance(event, records.RecordEvent)
    assert (event.kind, event.subject, event.by) == ("record.purged", ID, "Ann <ann@example.invalid>")
    new = run_git(branch.repository.directory, "rev-parse", f"{SHARED}~1").strip()
    assert event.data == {
        "blobs": report.blobs,
        "old_tip": old,
        "new_tip": new,
        "reason": "holds a password",
    }
    assert "swordfish" not in data
    (stone,) = branch.purged()
    assert (stone.id, stone.old_tip, stone.new_tip, stone.event) == (ID, old, new, path)
    assert report.rewritten == {SHARED: (old, branch.tips()[SHARED])}


def test_every_path_that_holds_the_same_content_goes_too(branch: RecordsBranch) -> None:
    copy = f"learnings/failure/another-name-{'q' * 16}.md"
    branch.append({copy: SECRET}, "again")
    report = erase(branch)
    assert set(report.paths) == {PATH, copy}
    assert not {PATH, copy} & paths(branch)


def test_all_files_of_an_issue_go(branch: RecordsBranch) -> None:
    issue = "i" * 16
    files = {f"issues/{issue}/issue.md": b"a", f"issues/{issue}/notes/one.md": b"b"}
    branch.append(files, "an issue")
    assert erase(branch, issue).paths == sorted(files)
    assert not files.keys() & paths(branch)


def test_what_else_mentions_the_record_is_said(branch: RecordsBranch) -> None:
    mention = record(f'{{"subject": "{ID}"}}')
    branch.append(mention, "an event")
    (path,) = mention
    assert any(path in note for note in erase(branch).notes)
    assert path in paths(branch)


def test_the_users_things_and_head_stay_as_they_are(branch: RecordsBranch) -> None:
    (branch.repository.directory / "file0.txt").write_text("work in progress")
    before = snapshot(branch.repository)
    erase(branch)
    assert snapshot(branch.repository) == before
    assert run_git(branch.repository.directory, "fsck", "--connectivity-only", "--no-dangling") == ""


def test_the_branch_can_be_written_and_verified_afterwards(branch: RecordsBranch) -> None:
    erase(branch)
    assert verify(branch).ok
    files = record()
    branch.append(files, "x")
    assert files.keys() <= paths(branch)
    assert verify(branch).ok


def test_what_was_read_before_a_purge_no_longer_holds(branch: RecordsBranch) -> None:
    known = list(branch.tips().values())
    assert branch.contains(known)
    erase(branch)
    assert not branch.contains(known)


def test_a_purge_needs_a_reason_and_a_record(branch: RecordsBranch) -> None:
    before = branch.tips()
    with pytest.raises(UsageError, match="reason"):
        purge(branch, ID, "  ", "Ann")
    with pytest.raises(UsageError, match="No record here"):
        erase(branch, "z" * 16)
    assert branch.tips() == before


def test_what_is_purged_while_a_sync_judges_it_is_not_sent(tmp_path: Path, branch: RecordsBranch) -> None:
    remote = make_repository(tmp_path / "remote.git", bare=True)
    run_git(branch.repository.directory, "remote", "add", "origin", str(remote.directory))

    def scan_while_it_is_purged(path: str, data: bytes) -> list[str]:
        if data == SECRET:
            erase(branch)
        return []

    sync(branch, "origin", scan_while_it_is_purged)
    assert chain.files(remote, SHARED).keys() == chain.files(branch.repository, SHARED).keys()
    assert SECRET.decode() not in run_git(remote.directory, "log", "-p", "--all")


def test_a_second_purge_says_that_it_was_done(branch: RecordsBranch) -> None:
    erase(branch)
    before = branch.tips()
    with pytest.raises(UsageError, match="was purged before: holds a password"):
        erase(branch)
    assert branch.tips() == before


def test_records_that_break_the_rules_are_not_written_again(branch: RecordsBranch) -> None:
    stream = (
        f"commit {SHARED}\ncommitter X <x@x> 0 +0000\ndata 1\nx\nfrom {SHARED}^0\n"
        'M 100644 inline "events/2026/01/a\\nb.json"\ndata 1\nx\n'
    )
    run_git(branch.repository.directory, "fast-import", "--quiet", "--date-format=raw", input=stream)
    before = branch.tips()
    with pytest.raises(RecordsError, match="ledger verify"):
        erase(branch)
    assert branch.tips() == before


@pytest.mark.parametrize(
    "author",
    ["author <> 99999999999999999999 +9999999", "author X", "author X <x@x> 0 +0000\nauthor Y <y> 0 +0000"],
)
def test_a_commit_signed_as_git_would_not_sign_it_keeps_nothing_from_being_purged(
    branch: RecordsBranch, author: str
) -> None:
    directory = branch.repository.directory
    raw = run_git(directory, "cat-file", "commit", branch.tips()[SHARED]).splitlines()
    strange = "\n".join([author if line.startswith("author ") else line for line in raw]) + "\n"
    made = run_git(directory, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", input=strange)
    run_git(directory, "update-ref", SHARED, made.strip())
    erase(branch)
    assert PATH not in paths(branch)
    assert verify(branch).ok


def test_private_records_can_be_purged_and_the_shared_ones_stay(repository: Repository) -> None:
    shared = RecordsBranch(repository)
    shared.append(record(), "x")
    private = RecordsBranch(repository, private=True)
    private.append({PATH: SECRET}, "y")
    before = shared.tips()[SHARED]
    assert erase(private).rewritten.keys() == {PRIVATE}
    assert shared.tips()[SHARED] == before
    assert PATH not in paths(private)


# -- several clones


class Team:
    """A remote and two clones that have all synced, the secret among what they share."""

    def __init__(self, folder: Path) -> None:
        seed = make_repository(folder / "seed")
        self.remote = RecordsBranch(clone(seed.directory, folder / "remote.git", "--bare"))
        self.ann = RecordsBranch(clone(self.remote.repository.directory, folder / "ann"))
        self.ben = RecordsBranch(clone(self.remote.repository.directory, folder / "ben"))
        self.ann.append(record("first"), "one")
        self.ann.append({PATH: SECRET}, "two")
        exchange(self.ann)
        self.ben.append(record("his"), "three")
        exchange(self.ben)
        exchange(self.ann)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


def follow(branch: RecordsBranch, steps: list[str]) -> None:
    """Run the steps that were printed, as a person would."""
    for step in steps:
        words = shlex.split(step)
        if words[0] == "git":
            subprocess.run(words, cwd=branch.repository.directory, check=True, capture_output=True)
        else:
            assert words[:3] == ["holdfast", "review", "purge"]
            assert words[4] == "--reason"
            purge(branch, words[3], words[5], "Ben <ben@example.invalid>")


def test_two_clones_that_purge_the_same_rewrite_to_the_same_commits(team: Team) -> None:
    erase(team.ann)
    purge(team.ben, ID, "another reason", "Ben")
    ann, ben = (run_git(one.repository.directory, "rev-parse", f"{SHARED}~1") for one in (team.ann, team.ben))
    assert ann == ben
    assert team.ann.tips()[SHARED] != team.ben.tips()[SHARED]


def test_the_steps_that_are_printed_replace_the_records_at_the_remote(team: Team) -> None:
    report = erase(team.ann)
    (step,) = report.remote_steps
    assert "--force-with-lease=" in step
    assert verify(team.ann).ok, verify(team.ann).problems
    assert any("refs/remotes/origin/holdfast still holds" in note for note in verify(team.ann).notes)
    with pytest.raises(RecordsError, match="still hold") as caught:
        exchange(team.ann)
    assert step in caught.value.hint
    follow(team.ann, [step])
    assert exchange(team.ann).notes == []
    assert PATH not in chain.files(team.remote.repository, SHARED)
    assert verify(team.ann).ok
    assert verify(team.remote).ok


def test_another_clone_is_told_and_keeps_what_it_had_not_sent(team: Team) -> None:
    follow(team.ann, erase(team.ann).remote_steps)
    exchange(team.ann)
    unsent = record("unsent")
    team.ben.append(unsent, "mine")
    before = team.ben.tips()[SHARED]
    with pytest.raises(RecordsError, match="somebody purged") as caught:
        exchange(team.ben)
    assert team.ben.tips()[SHARED] == before
    assert PATH not in paths(team.ben)  # readers leave it out from the moment they know
    follow(team.ben, caught.value.hint.splitlines()[1:])
    exchange(team.ben)
    exchange(team.ann)
    for one in (team.ann, team.ben, team.remote):
        assert unsent.keys() < chain.files(one.repository, SHARED).keys()
        assert PATH not in chain.files(one.repository, SHARED)
        assert verify(one).ok, verify(one).problems
    assert team.ann.tips()[SHARED] == team.ben.tips()[SHARED]


def test_no_step_would_lose_what_the_remote_got_meanwhile(team: Team) -> None:
    (step,) = erase(team.ann).remote_steps
    late = record("late")
    team.ben.append(late, "late")
    exchange(team.ben)
    with pytest.raises(subprocess.CalledProcessError):  # the lease no longer fits
        follow(team.ann, [step])
    with pytest.raises(RecordsError, match="still hold") as caught:
        exchange(team.ann)
    steps = caught.value.hint.splitlines()[1:]
    assert all(one.startswith("holdfast review purge") for one in steps)
    follow(team.ann, steps)
    with pytest.raises(RecordsError, match="still hold") as caught:
        exchange(team.ann)
    follow(team.ann, caught.value.hint.splitlines()[1:])
    exchange(team.ann)
    assert late.keys() < chain.files(team.remote.repository, SHARED).keys()
    assert PATH not in chain.files(team.remote.repository, SHARED)
    assert verify(team.ann).ok, verify(team.ann).problems


def test_purging_again_before_the_steps_are_run_repeats_them(team: Team) -> None:
    steps = erase(team.ann).remote_steps
    before = team.ann.tips()
    with pytest.raises(UsageError, match="was purged before") as caught:
        erase(team.ann)
    assert caught.value.hint.splitlines()[1:] == steps
    assert team.ann.tips() == before


def test_a_tombstone_that_went_away_with_its_remote_hides_nothing(team: Team, tmp_path: Path) -> None:
    stranger = RecordsBranch(clone(team.remote.repository.directory, tmp_path / "stranger"))
    erase(stranger)
    ann = team.ann.repository.directory
    run_git(ann, "remote", "add", "-f", "stranger", str(stranger.repository.root))
    assert PATH in paths(team.ann)  # one's own, which a stranger cannot hide
    (team.ann.repository.state_dir / "own-records").unlink()
    assert PATH not in paths(team.ann)
    run_git(ann, "remote", "remove", "stranger")
    assert PATH in paths(team.ann)
    assert team.ann.purged() == []


def test_a_purge_that_is_killed_leaves_the_old_records_or_the_new_ones(team: Team) -> None:
    chance = random.Random(7)
    code = (
        "import sys; from holdfast.repo.purge import purge; from holdfast.repo.branch import RecordsBranch\n"
        "from holdfast.repo.location import Repository\n"
        "branch = RecordsBranch(Repository.find(sys.argv[1])); print(flush=True)\n"
        "purge(branch, sys.argv[2], 'holds a password', 'Ann')"
    )
    done = False
    for _ in range(6):
        args = [sys.executable, "-c", code, str(team.ann.repository.root), ID]
        with subprocess.Popen(args, stdout=subprocess.PIPE, start_new_session=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.02, 0.25))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        held = PATH in chain.files(team.ann.repository, SHARED)
        assert held is not bool(team.ann.purged())
        assert verify(team.ann).ok
        done = done or not held
    if not done:
        erase(team.ann)
    assert PATH not in chain.files(team.ann.repository, SHARED)
    assert run_git(team.ann.repository.directory, "fsck", "--connectivity-only", "--no-dangling") == ""


def test_a_record_that_only_a_remote_has_can_be_purged(team: Team, tmp_path: Path) -> None:
    fresh = RecordsBranch(clone(team.remote.repository.directory, tmp_path / "fresh"))
    assert fresh.tip() is None
    others = paths(fresh) - {PATH}
    follow(fresh, erase(fresh).remote_steps)
    assert others < chain.files(team.remote.repository, SHARED).keys()
    assert PATH not in chain.files(team.remote.repository, SHARED)
    exchange(fresh)
    assert verify(fresh).ok


def test_the_first_write_does_not_stand_on_what_was_purged(team: Team, tmp_path: Path) -> None:
    fresh = RecordsBranch(clone(team.remote.repository.directory, tmp_path / "fresh"))
    erase(team.ann)
    run_git(fresh.repository.directory, "remote", "add", "-f", "ann", str(team.ann.repository.root))
    fresh.append(record(), "x")
    held = chain.files(fresh.repository, SHARED)
    assert PATH not in held
    assert team.ann.purged()[0].event in held


def test_verify_accepts_a_purge_and_names_what_else_is_missing(team: Team) -> None:
    anchor = load_anchors(team.ben.repository)["origin"]
    follow(team.ann, erase(team.ann).remote_steps)
    with pytest.raises(RecordsError):
        exchange(team.ben)
    purge(team.ben, ID, "too", "Ben")
    assert verify(team.ben, [anchor]).ok
    assert any("was rewritten without" in note for note in verify(team.ben, [anchor]).notes)
    victim = next(
        path for path in sorted(paths(team.ben)) if path not in {one.event for one in team.ben.purged()}
    )
    drop(team.ben, victim)
    problems = verify(team.ben).problems
    assert any(victim in problem for problem in problems)


def drop(branch: RecordsBranch, victim: str) -> None:
    """Rewrite the branch as one commit without a record, as one who hides it behind a purge would."""
    files = chain.files(branch.repository, SHARED)
    kept = [f"M 100644 {blob} {path}" for path, (_, blob) in files.items() if path != victim]
    stream = "\n".join([f"commit {SHARED}", "committer X <x@x> 0 +0000", "data 1", "x", *kept, ""])
    run_git(
        branch.repository.directory, "fast-import", "--quiet", "--force", "--date-format=raw", input=stream
    )


def test_a_tombstone_covers_only_the_contents_it_names(team: Team) -> None:
    other = f"learnings/gotcha/other-{'o' * 16}.md"
    team.ann.append({other: b"to be hidden"}, "x")
    exchange(team.ann)
    erase(team.ann)
    drop(team.ann, other)
    assert any(other in problem for problem in verify(team.ann).problems)


def test_a_purge_survives_the_loss_of_the_old_objects(team: Team) -> None:
    follow(team.ann, erase(team.ann).remote_steps)
    exchange(team.ann)
    run_git(team.ann.repository.directory, "reflog", "expire", "--expire=now", "refs/remotes/origin/holdfast")
    secret = team.ann.purged()[0].blobs[0]
    run_git(team.ann.repository.directory, "gc", "--quiet", "--prune=now")
    found = run_git(team.ann.repository.directory, "cat-file", "--batch-check", input=f"{secret}\n")
    assert "missing" in found
    assert verify(team.ann).ok, verify(team.ann).problems
    assert team.ann.append(record(), "x")
