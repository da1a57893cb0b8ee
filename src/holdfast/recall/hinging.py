"""Say how likely a task hinges on a decision that was found near to it, so that silence is kept elsewhere.

Likeness alone does not tell: "add a column to the contact list" is near to whatever speaks of contacts. What
is decided comes up where somebody wonders whether a thing is meant to be so, or proposes to change how it
behaves; an order to add, test, rename or translate something seldom turns on it. So a task's form weighs
beside how much of it a decision meets. The constants are those of a logistic regression over
``bench/decisions`` (tuning half), rounded.
"""

from __future__ import annotations

import re

from holdfast.recall.nearness import Near

_WONDERS = re.compile(
    r"\b(?:why|should(?:n['’]t)?|supposed|expect(?:ed)?|surely|can['’]t (?:we|i|you)|can (?:we|"
    r"i) (?:just|simply)|"
    r"could (?:we|i)|let me|i['’]d|i['’]ll|i want|we want|fine|okay|ok|is (?:that|this|it)|bug|broken|"
    r"which|whose|"
    r"whom|how (?:do|should|far|long|many|much)|what (?:do|should|is)|where (?:do|should)|instead|simply|"
    r"just|every|"
    r"always|never|still|again|complain\w*|furious|upset)\b",
    re.IGNORECASE,
)
_ORDERS = re.compile(
    r"^(?:please )?(?:(?:can|could) you )?(?:add|write|show|bump|rename|document|profile|translate|"
    r"upgrade|run|give|"
    r"put|sort|print|make a|create)\b|\b(?:unit test|integration test|add (?:a|an) (?:test|column|flag|"
    r"example|"
    r"field|link)|typo|dead link|backtrace|panic|stack ?trace|index out of|newest \d|tests? (?:still )?pass|"
    r"profile it|tooltip|translatable|wording|misaligned)\b",
    re.IGNORECASE,
)
_BIAS, _WEIGHT, _ABOUT, _ASKS, _WONDERING, _ORDERING = -3.1, 0.6, 0.65, 1.3, 0.9, -1.75
_LENGTH, _MOST = 1.0, 36
"""What thirty words add; a long account of a symptom turns on something more often than a line does."""
_WHOLE, _MET = 4.0, 0.55
"""What it adds when a decision meets more than this share of the task."""


def hinges(task: str, near: Near) -> float:
    """Return the log-odds that a task hinges on a decision; above 0 it is worth telling.

    Args:
        task: What is to be done, as it was put.
        near: How near the decision is.
    """
    text = task.strip()
    odds = _BIAS + _WEIGHT * near.weight + _ABOUT * near.about
    odds += _ASKS * ("?" in text) + _WONDERING * bool(_WONDERS.search(text))
    odds += _ORDERING * bool(_ORDERS.search(text))
    odds += _LENGTH * min(_MOST, len(text.split())) / 30
    return odds + _WHOLE * max(0.0, near.share - _MET)
