from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from holdfast.connect import setup
from holdfast.connect.diagnosis import Finding, check_git, diagnose
from holdfast.repo import ids, records
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing.repositories import clone, commit, make_repository, run_git, snapshot


def learn(repository: Repository, **changes: object) -> records.RecordEvent:
    event = records.RecordEvent(
        id=ids.new_id(), kind="learning.accepted", subject=ids.new_id(), day="2026-01-02", **changes
    )
    RecordsBranch(repository).append({event.path: records.encode(event)}, "learn")
    return event


def plant(repository: Repository, path: str, data: bytes, mode: str = "100644") -> None:
    """Put a file on the records branch as only another program would."""
    head = "commit refs/heads/holdfast\ncommitter X <x@example.invalid> 0 +0000\ndata 1\nx\n"
    stream = f"{head}M {mode} inline {path}\n".encode() + b"data %d\n%s\n" % (len(data), data)
    tip = RecordsBranch(repository).tip()
    if tip:
        stream = stream.replace(b"M ", f"from {tip}\nM ".encode(), 1)
    run_git(repository.directory, "fast-import", "--quiet", input=stream.decode("utf-8", "surrogateescape"))


def found(repository: Repository, name: str) -> list[Finding]:
    return [finding for finding in diagnose(repository.directory).findings if finding.name == name]


def problems(repository: Repository) -> list[Finding]:
    return [finding for finding in diagnose(repository.directory).findings if finding.level == "problem"]


def test_a_repository_that_was_set_up_is_healthy(repository: Repository) -> None:
    setup.init(repository)
    learn(repository)
    diagnosis = diagnose(repository.directory)
    assert diagnosis.healthy, problems(repository)


def test_looking_changes_nothing(repository: Repository, home: Path) -> None:
    before = snapshot(repository)
    diagnose(repository.directory)
    assert snapshot(repository) == before
    assert not repository.state_dir.exists()
    assert not (home / "state" / "holdfast").exists()


def test_state_that_came_with_a_copy_is_named(repository: Repository, tmp_path: Path) -> None:
    setup.init(repository)
    shutil.copytree(repository.directory, tmp_path / "copy", symlinks=True)
    copy = Repository.find(tmp_path / "copy")
    (told, _) = found(copy, "local state")
    assert told.level == "note"
    assert f"{copy.common_dir / 'holdfast'}: nothing of it counts" in told.what


def test_every_problem_says_what_to_do(repository: Repository) -> None:
    commit(repository.directory, {".holdfast/guidance/a.md": "x"})
    run_git(repository.directory, "branch", "holdfast/x")
    (repository.ensure_state() / "settings.json").write_text("{")
    repository.state_dir.chmod(0o755)
    assert len(problems(repository)) >= 3
    assert all(finding.hint for finding in problems(repository))


def test_outside_a_repository_the_machine_is_looked_at_all_the_same(tmp_path: Path) -> None:
    diagnosis = diagnose(tmp_path)
    assert not diagnosis.healthy
    assert [finding.name for finding in diagnosis.findings if finding.level == "problem"] == ["repository"]
    assert {"git", "search", "readers"} <= {finding.name for finding in diagnosis.findings}


def test_a_machine_without_git_is_told_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = next(finding for finding in diagnose(tmp_path).findings if finding.name == "git")
    assert finding.level == "problem"
    assert "install" in finding.hint.lower()


def test_a_git_that_is_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "git"
    fake.write_text("#!/bin/sh\necho git version 2.17.1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    [finding] = check_git()
    assert finding.level == "problem"
    assert "2.31" in finding.what


def test_what_is_not_trusted_is_named(repository: Repository) -> None:
    commit(
        repository.directory, {".holdfast/config.toml": '[checks.t]\nrun = "x"\n', "learnings.md": "- x\n"}
    )
    [finding] = [finding for finding in found(repository, "trust") if finding.level == "problem"]
    assert "checks.t" in finding.what
    assert "learnings.md" in finding.what
    assert finding.hint == "holdfast trust"


def test_links_that_are_never_read_are_named(repository: Repository) -> None:
    (repository.directory / ".holdfast").symlink_to("/etc")
    (repository.directory / "learnings.md").symlink_to("/etc/passwd")
    named = {finding.where for finding in found(repository, "trust") if "never read" in finding.what}
    assert named == {".holdfast", "learnings.md"}


def test_a_settings_file_that_is_broken_is_a_problem_once_it_is_trusted(repository: Repository) -> None:
    commit(repository.directory, {".holdfast/config.toml": "[brief]\nstart_tokens = \n"})
    assert all(finding.level == "note" for finding in found(repository, "settings"))
    TrustStore().accept(repository)
    [finding] = found(repository, "settings")
    assert finding.level == "problem"
    assert "line 2" in finding.what


def test_a_key_that_nothing_reads_is_a_note(repository: Repository) -> None:
    commit(repository.directory, {".holdfast/config.toml": "[brief]\nstart_token = 3\n"})
    TrustStore().accept(repository)
    assert any("brief.start_token" in finding.what for finding in found(repository, "settings"))


def test_branches_that_leave_no_room_are_a_problem(repository: Repository) -> None:
    run_git(repository.directory, "branch", "holdfast/try")
    [finding] = [finding for finding in found(repository, "branch") if finding.level == "problem"]
    assert "holdfast/try" in finding.what
    setup.init(repository, private=True)
    assert all(finding.level == "ok" for finding in found(repository, "branch"))


def test_a_branch_that_is_not_ours_is_a_problem(repository: Repository) -> None:
    run_git(repository.directory, "branch", "holdfast")
    assert any("file0.txt" in finding.what for finding in problems(repository))


def test_a_worktree_that_has_the_branch_checked_out_is_named(repository: Repository, tmp_path: Path) -> None:
    learn(repository)
    run_git(repository.directory, "worktree", "add", "--quiet", str(tmp_path / "linked"), "holdfast")
    [finding] = [finding for finding in found(repository, "branch") if finding.level == "problem"]
    assert finding.where == str(tmp_path / "linked")


def test_a_lock_that_was_left_is_named(repository: Repository) -> None:
    learn(repository)
    (repository.common_dir / "refs/heads/holdfast.lock").touch()
    assert any("was stopped left its lock" in finding.what for finding in found(repository, "branch"))


def test_a_lock_of_a_git_at_work_is_not_taken_for_one_that_was_left(repository: Repository) -> None:
    learn(repository)
    (repository.common_dir / "refs/heads/holdfast.lock").touch()
    args = ["git", "cat-file", "--batch"]
    with subprocess.Popen(args, cwd=repository.directory, stdin=subprocess.PIPE) as working:
        assert any("right now" in finding.what for finding in found(repository, "branch"))
        working.communicate()


def test_records_that_cannot_be_read_are_a_problem_and_the_others_still_count(repository: Repository) -> None:
    learn(repository)
    plant(repository, f"events/2026/01/{ids.new_id()}.json", b"{")
    first, *others = found(repository, "records")
    assert first.what == "1 can be read"
    assert [finding.level for finding in others] == ["problem"]
    assert "left out" in others[0].what


def test_records_of_a_newer_version_are_a_problem_with_the_upgrade(repository: Repository) -> None:
    learn(repository, schema=records.SCHEMA + 1)
    [finding] = [finding for finding in found(repository, "records") if finding.level == "problem"]
    assert "newer" in finding.what
    assert "upgrade" in finding.hint


def test_links_among_the_records_are_a_problem(repository: Repository) -> None:
    learn(repository)
    plant(repository, f"learnings/gotcha/x-{ids.new_id()}.md", b"/etc/passwd", "120000")
    [finding] = [finding for finding in found(repository, "records") if finding.level == "problem"]
    assert "links" in finding.what


def test_a_record_that_is_too_large_is_a_problem(repository: Repository) -> None:
    plant(repository, f"events/2026/01/{ids.new_id()}.json", b" " * (1 << 21))
    assert any("larger" in finding.what for finding in problems(repository))


def test_remotes_whose_records_were_not_fetched_are_named(repository: Repository, tmp_path: Path) -> None:
    copy = clone(repository.directory, tmp_path / "copy")
    assert [finding.hint for finding in found(copy, "remote")] == ["holdfast sync"]
    learn(repository)
    run_git(copy.directory, "fetch", "--quiet")
    assert found(copy, "remote") == []


def test_a_shallow_clone_is_named(repository: Repository, tmp_path: Path) -> None:
    commit(repository.directory, {"more.txt": "x"})
    copy = clone(repository.directory, tmp_path / "copy", "--depth=1")
    assert any("shallow" in finding.what for finding in found(copy, "repository"))


def test_bare_and_unborn_repositories_are_no_problem(tmp_path: Path) -> None:
    for each in (make_repository(tmp_path / "b.git", bare=True), make_repository(tmp_path / "u", commits=0)):
        setup.init(each)
        assert diagnose(each.directory).healthy


def test_what_exists_only_here_is_listed_with_count_and_size(repository: Repository) -> None:
    setup.init(repository)
    folder = repository.state_dir / "candidates"
    folder.mkdir()
    (folder / "one.json").write_text("12345")
    (folder / "two.json").write_text("12345")
    [finding] = found(repository, "only here")
    assert "2 files, 10 bytes" in finding.what
    assert finding.where == str(folder)


def test_a_damaged_index_is_only_a_note(repository: Repository) -> None:
    setup.init(repository)
    (repository.state_dir / "index.db").write_bytes(b"not a database" * 100)
    [finding] = found(repository, "index")
    assert finding.level == "note"
    assert "anew" in finding.what


def test_local_state_that_others_can_read_is_a_problem(repository: Repository) -> None:
    setup.init(repository)
    repository.state_dir.chmod(0o755)
    [finding] = found(repository, "local state")
    assert finding.hint == f"chmod go-rwx {repository.state_dir}"


def test_damaged_local_settings_hide_no_other_finding(repository: Repository) -> None:
    setup.init(repository)
    (repository.state_dir / "settings.json").write_text("{")
    assert [finding.name for finding in problems(repository)] == ["set up"]
    assert found(repository, "trust")
    assert found(repository, "index")


def test_a_store_of_trust_that_others_may_write_is_a_problem(repository: Repository) -> None:
    setup.init(repository)
    TrustStore().path.chmod(0o666)
    assert any("chmod go-w" in finding.what for finding in problems(repository))


def test_a_repository_that_was_removed_is_a_finding(repository: Repository) -> None:
    shutil.rmtree(repository.directory)
    assert not diagnose(repository.directory).healthy
