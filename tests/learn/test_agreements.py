from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.agreements import Agreement
from holdfast.learn.agreements import candidate
from holdfast.learn.documents import MAX_WORDS
from holdfast.learn.gate import judge


def test_an_answer_is_told_with_its_question_and_waits_for_a_person() -> None:
    made = candidate(
        Agreement(
            kind="answered",
            question="Which wire format should the workers and the broker speak?",
            answer="msgpack",
            options=("JSON: readable", "msgpack: small"),
            line=7,
        )
    )
    assert made is not None
    assert made.text.split("\n\n")[0] == (
        "msgpack (not: JSON). This answers: “Which wire format should the workers and the broker speak?”"
    )
    assert "Offered were: JSON: readable; msgpack: small" in made.text
    assert (made.kind, made.quotes_person, made.proven, made.evidence.line) == ("decision", True, True, 7)


def test_the_letter_of_an_option_is_told_as_what_it_stands_for() -> None:
    made = candidate(
        Agreement(
            kind="answered",
            question="Where should thumbnails be generated, in the request or in the worker?",
            answer="B",
            options=("A. In the request", "B. Only in the media worker"),
        )
    )
    assert made is not None
    assert made.text.startswith("Only in the media worker")


def test_a_rule_said_in_rejecting_a_call_applies_to_it() -> None:
    made = candidate(
        Agreement(
            kind="rejected",
            answer="not npm, this is a pnpm workspace: npm writes a lock file that breaks CI",
            command="cd web && npm install",
            paths=("package.json",),
        )
    )
    assert made is not None
    assert made.applies.commands == ("npm install",)
    assert made.applies.paths == ("package.json",)
    assert "when rejecting `npm install`" in made.text


def test_what_was_stopped_is_named_as_far_as_it_is_known() -> None:
    def context(agreement: Agreement) -> str:
        made = candidate(agreement)
        assert made is not None
        return made.text.split("### Context\n\n")[1].split("\n")[0]

    rule = "never use npm here, this is a pnpm workspace"
    named = Agreement(kind="rejected", answer=rule, paths=("a", "b", "c"))
    assert context(named).endswith("rejecting `a`, `b`.")
    assert context(Agreement(kind="rejected", answer=rule)).endswith("rejecting a call.")
    assert context(Agreement(kind="corrected", answer=rule)) == "A person said this on stopping the agent."


def test_the_talk_around_a_rule_is_left_out_of_what_is_told_but_kept_below() -> None:
    made = candidate(
        Agreement(
            kind="corrected",
            answer="ok. but we never write to that table from the web process",
            paths=("web/orders.py",),
            survived=True,
        )
    )
    assert made is not None
    assert made.text.split("\n\n")[0] == "We never write to that table from the web process."
    assert "In the person's words: ok. but we never" in made.text
    assert "`web/orders.py` stayed" in made.text


def test_a_rule_of_form_is_a_convention() -> None:
    made = candidate(
        Agreement(
            kind="rejected", answer="never use camelCase in the JSON, the naming is snake_case everywhere"
        )
    )
    assert made is not None
    assert made.kind == "convention"


@pytest.mark.parametrize(
    ("kind", "answer", "question"),
    [
        ("answered", "yes, do it", "Want me to implement this?"),
        ("answered", "the second one", "Which approach do you prefer?"),
        ("answered", "commit both", "Commit both, or only the fix?"),
        ("rejected", "why sudo?", ""),
        ("rejected", "show me the diff first", ""),
        ("corrected", "sorry, continue", ""),
        ("corrected", "also rename the variable in the second function", ""),
        ("corrected", "it still fails, same error as before", ""),
        ("plan", "can you use a switch case instead?", "Fix error handling"),
        ("corrected", "$ make\n$ make test\n> never\n$ x", ""),
        ("corrected", "- a\n- b\n+ c\n+ d", ""),
        ("rejected", "\x1b[31m\x1b[0m", ""),
        ("rejected", "let's cut a branch first", ""),
        ("corrected", "we never use npm here. " * 200, ""),
        ("answered", " \n", "Which store should we always use?"),
    ],
)
def test_what_holds_for_one_moment_teaches_nothing(kind: str, answer: str, question: str) -> None:
    assert candidate(Agreement(kind=kind, answer=answer, question=question)) is None  # type: ignore[arg-type]


def test_the_same_words_to_another_question_are_another_decision() -> None:
    first, second = (
        candidate(Agreement(kind="answered", answer="Postgres only", question=question))
        for question in (
            "Which databases must the migration support?",
            "Which databases must the tests cover?",
        )
    )
    assert first is not None
    assert second is not None
    assert first.same != second.same


def test_the_gate_lets_a_persons_rule_through() -> None:
    made = candidate(
        Agreement(kind="rejected", answer="never edit generated/, change the .proto and run buf")
    )
    assert made is not None
    assert judge(made.text.split("\n\n")[0], kind=made.kind, proven=made.proven).accepted


@given(
    st.sampled_from(["answered", "plan", "rejected", "corrected"]),
    st.text(max_size=300),
    st.text(max_size=100),
    st.lists(st.text(max_size=40), max_size=3),
)
def test_any_words_give_a_lead_of_one_line_or_nothing(
    kind: str, answer: str, question: str, options: list[str]
) -> None:
    made = candidate(
        Agreement(kind=kind, answer=answer, question=question, options=tuple(options))  # type: ignore[arg-type]
    )
    if made is not None:
        lead = made.text.split("\n\n")[0]
        assert lead.strip()
        assert "\n" not in lead
        assert "\x1b" not in made.text
        assert len(lead.split()) <= MAX_WORDS + 1
