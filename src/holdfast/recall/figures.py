"""What a call, a failure and a text cost in this repository, from the sessions on record.

Each figure is a median over sessions with the number behind it. Where fewer than `ENOUGH` sessions tell, it
is drawn towards a prior and says so. All are computed once for each state of the index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from holdfast.evidence.token_counts import TokenSums, read_sums
from holdfast.index.documents import Occurrence, Stretch
from holdfast.learn.view import View
from holdfast.recall.tokens import Weights, estimate, fit
from holdfast.repo import config
from holdfast.repo.config import Prices
from holdfast.repo.trust import TrustStore

ENOUGH = 5
"""Sessions from which a figure stands for itself."""
CONTEXT, READS, STEPS, OUTPUT, EXPLORING = 60_000.0, 40.0, 3.0, 150.0, 9.0
"""Priors: tokens of context at a call, calls to the next compaction or end, calls to get past a failure,
tokens a model writes for a call, calls before the first edit."""
MOST_STEPS = 8.0
"""Calls to get past a failure that are counted at most: a longer way was also other work."""
_LIVES = 200
_KEPT = "figures/1"


class Figure(msgspec.Struct, frozen=True):
    """A number that was measured here in ``n`` sessions, or drawn towards a prior when these are few."""

    value: float
    n: int

    @property
    def measured(self) -> bool:
        """Tell whether enough sessions stand behind it."""
        return self.n >= ENOUGH


class OfModel(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one model's sessions, or of all.

    Attributes:
        context: Tokens of context at a call (C).
        reads: Calls from a session's start to its next compaction or its end (R).
        steps: Calls to get past a failure (S).
        output: Tokens written for a call (O).
        exploring: Calls before the first edit.
        lives: How many calls stretches without compaction had, sorted: what is left later is told by these.
        weights: What a text costs; empty for the prior's weights.
    """

    context: Figure
    reads: Figure
    steps: Figure
    output: Figure
    exploring: Figure
    lives: tuple[int, ...] = ()
    weights: Weights = ()


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What things cost here.

    Attributes:
        all: The figures over all sessions.
        models: Those of each model that has enough sessions.
        prices: What tokens cost, in input tokens.
    """

    all: OfModel
    models: dict[str, OfModel] = {}
    prices: Prices = Prices()

    def of(self, model: str = "") -> OfModel:
        """Return the figures of a model, or of all when it has too few sessions."""
        return self.models.get(model, self.all)

    def step(self, model: str = "") -> float:
        """Return what one more call costs, in input tokens: the context read again, and what is written."""
        of, prices = self.of(model), self.prices.of(model)
        return prices.cache_read * of.context.value + prices.output * of.output.value

    def reads_after(self, calls: int, model: str = "") -> float:
        """Return how many calls are left to the next compaction or end, after ``calls`` of them."""
        of = self.of(model)
        left = [life - calls for life in of.lives if life > calls]
        if len(left) >= ENOUGH:
            return float(left[len(left) // 2])
        return max(1.0, of.reads.value / 2 if calls else of.reads.value)

    def tokens(self, text: str, model: str = "") -> int:
        """Return what a text costs that model, estimated."""
        weights = self.of(model).weights or self.all.weights
        return estimate(text, model, {model: weights} if weights else None)


class _Kept(msgspec.Struct, frozen=True):
    all: OfModel
    models: dict[str, OfModel]


def figures_of(view: View) -> Figures:
    """Return the figures of a repository. Prices of its settings count only where it is trusted.

    Raises:
        EnvironmentProblem: The settings of the repository are trusted and broken.
    """
    kept = _read(view.index.kept(_KEPT))
    if kept is None:
        kept = _measured(view.index.stretches(), view.index.occurrences())
        view.index.keep(_KEPT, msgspec.json.encode(kept))
    return Figures(all=kept.all, models=kept.models, prices=_prices(view))


def _prices(view: View) -> Prices:
    return config.load(TrustStore().state(view.repository)).config.prices


def _read(data: bytes | None) -> _Kept | None:
    try:
        return msgspec.json.decode(data, type=_Kept) if data else None
    except msgspec.MsgspecError:
        return None


def _measured(stretches: Sequence[Stretch], rows: Iterable[Occurrence]) -> _Kept:
    by_session: dict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row.resolved and row.steps:
            by_session[row.session].append(min(MOST_STEPS, row.steps / row.resolved))
    steps = {session: sum(found) / len(found) for session, found in by_session.items()}
    models: dict[str, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        if stretch.model:
            models[stretch.model].append(stretch)
    return _Kept(
        _of(stretches, steps),
        {
            model: _of(own, steps, model)
            for model, own in sorted(models.items())
            if len({stretch.session for stretch in own}) >= ENOUGH
        },
    )


def _of(stretches: Sequence[Stretch], steps: dict[str, float], model: str = "") -> OfModel:
    sessions: dict[str, list[Stretch]] = defaultdict(list)
    for stretch in stretches:
        sessions[stretch.session].append(stretch)
    contexts, outputs, exploring, lives = list[float](), list[float](), list[float](), list[int]()
    for own in sessions.values():
        calls = sum(stretch.calls for stretch in own)
        known = [stretch for stretch in own if stretch.context_p50 and stretch.calls]
        if known:
            weight = sum(stretch.calls for stretch in known)
            contexts.append(sum(stretch.context_p50 * stretch.calls for stretch in known) / weight)
        if calls:
            parts = 1 + sum(stretch.compactions for stretch in own)
            lives += [max(1, calls // parts)] * min(parts, _LIVES)
            written = sum(stretch.tokens_output for stretch in own)
            outputs += [written / calls] if written else []
        before = _before_edit(own)
        exploring += [before] if before is not None else []
    resolved = [steps[session] for session in sessions if session in steps]
    return OfModel(
        context=_figure(contexts, CONTEXT),
        reads=_figure(lives, READS),
        steps=_figure(resolved, STEPS),
        output=_figure(outputs, OUTPUT),
        exploring=_figure(exploring, EXPLORING),
        lives=_thinned(lives),
        weights=_weights(stretches, model) or (),
    )


def _before_edit(own: Sequence[Stretch]) -> float | None:
    """Return the calls of a session before its first edit; None when it edited nothing."""
    before = 0
    for stretch in own:
        if stretch.first_calls is not None:
            return float(before + stretch.first_calls)
        before += stretch.calls
    return None


def _weights(stretches: Sequence[Stretch], model: str) -> Weights | None:
    sums = TokenSums()
    for stretch in stretches:
        for name, numbers in stretch.token_sums.items():
            if not model or name == model:
                sums = sums + read_sums(numbers)
    return fit(sums)


def _figure(values: Sequence[float], prior: float) -> Figure:
    """Return the median, of fewer than `ENOUGH` values drawn towards the prior by what is lacking."""
    n = len(values)
    if not n:
        return Figure(prior, 0)
    ordered = sorted(values)
    median = (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    lacking = max(0, ENOUGH - n)
    return Figure(round((n * median + lacking * prior) / (n + lacking), 2), n)


def _thinned(lives: list[int]) -> tuple[int, ...]:
    """Return the values sorted, at most `_LIVES` of them, evenly taken."""
    ordered = sorted(lives)
    if len(ordered) <= _LIVES:
        return tuple(ordered)
    return tuple(ordered[place * len(ordered) // _LIVES] for place in range(_LIVES))
