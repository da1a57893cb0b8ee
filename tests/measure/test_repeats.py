"""What came back in a later session is counted; a first sighting never is."""

from __future__ import annotations

from pathlib import Path

from holdfast.learn import write
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.measure.repeats import repeats
from holdfast.repo.location import Repository


def test_a_failure_of_four_sessions_came_back_three_times(view: View) -> None:
    found = repeats(view)
    pytest_ = next(repeat for repeat in found.repeats if repeat.family.startswith("pytest: "))
    assert (pytest_.sessions, pytest_.again, pytest_.times, pytest_.resolved) == (4, 3, 4, 3)
    assert pytest_.calls == 9
    assert pytest_.tokens > 0
    assert found.sessions == 9
    assert found.with_repeats >= 3


def test_it_names_the_learning_that_ends_it_while_that_holds(view: View) -> None:
    known = next(document.id for document in view.learnings() if "uv run pytest" in document.text)

    def named() -> str | None:
        return next(r.learning for r in repeats(view).repeats if r.family.startswith("pytest: "))

    assert known.startswith(named() or "-")
    write.retire(view, known, "")
    assert named() is None


def test_one_session_repeats_nothing(empty: Repository, samples: Path) -> None:
    with View(empty) as view:
        ingest(view, [samples / "01-claude.jsonl"])
        found = repeats(view)
    assert (found.sessions, found.with_repeats, found.repeats) == (1, 0, [])


def test_what_can_be_ended_comes_first(view: View) -> None:
    ended = [repeat.learning is not None for repeat in repeats(view).repeats]
    assert ended == sorted(ended, reverse=True)


def test_no_more_than_the_limit_is_given(view: View) -> None:
    assert len(repeats(view, limit=1).repeats) == 1
