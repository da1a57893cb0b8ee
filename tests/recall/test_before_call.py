"""Before a call an agent is told what works instead, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.learn import write
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.recall.before_call import recall_call
from holdfast.recall.situation import Situation
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession


def test_the_very_call_that_failed_is_answered_with_what_works(view: View) -> None:
    answer = recall_call(view, "cd api && pytest -q 2>&1 | tail -5")
    assert "uv run pytest" in answer.text
    assert answer.instead[0].exact
    assert answer.worth is not None
    assert answer.worth.pays
    assert answer.risk is not None
    assert answer.risk >= 0.5


@pytest.mark.parametrize("command", ["uv run pytest -q", "uv run pytest -q tests/api"])
def test_a_call_that_does_so_already_is_met_with_silence(view: View, command: str) -> None:
    assert recall_call(view, command).text == ""


@pytest.mark.parametrize("command", ["", "ls", "frobnicate --all", "echo hi | cat", "\x00", "((("])
def test_of_what_never_ran_here_nothing_is_known(view: View, command: str) -> None:
    answer = recall_call(view, command)
    assert (answer.text, answer.instead, answer.failures) == ("", [], [])


def test_how_it_went_is_counted_without_the_session_that_asks(empty: Repository, tmp_path: Path) -> None:
    with View(empty) as view:
        ingest(view, [_session(number, tmp_path) for number in range(3)])
        answer = recall_call(view, "frob deploy")
        assert (answer.runs, answer.failed, answer.sessions) == (6, 3, 3)
        assert answer.interval is not None
        assert answer.interval.low < 0.5 < answer.interval.high
        one = view.index.command_counts("frob")[0][0]
        fewer = recall_call(view, "frob deploy", situation=Situation(session=one))
        assert (fewer.runs, fewer.sessions) == (4, 2)


def test_a_command_that_mostly_fails_for_no_fault_of_the_code_is_told(
    empty: Repository, tmp_path: Path
) -> None:
    with View(empty) as view:
        ingest(view, [_session(number, tmp_path, ok=False) for number in range(8)])
        answer = recall_call(view, "frob deploy")
    assert "`frob` failed in 8 of 8 runs here" in answer.text
    assert answer.failures[0].sessions == 8


@pytest.mark.parametrize("told", [
    "Never run `make seed` on this checkout: it drops the shared database. Use `make seed-local` instead.",
    "Use `make seed-local`, not `make seed`, because the latter drops the shared database of all.",
])  # fmt: skip
def test_what_somebody_wrote_against_a_call_is_told_before_it(empty: Repository, told: str) -> None:
    with View(empty) as view:
        write.learn_text(view, told, kind="gotcha", anyway="for the test")
        answer = recall_call(view, "make seed")
        assert answer.instead[0].exact
        assert "make seed-local" in answer.text
        assert recall_call(view, "make seed-local").text == ""
        assert recall_call(view, "make test").instead == []


def test_what_somebody_wrote_for_a_call_is_no_warning(empty: Repository) -> None:
    with View(empty) as view:
        write.learn_text(view, "Run `make seed` before the tests.", kind="gotcha", anyway="for the test")
        assert recall_call(view, "make seed").instead == []


def test_what_was_retired_told_or_stands_in_the_instructions_is_not_told(view: View) -> None:
    told = recall_call(view, "pytest -q").instead[0].id
    assert recall_call(view, "pytest -q", situation=Situation(told=frozenset([told]))).text == ""
    root = view.repository.root
    assert root is not None
    (root / "CLAUDE.md").write_text("Run the tests with `uv run pytest -q`.\n")
    assert recall_call(view, "pytest -q").text == ""
    (root / "CLAUDE.md").unlink()
    for document in view.told():
        write.retire(view, document.id, "")
    assert recall_call(view, "pytest -q").instead == []


def _session(number: int, folder: Path, *, ok: bool = True) -> Path:
    made = ClaudeSession(
        f"{number:08d}-0000-4000-8000-000000000000", root="/home/ada/shop", start=1.7723e9 + number * 90_000
    )
    made.bash("frob deploy", "frob: no such option: deploy", exit_code=1)
    if ok:
        made.edit("frob.toml", "a", "b")
        made.bash("frob deploy --all", "done")
    return made.write(folder / f"{number}.jsonl")
