from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.errors import EnvironmentProblem
from holdfast.repo import safe_read


@pytest.fixture
def top(tmp_path: Path) -> Path:
    folder = tmp_path / "top"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "file.txt").write_text("inside")
    (tmp_path / "secret").write_text("outside")
    return folder


def test_a_regular_file_is_read(top: Path) -> None:
    assert safe_read.read(top, "a/b/file.txt") == b"inside"
    assert safe_read.read_text(top, "a/b/file.txt") == "inside"


@pytest.mark.parametrize("path", ["gone", "a/gone", "gone/file.txt"])
def test_what_is_not_there_is_none(top: Path, path: str) -> None:
    assert safe_read.read(top, path) is None


def test_a_link_to_a_file_is_refused_and_named(top: Path, tmp_path: Path) -> None:
    (top / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(EnvironmentProblem, match=r"symbolic link to .*secret"):
        safe_read.read(top, "link")
    assert safe_read.read_text(top, "link") is None


def test_a_link_to_a_folder_on_the_way_is_refused(top: Path, tmp_path: Path) -> None:
    (top / "way").symlink_to(tmp_path)
    with pytest.raises(EnvironmentProblem, match="behind the symbolic link way"):
        safe_read.read(top, "way/secret")
    assert safe_read.list_directory(top, "way") == []


def test_a_link_that_stays_inside_is_refused_too(top: Path) -> None:
    (top / "link").symlink_to("a/b/file.txt")
    with pytest.raises(EnvironmentProblem, match="symbolic link"):
        safe_read.read(top, "link")


@pytest.mark.parametrize(
    "path", ["../secret", "a/../../secret", "/etc/passwd", "a//b", "", ".", "a/./b", "x\0y"]
)
def test_a_path_that_could_leave_the_folder_is_refused(top: Path, path: str) -> None:
    with pytest.raises(EnvironmentProblem, match="not a path inside"):
        safe_read.read(top, path)


def test_a_pipe_is_refused_without_waiting_for_a_writer(top: Path) -> None:
    os.mkfifo(top / "pipe")
    with pytest.raises(EnvironmentProblem, match="not a regular file"):
        safe_read.read(top, "pipe")


def test_a_socket_is_refused(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(top)  # the name of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        with pytest.raises(EnvironmentProblem, match="socket"):
            safe_read.read(top, "socket")


def test_a_folder_where_a_file_is_asked_for_is_refused(top: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="not a regular file"):
        safe_read.read(top, "a/b")


def test_a_file_where_a_folder_must_be_is_refused(top: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="not a folder"):
        safe_read.read(top, "a/b/file.txt/more")


def test_a_file_of_the_limit_is_read_and_one_byte_more_is_not(top: Path) -> None:
    (top / "exact").write_bytes(b"x" * 100)
    (top / "more").write_bytes(b"x" * 101)
    assert safe_read.read(top, "exact", limit=100) == b"x" * 100
    with pytest.raises(EnvironmentProblem, match="larger than 100 bytes"):
        safe_read.read(top, "more", limit=100)


def test_everything_below_a_folder_comes_in_order_with_reasons(top: Path, tmp_path: Path) -> None:
    (top / "a" / "link").symlink_to(tmp_path / "secret")
    (top / "a" / "z").symlink_to(tmp_path)
    found = safe_read.below(top, "a")
    assert [entry.path for entry in found] == ["a/b/file.txt", "a/link", "a/z"]
    assert [entry.data for entry in found] == [b"inside", None, None]
    assert all("symbolic link" in entry.refused for entry in found[1:])


def test_a_linked_folder_is_one_refused_entry(top: Path, tmp_path: Path) -> None:
    (top / "linked").symlink_to(tmp_path)
    found = safe_read.below(top, "linked")
    assert [(entry.path, entry.data) for entry in found] == [("linked", None)]


def test_nothing_is_below_a_folder_that_is_not_there(top: Path) -> None:
    assert safe_read.below(top, "gone") == []


def test_too_many_files_end_in_one_entry_that_says_so(top: Path) -> None:
    many = top / "many"
    many.mkdir()
    for number in range(safe_read.MOST_FILES + 5):
        (many / f"{number:04}").touch()
    found = safe_read.below(top, "many")
    assert len(found) == safe_read.MOST_FILES + 1
    assert found[-1].data is None
    assert "beyond" in found[-1].refused


def test_too_deep_folders_are_not_entered(top: Path) -> None:
    deep = top.joinpath("deep", *["d"] * 12)
    deep.mkdir(parents=True)
    (deep / "file").touch()
    [entry] = safe_read.below(top, "deep")
    assert entry.data is None
    assert "deep" in entry.refused


def test_names_of_a_folder_are_listed(top: Path) -> None:
    assert safe_read.list_directory(top, "a") == ["b"]
    assert safe_read.list_directory(top, "gone") == []


def test_creating_makes_folders_and_replaces_nothing(top: Path) -> None:
    safe_read.create(top, "new/folder/file", b"1")
    assert (top / "new/folder/file").read_bytes() == b"1"
    with pytest.raises(FileExistsError):
        safe_read.create(top, "new/folder/file", b"2")
    assert (top / "new/folder/file").read_bytes() == b"1"


def test_creating_through_a_link_is_refused(top: Path, tmp_path: Path) -> None:
    (top / "way").symlink_to(tmp_path)
    with pytest.raises(EnvironmentProblem):
        safe_read.create(top, "way/file", b"1")
    (top / "dangling").symlink_to(tmp_path / "made")
    with pytest.raises(FileExistsError):
        safe_read.create(top, "dangling", b"1")
    assert not (tmp_path / "file").exists()
    assert not (tmp_path / "made").exists()


_NAMES = st.sampled_from(["a", "b", "file.txt", "out", "up", "..", ".", "", "secret", "loop"])


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(parts=st.lists(_NAMES, min_size=1, max_size=6))
def test_no_path_ever_reads_what_lies_outside(top: Path, tmp_path: Path, parts: list[str]) -> None:
    for name, target in (("out", tmp_path), ("up", Path("..")), ("loop", Path("loop"))):
        if not (top / name).is_symlink():
            (top / name).symlink_to(target)
    assert safe_read.read_text(top, "/".join(parts)) in (None, "inside")


def test_a_file_that_does_not_fit_leaves_no_half_of_it(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from holdfast.repo import safe_read\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "safe_read.create(Path(sys.argv[1]), 'file', b'x' * 200)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=False)
    assert b"limit on file size" in done.stderr
    assert list(tmp_path.iterdir()) == []
