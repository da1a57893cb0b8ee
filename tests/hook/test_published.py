from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.hook import published

KEYS = st.text(max_size=40)
VALUES = st.dictionaries(KEYS, st.text(max_size=2000) | st.integers(), max_size=30)


def kept(folder: str, values: dict[str, object]) -> published.Published:
    path = Path(folder, published.NAME)
    path.write_bytes(published.lines_of({key: json.dumps(value) for key, value in values.items()}))
    return published.Published(str(path))


@given(VALUES, KEYS)
def test_each_key_has_its_value_and_no_other_has_one(values: dict[str, object], other: str) -> None:
    with TemporaryDirectory() as folder:
        found = kept(folder, values)
        # text that no file can hold is replaced alike in keys and in what is asked for
        assert {key: found.get(key) for key in values} == {key: json_of(values[key]) for key in values}
        assert found.get(other) == (json_of(values[other]) if other in values else None)


def json_of(value: object) -> object:
    return json.loads(json.dumps(value))


@given(st.binary(max_size=400), KEYS)
def test_a_damaged_file_tells_nothing_and_raises_nothing(data: bytes, key: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, published.NAME)
        path.write_bytes(published.HEADER + data)
        published.Published(str(path)).get(key)


def test_what_is_published_as_a_whole_is_read_without_leaving_a_file_open(tmp_path: Path) -> None:
    kept(str(tmp_path), {"meta": {"of": "x"}}).close()
    before = len(list(Path("/dev/fd").iterdir()))
    assert published.meta_of(str(tmp_path / published.NAME)) == {"of": "x"}
    assert published.meta_of(str(tmp_path / "nothing")) == {}
    kept(str(tmp_path), {"meta": 1}).close()
    assert published.meta_of(str(tmp_path / published.NAME)) == {}
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_line_longer_than_any_read_is_found_whole(tmp_path: Path) -> None:
    long = "x" * 300_000
    found = kept(str(tmp_path), {f"key{number:03}": number for number in range(200)} | {"key100a": long})
    assert found.get("key100a") == long
    assert found.get("key101") == 101


@pytest.mark.parametrize("data", [b"", b"holdfast.hook/2\n", b"SQLite format 3\0"])
def test_another_format_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(OSError, match="not what this version publishes"):
        published.Published(str(tmp_path / "x"))
