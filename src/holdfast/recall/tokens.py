"""How many tokens a text costs, estimated offline, and as this repository's own models count them.

A linear estimate over six counts (letters, capitals, digits, words, line ends, punctuation). Its weights were
fitted by least squares against two public tokenizers; the median error there was 5 %. Vendors' own
tokenizers differ, so the weights are fitted again for each model from what its sessions recorded, drawn
towards these where little is known. Figures made with it are shown with ``≈``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from holdfast.evidence.token_counts import FEATURES, TokenSums, features

PRIOR = (0.123, 0.109, 0.872, 0.486, 1.203, 0.599)
"""Tokens for each letter, capital, digit, word, line end and punctuation mark."""
Weights = tuple[float, ...]
STRENGTH = 15.0
"""Texts that the prior's weights count for beside those of a model."""
ENOUGH = 20
"""Texts that a model's own weights need."""
_LEAST, _MOST = 0.4, 2.5


def estimate(text: str, model: str | None = None, fitted: Mapping[str, Weights] | None = None) -> int:
    """Return the estimated tokens of a text, at least one for a text that is not empty.

    Args:
        text: The text.
        model: The model that reads it.
        fitted: The weights of models, from `fit`; the prior's are used for one that is not among them.
    """
    if not text:
        return 0
    weights = (fitted or {}).get(model or "", PRIOR)
    return max(1, round(sum(map(float.__mul__, weights, map(float, features(text))))))


def fit(sums: TokenSums) -> Weights | None:
    """Return the weights that a model's own texts give; None when they are too few or say nothing sound.

    Ridge regression towards the prior scaled to the model: each weight is held by what `STRENGTH` texts
    weigh in its own direction, none falls below zero, and a whole that is far from the prior is refused.
    """
    if sums.n < ENOUGH:
        return None
    matrix = _square(sums.squares)
    expected = sum(weight * product for weight, product in zip(PRIOR, sums.products, strict=True))
    spread = sum(
        PRIOR[one] * PRIOR[two] * matrix[one][two] for one in range(FEATURES) for two in range(FEATURES)
    )
    scale = expected / spread if spread > 0 else 1.0
    if not _LEAST <= scale <= _MOST:
        return None
    prior = [scale * weight for weight in PRIOR]
    held = [STRENGTH * matrix[place][place] / sums.n for place in range(FEATURES)]
    rows = [
        [matrix[one][two] + (held[one] + 1e-9 if one == two else 0.0) for two in range(FEATURES)]
        for one in range(FEATURES)
    ]
    right = [sums.products[place] + (held[place] + 1e-9) * prior[place] for place in range(FEATURES)]
    weights = _solve(rows, right)
    if weights is None or min(weights) < 0:
        return tuple(prior)
    return tuple(weights)


def _square(triangle: Sequence[float]) -> list[list[float]]:
    matrix = [[0.0] * FEATURES for _ in range(FEATURES)]
    values = iter(triangle)
    for one in range(FEATURES):
        for two in range(one, FEATURES):
            matrix[one][two] = matrix[two][one] = next(values)
    return matrix


def _solve(rows: list[list[float]], right: list[float]) -> list[float] | None:
    """Solve a small linear system by elimination with pivots; None when it has no single solution."""
    table = [[*row, value] for row, value in zip(rows, right, strict=True)]
    size = len(table)
    for place in range(size):
        pivot = max(range(place, size), key=lambda row: abs(table[row][place]))
        if abs(table[pivot][place]) < 1e-12:
            return None
        table[place], table[pivot] = table[pivot], table[place]
        for row in range(size):
            if row != place:
                factor = table[row][place] / table[place][place]
                table[row] = [one - factor * two for one, two in zip(table[row], table[place], strict=True)]
    return [table[place][size] / table[place][place] for place in range(size)]
