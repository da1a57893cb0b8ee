from __future__ import annotations

import pytest
from tests.hook.made import told, write

from holdfast.hook.start import MOST
from holdfast.repo.location import Repository


@pytest.fixture
def known(empty: Repository) -> Repository:
    """A repository in which more failures come back than are told at once."""
    lines = [
        {"id": f"i{number}", "family": f"f{number}", "line": f"- hazard {number}.", "tokens": 9}
        for number in range(MOST + 3)
    ]
    write(empty, start={"budget": 300, "lines": lines})
    return empty


def test_the_likeliest_few_are_told(known: Repository) -> None:
    said = told(known, "start", source="startup")
    assert f"hazard {MOST - 1}." in said
    assert f"hazard {MOST}." not in said


def test_a_session_that_goes_on_is_not_told_the_next_ones(known: Repository) -> None:
    assert told(known, "start", at=1000, source="startup")
    assert told(known, "start", at=2000, source="resume") == ""


def test_after_a_compaction_it_is_told_the_same_again(known: Repository) -> None:
    first = told(known, "start", at=1000, source="startup")
    assert told(known, "start", at=2000, source="compact") == first


def test_what_no_room_is_left_for_is_not_told(empty: Repository) -> None:
    lines = [
        {"id": name, "family": name, "line": f"- {name}.", "tokens": tokens}
        for name, tokens in (("large", 301), ("first", 200), ("second", 200), ("third", 90))
    ]
    write(empty, start={"budget": 300, "lines": lines})
    said = told(empty, "start", source="startup").splitlines()[1:]
    assert said == ["- first.", "- third."]
