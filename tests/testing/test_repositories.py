"""The public test repositories are isolated from the machine, and can be compared."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from holdfast.testing import repositories
from holdfast.transcripts import homes


def test_a_temporary_repository_sees_none_of_the_machines_git(tmp_path: Path) -> None:
    before = dict(os.environ)
    with repositories.temporary_repository(files={"a.txt": "hello\n"}) as made:
        assert os.environ["HOME"] != before.get("HOME")
        assert repositories.run_git(made.directory, "config", "user.email").strip().endswith(".invalid")
        assert repositories.run_git(made.directory, "show", "HEAD:a.txt") == "hello\n"
        place = made.directory
    assert dict(os.environ) == before
    assert not place.exists()


def test_a_snapshot_tells_any_change_of_the_users_and_none_of_ours() -> None:
    with repositories.temporary_repository() as made:
        before = repositories.snapshot(made)
        made.ensure_state().joinpath("index.db").write_text("ours")
        assert repositories.snapshot(made) == before
        (made.directory / "new.txt").write_text("theirs")
        assert repositories.snapshot(made) != before


def test_a_repository_can_be_bare_unborn_or_cloned(tmp_path: Path, isolated_home: Path) -> None:
    assert repositories.make_repository(tmp_path / "bare", bare=True).root is None
    assert repositories.make_repository(tmp_path / "unborn", commits=0).head() is None
    source = repositories.make_repository(tmp_path / "source", commits=3)
    shallow = repositories.clone(source.directory, tmp_path / "clone", "--depth", "1")
    assert shallow.git("rev-list", "--count", "HEAD").strip() == b"1"


def test_no_variable_leads_out_of_an_isolated_home_to_an_agents_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = set(re.findall(r"\"([A-Z]+_[A-Z_]+)\"", Path(homes.__file__).read_text()))
    assert "CLAUDE_CONFIG_DIR" in moved
    for name in moved:
        monkeypatch.setenv(name, "/elsewhere")
    told = repositories.isolated_environment(tmp_path / "home")
    assert not [name for name in moved if told.get(name) == "/elsewhere"]
