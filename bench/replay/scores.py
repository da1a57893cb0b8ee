"""Count and weigh: ratios of sums with bootstrap intervals, calibration, and what a text is worth.

Nothing here knows the product. A score is a list of rows, one a session (its repository, a numerator, a
denominator), and its value is the sum of the numerators over that of the denominators.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

DRAWS = 1000
"""Resamples of a bootstrap."""
FEW = 30
"""Cases under which an interval is printed and nothing is claimed."""
READ, WRITE, OUTPUT = 0.1, 1.25, 5.0
"""Price of a token read from the cache, written to it, and put out, in tokens of input."""
MOST_STEPS = 8
"""Calls that one failure may be said to have cost."""


class Row(NamedTuple):
    """One session's part in a score."""

    repo: str
    top: float
    bottom: float


class Score(NamedTuple):
    """A value with its interval over sessions, the one over repositories too, and the cases behind it."""

    value: float | None
    low: float | None
    high: float | None
    wide_low: float | None
    wide_high: float | None
    n: int

    @property
    def few(self) -> bool:
        """Tell whether there are too few cases to claim anything."""
        return self.n < FEW


def ratio(rows: Iterable[Row]) -> float | None:
    """Return the sum of the numerators over that of the denominators; None when that is nought."""
    top = bottom = 0.0
    for row in rows:
        top += row.top
        bottom += row.bottom
    return top / bottom if bottom else None


def score(rows: Sequence[Row], n: int | None = None, seed: int = 7) -> Score:
    """Return a score with its intervals.

    Args:
        rows: One a session.
        n: The cases behind it; the sum of the denominators when not given.
        seed: Of the resampling, which is so the same each time.
    """
    value = ratio(rows)
    cases = round(sum(row.bottom for row in rows)) if n is None else n
    if value is None:
        return Score(None, None, None, None, None, cases)
    narrow = interval(rows, ratio, repositories=False, seed=seed)
    wide = interval(rows, ratio, repositories=True, seed=seed)
    return Score(value, *narrow, *wide, cases)


def interval(
    rows: Sequence[Row],
    value: Callable[[Iterable[Row]], float | None],
    *,
    repositories: bool,
    seed: int = 7,
) -> tuple[float | None, float | None]:
    """Return the middle 95 % of a value over resamples of sessions, within or with their repositories."""
    by_repo: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_repo[row.repo].append(row)
    groups = [by_repo[name] for name in sorted(by_repo)]
    draw = random.Random(seed)
    found = []
    for _ in range(DRAWS):
        chosen = draw.choices(groups, k=len(groups)) if repositories else groups
        drawn = value(row for group in chosen for row in draw.choices(group, k=len(group)))
        if drawn is not None:
            found.append(drawn)
    if not found:
        return None, None
    found.sort()
    return found[int(0.025 * len(found))], found[min(int(0.975 * len(found)), len(found) - 1)]


def difference(ours: Sequence[Row], others: Sequence[Row], n: int | None = None) -> Score:
    """Return the paired difference of two scores over the same sessions."""
    assert len(ours) == len(others)
    pairs = [Row(one.repo, one.top - other.top, one.bottom) for one, other in zip(ours, others, strict=True)]
    return score(pairs, n)


class Calibration(NamedTuple):
    """How well chances were told: the Brier score, that of the base rate, and observed rates by bin."""

    n: int
    brier: float
    base: float
    skill: float
    bins: list[tuple[float, float, int]]


BINS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 1.01)


def calibration(told: Sequence[tuple[float, bool]]) -> Calibration | None:
    """Return how chances compare with what happened; None without any.

    The base rate is that of the very cases scored, which no policy could know: the skill above it
    (1 - Brier / Brier of the base rate) is so told low.
    """
    if not told:
        return None
    rate = sum(happened for _, happened in told) / len(told)
    brier = sum((chance - happened) ** 2 for chance, happened in told) / len(told)
    base = rate * (1 - rate)
    bins = []
    low = 0.0
    for high in BINS:
        those = [(chance, happened) for chance, happened in told if low <= chance < high]
        if those:
            mean = sum(chance for chance, _ in those) / len(those)
            bins.append((mean, sum(happened for _, happened in those) / len(those), len(those)))
        low = high
    return Calibration(len(told), brier, rate, 1 - brier / base if base else 0.0, bins)


def cost(tokens: int, calls: float) -> float:
    """Return what a text costs that is written once and read again at each later call."""
    return tokens * (WRITE + READ * calls)


def spared(steps: int | None, context: float, written: float) -> float:
    """Return what the calls that a failure cost were worth; an unresolved one cost three."""
    return min(MOST_STEPS, 3 if steps is None else max(steps, 1)) * step(context, written)


def step(context: float, written: float) -> float:
    """Return what one call costs: its context read again, and what the model puts out."""
    return READ * context + OUTPUT * written
