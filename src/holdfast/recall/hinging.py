"""Say how likely a task hinges on a decision that was found near to it, so that silence is kept elsewhere.

Likeness alone does not tell: "add a column to the contact list" is near to whatever speaks of contacts. So it
weighs how much of the decision is about the task and how much of the task it meets; nothing of how the task
is put, for that marks the tasks of one test set and not those of the next.

The constants are those of logistic regressions over ``bench/decisions`` (tuning half), rounded: the tasks
that hinge on something, those that hinge on nothing recorded, and those of one history put to another.
"""

from __future__ import annotations

import math

from holdfast.recall.meetings import Met
from holdfast.recall.nearness import Near

ABOUT, ABOUT_WHEN_ASKED = 0.6, 0.3
"""Shares, of the task that a decision meets and of the decision about the task, from which on it is told."""
_BIAS, _ABOUT, _WEIGHT, _AMONG = -2.5, 5.2, 0.6, 0.29
_WHOLE, _MET = 4.0, 0.55
"""What it adds when a decision meets more than this share of the task, as for a question of two words."""
_MET_BIAS, _MET_FULL, _MET_SCORE = -7.5, 5.0, 3.7


def hinges(near: Near, among: int) -> float:
    """Return the log-odds that a task hinges on a decision, by its words; above 0 it is worth telling.

    Args:
        near: How near the decision is.
        among: How many documents there are: the nearest of more of them is near by chance.
    """
    odds = _BIAS + _ABOUT * near.about + _WEIGHT * near.weight + _WHOLE * max(0.0, near.share - _MET)
    return odds - _AMONG * math.log(max(1, among))


def hinges_as_met(met: Met, score: float) -> float:
    """Return the log-odds that a task hinges on a decision whose symptoms are near to it.

    Args:
        met: How near its symptoms are.
        score: How well it answers the task beside the others: 1 when all measures put it first.
    """
    return _MET_BIAS + _MET_FULL * met.full + _MET_SCORE * score


def is_about(near: Near, *, asked: bool = False) -> bool:
    """Tell whether a decision and a task are mostly about each other, however common their words are here.

    In a young repository every word is common, and the odds of `hinges` never rise.
    """
    least = ABOUT_WHEN_ASKED if asked else ABOUT
    return near.share >= least and near.about >= least
