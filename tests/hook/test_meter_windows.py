"""The window of a model is told by its name, as the clients themselves state it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from holdfast.hook.meter_windows import at_least, window_of


@pytest.mark.parametrize(
    ("model", "window"),
    [
        ("claude-sonnet-4-5", 200_000),
        ("claude-opus-4-5-20251101", 200_000),
        ("claude-sonnet-4-20250514", 200_000),
        ("claude-3-5-haiku-20241022", 200_000),
        ("claude-opus-4.6", 200_000),
        ("us.anthropic.claude-haiku-4-5-v1:0", 200_000),
        ("anthropic/claude-sonnet-4.5", 200_000),
        ("claude-sonnet-4-5[1m]", 1_000_000),
        ("claude-opus-4-8", 1_000_000),
        ("claude-opus-5-5", 1_000_000),
        ("claude-fable-5-1", 1_000_000),
        ("gpt-5.5", 272_000),
        ("gpt-5.3-codex-spark", 128_000),
        ("gemini-2.5-pro", 1_048_576),
        ("qwen3-coder-plus", 1_000_000),
        ("somebody-s-own", 0),
        ("", 0),
    ],
)
def test_a_model_has_its_window(model: str, window: int) -> None:
    assert window_of(model) == window


def test_what_a_person_set_comes_before_the_table() -> None:
    assert window_of("claude-opus-5-5", {"claude-opus": 300_000}) == 300_000
    assert window_of("claude-opus-5-5", {"claude-opus": 1, "claude-opus-5": 2}) == 2
    assert window_of("somebody-s-own", {"*": 32_000}) == 32_000
    assert window_of("claude-opus-5-5", {"gpt": 1}) == 1_000_000


@given(some.integers(1, 10**7), some.integers(0, 10**7))
def test_a_window_holds_what_was_seen_in_it(window: int, used: int) -> None:
    assert at_least(window, used) >= max(window, used)


def test_an_unknown_window_stays_unknown() -> None:
    assert at_least(0, 300_000) == 0
