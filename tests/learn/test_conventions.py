from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.session_facts import CommandRun, SessionFacts
from holdfast.hook.commands import family
from holdfast.learn.conventions import (
    MIN_LIFT,
    MIN_SESSIONS,
    ConventionRow,
    candidate,
    conventions,
    places_of,
    row_of,
    row_of_segment,
)
from holdfast.repo.records import Segment, Source


def row(number: int, edited: str = "", ran: str = "", **more: object) -> ConventionRow:
    return ConventionRow(
        session=f"s{number}",
        day=f"2026-01-{number % 28 + 1:02}",
        edited=tuple(edited.split()),
        commands=tuple(part for part in ran.split(",") if part),
        **more,  # type: ignore[arg-type]
    )


OTHERS = [row(100 + number, "web/view.ts", "npm test") for number in range(30)]


def test_a_command_that_follows_edits_of_a_place_is_a_convention_told_with_its_counts() -> None:
    mine = [row(number, f"db/m{number}.sql", "make schema,npm test") for number in range(6)]
    (found,) = conventions([*mine, *OTHERS])
    assert (found.kind, found.when, found.then) == ("run after editing", "db/*.sql", "make schema")
    assert (found.sessions, found.of, found.others, found.rest) == (6, 6, 0, 30)
    assert found.lift == 6.0
    assert 1 < found.least < found.lift
    assert found.text == (
        "After editing `db/*.sql`, run `make schema`: 6 of 6 sessions that edited it did, and 0 of 30 others."
    )
    assert candidate(found).quotes_person is False
    assert candidate(found).kind == "convention"


def test_a_command_that_every_session_runs_is_no_convention_of_a_place() -> None:
    mine = [row(number, f"db/m{number}.sql", "npm test") for number in range(6)]
    assert conventions([*mine, *OTHERS]) == []


def test_three_sessions_are_too_few() -> None:
    mine = [row(number, f"db/m{number}.sql", "make schema") for number in range(MIN_SESSIONS - 1)]
    assert conventions([*mine, *OTHERS]) == []


def test_a_command_that_ran_before_the_edit_did_not_follow_it() -> None:
    order = (("run", "make schema"), ("edit", "db/a.sql"))
    early = [row(number, "db/a.sql", "make schema", order=order) for number in range(6)]
    assert conventions([*early, *OTHERS]) == []
    late = [row(number, "db/a.sql", "make schema", order=order[::-1]) for number in range(6)]
    assert [found.then for found in conventions([*late, *OTHERS])] == ["make schema"]


def test_what_one_person_did_on_one_day_is_no_convention_where_there_are_several_days() -> None:
    one_day = [
        ConventionRow(
            session=f"s{number}", author="ada", day="2026-02-01", edited=("db/a.sql",), commands=("make x",)
        )
        for number in range(6)
    ]
    assert conventions([*one_day, *OTHERS]) == []


def test_files_that_change_together_are_told_once() -> None:
    mine = [row(number, "api/schema.graphql api/types.ts") for number in range(6)]
    (found,) = conventions([*mine, *OTHERS])
    assert found.kind == "edit together"
    assert {found.when, found.then} == {"api/schema.graphql", "api/types.ts"}
    assert candidate(found).applies.paths == (found.when,)


def test_looking_is_no_convention() -> None:
    mine = [row(number, "db/a.sql", "git status,cat") for number in range(6)]
    assert conventions([*mine, *OTHERS]) == []


def test_the_way_to_call_a_program_that_works_is_told_against_the_one_that_does_not() -> None:
    ways = (("uv run pytest", "pytest", 3, 0), ("pytest", "pytest", 0, 1))
    (found,) = conventions([row(number, ways=ways) for number in range(6)])
    assert (found.kind, found.then) == ("way to run", "uv run pytest")
    assert found.text == (
        "Use `uv run pytest`, not `pytest`: the first succeeded in 18 of 18 runs in 6 sessions, "
        "the second in 0 of 6."
    )


def test_two_stretches_of_one_session_are_one_session() -> None:
    halves = [
        one for number in range(3) for one in (row(number, "db/a.sql", "make x"), row(number, "db/b.sql"))
    ]
    assert conventions([*halves, *OTHERS]) == []


def test_rows_are_made_of_facts_and_of_segments() -> None:
    facts = SessionFacts(
        key="k",
        agent="codex",
        name="n",
        edited=("a.py", "/tmp/x"),
        runs=(
            CommandRun("CI=1 uv run pytest -q", "pytest", "ok", 1, 1),
            CommandRun("pytest", "pytest", "failed", 2, 2),
            CommandRun("npm test", "npm test", "rejected", 3, 3),
        ),
    )
    made = row_of(facts, author="ada", day="2026-01-01")
    assert (made.edited, made.commands) == (("a.py",), ("pytest",))
    assert made.ways == (("uv run pytest", "pytest", 1, 0), ("pytest", "pytest", 0, 1))
    segment = Segment(
        id="a" * 16, session="k", agent="codex", day="2026-01-01", extractor="1",
        transcript=Source(digest="d", start=0, end=1), edited=("a.py",),
        commands={"pytest": (2, 1), "make x": (0, 1)},
    )  # fmt: skip
    assert row_of_segment(segment).commands == ("pytest",)


def test_the_places_of_a_file_are_its_folders_with_its_ending() -> None:
    assert places_of("a/b/c.py") == ["a/*.py", "a/b/*.py", "*.py"]
    assert places_of("Makefile") == []
    assert places_of("bin/run") == ["bin/*"]


ROWS = st.lists(
    st.builds(
        ConventionRow,
        session=st.sampled_from("abcdefghijkl"),
        day=st.sampled_from(["", "2026-01-01", "2026-01-02"]),
        edited=st.lists(st.sampled_from(["a/x.py", "a/y.py", "b/z.ts", "c"]), max_size=4).map(tuple),
        commands=st.lists(st.sampled_from(["npm test", "make x", "go test"]), max_size=3).map(tuple),
        ways=st.lists(
            st.tuples(st.sampled_from(["uv run x", "x"]), st.just("x"), st.integers(0, 9), st.integers(0, 9)),
            max_size=2,
        ).map(tuple),
    ),
    max_size=30,
)


@given(ROWS)
def test_every_convention_has_its_support_and_its_lift(rows: list[ConventionRow]) -> None:
    for found in conventions(rows):
        assert found.sessions >= MIN_SESSIONS
        assert found.lift >= MIN_LIFT - 0.01
        assert found.least >= 1
        assert found.when


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("uv run --with x pytest -q", "uv run pytest"),
        ("sudo -u alice pytest", "pytest"),
        ("timeout 30 pytest", "pytest"),
        ("npx -p typescript tsc", "npx tsc"),
        ("poetry -C sub run pytest", "poetry run"),
        ("uv run python -m pytest", "uv run python -m pytest"),
    ],
)
def test_a_way_to_run_holds_no_word_of_one_session(text: str, way: str) -> None:
    run = CommandRun(text=text, family=family(text), status="ok", line=1, step=1)
    facts = SessionFacts(key="k", name="n", agent="claude", runs=(run,))
    assert [name for name, *_ in row_of(facts).ways] == [way]
