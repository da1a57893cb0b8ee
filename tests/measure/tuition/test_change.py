"""A change is made only to the lines that a person saw, and leaves everything else as it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from holdfast.errors import EnvironmentProblem, Refused
from holdfast.measure.tuition.change import apply_change, make_change

TEXT = st.text(st.sampled_from("ab\n\r é"), max_size=40)


@given(TEXT, TEXT)
def test_a_change_makes_the_one_text_of_the_other(
    tmp_path_factory: pytest.TempPathFactory, before: str, after: str
) -> None:
    root = tmp_path_factory.mktemp("tree")
    (root / "CLAUDE.md").write_bytes(before.encode())
    apply_change(root, make_change("CLAUDE.md", before, after))
    assert (root / "CLAUDE.md").read_bytes() == after.encode()


def test_a_new_file_is_created_and_its_folder_too(tmp_path: Path) -> None:
    apply_change(tmp_path, make_change(".claude/settings.json", None, "{}\n"))
    assert (tmp_path / ".claude" / "settings.json").read_text() == "{}\n"


def test_the_mode_of_a_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "run.sh"
    path.write_text("a\n")
    path.chmod(0o755)
    apply_change(tmp_path, make_change("run.sh", "a\n", "b\n"))
    assert path.stat().st_mode & 0o777 == 0o755
    assert [one.name for one in tmp_path.iterdir()] == ["run.sh"]


@pytest.mark.parametrize("meanwhile", ["other\ntwo\n", "", None])
def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path, meanwhile: str | None) -> None:
    change = make_change("CLAUDE.md", "one\ntwo\n", "three\ntwo\n")
    if meanwhile is not None:
        (tmp_path / "CLAUDE.md").write_text(meanwhile)
    with pytest.raises(Refused, match="changed meanwhile"):
        apply_change(tmp_path, change)
    assert (tmp_path / "CLAUDE.md").exists() == (meanwhile is not None)
    assert meanwhile is None or (tmp_path / "CLAUDE.md").read_text() == meanwhile


def test_a_file_that_came_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "AGENTS.md").write_text("mine\n")
    with pytest.raises(Refused):
        apply_change(tmp_path, make_change("AGENTS.md", None, "theirs\n"))
    assert (tmp_path / "AGENTS.md").read_text() == "mine\n"


def test_no_link_is_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("one\n")
    root = tmp_path / "tree"
    root.mkdir()
    (root / "CLAUDE.md").symlink_to(outside)
    with pytest.raises((Refused, EnvironmentProblem)):
        apply_change(root, make_change("CLAUDE.md", "one\n", "two\n"))
    assert outside.read_text() == "one\n"


def test_what_is_not_utf8_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "CLAUDE.md").write_bytes(b"\xff\n")
    with pytest.raises(Refused, match="not UTF-8"):
        apply_change(tmp_path, make_change("CLAUDE.md", "�\n", "x\n"))


ODD = st.text(st.sampled_from("ab\n\n\r\f\x85\u2028é"), max_size=40)


@settings(max_examples=30, deadline=None)
@given(st.none() | ODD, ODD, st.sampled_from(["a.md", "my docs/é.md", "tab\there.md", 'quo"te.md']))
def test_the_diff_is_one_that_git_applies(
    tmp_path_factory: pytest.TempPathFactory, before: str | None, after: str, path: str
) -> None:
    assume(before != after and not (before is None and not after))
    root = tmp_path_factory.mktemp("tree")
    file = root / path
    if before is not None:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(before.encode())
    diff = make_change(path, before, after).diff
    subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=root, input=diff.encode(), check=True)
    assert file.read_bytes() == after.encode()


def test_a_line_goes_in_only_beside_the_line_that_was_seen(tmp_path: Path) -> None:
    change = make_change("CLAUDE.md", "one\ntwo\n", "one\nnew\ntwo\n")
    (tmp_path / "CLAUDE.md").write_text("zero\nhalf\none\ntwo\n")
    with pytest.raises(Refused, match="changed meanwhile"):
        apply_change(tmp_path, change)
