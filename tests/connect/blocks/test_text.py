"""A block goes in and comes out, and nothing else of a file changes, whatever its bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.connect.blocks.text import Kind, add, render, state, take_out, update
from holdfast.recall.tokens import estimate

LINES = (
    b"|\n|\r\n|\r|# Title|text|\xff\xfe|\xc3\xa4|```|~~~~| |\t|\x0c|<!-- holdfast -->|<!-- a -->|@AGENTS.md"
)
PIECES = st.sampled_from(LINES.split(b"|"))
ANY = st.lists(PIECES, max_size=12).map(b"".join)
CLOSED = ANY.filter(lambda data: state(add(data, "text").data) == "current")
"""Bytes of files that do not end in an open code block."""
KINDS: st.SearchStrategy[Kind] = st.sampled_from(["text", "import"])


@given(CLOSED, KINDS)
def test_taking_out_what_was_added_gives_the_same_bytes(data: bytes, kind: Kind) -> None:
    added = add(data, kind)
    assert added.data.startswith(data)
    assert take_out(added.data, added.before) == data


@given(CLOSED, KINDS, ANY)
def test_what_somebody_wrote_behind_it_stays_on_lines_of_its_own(
    data: bytes, kind: Kind, behind: bytes
) -> None:
    added = add(data, kind)
    left = take_out(added.data + behind, added.before)
    end = b"\r\n" if b" -->\r\n" in added.data[len(data) :] else b"\n"
    unended = bool(data) and not data.endswith(b"\n") and bool(behind)
    assert left == data + (end if unended else b"") + behind


@given(CLOSED, KINDS)
def test_bringing_it_up_to_date_changes_the_block_alone(data: bytes, kind: Kind) -> None:
    added = add(data, kind)
    other: Kind = "text" if kind == "import" else "import"
    changed = update(added.data, other)
    assert changed.startswith(data + added.before)
    assert state(changed, other) == "current"
    assert update(changed, kind) == added.data


def test_line_ends_are_those_of_the_file() -> None:
    added = add(b"# Title\r\n", "text").data
    assert added.count(b"\n") == added.count(b"\r\n")
    assert state(added, "text") == "current"


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("# Title\n", "absent"),
        (render("text"), "current"),
        (render("import"), "current"),
        (render("text").replace("\n", "\r\n"), "current"),
        (render("text").replace("recall", "forget"), "changed"),
        (render("text").replace("holdfast 1", "holdfast 0"), "changed"),
        (render("text").replace("holdfast 1", "holdfast 2"), "newer"),
        (render("text") + render("text"), "broken"),
        ("<!-- holdfast 1 -->\ntext\n", "broken"),
        ("text\n<!-- /holdfast -->\n", "broken"),
        (f"```\n{render('text')}```\n", "absent"),
        (f"~~~~\n~~~\n{render('text')}~~~~\n", "absent"),
        (f"```\n```\n{render('text')}", "current"),
        (render("text").rstrip("\n"), "current"),
        (f" {render('text')}", "broken"),
    ],
)
def test_how_a_block_stands(text: str, how: str) -> None:
    assert state(text.encode()) == how


def test_a_block_of_the_other_kind_is_not_the_one_that_is_wanted() -> None:
    assert state(render("import").encode(), "text") == "changed"


def test_the_text_of_an_older_version_that_nobody_changed_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("holdfast.connect.blocks.text.OLDER", frozenset({"as it was"}))
    data = b"<!-- holdfast 0 -->\nas it was\n<!-- /holdfast -->\n"
    assert state(data) == "stale"
    assert update(data, "text") == render("text").encode()


def test_a_block_costs_sixty_tokens_at_most() -> None:
    assert estimate(render("text")) <= 60
    assert estimate(render("import")) <= 60
