"""A decision is found by what people meet who never read it, once an agent was asked."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.recall.agent_in_words import agent, asked

from holdfast.errors import RecordsBusy
from holdfast.learn.symptoms import Symptoms, add, digest_of, read
from holdfast.learn.view import View
from holdfast.recall.asking import Agent, expected
from holdfast.recall.decisions import decisions_for
from holdfast.recall.search import recall_words
from holdfast.recall.symptoms import waiting
from holdfast.repo import records
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.ids import new_id
from holdfast.repo.location import Repository
from holdfast.repo.lock import held
from holdfast.repo.records import Learning
from holdfast.repo.trust import TrustStore
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
        listed = recall_words(view, "cache supplier prices for five minutes")
        assert [old.text[:14] for old in listed.replaced] == ["Cache supplier"]
        assert not any(item.text.startswith("Cache supplier") for item in listed.items)


def test_nothing_is_asked_twice(shop: Repository, tmp_path: Path) -> None:
    command = agent(tmp_path, ANSWERS)
    with View(shop) as view:
        calls, tokens = expected(view, waiting(view, {}))
        assert calls == 1
        assert tokens > 100
        Agent(command).ask_about(view)
        before = len(asked(tmp_path))
        assert Agent(command).ask_about(view).calls == 0
        assert (len(asked(tmp_path)), waiting(view, read(shop))) == (before, [])
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


def commit(repository: Repository, message: str, day: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert repository.root
    monkeypatch.setenv("GIT_COMMITTER_DATE", f"{1_700_000_000 + day * 86_400} +0000")
    repositories.commit(repository.root, {f"src/part{day}.py": message}, message)


def test_decisions_are_compared_when_all_were_read(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, "Cache supplier prices", 1, monkeypatch)
    for number in range(2, 23):
        commit(repository, f"Never keep part {number}, because of rule {number}", number, monkeypatch)
    commit(
        repository,
        "We decided to never hold rates over an hour, because only they must change",
        30,
        monkeypatch,
    )
    answers = {"Cache supplier": STALE, "hold rates": ["Numbers on the shop's page are old"]}
    with View(repository) as view:
        command = agent(tmp_path, answers, [("hold rates", "Cache supplier")])
        first = Agent(command, calls=1).ask_about(view)
        assert (first.read, first.settling, first.compared) == (20, 1, 0)
        second = Agent(command).ask_about(view)
        assert (second.settling, second.replacing, second.left) == (1, 1, 0)


def test_an_earlier_decision_that_comes_later_is_compared_too(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(repository, SEATS, 1, monkeypatch)
    commit(repository, HOUR, 20, monkeypatch)
    with View(repository) as view:
        command = agent(tmp_path, ANSWERS, [("Hold rates", "Cache supplier")])
        assert Agent(command).ask_about(view).replacing == 0
        commit(repository, FIVE, 10, monkeypatch)  # as a merge brings it
        view.refresh()
        done = Agent(command).ask_about(view)
        assert (done.replacing, done.left) == (1, 0)
        assert first(view).startswith("Hold rates")
        assert Agent(command).ask_about(view).calls == 0


def test_what_an_agent_passes_over_waits(shop: Repository, tmp_path: Path) -> None:
    program = 'print(\'{"record": 1, "settles": false}\')'
    with View(shop) as view:
        texts = len(waiting(view, {}))
        done = Agent([sys.executable, "-c", program]).ask_about(view)
        assert (done.read, done.left) == (1, texts - 1)


def test_two_do_not_ask_at_once(shop: Repository, tmp_path: Path) -> None:
    with View(shop) as view, held(shop, name="asking.lock"):
        with pytest.raises(RecordsBusy, match="is asking"):
            Agent(agent(tmp_path, ANSWERS)).ask_about(view)
        assert asked(tmp_path) == []


def test_nothing_is_kept_of_what_went_while_the_agent_read_it(repository: Repository, tmp_path: Path) -> None:
    assert repository.root
    repositories.commit(
        repository.root, {"learnings.md": "- Never hold a seat for long, because others wait.\n"}, "Say so"
    )
    git = f"git -C {repository.root}"
    script = f'{git} rm -q learnings.md && {git} commit -qm gone && exec "$@"'
    with View(repository) as view:
        command = ["sh", "-c", script, "sh", *agent(tmp_path, {"hold a seat": ["Two sit on one chair"]})]
        assert any("hold a seat" in each.text for each in waiting(view, {}))
        Agent(command).ask_about(view)
        assert "hold a seat" in asked(tmp_path)[0]
        assert not any(each.met for each in read(repository).values())


def test_a_strangers_record_is_not_read_and_takes_no_decisions_place(
    shop: Repository, tmp_path: Path, fetch_records: Callable[..., None]
) -> None:
    stranger = repositories.make_repository(tmp_path / "stranger")
    stranger.git("config", "user.email", "stranger@example.invalid")
    text = "Supersedes caching supplier prices for five minutes: never cache supplier prices any more."
    learning = Learning(
        id=new_id(),
        kind="decision",
        created="2031-01-01",
        text=text,
    )
    RecordsBranch(stranger).append({learning.path: records.encode(learning)}, "add")
    fetch_records(shop, stranger, "stranger")
    task = "Why do we cache supplier prices for five minutes?"
    with View(shop) as view:
        assert any(document.text == text for document in view.learnings())
        assert not any(each.text == text for each in waiting(view, {}))
        assert first(view, task).startswith("Cache supplier prices")
        TrustStore().accept(shop, ["stranger@example.invalid"])
        assert any(each.text == text for each in waiting(view, {}))
        assert not first(view, task).startswith("Cache supplier prices")


def test_another_worktree_has_the_symptoms_of_its_files(repository: Repository, tmp_path: Path) -> None:
    assert repository.root
    told = f"# Keep prices\n\n## Decision\n\n{FIVE}\n"
    repositories.commit(repository.root, {"docs/adr/0001-prices.md": told}, "Write it down")
    with View(repository) as view:
        Agent(agent(tmp_path, {"Cache supplier": STALE})).ask_about(view)
        assert "five minutes" in first(view)
    repositories.run_git(
        repository.root, "worktree", "add", "--quiet", str(tmp_path / "other"), "-b", "other"
    )
    with View(Repository.find(tmp_path / "other")) as view:
        assert "five minutes" in first(view)


def test_the_few_that_were_asked_about_do_not_stand_above_all_others(shop: Repository) -> None:
    met = ("Two visitors who saw the prices both sit on chair 14", "A basket loses its chair")
    with View(shop) as view:
        seats = next(each for each in waiting(view, {}) if each.text.startswith("Hold a seat"))
        add(shop, {seats.id: Symptoms(read=digest_of(seats), settles=True, met=met)})
        view.refresh()
        task = "Two visitors saw old prices of a supplier for five minutes: do we cache supplier prices?"
        found = decisions_for(view, task, asked=True)
    assert found.items[0].text.startswith("Cache supplier prices")
