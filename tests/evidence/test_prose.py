from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.prose import intent, is_plan, is_step, pruned, sentences, spoken, words


def test_code_tables_headings_and_list_marks_are_no_sentences() -> None:
    text = (
        "## Summary\nIt fails. The cache is stale.\n```go\nfunc main() {}\n```\n| a | b |\n"
        "1. First it reads `x.go`.\n- **Then** it writes."
    )
    assert sentences(text) == [
        "It fails.",
        "The cache is stale.",
        "First it reads `x.go`.",
        "Then it writes.",
    ]


def test_an_abbreviation_ends_no_sentence() -> None:
    assert sentences("Use a tool, e.g. Make, for it.") == ["Use a tool, e.g. Make, for it."]


def test_an_open_code_block_is_left_out_to_the_end() -> None:
    assert sentences("It fails.\n```\nnever closed") == ["It fails."]


@pytest.mark.parametrize(
    ("said", "statement"),
    [
        ("You're right - the hook runs first.", "The hook runs first."),
        ("Good catch! So the path is wrong.", "The path is wrong."),
        ("I see the issue - `paths` imports `session`.", "`paths` imports `session`."),
        ("The path is wrong.", "The path is wrong."),
        ("Now I understand. However, the lock is held.", "The lock is held."),
    ],
)
def test_the_small_talk_before_a_statement_is_pruned(said: str, statement: str) -> None:
    assert pruned(said) == statement


@pytest.mark.parametrize(
    "said",
    ["Let me check the log.", "I'll fix it.", "Want me to do it?", "It does this:", "Fixing the test now."],
)
def test_what_the_agent_does_or_asks_is_a_plan_and_no_statement(said: str) -> None:
    assert is_plan(said)


def test_a_statement_is_no_plan() -> None:
    assert not is_plan("The default branch is master.")
    assert is_step("Change `a` to `b`")


def test_the_intent_is_what_the_agent_said_last_that_it_would_do() -> None:
    assert intent("It fails. Let me add a check before the call:") == "add a check before the call"
    assert intent("The tests pass.") == ""


def test_what_a_person_pasted_is_not_what_they_said() -> None:
    assert (
        spoken("why this?\n+ added\n-taken\n@@ 1\n```\ncode\n```\nuse the old one")
        == "why this? use the old one"
    )
    assert spoken("it still fails:\nline one\nline two\nline three") == "it still fails:"


def test_words_match_whole_words_only() -> None:
    pattern = words("no, back to the")
    assert pattern.search("No, not so")
    assert pattern.search("go back to the start")
    assert not pattern.search("know")
    assert not words("go", at_start=True).search("let it go")


@given(st.text(max_size=300))
def test_any_text_is_read_and_pruning_never_leaves_nothing(text: str) -> None:
    for sentence in sentences(text):
        assert pruned(sentence)
    assert "\n" not in spoken(text)
    intent(text)
