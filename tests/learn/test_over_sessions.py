from __future__ import annotations

from collections.abc import Callable

from holdfast.learn.over_sessions import candidates
from holdfast.learn.view import View
from holdfast.repo import records
from holdfast.repo.ids import new_id
from holdfast.repo.location import Repository
from holdfast.repo.records import Segment, Source


def segment(session: int, path: str, *families: str) -> Segment:
    return Segment(
        id=new_id(),
        session=f"{session:016x}",
        agent="codex",
        day=f"2026-01-{session % 28 + 1:02}",
        extractor="1",
        transcript=Source(digest=f"{session:016x}", start=0, end=1),
        edited=(path,),
        commands=dict.fromkeys(families, (1, 0)),
    )


def append(view: View) -> None:
    """Record sessions of which those that edit SQL files alone run `make schema`."""
    found = [segment(number, f"db/m{number}.sql", "make schema", "npm test") for number in range(8)]
    found += [segment(100 + number, "web/view.ts", "npm test") for number in range(30)]
    view.branch.append({one.path: records.encode(one) for one in found}, "Record sessions")
    view.refresh()


def test_what_the_sessions_on_record_keep_to_is_a_candidate_that_quotes_nobody(empty: Repository) -> None:
    with View(empty) as view:
        assert list(candidates(view)) == []
        append(view)
        (found,) = candidates(view)
    assert found.text.startswith("After editing `db/*.sql`, run `make schema`: 8 of 8 sessions")
    assert (found.kind, found.quotes_person) == ("convention", False)


def test_a_segment_that_cannot_be_read_is_passed_over(empty: Repository) -> None:
    with View(empty) as view:
        append(view)
        broken = segment(500, "db/x.sql").path
        view.branch.append({broken: b"{"}, "Record a broken segment")
        view.refresh()
        assert len(list(candidates(view))) == 1


def test_sessions_of_somebody_not_accepted_here_count_for_nothing(
    empty: Repository, learned: Repository, fetch_records: Callable[..., None]
) -> None:
    with View(learned) as view:
        append(view)
        assert [found.kind for found in candidates(view)] == ["convention"]
    empty.git("config", "user.email", "somebody-else@example.invalid")
    fetch_records(empty, learned)
    with View(empty) as view:
        assert list(candidates(view)) == []
