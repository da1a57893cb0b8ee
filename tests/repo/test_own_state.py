"""Local state counts where it was made and for who made it; what came with a copy is left as it lies."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.another_user import another_user

from holdfast.errors import EnvironmentProblem
from holdfast.learn.view import View
from holdfast.repo import own_records, own_state
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.repo.trust_file import default_folder
from holdfast.testing import repositories
from holdfast.testing.repositories import make_repository, run_git


def copy(repository: Repository, path: Path) -> Repository:
    shutil.copytree(repository.directory, path, symlinks=True)
    return Repository.find(path)


def again(repository: Repository) -> Repository:
    """Return a repository as the next command finds it."""
    return Repository.find(repository.directory)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def used(repository: Repository) -> Repository:
    """A repository with local state of its own."""
    (repository.ensure_state() / "own-records").write_text("a\nb\n")
    (repository.state_dir / "candidates").mkdir()
    (repository.state_dir / "candidates" / "one.json").write_text("{}")
    return repository


def test_state_that_was_made_here_is_ours(used: Repository) -> None:
    assert own_state.is_ours(used)
    assert own_state.folder(used) == used.common_dir / "holdfast"
    assert own_records.read(again(used)) == {"a", "b"}
    mark = used.state_dir / own_state.MARK
    assert stat.S_IMODE(mark.stat().st_mode) == 0o600


def test_the_secret_lies_outside_for_its_owner_alone(used: Repository) -> None:
    secret = default_folder() / "secret"
    assert len(secret.read_bytes()) == 32
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert secret.read_bytes() not in b"".join(files(used.state_dir).values())


def test_that_of_a_copy_is_left_and_ours_is_beside_it(used: Repository, tmp_path: Path) -> None:
    before = files(used.state_dir)
    made = copy(used, tmp_path / "copy")
    assert not own_state.is_ours(made)
    assert own_records.read(made) == frozenset()
    assert not made.state_dir.exists()
    assert re.fullmatch(r"holdfast-[0-9a-f]{8}", made.state_dir.name)
    assert made.ensure_state() == made.state_dir == again(made).state_dir
    assert stat.S_IMODE(made.state_dir.stat().st_mode) == 0o700
    assert own_state.is_ours(made)
    assert own_state.others(made) == [made.common_dir / "holdfast"]
    assert files(made.common_dir / "holdfast") == files(used.state_dir) == before


def test_a_copy_of_a_copy_has_a_folder_of_its_own_too(used: Repository, tmp_path: Path) -> None:
    first = copy(used, tmp_path / "first")
    (first.ensure_state() / "own-records").write_text("c\n")
    second = copy(first, tmp_path / "second")
    assert own_records.read(second) == frozenset()
    second.ensure_state()
    assert own_state.others(second) == [
        second.common_dir / name for name in ("holdfast", first.state_dir.name)
    ]
    assert own_records.read(again(first)) == {"c"}


def test_a_repository_that_is_moved_keeps_its_state(used: Repository, tmp_path: Path) -> None:
    made = copy(used, tmp_path / "copy")
    (made.ensure_state() / "own-records").write_text("c\n")
    for each, known in ((used, {"a", "b"}), (made, {"c"})):
        moved = Repository.find(each.directory.rename(tmp_path / f"moved-{len(known)}"))
        assert own_records.read(moved) == known
        assert moved.state_dir.name == each.state_dir.name


def test_ours_stays_when_the_first_one_is_gone(used: Repository, tmp_path: Path) -> None:
    made = copy(used, tmp_path / "copy")
    (made.ensure_state() / "own-records").write_text("c\n")
    shutil.rmtree(made.common_dir / "holdfast")
    assert own_records.read(again(made)) == {"c"}
    assert own_state.others(made) == []


def test_without_the_secret_that_made_it_none_is_ours_but_what_was_trusted(
    used: Repository, tmp_path: Path
) -> None:
    made = copy(used, tmp_path / "copy")
    (made.ensure_state() / "own-records").write_text("c\n")
    TrustStore().accept(made)
    (default_folder() / "secret").unlink()
    assert own_records.read(again(used)) == frozenset()
    assert own_records.read(again(made)) == {"c"}
    assert own_state.is_ours(made)
    shutil.rmtree(default_folder())
    assert own_records.read(again(made)) == frozenset()
    assert len(own_state.others(made)) == 2


@pytest.mark.parametrize("kind", ["file", "link", "pipe", "full"])
def test_what_else_bears_its_name_is_left(repository: Repository, tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    there = repository.common_dir / "holdfast"
    if kind == "file":
        there.write_text("x")
    elif kind == "link":
        there.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(there)
    else:
        there.mkdir()
        (there / "index.db").write_text("x")
    before = there.lstat()
    assert again(repository).ensure_state().parent == repository.common_dir
    assert again(repository).state_dir != there
    assert own_state.others(repository) == [there]
    assert (there.lstat().st_ino, there.lstat().st_mtime) == (before.st_ino, before.st_mtime)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(marks=st.permutations(range(5)))
def test_the_mark_of_one_folder_holds_for_no_other(
    home: Path, tmp_path_factory: pytest.TempPathFactory, marks: list[int]
) -> None:
    """Whatever marks of this very user somebody puts where."""
    top = tmp_path_factory.mktemp("marks")
    for number in range(5):
        (top / str(number)).mkdir()
    made = [Repository(None, top / str(number), top / str(number)) for number in range(5)]
    told = [(each.ensure_state() / own_state.MARK).read_bytes() for each in made]
    for each, number in zip(made, marks, strict=True):
        (each.state_dir / own_state.MARK).write_bytes(told[number])
    assert [own_state.is_ours(each) for each in made] == [at == number for at, number in enumerate(marks)]


def test_another_home_does_not_take_it_for_its_own(used: Repository, tmp_path: Path) -> None:
    with repositories.isolated(tmp_path / "another"):
        assert not own_state.is_ours(used)


def test_two_homes_use_one_checkout_in_turn(used: Repository, tmp_path: Path) -> None:
    """As a container and its host do."""
    names = set()
    for _ in range(3):
        with repositories.isolated(tmp_path / "container"):
            inside = again(used)
            assert own_records.read(inside) in (frozenset(), {"c"})
            (inside.ensure_state() / "own-records").write_text("c\n")
            names.add(inside.state_dir.name)
            assert own_state.others(inside) == [used.state_dir]
        assert own_records.read(again(used)) == {"a", "b"}
        assert own_state.others(used) == [used.common_dir / name for name in names]
    assert len(names) == 1
    assert run_git(used.directory, "status", "--porcelain") == ""


def test_two_homes_that_begin_at_once_have_a_folder_each(repository: Repository, tmp_path: Path) -> None:
    program = """
        import os, sys
        from holdfast.repo.location import Repository
        made = Repository.find(sys.argv[1])
        made.state_dir
        sys.stdin.readline()
        print(made.ensure_state())
    """
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program), str(repository.directory)],
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path / f"home-{number}")},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for number in (1, 1, 2, 2)
    ]  # fmt: skip
    for each in begun:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    said = [each.communicate()[0].strip() for each in begun]
    assert said[0] == said[1] != said[2] == said[3]
    assert {Path(path).name for path in said} == {
        path.name for path in repository.common_dir.glob("holdfast*")
    }
    for path in said:
        assert [each.name for each in Path(path).iterdir()] == [own_state.MARK]


def test_a_state_made_before_there_were_marks_is_kept_when_it_was_trusted(used: Repository) -> None:
    TrustStore().accept(used)
    (used.state_dir / own_state.MARK).unlink()
    assert own_records.read(again(used)) == {"a", "b"}
    assert own_state.is_ours(used)


@pytest.mark.parametrize("token", [None, "", "0" * 32])
def test_one_with_no_mark_that_was_not_trusted_as_it_is_is_not_read(
    used: Repository, token: str | None
) -> None:
    TrustStore().accept(used)
    (used.state_dir / own_state.MARK).unlink()
    (used.state_dir / "trust-id").unlink()
    if token is not None:
        (used.state_dir / "trust-id").write_text(token)
    assert own_records.read(again(used)) == frozenset()
    assert own_state.others(used) == [used.common_dir / "holdfast"]


def test_a_link_in_its_place_is_left_with_what_it_leads_to(used: Repository, tmp_path: Path) -> None:
    used.state_dir.rename(tmp_path / "elsewhere")
    (used.common_dir / "holdfast").symlink_to(tmp_path / "elsewhere")
    before = files(tmp_path / "elsewhere")
    assert own_records.read(again(used)) == frozenset()
    again(used).ensure_state()
    assert [path.readlink() for path in own_state.others(used)] == [tmp_path / "elsewhere"]
    assert files(tmp_path / "elsewhere") == before


def test_an_empty_folder_says_nothing_and_becomes_ours(repository: Repository) -> None:
    (repository.common_dir / "holdfast").mkdir()
    assert own_state.others(repository) == []
    assert repository.ensure_state() == repository.common_dir / "holdfast"
    assert own_state.is_ours(repository)


def test_many_at_once_make_one_state(repository: Repository) -> None:
    def work(name: str) -> None:
        mine = again(repository)
        (mine.ensure_state() / name).write_text("x")

    threads = [threading.Thread(target=work, args=(f"by-{number}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in repository.common_dir.glob("holdfast*")] == ["holdfast"]
    assert {path.name for path in repository.state_dir.iterdir()} == {
        own_state.MARK,
        *(f"by-{number}" for number in range(12)),
    }


@pytest.mark.parametrize("damage", ["readable", "short", "link"])
def test_a_secret_that_another_can_know_is_replaced(used: Repository, tmp_path: Path, damage: str) -> None:
    secret = default_folder() / "secret"
    before = secret.read_bytes()
    if damage == "readable":
        secret.chmod(0o644)
    elif damage == "short":
        secret.write_bytes(b"")
    else:
        secret.rename(tmp_path / "known")
        secret.symlink_to(tmp_path / "known")
    assert not own_state.is_ours(used)
    assert own_records.read(again(used)) == frozenset()
    used.ensure_state()
    assert own_state.is_ours(used)
    assert secret.read_bytes() != before
    assert not secret.is_symlink()


def test_where_trust_cannot_be_kept_all_is_left_as_it_is(
    used: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(used.directory / "state"))
    assert own_records.read(again(used)) == {"a", "b"}
    again(used).ensure_state()
    assert not (used.directory / "state").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user whom the system does not know")
def test_a_user_without_a_home_uses_local_state_as_it_is() -> None:
    program = """
        import os, sys
        from pathlib import Path
        from holdfast.repo import own_state
        from holdfast.repo.location import Repository
        os.setuid(54321)
        top = Path(sys.argv[1])
        made = Repository(None, top, top)
        (made.ensure_state() / "x").write_text("x")
        print(own_state.is_ours(made), (Repository(None, top, top).state_dir / "x").exists())
    """
    hidden = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_STATE_HOME")}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program), folder],
            env=hidden, capture_output=True, text=True, check=True,
        )  # fmt: skip
        shutil.rmtree(Path(folder, "holdfast"))
    assert done.stdout.split() == ["False", "True"]


def test_where_none_can_be_made_that_of_another_is_not_read_either() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to other users
        top = Path(folder)
        top.chmod(0o777)
        made = make_repository(top / "project")
        (made.ensure_state() / "own-records").write_text("a\n")
        (made.state_dir / "index.db").write_text("x")
        made.state_dir.chmod(0o755)
        made.common_dir.chmod(0o555)
        with another_user(top):
            found = again(made)
            assert own_records.read(found) == frozenset()
            with View(found) as view:
                assert not view.index.persistent
            with pytest.raises(EnvironmentProblem, match="Cannot make local state") as caught:
                again(made).ensure_state()
            assert "write access" in caught.value.hint
        made.common_dir.chmod(0o755)
        assert (made.state_dir / "own-records").read_text() == "a\n"
        assert [path.name for path in made.common_dir.glob("holdfast*")] == ["holdfast"]
        shutil.rmtree(top / "state", ignore_errors=True)


def test_in_a_home_that_may_only_be_read_nothing_is_begun() -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        top.chmod(0o777)
        made = make_repository(top / "project")
        made.common_dir.chmod(0o777)
        (top / "state").mkdir(mode=0o555)
        before = sorted(path.name for path in made.common_dir.iterdir())
        with another_user(top):
            for begin in (again(made).ensure_state, lambda: TrustStore().accept(again(made))):
                with pytest.raises(EnvironmentProblem, match=f"{top}/state/holdfast") as caught:
                    begin()
                assert "XDG_STATE_HOME" in caught.value.hint
                assert "git" not in caught.value.hint
            assert not again(made).state_dir.exists()
        assert sorted(path.name for path in made.common_dir.iterdir()) == before
        made.common_dir.chmod(0o755)


def test_a_disk_that_is_away_loses_no_secret_when_no_state_can_be_made_elsewhere(
    used: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_repository(tmp_path / "other")
    away = used.directory.rename(tmp_path / "away")

    def refuse(path: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(EnvironmentProblem):
            again(other).ensure_state()
    assert own_records.read(Repository.find(away)) == {"a", "b"}


def test_a_file_system_that_lets_a_rename_replace_nothing_holds_nobody_up(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository.common_dir / "holdfast").mkdir()
    rename = Path.rename

    def strictly(path: Path, target: Path) -> Path:
        if target.exists():
            raise FileExistsError(17, "File exists", str(target))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", strictly)
    assert again(repository).ensure_state() == repository.common_dir / "holdfast"
    assert own_state.is_ours(repository)


def test_a_state_of_nothing_but_a_mark_is_removed_and_no_other(repository: Repository) -> None:
    repository.ensure_state()
    own_state.remove_if_empty(repository)
    assert not repository.state_dir.exists()
    (repository.ensure_state() / "mine").write_text("x")
    own_state.remove_if_empty(repository)
    assert own_state.is_ours(repository)
    assert (repository.state_dir / "mine").exists()
