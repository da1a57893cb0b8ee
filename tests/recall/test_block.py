"""A block keeps to its budget, tells what pays, and says of each line what became of it."""

from __future__ import annotations

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from holdfast.recall.block import HEADING, Block, Considered, text_of
from holdfast.recall.tokens import estimate
from holdfast.recall.worth import Worth


def line(
    name: str, *, pays: bool = True, saved_from: Literal["measured", "prior"] = "measured"
) -> Considered:
    worth = Worth(
        p=0.5, e=0.3, saved=100, saved_from=saved_from, tokens=1, reads=1, cost=1, pays=pays, why=""
    )
    return Considered(id=name, kind="failure", line=f"- {name}", worth=worth)


def verdicts(block: Block) -> list[str]:
    return [one.verdict for one in block.considered]


def test_what_does_not_pay_is_left_out_and_said() -> None:
    block = Block(100, estimate)
    told = block.tell(0, [line("a"), line("b", pays=False), line("c")], most=5)
    assert told == {"a", "c"}
    assert verdicts(block) == ["told", "does not pay", "told"]
    assert text_of(block.sections) == f"{HEADING}\n- a\n- c"


def test_of_what_was_never_measured_few_are_told() -> None:
    block = Block(100, estimate)
    guesses = [line(name, saved_from="prior") for name in "ab"]
    block.tell(0, [*guesses, line("c")], most=5, unproven=1)
    assert verdicts(block) == ["told", "one is enough", "told"]


def test_what_is_asked_for_by_name_needs_no_worth_and_no_budget() -> None:
    block = Block(None, estimate)
    asked = Considered(id="a", kind="path", line="- " + "word " * 500)
    assert block.tell(0, [asked], most=9) == {"a"}
    assert verdicts(block) == ["asked for"]


def test_sections_stand_in_their_order_whoever_was_first() -> None:
    block = Block(200, estimate)
    block.tell(2, [line("late")], most=1, label="Later:")
    block.tell(1, [line("early")], most=1)
    assert text_of(block.sections).splitlines()[1:] == ["- early", "Later:", "- late"]


def test_nothing_told_is_no_text() -> None:
    block = Block(0, estimate)
    assert block.tell(0, [line("a")], most=1, label="Label:") == set()
    assert text_of(block.sections) == ""


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=120), max_size=8),
    st.integers(0, 120),
    st.integers(0, 6),
)
def test_no_block_is_larger_than_its_budget(texts: list[str], budget: int, most: int) -> None:
    block = Block(budget, estimate)
    block.tell(0, [line(text) for text in texts], most=most, label="Label:")
    block.tell(1, [line(text) for text in texts], most=most)
    assert estimate(text_of(block.sections)) <= budget
    assert len(block.considered) == 2 * len(texts)
