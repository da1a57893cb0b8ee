"""What things cost here is measured, and drawn towards a prior where few sessions tell."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.recall.figures import CONTEXT, ENOUGH, Figures, figures_of
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession


def session(number: int, folder: Path, *, model: str = "m-1", calls: int = 6) -> Path:
    made = ClaudeSession(
        f"{number:08d}-0000-4000-8000-000000000000",
        root="/home/ada/shop",
        start=1.7723e9 + number * 90_000,
        model=model,
    )
    made.prompt("make the tests pass")
    made.bash("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", exit_code=1)
    for _ in range(calls):
        made.bash("git status", "clean")
    made.edit("a.py", "one", "two")
    made.bash("uv run pytest -q", "3 passed in 0.12s")
    return made.write(folder / f"{number}.jsonl")


def test_without_sessions_every_figure_is_a_prior(empty: Repository) -> None:
    with View(empty) as view:
        figures = figures_of(view)
    assert (figures.all.context.value, figures.all.context.n) == (CONTEXT, 0)
    assert not figures.all.steps.measured
    assert figures.models == {}


def test_figures_are_measured_over_sessions_and_by_model(empty: Repository, tmp_path: Path) -> None:
    with View(empty) as view:
        ingest(view, [session(number, tmp_path, model="m-1", calls=4) for number in range(ENOUGH)])
        ingest(view, [session(9, tmp_path, model="m-2", calls=40)])
        figures = figures_of(view)
    assert figures.all.exploring.n == ENOUGH + 1
    assert figures.of("m-1").exploring.value == 5
    assert list(figures.models) == ["m-1"]
    assert figures.of("m-2") == figures.all
    assert figures.of("m-1").steps.measured


def test_figures_are_computed_once_for_a_state_of_the_index(
    empty: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with View(empty) as view:
        ingest(view, [session(1, tmp_path)])
        first = figures_of(view)
        with monkeypatch.context() as patched:
            patched.setattr(view.index, "stretches", None)
            assert figures_of(view) == first
        ingest(view, [session(2, tmp_path)])
        assert figures_of(view).all.context.n == 2


def test_a_long_session_has_few_calls_left() -> None:
    figures = _with_lives(tuple(range(10, 110, 5)))
    assert figures.reads_after(0) > figures.reads_after(50) > figures.reads_after(80)
    assert figures.reads_after(10_000) >= 1


def _with_lives(lives: tuple[int, ...]) -> Figures:
    from holdfast.recall.figures import Figure, OfModel

    one = Figure(50.0, 20)
    return Figures(all=OfModel(context=one, reads=one, steps=one, output=one, exploring=one, lives=lives))
