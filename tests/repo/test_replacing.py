from __future__ import annotations

import os
from pathlib import Path

import pytest

from holdfast.repo.replacing import replace


@pytest.mark.parametrize("durable", [True, False])
def test_the_file_holds_the_new_bytes_for_its_owner_alone(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "file"
    for data in (b"first", b"second"):
        replace(path, data, durable=durable)
        assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_replaced_is_left_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="file"):
        replace(tmp_path / "file", b"data")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_file_can_stay_its_owners_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"first")
    path.chmod(0o644)
    os.chown(path, 1000, 1001)
    replace(path, b"second", like=path.stat())
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1000, 1001, 0o644)
    assert path.read_bytes() == b"second"
