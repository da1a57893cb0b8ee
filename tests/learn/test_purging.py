"""What a purge takes out of the outlines of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.learn import outlines, purging, symptoms
from holdfast.learn.ingest import ingest
from holdfast.learn.symptoms import Symptoms
from holdfast.learn.view import View, open_view
from holdfast.repo.ids import of_path
from holdfast.repo.location import Repository


@pytest.fixture
def opened(learned: Repository) -> View:
    return open_view(learned.directory)


def ids_under(view: View, folder: str) -> list[str]:
    found = {of_path(entry.path) for entry in view.branch.added() if entry.path.startswith(folder)}
    return sorted(id_ for id_ in found if id_)


def test_a_segment_takes_its_whole_session_with_it(opened: View, samples: Path) -> None:
    traces = purging.traces_of(opened, ids_under(opened, "segments/")[0])
    assert outlines.read(opened.repository)[traces.session].turns
    assert purging.forget(opened, traces)
    left = outlines.read(opened.repository)[traces.session]
    assert (left.turns, left.edited) == ([], {})
    (opened.repository.state_dir / "reading.db").unlink()
    ingest(opened, [samples])
    assert outlines.read(opened.repository)[traces.session].turns == []


def test_a_learning_takes_the_words_of_its_session_with_it(opened: View) -> None:
    traces = purging.traces_of(opened, ids_under(opened, "learnings/failure/")[0])
    before = outlines.read(opened.repository)[traces.session]
    assert purging.forget(opened, traces)
    left = outlines.read(opened.repository)[traces.session]
    assert left.turns == []
    assert left.edited == before.edited


def test_a_text_goes_wherever_it_was_said(opened: View) -> None:
    said = {key: outline.turns for key, outline in outlines.read(opened.repository).items() if outline.turns}
    key, turns = next(iter(said.items()))
    assert purging.forget(opened, purging.Traces(text=turns[0].text))
    assert outlines.read(opened.repository)[key].turns == []


def test_a_record_that_came_from_no_session_leaves_outlines_alone(opened: View) -> None:
    before = outlines.read(opened.repository)
    assert purging.traces_of(opened, "no-such-record") == purging.Traces()
    assert purging.forget(opened, purging.Traces()) == []
    assert outlines.read(opened.repository) == before


def test_what_was_said_is_named_as_the_index_names_it(opened: View) -> None:
    key = next(key for key, outline in outlines.read(opened.repository).items() if outline.turns)
    assert purging.named(opened, f"session:{key}") == purging.Traces(session=key, whole=True)
    assert purging.named(opened, f"statement:{key}:0") == purging.Traces(session=key)
    assert purging.named(opened, "session:unknown") is purging.named(opened, key) is None


def test_what_an_agent_said_of_purged_words_goes_too(opened: View) -> None:
    traces = purging.traces_of(opened, ids_under(opened, "learnings/failure/")[0])
    statements = opened.index.all(sources=["statement", "session"])
    theirs = {each.id for each in statements if each.session == traces.session}
    worded = Symptoms(read="a" * 16, settles=True, met=("people wait",))
    symptoms.add(opened.repository, {each.id: worded for each in statements} | {"commit:1": worded})
    assert theirs
    purging.forget(opened, traces)
    left = set(symptoms.read(opened.repository))
    assert not left & theirs
    assert left == {each.id for each in statements} - theirs | {"commit:1"}
