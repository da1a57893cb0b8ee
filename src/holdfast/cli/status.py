"""``holdfast status``: what was learned, what repeats, and what needs you."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.opening import left_to_read
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
    from holdfast.measure.repeats import Repeat, Repeats

_SHOWN = 6
_NAMES = {"failure": ("fix", "fixes")}
"""Kinds of learning that are called otherwise in a sentence."""


@click.command(
    "status",
    epilog="""\b
Example:
  holdfast status
""",
)
@json_option
@repository_option
def command(as_json: bool = False, directory: Path | None = None) -> int:
    """Show what was learned here, what keeps failing, and what needs you."""
    from holdfast.cli.opening import open_view
    from holdfast.measure.overview import overview

    with open_view(directory or ".") as view:
        emit(overview(view), "holdfast.status/1", as_json, _lines)
    return 0


def _lines(state: Overview) -> Iterator[str]:
    known = ", ".join(count(number, *_NAMES.get(kind, (kind,))) for kind, number in state.learnings.items())
    mode = {"private": " (private)", None: " (not set up)"}.get(state.mode, "")
    notes = f", {count(state.notes, 'note')} in your own files" if state.notes else ""
    from_ = f"; from {count(state.repeats.sessions, 'session')}" if state.repeats.sessions else ""
    yield wrapped(f"{known or 'nothing yet'}{notes}{from_}.", first=strong(f"Known{mode}") + ": ")
    if state.repeats.repeats:
        yield ""
        yield from _repeats(state.repeats)
    if state.needs:
        yield ""
        yield strong("Needs you")
        for need in state.needs:
            yield wrapped(need, first=f"  {bad('·')} ", indent="    ")
    if state.unread:
        yield ""
        yield wrapped(left_to_read(state.unread), first="")
    yield ""
    yield f"Next: {strong(state.next)}"


def _repeats(found: Repeats) -> Iterator[str]:
    yield (
        f"{strong('Paid for again')}: {found.with_repeats:,} of {count(found.sessions, 'session')} met a "
        "failure that an earlier one had met."
    )
    for repeat in found.repeats[:_SHOWN]:
        yield wrapped(repeat.family, first="  ", indent="    ")
        ends = good(f"fix known: {repeat.learning}") if repeat.learning else "no fix recorded"
        yield f"    {dim(f'{_seen(repeat)};')} {ends}"
    rest = len(found.repeats) - _SHOWN
    if rest > 0:
        yield dim(f"  … and {rest} more: `holdfast status --json`")


def _seen(repeat: Repeat) -> str:
    seen = f"{count(repeat.sessions, 'session')}, {count(repeat.times, 'time')}"
    if not repeat.resolved:
        return f"{seen}; never got past again"
    cost = f"up to {count(repeat.calls, 'call')} and {thousands(repeat.tokens)} tokens"
    return plain(f"{seen}; {cost} to get past it again")
