from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.index.tokens import MAX_WORD, STOP_WORDS, content_terms, scrub, split

any_text = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    "written",
    ["getUserName", "get_user_name", "get-user-name", "get.user.name", "GetUserName", "GET_USER_NAME"],
)
def test_an_identifier_gives_its_whole_and_its_parts_however_it_is_written(written: str) -> None:
    assert split(written) == ["getusername", "get", "user", "name"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("HTTPServer", {"httpserver", "http", "server"}),
        (
            "src/app/parse_config.py",
            {"srcappparseconfigpy", "parseconfigpy", "parseconfig", "parse", "config"},
        ),
        ("C:\\app\\main.rs", {"mainrs", "main", "app", "rs"}),
        ("std::collections::HashMap", {"hashmap", "hash", "map", "std"}),
        ("python3.11", {"python311", "python3", "python", "11"}),
        ("E0425", {"e0425"}),
        ("__init__", {"init"}),
        ("--no-verify", {"noverify", "no", "verify"}),
        ("don't", {"dont"}),
        ("Café", {"cafe"}),
        ("ﬁle", {"file"}),
        ("日本語", {"日本", "本語"}),
        ("日本のpytest", {"日本", "本の", "pytest"}),
    ],
)
def test_what_people_search_for_is_among_the_words(written: str, words: set[str]) -> None:
    assert words <= set(split(written))


def test_words_are_distinct_and_stay_in_their_order() -> None:
    assert split("lock the lock, Lock the table") == ["lock", "the", "table"]


def test_blobs_are_not_words() -> None:
    assert split("key " + "q" * (MAX_WORD + 1)) == ["key"]


def test_a_query_keeps_only_words_that_carry_content() -> None:
    terms = content_terms("why is the test_user of this not found?", 50)
    assert [term.whole for term in terms] == ["testuser", "found"]
    assert terms[0].parts == ("test", "user")


def test_a_query_is_cut_at_its_limit_of_terms() -> None:
    assert len(content_terms(" ".join(f"word{n}x" for n in range(100)), 7)) == 7


def test_stop_words_are_words_as_the_index_cuts_them() -> None:
    assert [word for word in STOP_WORDS if split(word) != [word]] == []


def test_surrogate_pairs_are_joined_and_lone_ones_replaced() -> None:
    assert scrub("a\ud83d\ude00b\ud800c") == "a😀b\ufffdc"


@given(any_text)
def test_any_text_can_be_cut_and_every_word_is_short_and_storable(text: str) -> None:
    for word in split(text):
        assert 0 < len(word) <= 2 * MAX_WORD
        assert not any(letter.isspace() or letter == "\0" for letter in word)
        word.encode()


@given(any_text)
def test_scrubbed_text_can_be_stored_and_scrubbing_again_changes_nothing(text: str) -> None:
    assert scrub(text).encode().decode() == scrub(text)
    assert scrub(scrub(text)) == scrub(text)


@given(st.text())
def test_text_without_surrogates_is_left_as_it_is(text: str) -> None:
    assert scrub(text) == text
