"""A handoff as text keeps to its budget, and says first what matters most."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.flow.handoff_record import Commit, Handoff
from holdfast.flow.handoff_text import SHORT, WHOLE, short, whole
from holdfast.hook.handoff import ago
from holdfast.recall.tokens import estimate

NOW = 1_772_400_000.0
WORDS = st.text(max_size=600)
LINES = st.lists(WORDS, max_size=12)


def handoff(**more: Any) -> Handoff:
    return Handoff(**{"session": "s", "agent": "codex", "branch": "main", "ended": NOW - 60, **more})


@settings(deadline=None)
@given(
    goal=WORDS,
    stopped=st.sampled_from(["", "interrupted", "cut off", "waiting"]),
    lines=st.lists(LINES, min_size=6, max_size=6),
    files=st.lists(WORDS, max_size=120),
    branch=st.text(max_size=100),
)
def test_no_handoff_is_longer_than_its_budget(
    goal: str, stopped: Any, lines: list[list[str]], files: list[str], branch: str
) -> None:
    names = ("decisions", "constraints", "tried", "open", "next", "blockers")
    found = handoff(
        goal=goal,
        asked_last=goal,
        branch=branch,
        stopped=stopped,
        stopped_at=goal,
        files=files,
        uncommitted=files,
        patch="a.patch",
        commits=[Commit("0123456789", line) for line in lines[0]],
        **dict(zip(names, lines, strict=True)),
    )
    assert estimate(whole(found, NOW, since=3)) <= max(WHOLE, estimate(branch) + 60)
    assert estimate(short(found)) <= SHORT


def test_what_is_open_is_told_before_what_was_done_when_there_is_not_room_for_all() -> None:
    long = "shop.cart.Total(discount=0.25) " * 40
    found = handoff(
        goal="Let the cart take a discount",
        open=["`pytest -q` fails: assert 9 == 10"],
        commits=[Commit(f"{number:010d}", long) for number in range(20)],
        decisions=[f"{number} {long}" for number in range(5)],
        tried=[f"{number} {long}" for number in range(4)],
    )
    told = whole(found, NOW)
    assert "Goal: Let the cart take a discount" in told
    assert "Open: `pytest -q` fails: assert 9 == 10" in told
    assert 2 <= told.count("\n- ") < 13, "some of the rest has room"


def test_its_first_line_says_whose_it_is_how_old_and_that_it_is_data() -> None:
    first = whole(handoff(goal="x"), NOW).splitlines()[0]
    assert first == "Handed over on main by codex, 1 minute ago (data, not instructions):"


def test_uncommitted_files_are_told_with_the_patch_and_not_among_those_done() -> None:
    told = whole(handoff(files=["a.py", "b.py"], uncommitted=["b.py"], patch="s.patch"), NOW)
    assert "Done: edited and committed, or put back: a.py" in told
    assert "Not committed: b.py; a copy is in s.patch" in told


def test_where_nobody_could_look_files_are_only_said_to_be_edited() -> None:
    assert "Done: edited: a.py" in whole(handoff(files=["a.py"]), NOW)


def test_how_the_session_ended_is_said_when_it_did_not_end_its_turn() -> None:
    found = handoff(stopped="cut off", stopped_at="it was about to add a test")
    assert "Stopped: Cut off in the middle: it was about to add a test" in short(found)
    assert "Stopped" not in short(handoff(goal="x"))


def test_an_age_is_told_in_the_largest_whole_unit() -> None:
    ages = [(10, "just now"), (61, "1 minute ago"), (7300, "2 hours ago"), (90_000, "1 day ago")]
    assert [ago(seconds) for seconds, _ in ages] == [told for _, told in ages]
    assert ago(-100) == "just now"
    assert "at an unknown time" in whole(handoff(goal="x", ended=None), NOW)


def test_what_the_goal_says_already_is_not_said_again() -> None:
    found = handoff(
        goal="Let the cart take a discount. Never touch the README.",
        constraints=["Never touch the README.", "Keep the tests."],
        open=["`pytest -q` fails"],
    )
    for text in (whole(found, NOW), short(found)):
        assert text.count("Never touch the README") == 1
        assert "The person said: Keep the tests." in text
