from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.token_counts import TokenSums, sums_of
from holdfast.recall.tokens import estimate, fit


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


OUTPUTS = [
    'func Test%d(t *testing.T) {\n\trequire.NoError(t, run(ctx, "%d"))\n}\n' * 9,
    "%d passed, %d failed in 1.2s\n" * 20,
    "The index is brought up to date before each use; number %d of them, then %d more.\n" * 12,
]


def sums_where_a_token_costs(factor: float, texts: int) -> TokenSums:
    made = [OUTPUTS[number % 3].replace("%d", str(number * 37)) for number in range(texts)]
    return sums_of((text, max(1, round(factor * estimate(text)))) for text in made)


def test_a_model_that_counts_half_as_many_more_is_followed() -> None:
    weights = fit(sums_where_a_token_costs(1.5, 60))
    assert weights is not None
    text = OUTPUTS[0].replace("%d", "77")
    assert estimate(text, "m", {"m": weights}) == pytest.approx(1.5 * estimate(text), rel=0.05)
    assert estimate(text, "another", {"m": weights}) == estimate(text)


@pytest.mark.parametrize(
    "sums", [TokenSums(), sums_where_a_token_costs(1.5, 5), sums_where_a_token_costs(9, 60)]
)
def test_what_is_too_little_or_cannot_be_is_not_followed(sums: TokenSums) -> None:
    assert fit(sums) is None


@given(st.lists(st.floats(0, 1e6), min_size=27, max_size=27))
def test_no_sums_make_a_text_cost_less_than_nothing(numbers: list[float]) -> None:
    weights = fit(TokenSums(50, tuple(numbers[:21]), tuple(numbers[21:])))
    assert weights is None or min(weights) >= 0
