from __future__ import annotations

import time

from holdfast.evidence.asking import asked_in_prose


def test_the_question_at_the_end_is_what_was_asked() -> None:
    asked = asked_in_prose("Both work. I tried them.\n\n**Should the cache live in Redis or in memory?**")
    assert asked is not None
    assert (asked.text, asked.options) == ("Should the cache live in Redis or in memory?", ())


def test_lettered_and_numbered_answers_are_offered_in_order() -> None:
    for said in (
        "Where should it go?\n\nA. In config\nB. In strategy options\n\nWhich do you prefer?",
        "1. read\n2. wrote\n\nOptions:\n1. In config\n2. In strategy options\n\nWhich do you prefer?",
        "- **A)** In config\n- **B)** In strategy options\n\nWhich one?\n",
    ):
        asked = asked_in_prose(said)
        assert asked is not None
        assert [option[1:] for option in asked.options] == [". In config", ". In strategy options"]
        assert [option[0] for option in asked.options] in (["A", "B"], ["1", "2"])


def test_a_list_above_a_go_ahead_offers_nothing() -> None:
    asked = asked_in_prose("1. Add a flag\n2. Add a test\n\nWant me to implement this?")
    assert asked is not None
    assert asked.options == ()


def test_a_question_far_from_the_end_or_without_words_asks_nothing() -> None:
    assert asked_in_prose("Is this right? " + "I then looked at the rest of it. " * 20) is None
    assert asked_in_prose("Why?") is None
    assert asked_in_prose("Done.") is None
    assert asked_in_prose("") is None


def test_a_long_text_without_sentences_is_read_in_linear_time() -> None:
    start = time.process_time()
    for text in (
        "1. " * 1000 + "which?",
        "\n" * 3000 + "which or x?",
        "a" * 3000 + " or b?",
        "**" * 1500 + "?",
    ):
        asked_in_prose(text)
    assert time.process_time() - start < 30
