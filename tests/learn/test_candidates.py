from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from holdfast.learn.candidates import key_of


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_a_key_is_twenty_hex_digits_and_always_the_same(parts: list[str]) -> None:
    key = key_of(*parts)
    assert key == key_of(*parts)
    assert len(key) == 20
    assert set(key) <= set("0123456789abcdef")


def test_case_and_white_space_make_no_other_key() -> None:
    assert key_of("decision", "Use  pnpm\n here") == key_of("decision", "use pnpm here ")


def test_other_words_or_the_same_words_parted_otherwise_make_another_key() -> None:
    assert key_of("a b") != key_of("a c")
    assert key_of("a", "b") != key_of("a b")
    assert key_of("a", "b") != key_of("b", "a")
