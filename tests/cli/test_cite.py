"""`holdfast cite` at the command line, and what `review` and `status` make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from holdfast.repo.location import Repository

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _there(learned: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(learned.directory)


@pytest.fixture
def known(holdfast: Run) -> str:
    found: str = holdfast("brief", "--json").json["hazards"][0]["item"]["id"]
    return found


def test_wrong_is_told_to_nobody_until_review(holdfast: Run, known: str) -> None:
    done = holdfast("cite", known, "--outcome", "wrong", "--note", "uv is gone", "--agent", "codex")
    assert done.code == 0
    assert "It is not told any more" in done.out
    assert f"; {known})" not in holdfast("brief").out
    shown = holdfast("review").out
    assert known in shown
    assert "wrong, said codex on" in shown
    assert "“uv is gone”" in shown
    assert "1 learning was called wrong or stale: `holdfast review`" in holdfast("status").out
    assert "is told again" in holdfast("review", "accept", known).out
    assert f"; {known})" in holdfast("brief").out
    assert "called wrong" not in holdfast("status").out
    lines = [
        line.split("  ")[2] for line in holdfast("why", known).out.splitlines() if line.startswith("  20")
    ]
    assert lines == ["called wrong by codex: uv is gone", "withheld: uv is gone", "accepted by a person"]


def test_json_has_the_documents_name(holdfast: Run, known: str) -> None:
    told = holdfast("cite", known, "--outcome", "stale", "--json").json
    assert (told["schema"], told["outcome"], told["withheld"]) == ("holdfast.cite/1", "stale", False)
    assert holdfast("review", "--json").json["doubted"][0]["outcome"] == "stale"


def test_what_cannot_be_cited_says_what_to_do(holdfast: Run, known: str) -> None:
    assert holdfast("cite", known, "--outcome", "wrong").code == 2
    assert holdfast("cite", "zzzz", "--outcome", "helped").code == 2
    assert holdfast("cite", known, "--outcome", "great").code == 2


def test_a_share_to_hold_out_is_chosen_and_shown(holdfast: Run) -> None:
    assert "level knowledge" in holdfast("ingest", "--hold-out", "20%").out
    assert "Hold-outs" not in holdfast("status").out
    assert holdfast("ingest", "--hold-out", "off").out == "Nothing is held out.\n"
    for wrong in ("2", "-1", "nan", "much"):
        assert holdfast("ingest", "--hold-out", wrong).code == 2
