"""What of an outline can be found, and that the steps in which it is taken in leave no trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.evidence.outline import Turn
from holdfast.index.documents import Document
from holdfast.learn import outlines
from holdfast.learn.outlines import Outline
from holdfast.learn.sources import Budget
from holdfast.learn.sources.outlines import Outlines, documents_of, states_something
from holdfast.repo.location import Repository
from holdfast.testing import repositories

DAY = 1_772_359_200.0


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return repositories.make_repository(tmp_path / "r")


def outline(session: str, *said: str, at: float = DAY, edited: tuple[str, ...] = ("a.py",)) -> Outline:
    turns = [
        Turn(kind="prompt", text=text, at=at + place, line=place, edited=list(edited))
        for place, text in enumerate(said)
    ]
    return Outline(
        session=session.rjust(16, "0"),
        branch="topic",
        developer="d" * 16,
        ended=at + len(said),
        turns=turns,
        edited=dict.fromkeys(edited, at),
    )


class Held:
    """What an index would hold after each use of the source."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.documents: dict[str, Document] = {}
        self.state: dict[str, str] = {}
        self.more = False

    def refresh(self, seconds: float | None = None) -> int:
        filled = Outlines().changes(self.repository, self.state, Budget(seconds))
        for name in filled.remove:
            del self.documents[name]
        self.documents |= {document.id: document for document in filled.add}
        for key, value in filled.state.items():
            assert value is not None
            self.state[key] = value
        self.more = filled.more
        return len(filled.add)


def fresh(repository: Repository) -> dict[str, Document]:
    held = Held(repository)
    held.refresh()
    return held.documents


def test_a_session_is_found_by_what_was_asked_and_what_was_edited() -> None:
    first, *_ = documents_of(outline("a", "add a cache", "now the test"))
    assert (first.id, first.kind, first.source) == (f"session:{'a'.rjust(16, '0')}", "session", "session")
    assert (first.title, first.text, first.detail) == ("topic", "add a cache", "now the test")
    assert (first.paths, first.branch, first.author) == (("a.py",), "topic", "d" * 16)
    assert (first.day, first.trusted) == ("2026-03-01", False)


def test_what_people_state_is_found_with_the_files_edited_upon_it() -> None:
    told = outline("a", "Fix it.", "We never retry payments because the bank counts each attempt twice.")
    _, statement = documents_of(told)
    assert statement.kind == "statement"
    assert statement.text.startswith("We never retry payments")
    assert (statement.paths, statement.session) == (("a.py",), told.session)


@pytest.mark.parametrize("text", ["run the tests", "What does this do?", "ok", "/clear", ""])
def test_questions_and_orders_state_nothing(text: str) -> None:
    assert not states_something(Turn(kind="prompt", text=text))


@pytest.mark.parametrize(
    "text",
    [
        "Dates are stored in UTC everywhere.",
        "Go through the queue, because the bank drops a second request.",
        "three days before, once, a single text, not more, since people hate to be pestered",
    ],
)
def test_rules_facts_and_reasons_state_something(text: str) -> None:
    assert states_something(Turn(kind="prompt", text=text))


def test_a_go_ahead_answers_a_question_and_states_nothing() -> None:
    assert not states_something(Turn(kind="prompt", text="yes", asked="Shall I go on?"))
    assert states_something(Turn(kind="prompt", text="In SQLite", asked="Which store should hold the cache?"))


def test_an_answer_states_what_its_question_asked() -> None:
    turn = Turn(kind="answer", text="SQLite", asked="Which store?")
    assert states_something(turn)
    _, statement = documents_of(Outline(session="a" * 16, ended=DAY, turns=[turn]))
    assert (statement.title, statement.text) == ("Which store?", "SQLite")


def test_words_of_a_rejection_are_a_statement() -> None:
    assert states_something(Turn(kind="rejection", text="No new dependency in this repository"))
    assert not states_something(Turn(kind="rejection", text="no"))


def test_only_what_is_new_is_made(repository: Repository) -> None:
    held = Held(repository)
    outlines.append(repository, [outline("a", "add a cache"), outline("b", "fix the test")])
    assert held.refresh() == 2
    assert held.refresh() == 0
    outlines.append(repository, [outline("c", "write the docs")])
    assert held.refresh() == 1
    assert held.documents == fresh(repository)


def test_a_session_that_goes_on_is_made_anew(repository: Repository) -> None:
    held = Held(repository)
    outlines.append(repository, [outline("a", "add a cache")])
    held.refresh()
    outlines.append(repository, [outline("a", "and a test", at=DAY + 60, edited=("b.py",))])
    held.refresh()
    (document,) = held.documents.values()
    assert (document.text, document.detail, document.paths) == (
        "add a cache",
        "and a test",
        ("a.py", "b.py"),
    )


def test_what_is_forgotten_is_found_no_more(repository: Repository) -> None:
    told = outline("a", "We never retry payments because the bank counts each attempt twice.")
    outlines.append(repository, [told, outline("b", "fix the test")])
    held = Held(repository)
    held.refresh()
    assert len(held.documents) == 3
    outlines.forget(repository, told.session)
    held.refresh()
    assert [document.text for document in held.documents.values()] == ["fix the test"]


@pytest.mark.parametrize("content", [b"", b"\x00\xff", b"{}\n[]\n", None])
def test_a_lost_or_damaged_file_leaves_nothing_behind(repository: Repository, content: bytes | None) -> None:
    held = Held(repository)
    outlines.append(repository, [outline("a", "add a cache")])
    held.refresh()
    path = repository.state_dir / outlines.FILE
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    held.refresh()
    assert held.documents == {}
    assert held.refresh() == 0


def test_without_time_the_newest_come_first_and_the_rest_follows(repository: Repository) -> None:
    many = [outline(f"{number:x}", f"do number {number}") for number in range(500)]
    outlines.append(repository, many)
    held = Held(repository)
    assert 0 < held.refresh(seconds=0.0) < 500
    assert held.more
    assert f"session:{many[-1].session}" in held.documents
    while held.more:
        held.refresh(seconds=0.0)
    assert held.documents == fresh(repository)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(0, 4), st.integers(0, 6)),
        st.tuples(st.sampled_from(["forget", "words"]), st.integers(0, 4), st.just(0)),
        st.tuples(st.sampled_from(["refresh", "hurry", "lose"]), st.just(0), st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_the_steps_the_documents_are_those_of_an_empty_index(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("steps")
    repository = Repository(root=folder, git_dir=folder, common_dir=folder)
    held = Held(repository)
    for step, session, number in steps:
        if step == "append":
            said = f"Rule {number}: we always use a lock here because two writers lose data."
            outlines.append(repository, [outline(f"{session}", said, at=DAY + 60 * number)])
        elif step == "lose":
            (repository.state_dir / outlines.FILE).unlink(missing_ok=True)
        elif step in ("forget", "words"):
            outlines.forget(repository, f"{session}".rjust(16, "0"), words_alone=step == "words")
        else:
            held.refresh(seconds=0.0 if step == "hurry" else None)
    held.refresh()
    while held.more:
        held.refresh()
    assert held.documents == fresh(repository)
