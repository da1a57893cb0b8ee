from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.hunks import (
    MAX_LINE,
    Hunk,
    changed,
    is_debugging,
    left_of,
    lines_of,
    names_in,
    span,
    take_out,
)
from holdfast.transcripts.events import Edit


def hunk(*added: str, path: str = "a.go") -> Hunk:
    return Hunk(path=path, line=1, turn=0, added=list(added), left=list(range(len(added))))


def test_only_lines_that_differ_and_hold_a_word_are_changed() -> None:
    edit = Edit("a.go", "keep this\nold line\n}", "keep   this\nnew line\n}\n)")
    assert changed(edit) == (["new line"], ["old line"])


def test_a_line_that_stands_twice_is_taken_out_once() -> None:
    mine = hunk("same line", "same line")
    gone = Counter({"same line": 1})
    assert take_out(mine, gone) == 1
    assert left_of(mine) == ["same line"]
    assert gone["same line"] == 0


def test_names_stand_in_code_not_in_comments_or_quotes() -> None:
    lines = ["// uses oldHelper here", 'value := makeThing("some words") // trailingName', "return nil"]
    assert names_in(lines, "a.go") == ["makeThing"]
    assert names_in(['"checkpoint_remote": {'], "settings.json") == ["checkpoint_remote"]


def test_half_a_name_at_the_end_of_a_long_line_is_none() -> None:
    (line,) = lines_of("total := " + "first + " * 12 + "secondOperandWithALongName")
    assert len(line) == MAX_LINE
    assert names_in([line]) == ["total", "first"]


def test_output_put_in_to_look_at_something_is_debugging() -> None:
    assert is_debugging(hunk('fmt.Fprintf(os.Stderr, "x")', "start := time.Now()"))
    assert not is_debugging(hunk("if ready {", "start()", 'fmt.Fprintf(os.Stderr, "x")'))


def test_the_span_is_the_line_with_most_of_the_names() -> None:
    lines = ["// cache by key", "first := loadCache()", "cache := newCache(loadCache, limit) {"]
    assert span(lines, ["newCache", "loadCache"]) == "cache := newCache(loadCache, limit)"
    assert span(lines, ["missing"]) == ""
    assert span(["} else if ready {"], ["ready"]) == "if ready"


@given(st.text(max_size=400), st.text(max_size=400))
def test_an_edit_and_its_inverse_change_the_same_lines(before: str, after: str) -> None:
    added, removed = changed(Edit("x", before, after))
    assert changed(Edit("x", after, before)) == (removed, added)
    assert all(line in lines_of(after) for line in added)
