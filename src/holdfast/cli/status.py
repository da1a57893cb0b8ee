"""``holdfast status``: what was learned, what repeats, and what needs you."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import (
    bad,
    count,
    dim,
    emit,
    good,
    json_option,
    plain,
    repository_option,
    strong,
    thousands,
    wrapped,
)

if TYPE_CHECKING:
    from holdfast.measure.overview import Overview
    from holdfast.measure.repeats import Repeats


@click.command(
    epilog="""Example:

  holdfast status
"""
)
@json_option
@repository_option
def command(as_json: bool = False, directory: Path | None = None) -> int:
    """Show what was learned here, what keeps failing, and what needs you."""
    from holdfast.learn.view import open_view
    from holdfast.measure.overview import overview

    with open_view(directory or ".") as view:
        emit(overview(view), "holdfast.status/1", as_json, _lines)
    return 0


def _lines(state: Overview) -> Iterator[str]:
    known = ", ".join(count(number, kind) for kind, number in sorted(state.learnings.items()))
    mode = {"private": " (private)", None: " (not set up: `holdfast init`)"}.get(state.mode, "")
    notes = f", {count(state.notes, 'note')} in learnings.md" if state.notes else ""
    yield f"{strong('Known')}{mode}: {known or 'nothing yet'}{notes}; from {count(state.repeats.sessions, 'session')}."
    if state.repeats.repeats:
        yield ""
        yield from _repeats(state.repeats)
    if state.needs:
        yield ""
        yield strong("Needs you")
        for need in state.needs:
            yield wrapped(plain(need), first=f"  {bad('·')} ", indent="    ")
    yield ""
    yield f"Next: `{state.next}`"


def _repeats(found: Repeats) -> Iterator[str]:
    yield (
        f"{strong('Paid for again')}: {found.with_repeats} of {count(found.sessions, 'session')} met a failure "
        "that an earlier one had met."
    )
    for repeat in found.repeats[:6]:
        yield wrapped(repeat.family, first="  ", indent="    ")
        cost = "never got past again"
        if repeat.resolved:
            cost = f"up to {count(repeat.calls, 'call')} and {thousands(repeat.tokens)} tokens to get past it again"
        ends = good(f"fix known: {repeat.learning}") if repeat.learning else "no fix recorded"
        seen = f"{count(repeat.sessions, 'session')}, {count(repeat.times, 'time')}"
        yield f"    {dim(f'{seen}; {cost};')} {ends}"
