from __future__ import annotations

import time

import pytest

from holdfast.hook import clock


def test_the_variable_sets_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", "1767225599.5")
    assert (clock.now(), clock.today()) == (1767225599.5, "2025-12-31")


@pytest.mark.parametrize("told", ["", "soon", "nan", "inf", "1e300"])
def test_what_is_no_time_leaves_the_systems_clock(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", told)
    before = time.time()
    assert before <= clock.now() <= time.time()
    assert len(clock.today()) == 10


def test_a_time_has_its_day_and_what_is_no_time_has_todays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", "1767225600")
    assert clock.day_of(1767225599.5) == "2025-12-31"
    assert clock.day_of(float("inf")) == "2026-01-01"
