from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from holdfast.transcripts.claude_calls import read_call as read_claude_call
from holdfast.transcripts.codex_calls import read_call as read_codex_call
from holdfast.transcripts.events import Question
from holdfast.transcripts.paths import SessionPaths
from holdfast.transcripts.questions import MAX_OPTIONS, MAX_QUESTIONS, read_answers, read_questions

STORE = Question("Which store?", ("SQLite: one file", "Postgres"))
CACHE = Question('Keep the "old" cache?', ("yes", "no"))


def test_the_questions_of_a_call_are_read_with_what_they_offer() -> None:
    options = [{"label": "SQLite", "description": "one file"}, {"label": "Postgres"}]
    given = {"questions": [{"question": "Which store?", "header": "Store", "options": options}]}
    for read in (read_claude_call, read_codex_call):
        call = read("c", "ask", given, SessionPaths([]), at=None, subagent=None)
        assert call.questions == (STORE,)


def test_one_question_with_choices_is_read() -> None:
    assert read_questions({"question": "Which store?", "choices": ["SQLite", "Postgres"]}) == (
        Question("Which store?", ("SQLite", "Postgres")),
    )


def test_a_call_that_asks_no_person_has_no_question() -> None:
    assert read_questions({"question": "how do goroutines work", "query": "x"}) == ()
    assert read_questions({"questions": "why?"}) == ()
    assert read_questions({}) == ()


def test_each_answer_stands_behind_its_question() -> None:
    text = (
        'User has answered your questions: "Which store?"="SQLite", "Keep the "old" cache?"="no, drop it". '
        "You can now continue with the user's answers in mind."
    )
    assert read_answers([STORE, CACHE], text) == ["SQLite", "no, drop it"]


def test_notes_and_previews_are_told_from_the_answer() -> None:
    noted = (
        'User has answered your questions: "Which store?"="SQLite" user notes: no server here. You can now go'
    )
    assert read_answers([STORE], noted) == ["SQLite. no server here"]
    preview = '"Which store?"="SQLite" selected preview:\nCREATE TABLE'
    assert read_answers([STORE], preview) == ["SQLite"]


def test_answers_as_json_are_found_by_id_question_or_number() -> None:
    question = Question("Which store?", id="store")
    for text in (
        '{"answers": {"store": {"answers": ["SQLite", "user_note: no server"]}}}',
        '{"answers": {"Which store?": ["SQLite", "no server"]}}',
        '{"answers": {"0": "SQLite. no server"}}',
    ):
        assert read_answers([question], text) == ["SQLite. no server"]


def test_the_one_question_may_be_answered_in_plain_words() -> None:
    assert read_answers([STORE], "User selected: SQLite") == ["SQLite"]
    assert read_answers([STORE, CACHE], "User selected: SQLite") == ["", ""]


def test_a_question_left_open_has_no_answer() -> None:
    assert read_answers([STORE], '"Which store?"="(No answer provided)"') == [""]
    assert read_answers([STORE], "The user is away.") == [""]


@given(
    st.dictionaries(
        st.sampled_from(["questions", "question", "options", "choices"]),
        st.recursive(
            st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
        ),
    ),
    st.text(),
)
def test_anything_is_read_without_an_error(fields: dict[str, object], text: str) -> None:
    found = read_questions(fields)
    assert len(found) <= MAX_QUESTIONS
    assert all(len(question.options) <= MAX_OPTIONS for question in found)
    assert len(read_answers(found, text)) == len(found)
