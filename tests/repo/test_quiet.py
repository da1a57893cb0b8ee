"""A person's word to say nothing holds for good or until a time, and the hook reads the same."""

from __future__ import annotations

import time

import pytest

from holdfast.hook import place, run, trusted
from holdfast.repo import quiet
from holdfast.repo.location import Repository


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setenv("HOLDFAST_NOW", "1772366400")
    return 1772366400.0


def hook_says(repository: Repository, now: float) -> bool:
    found = place.find(str(repository.directory))
    assert found is not None
    assert trusted.accepted(found) is not None
    return not run._is_quiet(found, now)


def test_nothing_is_quiet_unless_somebody_said_so(empty: Repository, now: float) -> None:
    assert quiet.until(empty) is None
    assert hook_says(empty, now)
    assert not quiet.speak(empty)


def test_for_good_means_until_it_is_ended(empty: Repository, now: float) -> None:
    quiet.silence(empty, quiet.FOREVER)
    assert quiet.until(empty) == quiet.FOREVER
    assert not hook_says(empty, now + 1e9)
    assert quiet.speak(empty)
    assert quiet.until(empty) is None
    assert hook_says(empty, now)


def test_a_time_ends_it(empty: Repository, now: float, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet.silence(empty, now + 60)
    assert quiet.until(empty) == now + 60
    assert (hook_says(empty, now + 59), hook_says(empty, now + 60)) == (False, True)
    monkeypatch.setenv("HOLDFAST_NOW", str(now + 60))
    assert quiet.until(empty) is None


def test_today_ends_at_the_next_midnight_of_the_person(now: float, monkeypatch: pytest.MonkeyPatch) -> None:
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        end = time.localtime(quiet.midnight())
        assert (end.tm_hour, end.tm_min, end.tm_sec) == (0, 0, 0)
        assert now < quiet.midnight() <= now + 86400
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("content", ["", "forever\n", "nan?", "\x00", "tomorrow"])
def test_a_file_that_says_no_time_means_silence_to_both(empty: Repository, now: float, content: str) -> None:
    """Whoever made the file wanted silence: a hook that speaks against that would be noise."""
    empty.ensure_state().joinpath("quiet").write_text(content)
    assert quiet.until(empty) == quiet.FOREVER
    assert not hook_says(empty, now)
