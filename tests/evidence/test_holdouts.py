"""What is held out, and what was counted of it, is told as it is."""

from __future__ import annotations

import msgspec
import pytest

from holdfast.errors import UsageError
from holdfast.evidence.holdouts import Arm, HeldOut, held_out, share, warned
from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.repo.records import ItemEvidence


def row(**counts: object) -> ItemEvidence:
    return msgspec.convert({"item": "i", "surface": "start", "family": "f", **counts}, ItemEvidence)


def test_nothing_is_held_out_before_the_level_that_has_hold_outs(empty: Repository) -> None:
    assert share(empty) == 0
    config.choose(empty, level="knowledge")
    assert share(empty) == 0.1
    config.choose(empty, level="flow")
    assert share(empty) == 0


def test_one_setting_ends_it_and_asks_for_more(empty: Repository) -> None:
    config.choose(empty, level="scale", hold_out=0.0)
    assert share(empty) == 0
    config.choose(empty, hold_out=0.3)
    assert share(empty) == 0.3
    with pytest.raises(UsageError):
        config.choose(empty, hold_out=0.9)


def test_units_are_counted_by_session_family_and_surface(empty: Repository) -> None:
    config.choose(empty, level="knowledge")
    rows = {
        "a": [row(shown=2), row(met=1)],
        "b": [row(shown=1), row(shown=1, family="g")],
        "c": [row(withheld=3, met=2)],
        "d": [row(shown=1, withheld=1, met=1)],
        "e": [row(shown=1, surface="failure", met=1), row(met=5)],
    }
    assert held_out(empty, rows) == HeldOut(share=0.1, told=Arm(units=3, met=1), withheld=Arm(units=1, met=1))


def test_nothing_is_said_where_nothing_is_or_was_held_out(empty: Repository) -> None:
    assert held_out(empty, {"a": [row(shown=1)]}) is None
    assert held_out(empty, {"a": [row(withheld=1)]}) is not None


def test_sessions_that_were_warned_are_known_by_family() -> None:
    rows = {
        "a": [row(shown=1), row(withheld=1, family="g")],
        "b": [row(shown=1, surface="call")],
        "c": [row(shown=1, surface="failure"), row(met=1)],
    }
    assert warned(rows) == {"f": {"a", "b"}}
