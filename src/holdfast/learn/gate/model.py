"""Weigh the features of a text: a multinomial logistic regression, fitted on labelled cases.

For each criterion c the log-odds that a text is a learning, rather than one refused on c, are linear:
``b_c + sum over features of w_cf * (x_f - typical_f)``. The chance that it is a learning at all is
``1 / (1 + sum over c of exp(-odds_c))``, the softmax of the regression. The constants are in `weights.py`,
written by ``bench/gate/fit.py``, which also says how well they do on cases they were not fitted on.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.learn.gate.features import GROUPS
from holdfast.learn.gate.weights import BIAS, WEIGHED, WEIGHTS

PROVEN = 3.0
"""What an outcome that was seen adds to the log-odds: it multiplies the odds by 20."""


_LEAST = -30.0
_START = tuple(
    bias - sum(row[0] * row[1 + index] for row in WEIGHTS.values()) for index, bias in enumerate(BIAS)
)
"""Log-odds of a text of which every feature is 0."""


@dataclass(frozen=True)
class Weighed:
    """Hold what the model makes of a text.

    Attributes:
        chance: That it is a learning, 0 to 1.
        odds: Log-odds by criterion that it is a learning and not one refused on that criterion.
    """

    chance: float
    odds: dict[str, float]

    @property
    def worst(self) -> str:
        """Return the criterion with the lowest odds, the first of equals."""
        return min(self.odds, key=lambda criterion: self.odds[criterion])


def weigh(features: Mapping[str, float], *, proven: bool = False) -> Weighed:
    """Return what the model makes of features; `proven` raises every odds by `PROVEN`."""
    odds = [start + PROVEN * proven for start in _START]
    for name, value in features.items():
        if value:
            for index, weight in enumerate(WEIGHTS[name][1:]):
                odds[index] += weight * value
    chance = 1 / (1 + sum(math.exp(-max(value, _LEAST)) for value in odds))
    return Weighed(chance, dict(zip(WEIGHED, odds, strict=True)))


def against(features: Mapping[str, float], criterion: str) -> str:
    """Return the group of features of a criterion that speaks most against a text, next to a typical one."""
    column = 1 + WEIGHED.index(criterion)
    sums: dict[str, float] = defaultdict(float)
    for name, row in WEIGHTS.items():
        group = name.partition(".")[0]
        if GROUPS[group] == criterion:
            sums[group] += row[column] * (features[name] - row[0])
    return min(sums, key=lambda group: sums[group])
