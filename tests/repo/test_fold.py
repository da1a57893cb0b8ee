from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.repo.fold import KINDS, Fold, State, fold
from holdfast.repo.records import RecordEvent

SUBJECT = "s" * 16


def event(name: str, kind: str, *after: str, subject: str = SUBJECT, **data: object) -> RecordEvent:
    return RecordEvent(id=name, kind=kind, subject=subject, day="2026-01-01", after=after, data=data)


def state(*events: RecordEvent) -> State:
    """Fold, and hold that every order of the events gives the same."""
    found = fold(events)[SUBJECT]
    assert all(fold(order)[SUBJECT] == found for order in itertools.permutations(events))
    return found


NAMES = [f"e{number}" for number in range(8)]
DATA = st.fixed_dictionaries(
    {}, optional={"level": st.sampled_from(["pattern", "guidance"]), "by": st.sampled_from(["x", "y"])}
)
# any event may name any other, itself included: cycles and unknown ids come up
any_events = st.lists(
    st.builds(
        RecordEvent,
        id=st.sampled_from(NAMES),
        kind=st.sampled_from([*sorted(KINDS), "learning.unheard_of"]),
        subject=st.sampled_from(["one", "two"]),
        day=st.just("2026-01-01"),
        after=st.lists(st.sampled_from([*NAMES, "gone"]), max_size=3).map(tuple),
        data=DATA,
    ),
    max_size=12,
)


@given(any_events, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(events: list[RecordEvent], chance: object) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == fold(events)


@given(any_events, st.integers(0, 12))
def test_folding_in_two_goes_is_folding_at_once(events: list[RecordEvent], cut: int) -> None:
    folding = Fold(events[:cut])
    before = folding.states()
    touched = folding.add(events[cut:])
    after = folding.states()
    assert after == fold(events)
    assert {subject for subject in after if after[subject] != before.get(subject)} <= touched


@given(any_events)
def test_every_subject_has_a_state_and_every_event_is_counted(events: list[RecordEvent]) -> None:
    states = fold(events)
    assert states.keys() == {one.subject for one in events}
    for subject, found in states.items():
        ids = {one.id for one in events if one.subject == subject}
        assert sum(found.counts.values()) == len(ids)
        assert set(found.last) <= ids
        assert found.last


@given(any_events)
def test_an_event_that_has_seen_the_last_ones_decides(events: list[RecordEvent]) -> None:
    before = fold([*events, event("e0", "learning.accepted")])[SUBJECT]
    for kind, retired in (("learning.retired", True), ("learning.restored", False)):
        own = [one for one in events if one.subject == SUBJECT]
        newest = event("z", kind, *before.last)
        after = fold([*own, event("e0", "learning.accepted"), newest])[SUBJECT]
        assert after.retired is retired
        assert after.last == ("z",)


def test_nothing_happened_is_no_state() -> None:
    assert fold([]) == {}
    assert Fold().state(SUBJECT) is None


def test_a_promotion_gives_its_level_and_the_next_one_another() -> None:
    first = event("b", "learning.promoted", level="pattern")
    assert state(first).level == "pattern"
    assert state(first, event("a", "learning.promoted", "b", level="guidance")).level == "guidance"


@pytest.mark.parametrize("kind", ["learning.withheld", "learning.retired"])
def test_what_stops_a_learning_beats_a_concurrent_promotion(kind: str) -> None:
    found = state(
        event("a", "learning.accepted"),
        event("b", kind, "a"),
        event("c", "learning.promoted", "a", level="pattern"),
    )
    assert (found.withheld, found.retired) == (kind == "learning.withheld", kind == "learning.retired")
    assert found.level == "pattern"


def test_a_promotion_that_had_seen_the_withholding_lifts_it() -> None:
    withheld = event("b", "learning.withheld")
    assert state(withheld).withheld
    assert not state(withheld, event("a", "learning.promoted", "b", level="pattern")).withheld


def test_what_saw_an_event_through_another_saw_it() -> None:
    withheld = event("c", "learning.withheld")
    between = event("b", "learning.cited", "c")
    assert not state(withheld, between, event("a", "learning.accepted", "b")).withheld


def test_closed_beats_a_concurrent_claim() -> None:
    opened = event("a", "issue.opened")
    claimed, closed = event("z", "issue.claimed", "a", owner="ann"), event("b", "issue.closed", "a")
    assert (state(opened).status, state(opened, claimed).status) == ("open", "claimed")
    assert state(opened, claimed).status_by == "ann"
    assert state(opened, claimed, closed).status == "closed"
    assert state(opened, claimed, closed, event("c", "issue.reopened", "b", "z")).status == "open"


def test_of_two_concurrent_claims_the_greater_id_is_shown() -> None:
    assert (
        state(event("a", "issue.claimed", owner="x"), event("b", "issue.claimed", owner="y")).status_by == "y"
    )


def test_all_that_supersede_are_named_until_it_is_restored() -> None:
    two = [event("a", "learning.superseded", by="x"), event("b", "learning.superseded", by="y")]
    assert state(*two).superseded_by == ("x", "y")
    assert state(*two, event("c", "learning.restored", "a", "b")).superseded_by == ()


def test_last_names_exactly_what_the_next_event_must_name() -> None:
    found = state(event("a", "x.y"), event("b", "x.y", "a"), event("c", "x.y", "a"), event("d", "x.y", "b"))
    assert found.last == ("c", "d")


def test_an_unknown_kind_is_counted_and_changes_nothing() -> None:
    found = state(event("a", "learning.accepted"), event("b", "learning.polished", "a"))
    assert (found.unknown, found.accepted, found.counts["learning.polished"]) == (1, True, 1)


def test_a_cycle_is_folded_all_the_same() -> None:
    found = state(event("a", "learning.withheld", "b"), event("b", "learning.withheld", "a"))
    assert found.withheld
    assert state(event("a", "learning.retired", "a")).retired


def test_a_purge_is_remembered() -> None:
    assert state(event("a", "record.purged")).purged


def test_data_of_the_wrong_kind_is_no_answer() -> None:
    assert state(event("a", "learning.promoted", level=3)).level == ""


def test_a_long_history_of_one_record_is_folded() -> None:
    long = [event("n0", "issue.opened")]
    for number in range(1, 3000):
        kind = "issue.claimed" if number % 2 else "issue.released"
        long.append(event(f"n{number}", kind, f"n{number - 1}"))
    assert fold(reversed(long))[SUBJECT].last == ("n2999",)
    assert fold(long)[SUBJECT].status == "claimed"
