from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.agreements import Agreement
from holdfast.measure.asked_twice import AskedTwice, asked_twice


def answered(question: str, answer: str, context: str = "") -> Agreement:
    return Agreement(kind="answered", question=question, answer=answer, context=context)


FORMAT = "Which wire format should the workers and the broker speak?"
AGAIN = "Which wire format should the broker and the workers speak, msgpack or JSON?"


def test_the_same_question_in_two_sessions_is_told_with_both_answers() -> None:
    assert asked_twice(
        [
            ("second", 2.0, [answered(AGAIN, "JSON")]),
            ("first", 1.0, [answered(FORMAT, "msgpack")]),
        ]
    ) == [AskedTwice(question=AGAIN, answers=("msgpack", "JSON"), sessions=("first", "second"))]


def test_the_same_answer_is_told_once() -> None:
    (told,) = asked_twice(
        [("a", 1.0, [answered(FORMAT, "msgpack")]), ("b", None, [answered(FORMAT, "Msgpack.")])]
    )
    assert told.answers == ("msgpack",)
    assert told.agree


def test_twice_in_one_session_is_no_repeat() -> None:
    assert asked_twice([("a", 1.0, [answered(FORMAT, "x"), answered(AGAIN, "y")])]) == []


def test_other_questions_and_questions_about_how_to_go_on_are_no_repeat() -> None:
    go_on = "Would you like me to commit these changes to the branch?"
    assert asked_twice([(name, 1.0, [answered(go_on, "yes")]) for name in "ab"]) == []
    other = "Which database must the exports be written to?"
    assert asked_twice([("a", 1.0, [answered(FORMAT, "x")]), ("b", 2.0, [answered(other, "y")])]) == []


def test_the_copy_in_a_forked_session_is_no_repeat() -> None:
    copy = answered(FORMAT, "msgpack", context="I looked at both.")
    assert asked_twice([("a", 1.0, [copy]), ("b", 2.0, [copy])]) == []


def test_what_was_put_in_most_sessions_comes_first() -> None:
    store = "Where should uploaded files of customers be stored?"
    sessions = [("a", 1.0, [answered(FORMAT, "x"), answered(store, "S3")])]
    sessions += [
        ("b", 2.0, [answered(FORMAT, "x"), answered(store, "S3")]),
        ("c", 3.0, [answered(store, "disk")]),
    ]
    assert [told.question for told in asked_twice(sessions)] == [store, FORMAT]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.none() | st.floats(0, 10),
            st.lists(st.builds(answered, st.sampled_from([FORMAT, AGAIN, "Which x?"]), st.text(max_size=5))),
        ),
        max_size=6,
    )
)
def test_every_repeat_names_two_sessions_and_an_answer(
    sessions: list[tuple[str, float | None, list[Agreement]]],
) -> None:
    for told in asked_twice(sessions):
        assert len(set(told.sessions)) == len(told.sessions) >= 2
        assert told.answers
