from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.learn.decisions.sentences import split
from holdfast.learn.decisions.shape import is_question, measure, points


@pytest.mark.parametrize(
    "sentence",
    [
        "which queue does the mailer use?",
        "deletion is done outside of `syncd` right",
        "that needs a merge screen right which is a lot",
        "can we drop the old parser",
        "we go from page to page, yeah?",
    ],
)
def test_what_asks_in_the_form_of_a_statement_is_a_question(sentence: str) -> None:
    assert is_question(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["the margin on the right is 8 px", "align it to the right", "the check is not right, use `len`"],
)
def test_the_word_right_alone_asks_nothing(sentence: str) -> None:
    assert not is_question(sentence)


@pytest.mark.parametrize(
    ("sentence", "pointing"),
    [
        ("It doesn't need any code", True),
        ("ok, they should stay in cents", True),
        ("this is documentation alone", True),
        ("this table is written by the ERP every night", False),
        ("prices are stored in cents", False),
        ("there is a parser for that in `reader.py` already", False),
    ],
)
def test_a_sentence_points_when_its_subject_names_nothing(sentence: str, *, pointing: bool) -> None:
    assert points(sentence) is pointing


def test_a_rule_has_duty_and_a_remark_in_doubt_has_none() -> None:
    rule = measure("handlers must be idempotent", ["handlers must be idempotent"])
    remark = measure("maybe it must be idempotent", ["maybe it must be idempotent"])
    assert (rule["duty"], rule["plain"]) == (1, 1)
    assert (remark["duty"], remark["plain"]) == (0, 0)
    assert remark["has.doubt"] == 1


def test_what_begins_as_an_order_but_is_to_be_held_is_no_order_for_now() -> None:
    assert measure("use pnpm", ["use pnpm"])["opens.order"] == 0
    assert measure("fix the test", ["fix the test"])["opens.order"] == 1


@given(st.text(max_size=300))
def test_every_measure_of_shape_is_a_share(text: str) -> None:
    assert all(0 <= value <= 1 for value in measure(text, split(text)).values())
