from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.corrections import Correction
from holdfast.learn.corrections import candidate
from holdfast.learn.documents import MAX_WORDS

RULE = "never use npm here, this is a pnpm workspace"


def test_the_words_are_the_lead_and_wait_for_a_person() -> None:
    made = candidate(
        Correction(words=RULE, tool="Bash", command="cd x && npm install", paths=("a.json",), line=7)
    )
    assert made is not None
    assert made.text.split("\n\n")[0].startswith("Never use npm here")
    assert "when rejecting `npm install`" in made.text
    assert (made.kind, made.quotes_person) == ("decision", True)
    assert (made.applies.commands, made.applies.paths, made.evidence.line) == (
        ("npm install",),
        ("a.json",),
        7,
    )


def test_what_was_stopped_is_named_as_far_as_it_is_known() -> None:
    def context(correction: Correction) -> str:
        made = candidate(correction)
        assert made is not None
        return made.text.split("### Context\n\n")[1].split("\n")[0]

    assert context(Correction(words=RULE, paths=("a", "b", "c"))).endswith("rejecting `a`, `b`.")
    assert context(Correction(words=RULE)).endswith("rejecting a call.")
    assert context(Correction(words=RULE, rejected=False)) == "A person said this on stopping the agent."


@pytest.mark.parametrize(
    "words",
    [
        "",
        " \n\t",
        "\x1b[31m\x1b[0m",
        "$ make\n$ make test\n> error\nwhy",
        "word " * 1000,
        "- a\n- b\n+ c\n+ d",
        "no",
        "wait, let's discuss",
        "do we even need to commit this?",
        "let's cut a branch first",
        "i'll take it from here.",
    ],
)
def test_a_remark_on_one_change_or_pasted_output_teaches_nothing(words: str) -> None:
    assert candidate(Correction(words=words)) is None


@pytest.mark.parametrize("tool", ["AskUserQuestion", "ExitPlanMode", "request_user_input"])
def test_an_answer_to_a_question_is_no_correction(tool: str) -> None:
    assert candidate(Correction(words=RULE, tool=tool)) is None


def test_long_words_are_cut_at_a_sentence() -> None:
    made = candidate(
        Correction(words="Never write to that table. " + "We never use it because of the importer. " * 30)
    )
    assert made is not None
    lead = made.text.split("\n\n")[0]
    assert lead.endswith("importer.")
    assert len(lead.split()) <= MAX_WORDS


@given(st.text(max_size=300), st.none() | st.text(max_size=80))
def test_any_words_give_a_lead_of_one_line_or_nothing(words: str, command: str | None) -> None:
    made = candidate(Correction(words=words, tool="Bash", command=command))
    if made is not None:
        lead = made.text.split("\n\n")[0]
        assert lead.strip()
        assert "\n" not in lead
        assert "\x1b" not in made.text
        assert len(lead.split()) <= MAX_WORDS + 1
