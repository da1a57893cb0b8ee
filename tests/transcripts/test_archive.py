"""A log that its agent deletes can still be read from its archived copy."""

from __future__ import annotations

import gzip
import stat
from pathlib import Path

import pytest

from holdfast.errors import EnvironmentProblem
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository
from holdfast.testing.sessions import ClaudeSession
from holdfast.transcripts import archive
from holdfast.transcripts.archive import Archive, archived
from holdfast.transcripts.origin import BlobOrigin, FileOrigin
from holdfast.transcripts.transcript import open_transcript

SESSION = "0badcafe-0000-4000-8000-000000000001"


@pytest.fixture
def repository(isolated_home: Path, tmp_path: Path) -> Repository:
    return make_repository(tmp_path / "project")


def session() -> ClaudeSession:
    made = ClaudeSession(SESSION, root="/home/ada/shop", start=1_772_359_200.0)
    made.prompt("make the tests pass")
    made.bash("pytest -q", "1 failed", exit_code=1)
    return made


def files(repository: Repository) -> list[Path]:
    return sorted((repository.state_dir / archive.FOLDER).iterdir())


def test_a_copy_gives_the_same_events_as_the_log(repository: Repository, tmp_path: Path) -> None:
    log = session().write(tmp_path / "log.jsonl")
    events = list(open_transcript(log).events())
    data, changed = log.read_bytes(), log.stat().st_mtime
    assert Archive(repository).keep(FileOrigin(log, "/home/ada/shop"), SESSION)
    log.unlink()
    (copy,) = archived(repository, [])
    assert (copy.key, copy.size, copy.mtime) == (str(log.resolve()), len(data), changed)
    assert (copy.directory, copy.name) == ("/home/ada/shop", f"{log} (archived)")
    with copy.open() as file:
        assert file.read() == data
    assert list(open_transcript(copy).events()) == events


def test_a_copy_is_an_ordinary_gzip_file_for_its_owner_alone(repository: Repository, tmp_path: Path) -> None:
    log = session().write(tmp_path / "log.jsonl")
    Archive(repository).keep(FileOrigin(log), SESSION)
    (copy,) = files(repository)
    assert gzip.decompress(copy.read_bytes()) == log.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
    assert "log" not in copy.name


def test_a_copy_is_replaced_only_by_a_longer_one(repository: Repository, tmp_path: Path) -> None:
    made = session()
    log = made.write(tmp_path / "log.jsonl")
    kept = Archive(repository)
    assert kept.keep(FileOrigin(log), SESSION)
    assert not kept.keep(FileOrigin(log), SESSION)
    made.bash("pytest -q", "1 passed")
    whole = made.write(log).read_bytes()
    assert kept.keep(FileOrigin(log), SESSION)
    log.write_bytes(whole[:100])
    assert not kept.keep(FileOrigin(log), SESSION)
    log.unlink()
    (copy,) = archived(repository, [])
    assert copy.open().read() == whole


def test_another_session_under_the_same_name_has_a_copy_of_its_own(
    repository: Repository, tmp_path: Path
) -> None:
    log = tmp_path / "log.jsonl"
    for number in (1, 2):
        log.write_bytes(b"x" * number)
        assert Archive(repository).keep(FileOrigin(log), f"session {number}")
    log.unlink()
    assert [copy.open().read() for copy in archived(repository, [])] == [b"x", b"xx"]


def test_only_what_is_gone_is_given(repository: Repository, tmp_path: Path) -> None:
    there, found, gone = (tmp_path / f"{name}.jsonl" for name in ("there", "found", "gone"))
    for log in (there, found, gone):
        log.write_bytes(b"x")
        Archive(repository).keep(FileOrigin(log), "s")
    found.unlink()
    gone.unlink()
    assert [Path(copy.key).name for copy in archived(repository, [str(found)])] == ["gone.jsonl"]


def test_a_log_that_only_moved_is_not_given_twice(repository: Repository, tmp_path: Path) -> None:
    logs = [tmp_path / f"rollout-{SESSION}.jsonl", tmp_path / "history.md"]
    for log in logs:
        log.write_bytes(b"x")
        Archive(repository).keep(FileOrigin(log), SESSION)
        log.unlink()
    elsewhere = [str(tmp_path / "elsewhere" / log.name) for log in logs]
    assert [Path(copy.key).name for copy in archived(repository, elsewhere)] == ["history.md"]


def test_what_stands_in_git_and_what_is_archived_is_not_copied(
    repository: Repository, tmp_path: Path
) -> None:
    kept = Archive(repository)
    assert not kept.keep(BlobOrigin(tmp_path, ("a",), "main:log", size=3), "s")
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"x")
    kept.keep(FileOrigin(log), "s")
    assert not kept.keep(kept.origins()[0], "other")
    assert len(files(repository)) == 1


@pytest.mark.parametrize("damage", [
    lambda data: data[:-4],
    lambda data: data[: len(data) // 2],
    lambda data: data[:-40] + b"\0" * 40,
], ids=["cut", "half", "overwritten"])  # fmt: skip
def test_a_damaged_copy_says_so(repository: Repository, tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    log = session().write(tmp_path / "log.jsonl")
    Archive(repository).keep(FileOrigin(log), SESSION)
    log.unlink()
    (file,) = files(repository)
    file.write_bytes(damage(file.read_bytes()))
    (copy,) = archived(repository, [])
    with pytest.raises(EnvironmentProblem, match="damaged"):
        list(open_transcript(copy).events())


def test_foreign_files_in_the_archive_are_passed_over(repository: Repository, tmp_path: Path) -> None:
    log = session().write(tmp_path / "log.jsonl")
    Archive(repository).keep(FileOrigin(log), SESSION)
    folder = files(repository)[0].parent
    (folder / "other.gz").write_bytes(gzip.compress(b"x"))
    (folder / "empty.gz").write_bytes(b"")
    (folder / "link.gz").symlink_to("/nowhere")
    (folder / "folder.gz").mkdir()
    assert len(Archive(repository).origins()) == 1


def test_a_write_that_fails_leaves_the_copy_as_it_was(repository: Repository, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_bytes(b"x" * 1000)
    kept = Archive(repository)
    kept.keep(FileOrigin(log), "s")
    before = files(repository)[0].read_bytes()
    log.write_bytes(b"x" * 2000)
    too_long = FileOrigin(log, directory="x" * 100_000)  # its label does not fit a header
    with pytest.raises(EnvironmentProblem, match="Cannot write"):
        kept.keep(too_long, "s")
    assert [file.read_bytes() for file in files(repository)] == [before]
