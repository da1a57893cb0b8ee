"""Put the criteria together: rules first, then the weights; for a refusal its reason and cure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from holdfast.learn.gate import advice, features, likeness, model, rules
from holdfast.learn.gate.rules import Words
from holdfast.learn.gate.text import Text, prepare
from holdfast.learn.gate.weights import THRESHOLD

CRITERIA = ("safe", "actionable", "validated", "specific", "unique")
"""The criteria, in the order in which a refusal looks for a broken rule to name."""


@dataclass(frozen=True)
class Verdict:
    """Say whether a text may be recorded.

    Attributes:
        scores: Each criterion's score, 0 to 1: the chance that the text is a learning and not one refused on
            that criterion. One below `THRESHOLD` fails. The criterion that a refusal is about bears the
            chance that the text is a learning at all, or 0 when it breaks a rule.
        criterion: The criterion that the refusal is about, "" when accepted.
        reason: What is wrong, in a sentence; "" when accepted.
        mend: What to write instead, in a sentence; "" when accepted.
    """

    accepted: bool
    scores: dict[str, float] = field(default_factory=dict)
    criterion: str = ""
    reason: str = ""
    mend: str = ""


def judge(text: str, *, kind: str = "", proven: bool = False, known: Iterable[str] = ()) -> Verdict:
    """Judge a candidate learning by its content.

    Rules are looked at first (harm, shape, what is recorded already), then the fitted weights of `model`.
    Pure and deterministic; time grows with the length of the text and of `known`.

    Args:
        text: What would be recorded; its first paragraph is what an agent is shown.
        kind: The kind of learning; it words the advice, it does not change the verdict.
        proven: True when an outcome confirmed it: a failure, then a success.
        known: Texts that are recorded already.
    """
    overlong = rules.too_long(text)
    if overlong:
        return Verdict(False, dict.fromkeys(CRITERIA, 0.0), "actionable", *overlong)
    prepared = prepare(text)
    measured = features.measure(prepared)
    weighed = model.weigh(measured, proven=proven)
    odds = weighed.odds
    scores = {name: round(_chance(odds[name]), 2) if name in odds else 1.0 for name in CRITERIA}
    broken = _broken(prepared, text, known, scores, proven=proven)
    if broken:
        criterion = next(name for name in CRITERIA if name in broken)
        return Verdict(False, scores, criterion, *broken[criterion])
    if weighed.chance >= THRESHOLD:
        return Verdict(True, scores)
    words = advice.words(model.against(measured, weighed.worst), kind, measured)
    criterion = "specific" if words is advice.NO_NAME else weighed.worst
    scores[criterion] = math.floor(weighed.chance * 100) / 100
    return Verdict(False, scores, criterion, *words)


def _broken(
    text: Text, whole: str, known: Iterable[str], scores: dict[str, float], *, proven: bool
) -> dict[str, Words]:
    """Return the rules that are broken, by criterion, and write the scores of those."""
    broken = rules.broken(text, whole, proven=proven)
    scores.update(dict.fromkeys(broken, 0.0))
    like, other = likeness.nearest(whole, known)
    if like >= likeness.SAME:
        scores["unique"] = round(1 - like, 2)
        broken["unique"] = (
            f"It is recorded already: “{_short(other)}”.",
            "Cite that one, or say what is new against it.",
        )
    return broken


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))


def _short(text: str) -> str:
    line = " ".join(text.split("\n\n")[0].split())
    return line if len(line) <= 100 else line[:99].rstrip() + "…"
