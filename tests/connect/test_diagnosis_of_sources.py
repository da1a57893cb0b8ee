"""Doctor names sources that could not be used, and those that are not read to their end."""

from __future__ import annotations

from holdfast.connect.diagnosis_of_sources import check_sources
from holdfast.learn.view import View
from holdfast.repo.location import Repository


def test_nothing_is_said_of_sources_that_work(empty: Repository) -> None:
    assert list(check_sources(empty)) == []
    with View(empty):
        assert list(check_sources(empty)) == []


def test_what_failed_or_is_left_is_said(empty: Repository) -> None:
    with View(empty) as view:
        view.index.apply(state={"failed:notes": "source notes could not be used: x", "left:commit": "1"})
        told = [finding.what for finding in check_sources(empty)]
    assert told == [
        "source notes could not be used: x",
        "not all read yet: commits",
    ]


def test_a_damaged_index_says_nothing_of_sources(empty: Repository) -> None:
    empty.ensure_state()
    (empty.state_dir / "index.db").write_bytes(b"not a database" * 100)
    assert list(check_sources(empty)) == []
