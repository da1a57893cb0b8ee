"""Whether a text is worth its tokens: shown only when ``p·e·L > T·(w_write + w_read·R)``.

All in input tokens. p is the chance that the matter comes up while the text is in view, e the chance that
telling helps, L what is saved then; T the text's tokens, written to the cache once and read at the R calls
that are left to the next compaction or the end.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from holdfast.recall.figures import Figures
from holdfast.recall.situation import Situation

Surface = Literal["start", "prompt", "failure", "call"]
"""When something is told: at a session's start, at a prompt, when a command failed, before one runs."""

EFFECT = 0.3
"""Chance that telling helps, until it is measured."""
UNADVISED = 0.1
"""The same where nothing is said about what to do instead."""
REWORK = 10.0
"""Calls that are spent on a matter that was decided otherwise: a prior."""
FOUND = 3.0
"""Exploratory calls that naming a file saves at most."""


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a text pays, and what that rests on.

    Attributes:
        p: Chance that the matter comes up; ``e`` chance that telling helps.
        saved: What is saved then (L), in input tokens.
        saved_from: Whether that was measured in this repository or is a prior.
        tokens: The text's tokens (T), estimated; ``reads`` the calls that read it (R).
        cost: What showing it costs, in input tokens.
        pays: The verdict.
        why: All of it in one line.
    """

    p: float
    e: float
    saved: float
    saved_from: Literal["measured", "prior"]
    tokens: int
    reads: float
    cost: float
    pays: bool
    why: str

    @property
    def gain(self) -> float:
        """Return what it saves on average beyond its cost, in input tokens."""
        return self.p * self.e * self.saved - self.cost


def weigh(
    figures: Figures,
    kind: str,
    p: float,
    text: str,
    *,
    surface: Surface = "start",
    e: float = EFFECT,
    steps: float | None = None,
    situation: Situation | None = None,
) -> Worth:
    """Weigh a text against its tokens.

    Args:
        figures: What things cost here.
        kind: What it tells: ``failure``, ``decision``, ``file``, ``handoff`` or any other kind of item.
        p: Chance that the matter comes up over the surface's horizon.
        text: What would be shown.
        surface: When it would be shown.
        e: Chance that telling helps.
        steps: Calls that this very failure took to get past, when known.
        situation: The session that asks.
    """
    model = situation.model if situation else ""
    saved, saved_from = saving(figures, kind, steps=steps, situation=situation)
    calls = situation.calls if situation else 0
    reads = figures.reads_after(max(calls, 1) if surface in ("failure", "call") else calls, model)
    prices = figures.prices.of(model)
    tokens = figures.tokens(text, model)
    cost = tokens * (prices.cache_write + prices.cache_read * reads)
    chance = min(max(p, 0.0), 1.0)
    return Worth(
        p=round(chance, 4),
        e=e,
        saved=round(saved),
        saved_from=saved_from,
        tokens=tokens,
        reads=round(reads),
        cost=round(cost),
        pays=chance * e * saved > cost,
        why=_why(chance, e, saved, _from_what(saved_from, steps), tokens, reads, cost),
    )


def saving(
    figures: Figures, kind: str, *, steps: float | None = None, situation: Situation | None = None
) -> tuple[float, Literal["measured", "prior"]]:
    """Return what is saved when telling helps (L), in input tokens, and whether that was measured here.

    A failure: the calls to get past it. A decision: the calls of work that is done over. A file: calls of
    exploration, a third of those before a first edit and at most `FOUND`. A handoff: all of these. A call
    costs the context that the session is at, where that is known.
    """
    model = situation.model if situation else ""
    of, prices = figures.of(model), figures.prices.of(model)
    context = of.context.value
    if situation is not None and situation.context is not None and situation.context > 0:
        context = float(situation.context)
    step = prices.cache_read * context + prices.output * of.output.value
    if kind == "failure":
        known = of.steps.measured or steps is not None
        return step * (of.steps.value if steps is None else steps), _from(known and of.context.measured)
    if kind == "file":
        return step * min(FOUND, of.exploring.value / 3), _from(of.exploring.measured)
    if kind == "handoff":
        return step * of.exploring.value, _from(of.exploring.measured)
    return step * (REWORK if kind in ("decision", "guidance", "statement") else of.steps.value), "prior"


def _from(measured: bool) -> Literal["measured", "prior"]:
    return "measured" if measured else "prior"


def _from_what(saved_from: Literal["measured", "prior"], steps: float | None) -> str:
    calls = "" if steps is None else f" in {steps:.1f} calls"
    return calls if saved_from == "measured" else f"{calls}, a prior"


def _why(p: float, e: float, saved: float, how: str, tokens: int, reads: float, cost: float) -> str:
    expected = p * e * saved
    sign = ">" if expected > cost else "≤"
    return (
        f"{_percent(p)} × {e:g} × ≈ {short(saved)} tokens saved{how} = {short(expected)} {sign} "
        f"{short(cost)} cost (≈ {tokens} tokens, read at {reads:.0f} calls)"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if 0 < share < 0.095 else f"{100 * share:.0f} %"


def about(share: float) -> str:
    """Return a chance as it is told: ``≈ 18%``, ``< 1%``."""
    return f"≈ {share:.0%}" if share >= 0.01 else "< 1%"


def short(number: float) -> str:
    """Return a number as it is read at a glance: ``950``, ``1.6k``, ``45k``, ``2.1M``."""
    for size, mark in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            scaled = number / size
            return f"{scaled:.1f}{mark}" if scaled < 9.95 else f"{scaled:.0f}{mark}"
    return f"{number:.0f}"
