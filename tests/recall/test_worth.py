"""A text is told only when what it saves on average is more than its tokens cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.recall.figures import Figure, Figures, OfModel
from holdfast.recall.situation import Situation
from holdfast.recall.worth import saving, short, weigh
from holdfast.repo.config import Price, Prices

MEASURED = OfModel(
    context=Figure(95_000, 30),
    reads=Figure(64, 30),
    steps=Figure(3, 12),
    output=Figure(200, 30),
    exploring=Figure(9, 30),
    lives=tuple(range(8, 128, 6)),
)
FIGURES = Figures(all=MEASURED)
PRIORS = Figures(all=OfModel(context=Figure(60_000, 0), reads=Figure(40, 0),
                 steps=Figure(3, 0), output=Figure(150, 0), exploring=Figure(9, 0)))  # fmt: skip
LINE = "Use `uv run pytest`, not `pytest -q`, which failed with “No module named shop”."


def test_the_line_says_what_the_verdict_rests_on() -> None:
    worth = weigh(FIGURES, "failure", 0.12, LINE)
    assert worth.saved == round(3 * (0.1 * 95_000 + 5 * 200))
    assert worth.cost == round(worth.tokens * (1.25 + 0.1 * worth.reads))
    assert worth.pays
    assert worth.why == (
        f"12 % × 0.3 × ≈ {short(worth.saved)} tokens saved = 1.1k > {short(worth.cost)} cost "
        f"(≈ {worth.tokens} tokens, read at {worth.reads:.0f} calls)"
    )


def test_the_calls_that_this_very_failure_took_are_named() -> None:
    worth = weigh(FIGURES, "failure", 0.12, LINE, steps=5.5)
    assert worth.saved == round(5.5 * (0.1 * 95_000 + 5 * 200))
    assert f"{short(worth.saved)} tokens saved in 5.5 calls = " in worth.why


def test_a_rare_failure_does_not_pay() -> None:
    worth = weigh(FIGURES, "failure", 0.002, LINE)
    assert not worth.pays
    assert worth.gain < 0
    assert " ≤ " in worth.why


def test_a_prior_is_called_one() -> None:
    worth = weigh(PRIORS, "failure", 0.5, LINE)
    assert worth.saved_from == "prior"
    assert "a prior" in worth.why
    assert weigh(FIGURES, "decision", 0.5, LINE).saved_from == "prior"
    assert weigh(FIGURES, "file", 0.5, LINE).saved_from == "measured"


def test_the_later_it_is_told_the_fewer_calls_read_it() -> None:
    early = weigh(FIGURES, "failure", 0.1, LINE, surface="failure", situation=Situation(calls=2))
    late = weigh(FIGURES, "failure", 0.1, LINE, surface="failure", situation=Situation(calls=70))
    assert late.reads < early.reads
    assert late.cost < early.cost


def test_a_call_costs_the_context_that_the_session_is_at() -> None:
    small, _ = saving(FIGURES, "failure", situation=Situation(context=20_000))
    large, _ = saving(FIGURES, "failure", situation=Situation(context=180_000))
    assert small < saving(FIGURES, "failure")[0] < large


def test_prices_are_those_of_the_model_that_reads() -> None:
    dear = Prices(models={"dear": Price(cache_write=2, cache_read=1, output=10)})
    figures = Figures(all=MEASURED, prices=dear)
    cheap, costly = (
        weigh(figures, "failure", 0.1, LINE),
        weigh(figures, "failure", 0.1, LINE, situation=Situation(model="dear")),
    )
    assert costly.cost > cheap.cost
    assert costly.saved > cheap.saved


@given(st.floats(0, 1), st.floats(0, 1), st.text(max_size=200))
def test_a_likelier_matter_never_pays_less(p: float, q: float, text: str) -> None:
    rare, likely = sorted([p, q])
    assert weigh(FIGURES, "failure", likely, text).pays >= weigh(FIGURES, "failure", rare, text).pays


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0"), (950, "950"), (1600, "1.6k"), (45_300, "45k"), (2_100_000, "2.1M")]
)
def test_numbers_are_read_at_a_glance(number: float, shown: str) -> None:
    assert short(number) == shown
