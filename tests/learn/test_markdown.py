"""Markdown is cut into what it tells: items where it is a list, entries where parts belong together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.learn import exported
from holdfast.learn.markdown import MAX_ITEMS, front_matter, part_name, pieces, title_of, without_comments

ENTRIES = """# Known failures

Read this first.

## Error: bun test hangs
**Symptom:** it never ends
in CI
**Root cause:** the watcher
**Solution:** Use `npx vitest run`

## Plain

- one
- [x] two
"""


def test_a_structured_entry_is_one_piece_that_says_what_to_do() -> None:
    found = {piece.line: piece for piece in pieces(ENTRIES)}
    assert [found[line].text for line in (3, 5, 13, 14)] == [
        "Read this first.", "bun test hangs: Use `npx vitest run`", "one", "two",
    ]  # fmt: skip
    assert "never ends\nin CI" in found[5].detail
    assert "Root cause: the watcher" in found[5].detail


def test_sections_with_the_names_of_parts_belong_to_the_heading_above() -> None:
    text = (
        "# Learning: Check flags\n\n**ID**: L4\n\n## What We Learned\n\nRun `x --help` first.\n\n"
        "## Why It Matters\n\nFlags change.\n"
    )
    (found,) = pieces(text)
    assert (found.heading, found.text) == ("Check flags", "Check flags: Run `x --help` first.")
    assert "Flags change." in found.detail


@pytest.mark.parametrize(
    "text",
    [
        "# Learnings\n\n## Gotchas\n\n- one\n\n## Patterns\n\n- two\n",
        "# Notes\n\n- one\n- two\n",
        "## List\n\n- **Fix:** one\n- **Fix:** two\n",
        "one\n\ntwo\n",
    ],
)
def test_a_list_stays_a_list_whatever_its_chapters_are_called(text: str) -> None:
    assert [piece.text.removeprefix("**Fix:** ") for piece in pieces(text)] == ["one", "two"]


def test_a_ticked_box_is_known() -> None:
    assert [(piece.text, piece.done) for piece in pieces("- [x] a\n- [ ] b\n- c")] == [
        ("a", True), ("b", False), ("c", False),
    ]  # fmt: skip


def test_a_page_is_one_piece_whatever_its_headings() -> None:
    (found,) = pieces("# One\n\nFirst.\n\n## Anything\n\n- more\n", whole=True)
    assert (found.text, found.detail) == ("One: First.", "Details: Anything\nmore")


def test_front_matter_is_read_as_other_tools_write_it() -> None:
    front = front_matter(
        "---\nname: x\nglobs: *.ts, *.tsx\nmetadata:\n  type: 'feedback'\n- bad\n---\nbody\n"
    )
    assert front.fields == {"name": "x", "globs": "*.ts, *.tsx", "type": "feedback"}
    assert front.body.split("\n")[7] == "body", "lines keep their numbers"


@pytest.mark.parametrize("text", ["---\nnever closed\n", "no: front\n---\n", "", "---"])
def test_what_is_no_front_matter_is_text(text: str) -> None:
    assert front_matter(text) == ({}, text)


def test_comments_are_left_out_and_lines_keep_their_numbers() -> None:
    assert without_comments("a <!-- b\nc --> d\n- e") == "a \n d\n- e"


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("ADR-0003: Use X", "Use X"), ("3. Use X", "Use X"), ("Learning: Use X", "Use X"),
        ("Error handling - what we do", "Error handling - what we do"), ("3 retries", "3 retries"),
        ("12) Use X ##", "Use X"),
    ],
)  # fmt: skip
def test_a_title_has_neither_number_nor_kind(heading: str, title: str) -> None:
    assert title_of(heading) == title


def test_parts_are_known_by_their_names() -> None:
    assert part_name("**Why it failed**:") == "why it failed"
    assert part_name("Why we like it") == ""


@given(st.text(alphabet="#-*`~: \n<!>[x]abT", max_size=400), st.booleans())
def test_any_text_is_cut_and_lines_lie_in_it(text: str, whole: bool) -> None:
    for piece in pieces(text, whole=whole):
        assert 1 <= piece.line <= text.count("\n") + 1
        assert piece.text.strip()


@pytest.mark.parametrize("text", ["- ", "- \n- a", "* \n\n1. \n"])
def test_an_empty_item_tells_nothing(text: str) -> None:
    assert all(piece.text for piece in pieces(text))


def test_a_huge_list_is_cut_off() -> None:
    assert len(list(pieces("- x\n" * (MAX_ITEMS + 10)))) == MAX_ITEMS


@pytest.mark.parametrize(
    "text",
    [
        "<!--" * 50_000,
        "**" * 100_000,
        "[" * 100_000,
        "_(" * 50_000,
        " " * 200_000 + "x",
        "- " * 100_000,
        "|a\n|" + " " * 100_000 + "x",
    ],
)
def test_a_text_built_to_be_slow_is_cut_all_the_same(text: str) -> None:
    """It would not end in the life of a test if anything here took squared time."""
    list(pieces(without_comments(text) + "\n- x"))
    assert exported.without_origin(text + "_(`abcd`)_") == text.rstrip()


def test_each_row_of_a_table_is_one_thing() -> None:
    text = (
        "# Log\n\n| Date | Decision | Rationale |\n| --- | :-: | --- |\n| 2026-01-02 | Use X | it is fast |\n"
        "| | **Use Y** | |\n\n| a | b |\n|---|---|\n| 1 | - |\n"
    )
    assert [(piece.line, piece.text) for piece in pieces(text)] == [
        (5, "Use X (Date: 2026-01-02; Rationale: it is fast)"), (6, "Use Y"), (10, "a: 1"),
    ]  # fmt: skip
