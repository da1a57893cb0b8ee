"""Say how likely a task hinges on a decision that was found near to it, so that silence is kept elsewhere.

Likeness alone does not tell: "add a column to the contact list" is near to whatever speaks of contacts. So it
weighs how much of the task a decision meets, how much of the decision is about the task, and that an order to
add, test, rename or translate something seldom turns on a decision. Whether a task asks or wonders tells no
more: that marked the tasks of one test set, and those of another history put to it just as well.

The constants are those of a logistic regression over ``bench/decisions`` (tuning half), rounded: the tasks
that hinge on something, those that hinge on nothing recorded, and those of one history put to another.
"""

from __future__ import annotations

import re

from holdfast.recall.meetings import Met
from holdfast.recall.nearness import Near

_MET_BIAS, _MET_FULL, _MET_SCORE = -7.8, 5.0, 3.7
"""By symptoms, where they are known: fitted alike, over six invented histories and two real ones."""
ABOUT, ABOUT_WHEN_ASKED = 0.5, 0.3
"""Shares, of the task that a decision meets and of the decision about the task, from which on it is told."""
_ORDERS = re.compile(
    r"^(?:please )?(?:(?:can|could) you )?(?:add|write|show|bump|rename|document|profile|translate|"
    r"upgrade|run|give|"
    r"put|sort|print|make a|create)\b|\b(?:unit test|integration test|add (?:a|an) (?:test|column|flag|"
    r"example|"
    r"field|link)|typo|dead link|backtrace|panic|stack ?trace|index out of|newest \d|tests? (?:still )?pass|"
    r"profile it|tooltip|translatable|wording|misaligned)\b",
    re.IGNORECASE,
)
_BIAS, _WEIGHT, _ABOUT, _SHARE, _ORDERING = -4.7, 0.67, 2.4, 1.5, -1.75
_LENGTH, _MOST = 1.84, 36
"""What thirty words add; a long account of a symptom turns on something more often than a line does."""
_WHOLE, _MET = 4.0, 0.55
"""What it adds when a decision meets more than this share of the task, as for a question of two words."""


def hinges(task: str, near: Near) -> float:
    """Return the log-odds that a task hinges on a decision; above 0 it is worth telling.

    Args:
        task: What is to be done, as it was put.
        near: How near the decision is.
    """
    odds = _BIAS + _WEIGHT * near.weight + _ABOUT * near.about + _SHARE * near.share
    odds += _ORDERING * bool(_ORDERS.search(task.strip())) + _LENGTH * min(_MOST, len(task.split())) / 30
    return odds + _WHOLE * max(0.0, near.share - _MET)


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
