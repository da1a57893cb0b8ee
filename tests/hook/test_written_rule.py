"""A rule stands where its file still says so; what cannot be looked at is taken to stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.hook.written_rule import LIMIT, is_written

RULE = "Never run npm."


def test_a_rule_is_looked_for_as_a_line_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "AGENTS.md"
    assert not is_written(str(tmp_path), "AGENTS.md", RULE)
    file.write_text("")
    assert not is_written(str(tmp_path), "AGENTS.md", RULE)
    file.write_text("# Rules\n  *  Never  run npm.\n")
    assert is_written(str(tmp_path), "AGENTS.md", RULE)
    file.write_text(f"- {RULE} Or do.\n")
    assert not is_written(str(tmp_path), "AGENTS.md", RULE)
    assert is_written(str(tmp_path), "AGENTS.md", RULE, cut=True)


@pytest.mark.parametrize(
    "source", ["", "/etc/hostname", "../other.md", "a/../../other.md", "link.md", "in/x.md", "a\0b"]
)
def test_nothing_outside_is_looked_at(tmp_path: Path, source: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "other.md").write_text("nothing")
    (root / "link.md").symlink_to(tmp_path / "other.md")
    (root / "in").symlink_to(tmp_path)
    assert is_written(str(root), source, RULE)


def test_what_is_too_long_or_no_file_cannot_be_told(tmp_path: Path) -> None:
    (tmp_path / "long.md").write_bytes(b"x" * (LIMIT + 1))
    assert is_written(str(tmp_path), "long.md", RULE)
    (tmp_path / "folder").mkdir()
    assert is_written(str(tmp_path), "folder", RULE)
    assert is_written("", "AGENTS.md", RULE)
