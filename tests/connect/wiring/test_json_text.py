"""A change to somebody's JSON keeps every other byte, and is undone without a trace."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from holdfast.connect.wiring.json_text import Document

VALUE = {"hooks": [{"type": "command", "command": "x"}]}
SPACES = st.sampled_from(["", " ", "\n", "\n  ", "\n\t", "\r\n    ", " // a note\n  ", " /* b */ "])
SCALARS = st.sampled_from(["1", "true", "null", '"a, ]}"', "-2.5e3", '"\\"//"'])
NAMES = st.sampled_from(["a", "b", "hooks", "ä"])


@st.composite
def texts(draw: st.DrawFn, depth: int = 0) -> str:
    """JSON as people and editors write it: any spaces, comments, commas behind the last item."""
    kind = draw(st.sampled_from("o" if depth == 0 else "oas" if depth < 3 else "s"))
    if kind == "s":
        return draw(SCALARS)
    count = draw(st.integers(0, 3))
    parts = []
    for number in range(count):
        name = f'"{number}{draw(NAMES)}"{draw(SPACES)}:{draw(SPACES)}' if kind == "o" else ""
        parts.append(f"{draw(SPACES)}{name}{draw(texts(depth + 1))}{draw(SPACES)}")
    inner = ",".join(parts)
    if count and draw(st.integers(0, 4)) == 0:
        inner += "," + draw(SPACES)
    elif not count:
        inner = draw(SPACES)
    return "{" + inner + "}" if kind == "o" else f"[{inner}]"


def places(document: Document, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of everything that can take an item."""
    node = document.node(path)
    assert node is not None
    below = [place for item in node.items for place in places(document, (*path, item.key))]
    return [path, *below] if node.opens else below


def with_item(document: Document, path: tuple[Any, ...]) -> tuple[Document, tuple[Any, ...]]:
    node = document.node(path)
    assert node is not None
    if node.opens == "{":
        return document.with_member(path, "new", VALUE), (*path, "new")
    return document.with_element(path, VALUE), (*path, len(node.items))


@given(texts(), st.data())
def test_what_is_put_in_is_there_and_all_else_is_as_it_was(text: str, data: st.DataObject) -> None:
    document = Document(text)
    path = data.draw(st.sampled_from(places(document)))
    before = document.value()
    changed, place = with_item(document, path)
    assert changed.value(place) == VALUE
    assert changed.without(place).value() == before


@given(texts(), st.data())
@example('{"0a":{}, // a note\n  }', None)
def test_what_is_taken_out_again_leaves_the_text_as_it_was(text: str, data: st.DataObject | None) -> None:
    document = Document(text)
    path = data.draw(st.sampled_from(places(document))) if data else ()
    empty = document.inner(path) if not document.node(path).items else None  # type: ignore[union-attr]
    changed, place = with_item(document, path)
    back = changed.without(place)
    if empty is not None:
        back = back.with_inner(path, empty)
    assert back.text == text


@given(texts(), st.data())
def test_taking_any_item_out_leaves_the_others(text: str, data: st.DataObject) -> None:
    document = Document(text)
    inside = [place for place in places(document) if document.node(place).items]  # type: ignore[union-attr]
    if not inside:
        return
    path = data.draw(st.sampled_from(inside))
    node = document.node(path)
    assert node is not None
    item = data.draw(st.sampled_from(node.items))
    wanted = document.value(path)
    del wanted[item.key]
    assert document.without((*path, item.key)).value(path) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("{}", '{\n  "new": 1\n}'),
        ('{\n    "a": {}\n}\n', '{\n    "a": {},\n    "new": 1\n}\n'),
        ('{"a": 1}', '{"a": 1, "new": 1}'),
        ('{\n\t"a": 1 // mine\n}', '{\n\t"a": 1, // mine\n\t"new": 1\n}'),
        ('{\r\n  "a": 1\r\n}', '{\r\n  "a": 1,\r\n  "new": 1\r\n}'),
        ('{\n  "a": 1,\n}', '{\n  "a": 1,\n  "new": 1,\n}'),
    ],
)
def test_a_new_member_looks_like_its_neighbours(text: str, wanted: str) -> None:
    assert Document(text).with_member((), "new", 1).text == wanted


def test_a_nested_value_is_set_in_as_the_file_does_it() -> None:
    text = Document('{\n    "a": 1\n}\n').with_member((), "new", {"x": [1]}).text
    assert text == json.dumps({"a": 1, "new": {"x": [1]}}, indent=4) + "\n"


def test_an_address_in_a_text_is_no_comment() -> None:
    text = '{"a": "http://x"}'
    assert Document(text).with_member((), "new", 1).without(("new",)).text == text


@pytest.mark.parametrize(
    ("text", "line"),
    [("{\n  a: 1\n}", 2), ('{\n"a": 1\n"b": 2\n}', 3), ("", 1), ('{"a": 1} x', 1), ('{"a": "\n"}', 1),
     ('{"a"', 1), ("[" * 500, 1), ('{"a": tru}', 1)],
)  # fmt: skip
def test_what_is_not_json_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ValueError, match=f"line {line}: "):
        Document(text)


@pytest.mark.parametrize("wrong", ["NaN", "01", "[1 2]", '{"a" 1}', '"\n"', "[" * 5000])
def test_what_is_no_json_deep_inside_is_refused_though_nobody_looks_there(wrong: str) -> None:
    with pytest.raises(ValueError, match="line 1"):
        Document(f'{{"a": {{"b": [{wrong}]}}}}')


def test_with_a_comment_somewhere_the_same_is_found_everywhere() -> None:
    plain = '{"a": {"b": [1, {"c": [2, 3]}]}, "d": {}}'
    commented = plain.replace("[2,", "[2, /* two */")
    for path in ((), ("a",), ("a", "b"), ("a", "b", 1, "c"), ("d",)):
        assert Document(commented).value(path) == Document(plain).value(path)
    changed = Document(plain).with_element(("a", "b", 1, "c"), 4)
    assert changed.value(("a", "b", 1, "c")) == [2, 3, 4]
    assert changed.without(("a", "b", 1, "c", 2)).text == plain
