from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.transcripts.records import MEND_LIMIT, RecordDecoder, is_whole, mend

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_what_the_standard_library_writes_is_mended_into_strict_json(value):
    [document], malformed = mend(json.dumps(value).encode("utf-8", "replace"))
    assert malformed == 0
    assert isinstance(msgspec.json.decode(document), dict)


@given(st.binary(max_size=200))
def test_mending_any_bytes_raises_nothing_and_gives_objects_only(line):
    documents, _ = mend(line)
    assert all(isinstance(msgspec.json.decode(document), dict) for document in documents)


@given(st.binary(max_size=120))
def test_decoding_any_bytes_gives_records_or_a_count(line):
    records, malformed = RecordDecoder(msgspec.Raw).decode(line)
    assert len(records) + malformed >= 1


@pytest.mark.parametrize(
    ("line", "documents", "malformed"),
    [
        (b'{"a":1}{"b":2}', [b'{"a": 1}', b'{"b": 2}'], 0),
        (b'{"a":1}{"b":', [b'{"a": 1}'], 1),
        (b'{"a":"\\q"}', [b'{"a": "\\\\q"}'], 0),
        (b'{"a":"\\ud800x"}', [b'{"a": "?x"}'], 0),
        (b'{"a":Infinity,"b":1e999}', [b'{"a": null, "b": null}'], 0),
        (b"[1]", [], 1),
        (b"not json", [], 1),
    ],
)
def test_what_is_mended_and_what_is_malformed(line, documents, malformed):
    assert mend(line) == (documents, malformed)


def test_a_very_long_line_is_not_mended():
    assert mend(b'{"a":NaN,"b":"' + b"x" * MEND_LIMIT + b'"}') == ([], 1)


@pytest.mark.parametrize(
    ("tail", "whole"),
    [
        (b'{"a":1}', True),
        (b'{"a":1}{"b":2}', True),
        (b'{"a":1}{"b"}', False),
        (b'{"a":1} \r', True),
        (b'{"a":{"b":1}', False),
        (b"", False),
        (b"[1]", False),
    ],
)
def test_a_whole_record_is_told_from_an_unfinished_one(tail, whole):
    assert is_whole(tail) is whole
