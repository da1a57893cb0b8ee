"""How an item was used is counted in sessions, by surface."""

from __future__ import annotations

from holdfast.evidence.use import Use, uses
from holdfast.repo.records import ItemEvidence


def row(surface: str = "start", item: str = "i", **counts: int) -> ItemEvidence:
    return ItemEvidence(item=item, surface=surface, **counts)


def test_rows_of_a_session_add_up_and_sessions_are_counted() -> None:
    rows = {
        "a": [row(shown=2), row(met=3, followed=1)],
        "b": [row(shown=1), row(item="other", shown=1, met=9)],
        "c": [row(withheld=1, met=1)],
        "d": [row(withheld=1, followed=1)],
    }
    assert uses(rows, "i") == [Use(surface="start", told=2, withheld=2, followed=1, met=1, met_without=1)]


def test_surfaces_come_in_the_order_in_which_a_session_meets_them() -> None:
    rows = {"a": [row("new", shown=1), row("failure", shown=1, resolved=2, steps=6), row(shown=1)]}
    assert [(use.surface, use.resolved, use.steps) for use in uses(rows, "i")] == [
        ("start", 0, 0), ("failure", 2, 6), ("new", 0, 0),
    ]  # fmt: skip


def test_what_was_never_told_has_no_use() -> None:
    assert uses({"a": [row(item="other", shown=1)]}, "i") == []
