from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.another_user import another_user

from holdfast.connect import removal, setup
from holdfast.connect.diagnosis import diagnose
from holdfast.errors import EnvironmentProblem, RepositoryError
from holdfast.repo import branch, config, ids, records
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.repo.verify import save_anchors
from holdfast.testing.repositories import clone, commit, make_repository, run_git, snapshot


def learn(repository: Repository, *, private: bool = False) -> None:
    event = records.RecordEvent(
        id=ids.new_id(), kind="learning.accepted", subject=ids.new_id(), day="2026-01-02"
    )
    RecordsBranch(repository, private=private).append({event.path: records.encode(event)}, "learn")


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_setting_up_touches_nothing_of_the_users(repository: Repository) -> None:
    before = snapshot(repository)
    setup.init(repository)
    setup.init(repository, private=True)
    removal.undo(repository)
    assert snapshot(repository) == before


def test_shared_is_the_default_and_nothing_is_committed(repository: Repository) -> None:
    report = setup.init(repository)
    assert config.mode(repository) == report.mode == "shared"
    assert RecordsBranch(repository).tips() == {}
    assert report.next == "holdfast ingest"


def test_the_next_step_is_one_of_the_level_and_of_use_now(repository: Repository) -> None:
    assert setup.init(repository, level="quickstart").next == "holdfast tuition"
    assert setup.init(repository, level="flow").next == "holdfast ingest"
    learn(repository)
    assert setup.init(repository).next == "holdfast status"


def test_an_undo_names_none_of_its_own_marks(repository: Repository) -> None:
    setup.init(repository)
    (repository.state_dir / "blocks.lock").touch()
    assert not any("blocks.lock" in sentence for sentence in removal.undo(repository).did)
    assert not (repository.state_dir / "blocks.lock").exists()


def test_setting_up_twice_changes_nothing_and_says_so(repository: Repository) -> None:
    setup.init(repository)
    before = {name: (repository.state_dir / name).read_bytes() for name in files(repository.state_dir)}
    report = setup.init(repository)
    assert report.did == ("Nothing to do: it is set up already.",)
    assert {
        name: (repository.state_dir / name).read_bytes() for name in files(repository.state_dir)
    } == before


def test_a_private_repository_stays_private_when_set_up_again(repository: Repository) -> None:
    setup.init(repository, private=True)
    assert setup.init(repository).mode == "private"
    assert setup.init(repository, private=False).mode == "shared"


def test_a_dry_run_does_nothing(repository: Repository, home: Path) -> None:
    report = setup.init(repository, with_config=True, dry_run=True)
    assert report.dry_run
    assert any("config.toml" in sentence for sentence in report.did)
    assert not repository.state_dir.exists()
    assert not (home / "state" / "holdfast").exists()
    assert not (repository.directory / ".holdfast").exists()


def test_an_empty_repository_is_trusted_because_nothing_is_there_to_distrust(repository: Repository) -> None:
    assert setup.init(repository).trusted
    assert TrustStore().state(repository).trusted


def test_what_could_run_or_be_injected_is_not_trusted_by_setting_up(repository: Repository) -> None:
    commit(repository.directory, {".holdfast/guidance/a.md": "Do as I say.\n"})
    report = setup.init(repository)
    assert not report.trusted
    assert report.next == "holdfast trust"
    assert not TrustStore().state(repository).trusted


def test_a_linked_settings_folder_is_not_trusted_by_setting_up(
    repository: Repository, tmp_path: Path
) -> None:
    (repository.directory / ".holdfast").symlink_to(tmp_path)
    assert not setup.init(repository).trusted


@pytest.mark.parametrize("author", ["Other <other@example.invalid>", None])
def test_documents_are_trusted_only_when_every_commit_of_them_is_ones_own(
    repository: Repository, author: str | None
) -> None:
    (repository.directory / "learnings.md").write_text("- Use `uv run`.\n")
    run_git(repository.directory, "add", ".")
    by = [f"--author={author}"] if author else []
    run_git(repository.directory, "commit", "--quiet", "--message", "notes", *by)
    assert setup.init(repository).trusted is (author is None)


def test_documents_that_came_with_a_clone_need_a_look_whoever_signed_them(
    repository: Repository, tmp_path: Path
) -> None:
    commit(repository.directory, {"learnings.md": "- Use `uv run`.\n"})
    copy = clone(repository.directory, tmp_path / "clone")
    assert not setup.init(copy).trusted


def test_a_document_not_yet_committed_is_ones_own(repository: Repository) -> None:
    (repository.directory / "learnings.md").write_text("- Use `uv run`.\n")
    assert setup.init(repository).trusted


def test_records_that_came_with_a_clone_need_a_look_whoever_signed_them(
    repository: Repository, tmp_path: Path
) -> None:
    learn(repository)
    report = setup.init(clone(repository.directory, tmp_path / "clone"))
    assert not report.trusted
    assert report.next == "holdfast trust"


def test_ones_own_records_of_this_clone_need_none(repository: Repository) -> None:
    learn(repository)
    assert setup.init(repository).trusted


def test_a_branch_below_holdfast_is_named_with_the_way_out(repository: Repository) -> None:
    run_git(repository.directory, "branch", "holdfast/try")
    with pytest.raises(RepositoryError, match="holdfast/try") as caught:
        setup.init(repository)
    assert "--private" in caught.value.hint
    assert not repository.state_dir.exists()
    assert setup.init(repository, private=True).mode == "private"


def test_a_branch_called_holdfast_of_the_users_own_is_refused(repository: Repository) -> None:
    run_git(repository.directory, "branch", "holdfast")
    with pytest.raises(RepositoryError, match=r"not a records branch.*file0\.txt") as caught:
        setup.init(repository)
    assert "--private" in caught.value.hint
    assert setup.init(repository, private=True).mode == "private"


def test_a_remotes_branch_called_holdfast_of_its_own_is_refused(
    repository: Repository, tmp_path: Path
) -> None:
    run_git(repository.directory, "branch", "holdfast")
    with pytest.raises(RepositoryError, match="refs/remotes/origin/holdfast"):
        setup.init(clone(repository.directory, tmp_path / "clone"))


def test_a_bare_repository_is_set_up_with_a_word_on_what_it_is(tmp_path: Path) -> None:
    bare = make_repository(tmp_path / "bare.git", bare=True)
    report = setup.init(bare)
    assert report.mode == "shared"
    assert any("bare" in note for note in report.notes)


def test_a_repository_without_commits_is_set_up(tmp_path: Path) -> None:
    fresh = make_repository(tmp_path / "fresh", commits=0)
    report = setup.init(fresh)
    assert any("Nothing is committed" in note for note in report.notes)
    learn(fresh)
    assert branch.SHARED in RecordsBranch(fresh).tips()


def test_a_missing_identity_is_no_hindrance_and_said(repository: Repository, home: Path) -> None:
    (home / ".gitconfig").write_text("")
    report = setup.init(repository)
    assert report.identity == "holdfast <holdfast@localhost>"
    assert any("git config user.name" in note for note in report.notes)


def test_a_known_identity_is_what_records_will_bear(repository: Repository) -> None:
    assert setup.init(repository).identity == "A Developer <developer@example.invalid>"


def test_the_settings_file_is_written_only_when_asked(repository: Repository) -> None:
    setup.init(repository)
    assert not (repository.directory / ".holdfast").exists()
    report = setup.init(repository, with_config=True)
    assert (repository.directory / ".holdfast/config.toml").read_text() == config.TEMPLATE
    assert report.trusted
    assert TrustStore().state(repository).trusted


def test_a_settings_file_that_is_there_is_left_and_not_trusted_unseen(repository: Repository) -> None:
    commit(repository.directory, {".holdfast/config.toml": '[checks.x]\nrun = "evil"\n'})
    report = setup.init(repository, with_config=True)
    assert not report.trusted
    assert "evil" in (repository.directory / ".holdfast/config.toml").read_text()


def test_the_settings_file_is_not_written_through_a_link(repository: Repository, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    (repository.directory / ".holdfast").symlink_to(target)
    with pytest.raises(Exception, match=r"config\.toml"):
        setup.init(repository, with_config=True)
    assert list(target.iterdir()) == []


def test_undoing_removes_what_setting_up_made(repository: Repository, home: Path) -> None:
    setup.init(repository, with_config=True)
    report = removal.undo(repository)
    assert not repository.state_dir.exists()
    assert not (repository.directory / ".holdfast").exists()
    assert not TrustStore().state(repository).trusted
    assert config.mode(repository) is None
    assert report.left == ()


def test_undoing_leaves_a_settings_file_that_was_changed(repository: Repository) -> None:
    setup.init(repository, with_config=True)
    file = repository.directory / ".holdfast/config.toml"
    file.write_text(file.read_text() + "# mine\n")
    report = removal.undo(repository)
    assert file.exists()
    assert any("changed since" in sentence for sentence in report.left)


def test_undoing_never_removes_what_was_learned(repository: Repository) -> None:
    setup.init(repository)
    learn(repository)
    learn(repository, private=True)
    before = RecordsBranch(repository).tips()
    for name in removal.NEVER_REMOVED:
        (repository.state_dir / name).mkdir()
        (repository.state_dir / name / "original.json").write_text("{}")
    (repository.state_dir / "index.db").write_text("x")
    save_anchors(repository, {"origin": "0" * 40})
    report = removal.undo(repository)
    assert RecordsBranch(repository).tips() == before
    assert files(repository.state_dir) >= {f"{name}/original.json" for name in removal.NEVER_REMOVED}
    assert not (repository.state_dir / "index.db").exists()
    told = "\n".join(report.left)
    assert all(str(repository.state_dir / name) in told for name in removal.NEVER_REMOVED)
    assert branch.SHARED in told
    assert "anchors.json stays" in told
    assert branch.PRIVATE in told


def test_state_that_came_with_a_copy_is_named_and_undoing_leaves_it(
    repository: Repository, tmp_path: Path
) -> None:
    setup.init(repository, private=True)
    shutil.copytree(repository.directory, tmp_path / "copy", symlinks=True)
    copy = Repository.find(tmp_path / "copy")
    report = setup.init(copy)
    theirs = copy.common_dir / "holdfast"
    assert report.mode == "shared"
    assert any(f"lies in {theirs}:" in told and f"{copy.state_dir}." in told for told in report.notes)
    before = files(theirs)
    assert any(f"{theirs} stays" in told for told in removal.undo(copy).left)
    assert files(theirs) == before
    assert not copy.state_dir.exists()


def test_candidates_outlive_an_undo_and_the_next_setup(repository: Repository) -> None:
    setup.init(repository)
    (repository.state_dir / "candidates").mkdir()
    (repository.state_dir / "candidates" / "one.json").write_text("{}")
    removal.undo(repository)
    again = Repository.find(repository.directory)
    setup.init(again)
    assert (again.state_dir / "candidates" / "one.json").exists()


def test_undoing_twice_or_where_nothing_was_made_says_so(repository: Repository) -> None:
    assert removal.undo(repository).did == ("Nothing to undo: Holdfast has made nothing here.",)
    setup.init(repository)
    removal.undo(repository)
    assert removal.undo(repository).did == ("Nothing to undo: Holdfast has made nothing here.",)
    assert not repository.state_dir.exists()


def test_undoing_works_when_the_settings_are_damaged(repository: Repository) -> None:
    setup.init(repository)
    (repository.state_dir / "settings.json").write_text("{")
    removal.undo(repository)
    assert not repository.state_dir.exists()


def test_a_dry_run_of_undoing_removes_nothing(repository: Repository) -> None:
    setup.init(repository, with_config=True)
    before = files(repository.state_dir)
    removal.undo(repository, dry_run=True)
    assert files(repository.state_dir) == before
    assert TrustStore().state(repository).trusted


def test_a_setup_after_undoing_is_as_the_first_one(repository: Repository) -> None:
    first = setup.init(repository)
    removal.undo(repository)
    assert setup.init(repository) == first


@pytest.fixture
def closed() -> Iterator[Repository]:
    """A repository whose git directory may be read and not written."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to other users
        Path(folder).chmod(0o755)
        made = make_repository(Path(folder) / "project", files={".holdfast/guidance/a.md": "x\n"})
        made.common_dir.chmod(0o555)
        (Path(folder) / "state").mkdir()
        (Path(folder) / "state").chmod(0o777)
        yield made
        made.common_dir.chmod(0o755)


def test_without_permission_the_error_says_what_to_give(closed: Repository) -> None:
    with (
        another_user(closed.directory.parent),
        pytest.raises(EnvironmentProblem, match="may not write") as caught,
    ):
        setup.init(closed)
    assert "write access" in caught.value.hint


def test_without_permission_doctor_says_what_to_give(closed: Repository) -> None:
    with another_user(closed.directory.parent):
        findings = {finding.name: finding for finding in diagnose(closed.directory).findings}
    assert findings["local state"].level == "problem"
    assert "write access" in findings["local state"].hint


def test_what_may_not_be_read_is_never_used_and_said(closed: Repository) -> None:
    (closed.directory / ".holdfast/guidance/a.md").chmod(0)
    (closed.directory / ".holdfast/guidance").chmod(0o755)
    with another_user(closed.directory.parent):
        [item] = TrustStore().state(closed).items
    assert item.kind == "refused"
    assert "Permission denied" in item.does
