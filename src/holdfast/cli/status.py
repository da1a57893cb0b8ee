"""``holdfast status``: what was learned, what repeats, and what needs you."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

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
    from holdfast.measure.next_level import Offer
    from holdfast.measure.overview import Overview
    from holdfast.measure.repeats import Repeat, Repeats
    from holdfast.repo.location import Repository

_SHOWN = 6
_NAMES = {"failure": ("fix", "fixes")}
"""Kinds of learning that are called otherwise in a sentence."""


_EXAMPLE = """\b
Example:
  holdfast status
  holdfast status --context       how full the session going on is, and with what
  holdfast status --quiet today   tell agents nothing here until midnight; `--quiet off` ends it
"""


@click.command("status", epilog=_EXAMPLE)
@click.option(
    "--quiet", "quiet", type=click.Choice(["forever", "today", "off"]), is_flag=False, flag_value="forever",
    default=None, metavar="[today|off]",
    help="Tell agents nothing here: for good, or until midnight with `today`; `off` ends it.",
)  # fmt: skip
@click.option(
    "--context", "context", is_flag=True, help="Show how full a session's context is, and with what."
)
@click.option("--session", metavar="ID", help="With --context: the session, or its log. [default: the last]")
@json_option
@repository_option
def command(
    as_json: bool = False,
    directory: Path | None = None,
    quiet: str | None = None,
    context: bool = False,
    session: str | None = None,
) -> int:
    """Show what was learned here, what keeps failing, and what needs you."""
    if session is not None and not context:
        raise click.UsageError("--session goes with --context.")
    if context and quiet:
        raise click.UsageError("Give --context or --quiet, not both.")
    if context:
        from holdfast.cli.status_context import show_context

        return show_context(directory, session or "", as_json=as_json)
    from holdfast.cli.opening import open_view
    from holdfast.connect.levels import may_name
    from holdfast.measure.overview import overview
    from holdfast.repo import config

    if quiet:
        from holdfast.repo.location import Repository

        _silence(Repository.find(directory or "."), quiet, as_json)
        return 0
    with open_view(directory or ".") as view:
        chosen = config.settings(view.repository)
        state = overview(view, may_name(chosen.level) if chosen else None)
        show = partial(_lines, offer=None if as_json else _take_offer(view.repository, state))
        emit(state, "holdfast.status/1", as_json, show)
    return 0


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Whether agents are told nothing in a repository.

    Attributes:
        quiet: Whether that is so.
        until: Until when, in seconds since the epoch; None for good, or when they are told.
    """

    quiet: bool
    until: float | None = None


def _silence(repository: Repository, which: str, as_json: bool) -> None:
    from holdfast.errors import UsageError
    from holdfast.repo import config, quiet

    if config.settings(repository) is None:
        raise UsageError("This repository is not set up, so agents are told nothing here.", "holdfast init")
    if which == "off":
        quiet.speak(repository)
    else:
        quiet.silence(repository, quiet.midnight() if which == "today" else quiet.FOREVER)
    end = quiet.until(repository)
    state = Silence(quiet=end is not None, until=None if end in (None, quiet.FOREVER) else end)
    emit(state, "holdfast.status-quiet/1", as_json, _silence_lines)


def _silence_lines(state: Silence) -> Iterator[str]:
    yield _quiet_line(state.until) if state.quiet else "Agents are told what is known here."


def _quiet_line(end: float | None) -> str:
    when = f"until {time.strftime('%Y-%m-%d %H:%M', time.localtime(end))}" if end else "any more"
    return wrapped(
        f"Quiet: agents are told nothing here {when}. End it: `holdfast status --quiet off`", first=""
    )


def _take_offer(repository: Repository, state: Overview) -> Offer | None:
    """Return the level to name now: each is named once, so not when that cannot be written down."""
    from holdfast.errors import HoldfastError
    from holdfast.repo import config

    offer, chosen = state.next_level, config.settings(repository)
    if offer is None or chosen is None or offer.level in chosen.offered:
        return None
    try:
        config.choose(repository, offered=(*chosen.offered, offer.level))
    except HoldfastError:
        return None
    return offer


def _lines(state: Overview, offer: Offer | None) -> Iterator[str]:
    known = [count(number, *_NAMES.get(kind, (kind,))) for kind, number in state.learnings.items()]
    mode = {"private": " (private)", None: " (not set up)"}.get(state.mode, "")
    known += [f"{count(state.notes, 'note')} in your own files"] if state.notes else []
    from_ = f"; from {count(state.repeats.sessions, 'session')}" if state.repeats.sessions else ""
    told = ", ".join(known) or "nothing yet"
    yield wrapped(f"{told}{from_}.", first=strong(f"Known{mode}") + ": ")
    if state.quiet_until is not None:
        yield _quiet_line(state.quiet_until)
    if state.repeats.repeats:
        yield ""
        yield from _repeats(state.repeats)
    if state.hold_outs is not None:
        from holdfast.cli import held_out

        yield ""
        yield from held_out.lines(state.hold_outs, state.hold_outs.share)
    if state.needs:
        yield ""
        yield strong("Needs you")
        for need in state.needs:
            yield wrapped(need, first=f"  {bad('·')} ", indent="    ")
    if offer is not None:
        yield ""
        yield wrapped(offer.measured, first=strong(f"Level {offer.level} would help") + ": ")
        yield wrapped(f"{offer.brings} To have that: `{offer.command}` (this is said once)", first="  ")
    if state.unread:
        yield ""
        yield wrapped(left_to_read(state.unread), first="")
    if state.next:
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
