"""What words say of work that goes on: orders, bounds, what is to come, what settles a question."""

from __future__ import annotations

import pytest

from holdfast.flow import handoff_words as words


@pytest.mark.parametrize(
    ("text", "ordered"),
    [
        ("Let the cart take a discount", True),
        ("fix #12", True),
        ("yes", False),
        ("ok, go ahead please", False),
        ("continue", False),
        ("hi there!", False),
    ],
)
def test_a_go_ahead_is_no_order(text: str, ordered: bool) -> None:
    assert words.is_order(text) is ordered


def test_what_is_wanted_by_a_pasted_plan_is_its_title() -> None:
    text = "Implement the following plan:\n\n# Discounts in the cart\n\n## Steps\n1. a\n2. b\n"
    assert words.wanted(text) == "Implement the following plan: Discounts in the cart"


@pytest.mark.parametrize(
    "sentence",
    [
        "Don't touch the README.",
        "Also never commit to main.",
        "Keep the public API as it is.",
        "Only change the cart, nothing else.",
        "Fix the total, but do not add a dependency.",
        "Use uv instead of pip.",
        "The total must stay an integer.",
        "I don't want a new class for that.",
        "Do it without changing the tests.",
        "No new dependencies for this one.",
    ],
)
def test_a_sentence_that_forbids_or_demands_is_a_bound(sentence: str) -> None:
    assert len(words.bounds(f"Look at the cart. {sentence} Thank you all.")) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        "I don't think this works.",
        "I don't know why it fails.",
        "It does not add up.",
        "Why don't you use the cart?",
        "Can you check that it doesn't break anything?",
        "Keep going with the rest of it.",
        "The total is only right for one item.",
        "This shouldn't happen in a normal run.",
        "It is defined in cart.py but never called anywhere.",
        "It popped up without touching the other session.",
        "+ never do this in a diff",
    ],
)
def test_a_report_a_question_and_a_go_ahead_are_none(sentence: str) -> None:
    assert words.bounds(sentence) == []


def test_of_a_long_pasted_text_only_the_beginning_is_the_persons() -> None:
    pasted = "Look at this review.\n" + "The cart is slow. " * 100 + "Never merge it."
    assert words.bounds(pasted) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Done.\n\n## Next steps\n- add a test\n- [x] write the docs\n- [ ] bump the version", None),
        ("Remaining:\n1. add a test for it\n2. bump the version\n\nThat is all.", None),
        ("All done. Next steps: none.", []),
        ("Next steps:\n- Let me know if you want more", []),
        ("**Summary**\n- added a test\n- fixed the total", []),
    ],
)
def test_what_is_to_come_is_what_is_listed_as_such(said: str, expected: list[str] | None) -> None:
    found = words.to_come(said)
    if expected is None:
        assert [text.split()[0] for text in found] == ["add", "bump"]
    else:
        assert found == expected


@pytest.mark.parametrize(
    ("question", "answer", "settled"),
    [
        ("Round up or down?", "down", True),
        ("Should I commit this?", "yes", False),
        ("Should I commit this?", "no, squash it first", True),
        ("Which one?", "what is the difference?", False),
        ("Any other changes?", "its perfect", False),
    ],
)
def test_an_answer_settles_something_unless_it_only_lets_go_on(
    question: str, answer: str, settled: bool
) -> None:
    assert words.settles(question, answer) is settled


@pytest.mark.parametrize(
    ("said", "steered"),
    [
        ("let's avoid a new class here", True),
        ("no, use the one that is there", True),
        ("don't commit it", True),
        ("why is that there?", False),
        ("hang on, I'll get you the log", False),
        ("I have done it, go on", False),
        ("let's continue, the network should be better now", False),
        ("no", False),
    ],
)
def test_what_is_said_on_a_refusal_is_kept_when_it_sets_the_agent_right(said: str, steered: bool) -> None:
    assert words.steers(said) is steered
