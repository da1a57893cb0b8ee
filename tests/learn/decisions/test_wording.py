from __future__ import annotations

from holdfast.learn.decisions.sentences import sort, split
from holdfast.learn.decisions.wording import chosen, word


def worded(text: str, question: str = "", options: tuple[str, ...] = ()) -> str:
    return word(text, [sort(sentence) for sentence in split(text)], question=question, options=options)


def test_only_what_lasts_is_told() -> None:
    assert worded("great. can you rename it? we never use camelCase in the JSON") == (
        "We never use camelCase in the JSON."
    )


def test_what_to_do_instead_stays_with_its_rule() -> None:
    text = "No new dependency with npm here. Add it by hand and run `npm ci`."
    assert worded(text) == text


def test_a_proposal_is_told_as_a_rule() -> None:
    assert (
        worded("let's use true/false and not on/off for the flag")
        == "Use true/false and not on/off for the flag."
    )


def test_a_name_keeps_its_letters() -> None:
    assert worded("go-git must never be used for status").startswith("go-git must")


def test_an_answer_stands_with_its_question_and_what_was_not_chosen() -> None:
    assert worded(
        "Redis (Recommended)", "Where should the cache live?", ("Redis (Recommended): fast", "memory")
    ) == ("Redis (not: memory). This answers: “Where should the cache live?”")


def test_a_label_is_replaced_by_its_option() -> None:
    assert chosen("B", ("A. In config", "B. In the flag")) == "In the flag"
    assert chosen("let's go with option 2, it is simpler", ("1. In config", "2. In the flag")) == (
        "In the flag. it is simpler"
    )
    assert chosen("2", ("In config", "In the flag: quick")) == "In the flag: quick"


def test_what_names_no_one_option_is_left_as_it_is() -> None:
    options = ("A. In config", "B. In the flag")
    for text in ("A and B", "C", "a flag is better", "2", "both"):
        assert chosen(text, options) == text
    assert chosen("B", ()) == "B"


def test_what_names_nothing_is_told_with_what_it_was_about() -> None:
    def told(text: str) -> str:
        return word(text, [sort(sentence) for sentence in split(text)], context="git push")

    assert told("never do that here") == "Never do that here (said of `git push`)."
    assert told("never use --force here") == "Never use --force here."
