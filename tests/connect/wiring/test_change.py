"""A file is changed only as it was planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.connect.wiring import change
from holdfast.connect.wiring.change import Change
from holdfast.errors import EnvironmentProblem


@pytest.mark.parametrize(
    ("before", "after"), [(b"{}", b'{"ours": 1}'), (b"{}", None), (None, b'{"ours": 1}')]
)
def test_what_another_program_wrote_since_is_never_lost(
    tmp_path: Path, before: bytes | None, after: bytes | None
) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b'{"theirs": 1}')
    planned = Change(path, "claude-code", before=before, after=after)
    with pytest.raises(EnvironmentProblem, match="changed by another program"):
        planned.do()
    assert path.read_bytes() == b'{"theirs": 1}'


def test_settings_of_ours_that_were_made_a_link_go_with_what_it_leads_to(tmp_path: Path) -> None:
    path, real = tmp_path / "settings.json", tmp_path / "real.json"
    real.write_bytes(b"{}")
    path.symlink_to(real)
    Change(path, "claude-code", before=b"{}", after=None).do()
    assert list(tmp_path.iterdir()) == []


def test_why_a_file_is_not_read_does_not_name_it_again(tmp_path: Path) -> None:
    (tmp_path / ".codex").symlink_to(tmp_path)
    _, problem = change.read(tmp_path / ".codex/hooks.json", tmp_path)
    assert problem == "is not read: it lies behind the symbolic link .codex"
