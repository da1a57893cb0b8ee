"""``holdfast status``: what was learned, what repeats, and what needs you."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import bad, dim, emit, json_option, plain, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.measure.overview import Overview


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
    known = ", ".join(
        f"{count} {kind}{'s' * (count != 1)}" for kind, count in sorted(state.learnings.items())
    )
    mode = {"private": " (private)", None: " (not set up: `holdfast init`)"}.get(state.mode, "")
    notes = f", {state.notes} notes in learnings.md" if state.notes else ""
    yield f"{strong('Known')}{mode}: {known or 'nothing yet'}{notes}; from {state.repeats.sessions} sessions."
    if state.repeats.repeats:
        yield ""
        yield (
            f"{strong('Paid for again')}: {state.repeats.with_repeats} of {state.repeats.sessions} sessions met a "
            "failure that an earlier one had met."
        )
        for repeat in state.repeats.repeats[:5]:
            yield wrapped(repeat.family, first="  ", indent="    ")
            ends = f"a fix is known: {repeat.learning[:6]}" if repeat.learning else "no fix recorded"
            yield dim(
                f"    in {repeat.sessions} sessions, {repeat.times} times; ≤ {repeat.calls} calls and "
                f"≤ {_thousands(repeat.tokens)} tokens to get past it again; {ends}"
            )
    if state.needs:
        yield ""
        yield strong("Needs you")
        for need in state.needs:
            yield wrapped(plain(need), first=f"  {bad('·')} ", indent="    ")
    yield ""
    yield f"Next: `{state.next}`"


def _thousands(count: int) -> str:
    return f"{count / 1000:.0f}k" if count >= 1000 else str(count)
