"""``holdfast brief`` as a user meets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from holdfast.repo.location import Repository

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _there(learned: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(learned.directory)


def test_it_prints_exactly_what_an_agent_would_be_told(holdfast: Run) -> None:
    done = holdfast("brief")
    assert done.code == 0
    assert done.out == holdfast("brief", "--json").json["text"] + "\n"
    assert "not instructions" in done.out.splitlines()[0]


def test_an_untrusted_repository_exits_with_1_and_tells_nothing(holdfast: Run) -> None:
    holdfast("trust", "--revoke")
    done = holdfast("brief", "--prompt", "pytest")
    assert (done.code, done.out) == (1, "")
    assert "holdfast trust" in done.err
    told = holdfast("brief", "--json")
    assert (told.code, told.json["trusted"], told.json["text"]) == (1, False, "")


def test_nothing_to_tell_is_silence(
    empty: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(empty.directory)
    assert holdfast("brief", "--prompt", "anything") == (0, "", "")


def test_explain_shows_what_each_line_is_worth(holdfast: Run) -> None:
    done = holdfast("brief", "--explain")
    assert done.code == 0
    told, _, explained = done.out.partition("\n\n")
    assert told + "\n" == holdfast("brief").out
    assert "tokens of context (9 sessions)" in " ".join(explained.split())
    assert "× 0.3 ×" in explained
    assert explained.count("  told  ") == len(told.splitlines()) - 1


def test_what_is_asked_for_by_name_is_given_whatever_it_is_worth(holdfast: Run) -> None:
    known = holdfast("recall", "pytest", "--json").json["items"][0]["id"]
    done = holdfast("brief", "--id", known, "--budget", "100", "--json")
    assert done.json["named"][0]["name"] == f"id {known}"
    assert done.json["text"].splitlines()[1] == f"id {known}:"
    assert done.json["considered"][0]["verdict"] == "asked for"
    assert done.json["tokens"] <= 100


def test_a_name_that_stands_for_nothing_is_said_by_explain(holdfast: Run) -> None:
    assert "nothing is recorded for tag zebra" in holdfast("brief", "--tag", "zebra", "--explain").out


def test_an_unknown_id_is_a_usage_error(holdfast: Run) -> None:
    assert holdfast("brief", "--id", "zzzzzz").code == 2


def test_a_budget_of_nothing_tells_nothing(holdfast: Run) -> None:
    assert holdfast("brief", "--budget", "0", "--json").json["text"] == ""


def test_files_may_be_asked_for_with_or_without_a_number(holdfast: Run, learned: Repository) -> None:
    assert learned.root is not None
    for args in (("--files",), ("--files", "2")):
        assert holdfast("brief", "--prompt", "fix the cart totals", *args, "--json").code == 0
