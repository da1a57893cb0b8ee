"""What ended since it was mended, by git's history and by what `--fix` noted."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from holdfast.measure.tuition import since
from holdfast.measure.tuition.since import Mended
from holdfast.repo.location import Repository
from holdfast.testing.repositories import commit, make_repository

from .conftest import DAY, GREEN, RED, START, History


@pytest.fixture
def repository(tmp_path: Path, isolated_home: Path) -> Repository:
    return make_repository(tmp_path / "shop")


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ([RED] * 9, [GREEN] * 6, "ended"),
        ([RED] * 2 + [GREEN] * 10, [GREEN] * 2, "too early to tell"),
        ([RED] * 9, [], "too early to tell"),
        ([RED] * 2, [GREEN] * 2, "too early to tell"),
        ([RED] * 9, [RED] * 6, "not ended"),
        ([RED] * 9 + [GREEN], [RED] + [GREEN] * 7, "less often"),
    ],
)
def test_sessions_before_and_after_are_compared(
    history: History, before: list, after: list, verdict: str
) -> None:
    sessions = history([[one] for one in before + after])
    mended = Mended(at=START + (len(before) - 0.5) * DAY, where="CLAUDE.md:6", command="bun test")
    (one,) = since.ended(sessions, [mended])
    assert (one.before, one.before_of) == (before.count(RED), len(before))
    assert (one.after, one.after_of) == (after.count(RED), len(after))
    assert one.verdict == verdict


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.9])
@pytest.mark.parametrize(("before_of", "after_of"), [(3, 2), (5, 30), (20, 10)])
def test_what_did_not_change_is_seldom_told_as_ended(rate: float, before_of: int, after_of: int) -> None:
    drawn = random.Random(1)
    called, tried = 0, 0
    while tried < 400:
        before, after = (sum(drawn.random() < rate for _ in range(of)) for of in (before_of, after_of))
        if before >= since.FEWEST:
            tried += 1
            called += since.chance(before, before_of, after, after_of) < since.SURE
    assert called / tried < 0.08


def test_a_mend_of_no_sensible_time_is_told_without_failing(history: History) -> None:
    (one,) = since.ended(history([[RED], [RED]]), [Mended(at=1e17, where="x", command="bun test")])
    assert (one.day, one.before) == ("1970-01-01", 2)


def test_a_failure_that_was_hardly_met_before_is_left_out(history: History) -> None:
    sessions = history([[RED], [GREEN], [GREEN]])
    assert since.ended(sessions, [Mended(at=START + DAY / 2, where="x", command="bun test")]) == []


def test_a_command_that_a_commit_took_out_for_good_was_mended(repository: Repository) -> None:
    top = repository.directory
    commit(top, {"CLAUDE.md": "- Run `bun test`\n- Run `make lint`\n"}, "Say how")
    commit(top, {"CLAUDE.md": "- Run `bun run test`\n- Lint with `make lint`\n"}, "Mend the line")

    def named(line: str) -> list[str]:
        return [part for place, part in enumerate(line.split("`")) if place % 2]

    found = list(since.mended_in_history(repository, ["CLAUDE.md"], named, ["bun run test", "make lint"]))
    assert [one.command for one in found] == ["bun test"]
    assert found[0].where.startswith("CLAUDE.md in ")


def test_what_fix_made_is_remembered_in_local_state(repository: Repository) -> None:
    first = Mended(at=1.0, where="CLAUDE.md:6", command="bun test")
    second = Mended(at=2.0, where=".claude/settings.json:1", command="npm install")
    since.note(repository, first)
    since.note(repository, second)
    assert since.notes(repository) == [first, second]
    (repository.state_dir / since.NOTES).write_text("{broken")
    assert since.notes(repository) == []
