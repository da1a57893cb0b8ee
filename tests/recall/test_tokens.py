from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.recall.tokens import estimate


@pytest.mark.parametrize(
    ("text", "fewest", "most"),
    [
        ("", 0, 0),
        ("a", 1, 1),
        (" ", 1, 1),
        ("The quick brown fox jumps over the lazy dog.", 9, 12),
        ("Run `go test ./...` before you push: it fails without the generated files.", 15, 24),
        ("def add(one: int, other: int) -> int:\n    return one + other\n", 15, 24),
        ("3ae97ce864c4032571c8240b", 14, 26),
    ],
)
def test_the_estimate_is_near_what_tokenizers_count(text: str, fewest: int, most: int) -> None:
    assert fewest <= estimate(text) <= most


@given(st.text())
def test_only_an_empty_text_costs_nothing(text: str) -> None:
    assert (estimate(text) == 0) == (text == "")


@given(st.text(max_size=100), st.text(max_size=100))
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert estimate(text + "\n" + more) >= estimate(text)
