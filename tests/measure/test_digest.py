"""The digest of a week: what ended, what is still paid for, or nothing."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import pytest

from holdfast.connect import setup
from holdfast.hook import clock
from holdfast.learn import wording
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.measure.digest import Digest, digest, is_telling
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository
from holdfast.testing.sessions import ClaudeSession

START, DAY = 1782000000.0, 86_400.0
WRONG = ("gh pr diff 12 --stat", "unknown flag: --stat", 1)
RIGHT = ("gh pr diff 12 --name-only", "a.py", 0)


@pytest.fixture
def repository(tmp_path: Path, isolated_home: Path) -> Repository:
    return make_repository(tmp_path / "shop")


def told(repository: Repository, days: list[bool], monkeypatch: pytest.MonkeyPatch, **more: int) -> Digest:
    """Return the digest of the day after the last session; a session a day, with a failure where True."""
    logs = repository.directory.parent / "logs"
    for number, failed in enumerate(days):
        talk = ClaudeSession(
            f"5f0c{number:04x}-0000-4000-8000-{number:012d}",
            root=str(repository.directory),
            start=START + number * DAY,
        )
        talk.prompt("look at the change")
        if failed:
            talk.bash(*WRONG)
        talk.bash(*RIGHT)
        talk.edit("a.py", "a", f"b{number}")
        talk.write(logs / f"{number:02d}.jsonl")
    monkeypatch.setenv("HOLDFAST_NOW", str(START + len(days) * DAY))
    with View(repository) as view:
        ingest(view, [logs])
        return digest(view, **more)


def test_a_repeat_of_the_week_is_still_paid_for(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = told(repository, [True] * 4 + [False] * 6 + [True] * 2, monkeypatch)
    (paid,) = found.paid
    assert (paid.family, paid.sessions) == ("gh pr diff: unknown flag: --stat", 2)
    assert paid.calls == 2
    assert paid.learning is not None
    assert (found.sessions, found.with_repeats, found.ended) == (6, 2, [])
    assert not found.is_empty


def test_a_repeat_whose_silence_is_telling_has_ended(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = told(repository, [True] * 8 + [False] * 4, monkeypatch)
    (ended,) = found.ended
    assert (ended.sessions, ended.of, ended.quiet) == (8, 8, 4)
    assert [one.family for one in found.paid] == ["gh pr diff: unknown flag: --stat"]


def test_a_rare_failure_has_not_ended_by_staying_away_for_a_while(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [True] + [False] * 5 + [True] + [False] * 5 + [True] + [False] * 6
    assert told(repository, days, monkeypatch).ended == []


def test_a_failure_that_goes_on_as_before_is_seldom_told_as_ended() -> None:
    drawn = random.Random(1)
    told = 0
    for number in range(300):
        rate = (0.1, 0.3, 0.7)[number % 3]
        places = [session for session in range(60) if drawn.random() < rate]
        told += any(
            is_telling(hits, places[hits - 1] - places[0] + 1, until - places[hits - 1] - 1)
            for hits, until in zip(range(3, len(places) + 1), [*places[3:], 60], strict=False)
        )
    assert told / 300 < 0.08


def test_what_ended_long_ago_is_not_told_again(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(repository, [True] * 5 + [False] * 14, monkeypatch).ended == []


def test_a_week_without_sessions_is_nothing(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", str(START))
    with View(repository) as view:
        found = digest(view)
    assert found.is_empty
    assert found.last == clock.today()


def test_its_own_cost_is_what_it_wrote(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    found = told(repository, [True, True], monkeypatch)
    assert found.cost.records > 2
    assert found.cost.bytes > 500


def test_what_wording_took_in_the_week_is_counted(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.init(repository, private=False)
    wording.choose(repository, [sys.executable, "-c", "print('no words of use')"])
    found = told(repository, [True] * 3, monkeypatch)
    assert found.cost.wording_calls == 1
    monkeypatch.setenv("HOLDFAST_NOW", str(START + 30 * DAY))
    with View(repository) as view:
        assert digest(view).cost.wording_calls == 0


def test_what_hooks_told_in_the_week_is_counted(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(repository, [True] * 3, monkeypatch)
    folder = repository.ensure_state() / "journal"
    folder.mkdir(exist_ok=True)
    at = clock.now() - 2 * DAY
    lines = [
        {"at": at, "do": "told", "surface": "failure", "ids": ["x"], "text_tokens": 58},
        {"at": at, "do": "withheld", "surface": "start", "ids": ["x"], "text_tokens": 1000},
        {"at": at + 1, "do": "told", "surface": "guard", "ids": ["y"], "text_tokens": 64},
        {"at": at - 30 * DAY, "do": "told", "surface": "start", "ids": ["z"], "text_tokens": 1000},
    ]
    (folder / f"{'0' * 16}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with View(repository) as view:
        cost = digest(view).cost
    assert (cost.told, cost.told_tokens) == (2, 122)
