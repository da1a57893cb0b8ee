"""A decision is found by what people meet who never read it, once an agent was asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.recall.agent_in_words import agent, asked

from holdfast.learn.view import View
from holdfast.recall.asking import Agent, expected
from holdfast.recall.decisions import decisions_for
from holdfast.repo.location import Repository
from holdfast.testing import repositories

FIVE = (
    "Cache supplier prices for five minutes\n\nTheir API allows a hundred calls an hour, so we keep a price."
)
HOUR = "Hold rates for an hour\n\nThe feed's contract changed, and they bill by request."
SEATS = "Hold a seat for ten minutes while somebody pays\n\nOptimistic locking sold one seat to two people."
ROUTINE = ("Fix typo in the footer", "Bump the linter", "Rename a helper", "Speed up the list of letters")
STALE = ["The shop lags behind what the vendor's own site says", "Why do we display yesterday's numbers?"]
TASK = "A customer says our shop lags behind the vendor's site since breakfast and shows yesterday's numbers."
ANSWERS = {
    "Cache supplier prices": STALE,
    "Hold rates": ["Numbers on the shop's page are old for most of an hour"],
    "Hold a seat": ["Two visitors both sit on chair 14", "Somebody's basket loses its chair while they type"],
}


@pytest.fixture
def shop(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository whose history states three decisions among routine, a day apart."""
    assert repository.root
    for number, message in enumerate((*ROUTINE, FIVE, SEATS, HOUR)):
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{1_700_000_000 + number * 86_400} +0000")
        repositories.commit(repository.root, {f"src/part{number}.py": message}, message)
    return repository


def first(view: View, task: str = TASK) -> str:
    found = decisions_for(view, task)
    return found.items[0].text if found.items else ""


def test_a_task_in_other_words_finds_the_decision(shop: Repository, tmp_path: Path) -> None:
    with View(shop) as view:
        assert first(view) == ""
        done = Agent(agent(tmp_path, ANSWERS)).ask_about(view)
        assert (done.settling, done.left, done.failed, done.problem) == (3, 0, 0, "")
        assert first(view).startswith("Cache supplier prices")
        assert first(view, "Translate the imprint into Danish and add it to the footer.") == ""


def test_what_an_agent_says_is_replaced_is_withheld(shop: Repository, tmp_path: Path) -> None:
    with View(shop) as view:
        done = Agent(agent(tmp_path, ANSWERS, [("Hold rates", "Cache supplier")])).ask_about(view)
        assert (done.compared, done.replacing) == (2, 1)  # the first has no earlier ones
        found = decisions_for(view, TASK)
        assert found.items[0].text.startswith("Hold rates")
        assert [old.text[:14] for old in found.withheld] == ["Cache supplier"]


def test_nothing_is_asked_twice(shop: Repository, tmp_path: Path) -> None:
    command = agent(tmp_path, ANSWERS)
    with View(shop) as view:
        calls, tokens = expected(view)
        assert calls == 1
        assert tokens > 100
        Agent(command).ask_about(view)
        before = len(asked(tmp_path))
        assert Agent(command).ask_about(view).calls == 0
        assert (len(asked(tmp_path)), expected(view)) == (before, (0, 0))
        assert shop.root
        repositories.commit(shop.root, {"new.py": "x"}, "Send no mail on Sundays")
        view.refresh()
        Agent(command).ask_about(view)
        assert "Send no mail" in asked(tmp_path)[before]
        assert "Cache supplier" not in asked(tmp_path)[before]


def test_the_same_commit_after_a_rebase_costs_nothing(shop: Repository, tmp_path: Path) -> None:
    with View(shop) as view:
        command = agent(tmp_path, ANSWERS, [("Hold rates", "Cache supplier")])
        Agent(command).ask_about(view)
        assert shop.root
        anew = ("commit", "--amend", "--quiet", "--no-edit", "--date=2020-01-01T00:00:00Z")
        repositories.run_git(shop.root, *anew)
        view.refresh()
        done = Agent(command).ask_about(view)
        assert (done.calls, done.copied) == (0, 1)
        assert decisions_for(view, TASK).items[0].text.startswith("Hold rates")


def test_an_agent_is_run_no_more_often_than_allowed(repository: Repository, tmp_path: Path) -> None:
    assert repository.root
    for number in range(45):
        repositories.commit(
            repository.root, {f"{number}.py": "x"}, f"Keep part {number} for {number + 2} days"
        )
    with View(repository, seconds=None) as view:
        done = Agent(agent(tmp_path, {}), calls=2).ask_about(view)
        assert (done.calls, done.read, done.left) == (2, 40, 6)


def test_an_agent_that_gives_no_answer_is_asked_no_more(repository: Repository) -> None:
    assert repository.root
    for number in range(70):
        repositories.commit(
            repository.root, {f"{number}.py": "x"}, f"Keep part {number} for {number + 2} days"
        )
    with View(repository, seconds=None) as view:
        for command, said in (
            (["sh", "-c", "exit 3"], "exit code 3"),
            (["sh", "-c", "echo hello"], "not in the form"),
            (["/nope/agent"], "cannot be started"),
        ):
            done = Agent(command).ask_about(view)
            assert said in done.problem
            assert done.calls <= 2
            assert done.read == 0
