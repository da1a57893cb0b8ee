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
