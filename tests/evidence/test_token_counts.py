"""What texts cost is summed from the growth of a model's context, without keeping the texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.token_counts import (
    MAX_PAIRS,
    TokenCounter,
    TokenSums,
    features,
    read_sums,
    sums_of,
)
from holdfast.transcripts.events import AnyEvent, Call, Compaction, Prompt, Result, Usage

TEXT = "one line of output with 12 words in it, more or less\n" * 40


def turn(number: int, context: int, *, model: str = "m", text: str = TEXT) -> list[AnyEvent]:
    """A message that asks for a call, its result, and then its usage, as logs give them."""
    return [
        Call(id=str(number), name="Bash", tool="Bash", command="make"),
        Result(call_id=str(number), status="ok", text=text),
        Usage(message_id=str(number), model=model, input=context),
    ]


def sums_after(*turns: list[AnyEvent]) -> dict[str, TokenSums]:
    counter = TokenCounter()
    for events in turns:
        for event in events:
            counter.feed(event)
    return counter.sums()


def test_the_growth_of_the_context_is_that_of_the_text_before_the_usage_ahead() -> None:
    sums = sums_after(turn(1, 1000), turn(2, 1700, text="other\n" * 200))
    assert sums == {"m": sums_of([("make\n" + TEXT, 700)])}


@pytest.mark.parametrize(
    "second",
    [
        turn(2, 900),  # the context shrank
        turn(2, 90_000),  # something else came in
        turn(2, 1700, model="other"),
        [Compaction(), *turn(2, 1700)],
    ],
)
def test_a_growth_that_the_text_does_not_explain_is_left_out(second: list[AnyEvent]) -> None:
    assert sums_after(turn(1, 1000), second) == {}


def test_a_short_text_says_too_little() -> None:
    assert sums_after([Prompt(text="x"), *turn(1, 1000, text="short")], turn(2, 1010)) == {}


def test_only_so_many_texts_are_counted() -> None:
    sums = sums_after(*(turn(number, 1000 + 700 * number) for number in range(50)))
    assert sums["m"].n == MAX_PAIRS


@given(st.lists(st.tuples(st.text(min_size=1), st.integers(1, 1000)), min_size=2, max_size=6))
def test_sums_of_parts_add_up(pairs: list[tuple[str, int]]) -> None:
    whole, parts = sums_of(pairs), sums_of(pairs[:1]) + sums_of(pairs[1:])
    assert whole.n == parts.n
    assert whole.squares == pytest.approx(parts.squares, abs=1e-3)
    assert whole.products == pytest.approx(parts.products, abs=1e-3)


@given(st.text())
def test_every_character_is_counted_at_most_as_one_sort(text: str) -> None:
    letters, capitals, digits, words, lines, punctuation = features(text)
    assert min(letters, capitals, digits, words, lines, punctuation) >= 0
    assert capitals <= len(text)
    assert letters + punctuation + lines <= len(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_is_counted_as_any_other(text: str) -> None:
    assert features(text) == tuple(map(int.__sub__, features(text + "é"), (1, 0, 0, *_of_words(text), 0, 0)))


def _of_words(text: str) -> tuple[int]:
    """Return the words that one letter more at the end makes."""
    return (0,) if text[-1:].isalnum() or text[-1:] == "_" else (1,)


def test_sums_are_read_back_and_anything_else_is_nothing() -> None:
    sums = sums_of([(TEXT, 700)])
    assert read_sums(sums.flat()) == sums
    for numbers in ([], [1.0] * 27, [float("nan")] * 28, [-1.0] * 28):
        assert read_sums(numbers) == TokenSums()
