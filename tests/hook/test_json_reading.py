from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.hook import json_reading

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_again(value: object) -> None:
    assert json_reading.read(json_reading.write(value)) == value


@given(VALUES, st.sampled_from([None, 1, "\t"]))
def test_it_reads_what_others_wrote(value: object, indent: int | str | None) -> None:
    assert json_reading.read(f" \n{json.dumps(value, indent=indent)}\r\n") == value


@given(VALUES)
def test_others_read_what_it_wrote(value: object) -> None:
    assert json.loads(json_reading.write(value)) == value


@given(st.text())
def test_whatever_the_text_an_object_comes_back(text: str) -> None:
    assert isinstance(json_reading.read_object(text), dict)


@pytest.mark.parametrize("text", ["", "{", "[1]", "{} {}", "nul", '{"a":}', "[" * 100_000, '"a'])
def test_what_is_no_object_is_an_empty_one(text: str) -> None:
    assert json_reading.read_object(text) == {}


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError):
        json_reading.write({"a": object()})
