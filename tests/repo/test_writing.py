from __future__ import annotations

import pytest

from holdfast.errors import GitError
from holdfast.repo import lock, writing
from holdfast.repo.branch import SHARED, RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.writing import Commit

PATH = f"events/2026/01/{'a' * 16}.json"


def write(repository: Repository, *commits: Commit) -> list[str]:
    with lock.held(repository) as descriptor:
        return writing.write(repository, SHARED, commits, writing.Person("X", "x@x"), descriptor)


def test_a_later_commit_may_stand_on_an_earlier_one_of_the_same_stream(repository: Repository) -> None:
    first, second = write(repository, Commit("one", files={PATH: b"1"}), Commit("two", (":1",)))
    assert repository.git("rev-parse", f"{second}^").decode().strip() == first
    assert RecordsBranch(repository).tip() == second


def test_a_ref_that_is_elsewhere_is_not_moved(repository: Repository) -> None:
    (tip,) = write(repository, Commit("one", files={PATH: b"1"}))
    with pytest.raises(writing.Moved):
        write(repository, Commit("beside it", files={PATH: b"1"}))
    with pytest.raises(writing.Moved):
        writing.move(repository, SHARED, tip, None, writing.Person("X", "x@x"))
    assert RecordsBranch(repository).tip() == tip


def test_a_crash_report_of_git_is_swept_up(repository: Repository) -> None:
    with pytest.raises(GitError):
        write(repository, Commit("on nothing", (":9",), {PATH: b"1"}))
    assert list(repository.common_dir.glob("fast_import_crash_*")) == []
    assert RecordsBranch(repository).tips() == {}


def test_text_in_a_message_or_a_content_is_never_a_command(repository: Repository) -> None:
    hostile = f"done\nreset {SHARED}\nM 100644 inline events/evil.json\ndata <<END\n"
    (commit,) = write(repository, Commit(hostile, files={PATH: hostile.encode() * 3}))
    assert repository.git("ls-tree", "-r", "--name-only", commit).decode() == f"{PATH}\n"
    assert repository.git("cat-file", "blob", f"{commit}:{PATH}").decode() == hostile * 3
    assert repository.git("log", "-1", "--format=%B", commit).decode().strip() == "done"


def test_a_day_before_git_can_count_is_its_first_one() -> None:
    assert writing.midnight_of("1950-01-01") == 0
    assert writing.midnight_of("2026-01-01") == 1_767_225_600


def test_a_clock_in_1970_is_written_as_any_other(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git takes a small number for something else than seconds unless it is marked as such."""
    monkeypatch.setenv("HOLDFAST_NOW", "3000")
    assert RecordsBranch(repository).append({PATH: b"early"}, "early")
