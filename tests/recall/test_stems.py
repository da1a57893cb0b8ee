"""Words that differ by their endings alone have one stem; words of different sense keep theirs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.recall.stems import is_word, stem, stems_of, words_of


@pytest.mark.parametrize("forms", [
    "duplicate duplicates duplicated duplicating duplication",
    "idempotent idempotency",
    "retry retries retried retrying",
    "cache caches cached caching",
    "payment payments paid pay",
    "migrate migration migrations migrating",
    "run runs running ran",
    "consistent consistency",
    "available availability",
    "freeze frozen froze freezing",
])  # fmt: skip
def test_forms_of_one_word_have_one_stem(forms: str) -> None:
    assert len({stem(word) for word in forms.split()}) == 1


@pytest.mark.parametrize(("one", "other"), [
    ("state", "status"), ("service", "server"), ("order", "ordinary"), ("date", "data"), ("timer", "time"),
    ("seed", "see"), ("string", "strip"), ("letter", "let"),
])  # fmt: skip
def test_words_of_different_sense_keep_theirs(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@given(st.text(max_size=40))
def test_any_text_has_stems_and_the_same_ones_again(text: str) -> None:
    assert stems_of(text) == stems_of(text)
    assert all(is_word(word) for word in words_of(text) if stem(word) in stems_of(text))


def test_identifiers_are_cut_into_their_words() -> None:
    assert words_of("retryPayment in src/payment_queue.py")[:2] == ["retry", "payment"]
