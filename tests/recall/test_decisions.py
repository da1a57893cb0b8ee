"""What a task hinges on is told first, the newest of its chain; where nothing is near, nothing is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.learn.view import View
from holdfast.recall.decisions import Decisions, decisions_for
from holdfast.recall.situation import Situation
from holdfast.repo.location import Repository
from holdfast.testing import repositories

PRICES = """Cache supplier prices for five minutes

Their API allows a hundred calls an hour and every page of the shop needs three. We keep a price for five
minutes instead of asking each time, because stale prices cost less than an outage."""
SEATS = """Hold a seat for ten minutes while somebody pays

We tried optimistic locking and dropped it: under load two people paid for one seat. A seat in a basket is
locked for ten minutes and then offered again."""
LETTERS = """Render letters once and store them

A letter is rendered once and resent as it is, never again from current data, since we must be able to prove
what was sent."""
ROUTINE = (
    "Fix typo in the footer",
    "Bump the linter",
    "Add a test for the basket page",
    "Rename a helper of the price page",
    "Show the seat number on the ticket",
    "Speed up the list of letters",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    """A repository whose history states three decisions among routine."""
    folder = tmp_path_factory.mktemp("shop")
    with repositories.isolated(folder / "home"):
        made = repositories.make_repository(folder / "project", commits=0)
        assert made.root is not None
        for number, message in enumerate((*ROUTINE, PRICES, SEATS, LETTERS)):
            repositories.commit(made.root, {f"src/part{number}.py": message}, message)
        yield made


def told(repository: Repository, task: str, **more: object) -> Decisions:
    """Ask once."""
    with View(repository) as view:
        return decisions_for(view, task, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("task", "expected"), [
    ("Customers see an old price of the supplier. Why is it stale, why not ask each time?", "five minutes"),
    ("Two visitors both paid for one seat. Shouldn't it be reserved during checkout?", "seat"),
    ("A letter was resent to the old address. Why isn't it printed from current data?", "rendered once"),
])  # fmt: skip
def test_a_symptom_finds_the_decision_behind_it(shop: Repository, task: str, expected: str) -> None:
    items = told(shop, task).items
    assert expected in items[0].text
    assert items[0].kind == "decision"
    assert items[0].origin.startswith("a commit by ")


@pytest.mark.parametrize("task", [
    "", " ", "the of and", "!!!", "\x00", "\ud800", "请修复登录页面", "NEAR(a OR b) AND *",
    "Add dark mode to the settings page", "Upgrade the compiler", "x" * 100_000,
])  # fmt: skip
def test_what_hinges_on_nothing_recorded_is_met_with_silence(shop: Repository, task: str) -> None:
    assert told(shop, task).items == []


def test_nothing_is_told_twice_in_one_context(shop: Repository) -> None:
    task = "Why are prices of the supplier stale for minutes, should the cache not ask each time?"
    first = told(shop, task).items[0].id
    again = told(shop, task, situation=Situation(told=frozenset([first]))).items
    assert first not in [item.id for item in again]


def test_no_more_than_the_limit_is_told(shop: Repository) -> None:
    task = "Why are prices stale, and should a seat not be locked, and is a letter not rendered again?"
    assert len(told(shop, task, limit=1).items) <= 1
    assert told(shop, task, limit=0).items == []


def test_the_order_of_answers_is_the_same_every_time(shop: Repository) -> None:
    task = "Why are prices stale for minutes? Should we ask the supplier each time?"
    assert told(shop, task) == told(shop, task)


def routine(folder: Path) -> tuple[Repository, Path]:
    """Make a repository whose history is routine alone; return it and its worktree."""
    made = repositories.make_repository(folder / "project", commits=0)
    assert made.root is not None
    for number, message in enumerate(ROUTINE):
        repositories.commit(made.root, {f"src/part{number}.py": message}, message)
    return made, made.root


LIFTED = "The supplier lifted the limit, so prices are asked each time again: stale ones cost us orders."


def reverted(folder: Path) -> tuple[str, Decisions]:
    """Revert a decision for a reason; return its commit, and what a task that hinges on it is told."""
    made, root = routine(folder)
    old = repositories.commit(root, {"src/prices.py": "1"}, PRICES)
    message = f'Revert "Cache supplier prices for five minutes"\n\nThis reverts commit {old}.\n\n{LIFTED}'
    repositories.commit(root, {"src/prices.py": "2"}, message)
    task = "Customers see stale prices of the supplier. Should prices not be asked each time?"
    return old, told(made, task)


def test_what_a_revert_took_back_is_withheld(tmp_path: Path) -> None:
    old, found = reverted(tmp_path)
    assert "lifted" in found.items[0].text
    assert not any(old.startswith(item.id.removeprefix("commit:")) for item in found.items)
    assert [old.startswith(each.id.removeprefix("commit:")) for each in found.withheld] == [True]


def test_a_revert_is_told_as_its_reason(tmp_path: Path) -> None:
    _, found = reverted(tmp_path)
    assert found.items[0].text == f"Taken back: Cache supplier prices for five minutes. {LIFTED}"


TTL = """cache: use a 10 minute TTL for product pages

Product pages are read far more often than they change, so one may be ten minutes old rather than asking the
database each time."""
LONGER = """cache: raise the TTL for product pages to 60 minutes

The shop's owners change prices once a day, so an hour is fine and takes load off the database. Supersedes the
10 minute TTL."""


def test_an_amendment_takes_the_place_of_what_it_describes_even_in_the_same_second(tmp_path: Path) -> None:
    made, root = routine(tmp_path)
    first = repositories.commit(root, {"src/cache.py": "10"}, TTL)
    second = repositories.commit(root, {"src/pages.py": "60"}, LONGER)
    found = told(made, "Product pages show stale prices. How long is the TTL of the cache?")
    assert [second.startswith(item.id.removeprefix("commit:")) for item in found.items] == [True]
    assert [first.startswith(each.id.removeprefix("commit:")) for each in found.withheld] == [True]


def test_what_is_told_to_hold_no_more_is_near_to_the_task_itself(tmp_path: Path) -> None:
    made, root = routine(tmp_path)
    repositories.commit(root, {"src/cache.py": "10"}, TTL)
    repositories.commit(root, {"src/cache.py": "60"}, LONGER)
    for task in (
        "Why is the letter to a visitor on leave printed in blue?",
        "Who waters the plants in March?",
    ):
        assert told(made, task).withheld == []


def test_of_records_that_supersede_one_another_the_newest_is_told(tmp_path: Path) -> None:
    made, root = routine(tmp_path)
    first = (
        "# 1. Poll the supplier for prices\n\n## Status\n\nSuperseded by [2](0002-push.md)\n\n## Decision\n\n"
        "We poll the supplier's prices every hour, because they have no other way.\n"
    )
    second = (
        "# 2. Let the supplier push prices\n\n## Status\n\nAccepted, supersedes 0001-poll.md\n\n## Decision"
        "\n\nThe supplier pushes each price to us instead of being polled, because an hour is too stale.\n"
    )
    records = {"docs/adr/0001-poll.md": first, "docs/adr/0002-push.md": second}
    repositories.commit(root, records, "Write records")
    found = told(made, "A supplier price shows up an hour late. Should polling prices not be faster?")
    assert found.items[0].origin.startswith("docs/adr/0002-push.md")
    assert all("0001" not in item.origin for item in found.items)


@pytest.mark.parametrize("path", ["decisions.md", "docs/decisions.md", "doc/DECISIONS.md"])
def test_an_entry_of_a_list_of_decisions_is_told_with_its_line(tmp_path: Path, path: str) -> None:
    made, root = routine(tmp_path)
    entry = (
        "## 2026-03-01 Prices\n\nPrices are asked every hour, never each time: the supplier counts calls.\n"
    )
    repositories.commit(root, {path: f"# Decisions\n\n{entry}"}, "Write it down")
    found = told(made, "Why are the prices of the supplier an hour old, can we not ask each time?")
    assert found.items[0].origin == f"{path}:5"


def test_who_asks_is_given_what_is_not_told_unasked(view: View) -> None:
    """What is told unasked is given to who asks too, first, and then some."""
    task = "add a dependency for dates to web"
    unasked = decisions_for(view, task).items
    asked = decisions_for(view, task, asked=True).items
    assert asked[: len(unasked)] == unasked
    assert any("No new dependency" in item.text for item in asked)
