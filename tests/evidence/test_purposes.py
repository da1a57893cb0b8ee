"""What a command is for is told by its family; a share of its runs says how sure it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.evidence.purposes import could_replace, interval, purpose_of


@pytest.mark.parametrize(
    ("family", "purpose"),
    [
        ("npm test", "test"),
        ("vitest", "test"),
        ("pytest", "test"),
        ("go test", "test"),
        ("mise run test", "test"),
        ("mise run test:integration", "test integration"),
        ("npm run lint", "lint"),
        ("mypy", "check types"),
        ("mise run fmt", "format"),
        ("go build", "build"),
        ("pnpm install", "install"),
        ("npm ci", "install"),
        ("git commit", ""),
        ("latest", ""),
    ],
)
def test_families_of_the_same_purpose_are_known_as_such(family: str, purpose: str) -> None:
    assert purpose_of(family) == purpose


@pytest.mark.parametrize(
    ("family", "other", "could"),
    [
        ("npm test", "vitest", True),
        ("npm test", "make test", True),
        ("npm test", "pytest", False),
        ("pytest", "pytest", False),
        ("npm ci", "pip install", False),
        ("npm ci", "pnpm install", True),
        ("git commit", "git push", False),
        ("npm test", "npm run lint", False),
    ],
)
def test_only_a_command_of_the_same_purpose_and_language_could_replace_another(
    family: str, other: str, could: bool
) -> None:
    assert could_replace(family, other) == could


@given(st.integers(0, 400), st.integers(0, 400))
def test_an_interval_holds_the_share_and_narrows_with_more_runs(ok: int, red: int) -> None:
    runs = ok + red
    narrow, wide = interval(ok * 4, runs * 4), interval(ok, runs)
    assert 0 <= wide.low <= wide.high <= 1
    if runs:
        assert wide.low - 1e-9 <= ok / runs <= wide.high + 1e-9
        assert narrow.high - narrow.low <= wide.high - wide.low
    else:
        assert (wide.low, wide.high) == (0.0, 1.0)


def test_the_interval_is_the_published_one() -> None:
    found = interval(8, 10)
    assert (round(found.low, 3), round(found.high, 3)) == (0.490, 0.943)
