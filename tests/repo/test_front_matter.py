from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.repo import front_matter

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
KEYS = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=12).filter(lambda key: key.strip("_"))


@given(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5), TEXT)
def test_what_was_written_is_read_back(fields: dict[str, Any], body: str) -> None:
    assert front_matter.decode(front_matter.encode(fields, body)) == (fields, body.strip())


@given(st.binary(max_size=300) | st.binary(max_size=200).map(lambda data: b"---\n" + data + b"\n---\nx"))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        fields, body = front_matter.decode(data)
    except ValueError:
        return
    assert all(isinstance(key, str) for key in fields)
    assert body == body.strip()


YAMLISH = st.text(st.sampled_from("ab:-#&*!|>?[]{},'\"%@`\\ \n\t01.~<=é"), max_size=120)


@given(YAMLISH)
def test_any_text_as_general_yaml_is_read_or_refused(head: str) -> None:
    try:
        front_matter.decode(f"---\n{head}\n---\nbody".encode())
    except ValueError:
        return


def test_front_matter_that_a_person_wrote_as_yaml_is_read() -> None:
    fields, body = front_matter.decode(
        b"---\r\nid: abc\r\ncreated: 2026-01-02\r\ntags:\r\n  - one\r\n  - two # why\r\ntext: >\r\n"
        b"  folded\r\n  text\r\n---\r\n\r\nBody\r\nof it\r\n"
    )
    assert fields == {"id": "abc", "created": "2026-01-02", "tags": ["one", "two"], "text": "folded text\n"}
    assert body == "Body\nof it"


def test_a_mark_of_the_byte_order_and_a_missing_last_line_end_are_no_fault() -> None:
    assert front_matter.decode(b"\xef\xbb\xbf---\na: 1\n---") == ({"a": 1}, "")


def test_a_line_of_dashes_in_the_body_belongs_to_the_body() -> None:
    body = "before\n---\nafter"
    assert front_matter.decode(front_matter.encode({"a": "---"}, body)) == ({"a": "---"}, body)


HOSTILE = {
    "aliases": "a: &a [x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: *c",
    "alias of itself": "a: &a\n  - *a",
    "deep flow": "a: " + "[" * 5000 + "]" * 5000,
    "deep json": "a: " + '{"a":' * 5000 + "1" + "}" * 5000,
    "deep block": "\n".join(" " * depth + "a:" for depth in range(300)),
    "long yaml": "a: b\n" * 20_000,
    "long json": 'a: "' + "x" * 300_000 + '"',
    "huge number": "a: " + "1" * 30_000 + " # yaml",
    "tag": "a: !!python/object/apply:os.system ['true']",
    "twice the same key": "a: x\na: y",
    "a list": "- a\n- b",
    "a tab": "a:\n\t- b",
    "a mapping as key": "? {a: b}\n: c",
    "an unclosed quote": "a: 'x",
    "a bad merge": "<<: [1]\na: b",
    "control characters": "a: \x00",
}


@pytest.mark.parametrize("head", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_front_matter_is_refused(head: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        front_matter.decode(f"---\n{head}\n---\nbody".encode())


@pytest.mark.parametrize(
    "data", [b"", b"text", b"--\na: 1\n--\n", b"---\na: 1\n", b"---\n---", b"\xff\xfe---\n"]
)
def test_text_without_front_matter_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        front_matter.decode(data)
