"""``holdfast report``: one page for a newcomer, and the digest of a week."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import (
    count,
    dim,
    emit,
    json_option,
    plain,
    repository_option,
    strong,
    thousands,
    wrapped,
)

if TYPE_CHECKING:
    from holdfast.measure.digest import Digest
    from holdfast.measure.tour import Tour
    from holdfast.recall.items import Item


@click.group(
    "report",
    epilog="""\b
Example:
  holdfast report tour src/    what a newcomer should know before touching it
  holdfast report digest       the week in at most twelve lines
""",
)
def command() -> None:
    """Report on this repository: a tour for a newcomer, or the digest of the week."""


@command.command(
    "tour",
    epilog="""\b
Example:
  holdfast report tour
  holdfast report tour src/checkout
""",
)
@click.argument("path", required=False)
@json_option
@repository_option
def tour_command(path: str | None, as_json: bool, directory: Path | None) -> int:
    """Show one page for a newcomer: hazards, decisions in force, what was tried and rejected here."""
    from holdfast.cli.opening import open_view
    from holdfast.errors import UsageError
    from holdfast.measure.tour import tour

    with open_view(directory or ".") as view:
        top = view.repository.directory
        place = _inside(path, top, Path(directory or ".").absolute())
        found = tour(view, place)
    if place and found.is_empty and not os.path.lexists(top / place):
        raise UsageError(f"There is no {path} here.", "Give a file or folder of this repository.")
    emit(found, "holdfast.tour/1", as_json, _tour_lines)
    return 1 if found.is_empty else 0


def _inside(path: str | None, top: Path, start: Path) -> str | None:
    """Return a path relative to the top of the worktree.

    Raises:
        UsageError: It lies outside.
    """
    import posixpath

    from holdfast.errors import UsageError

    if path is None:
        return None
    whole = posixpath.normpath(posixpath.join(str(start), path))
    for root in (str(top), str(top.resolve())):
        if whole == root:
            return None
        if whole.startswith(root.rstrip("/") + "/"):
            return whole[len(root.rstrip("/")) + 1 :]
    raise UsageError(f"{path} is not in this repository.", "Give a file or folder of it.")


def _tour_lines(tour: Tour) -> Iterator[str]:
    about = f" of {plain(tour.path)}" if tour.path else ""
    yield strong(f"A tour{about}") + dim(
        f"  from {count(tour.sessions, 'session')} on record and git's history"
    )
    if tour.is_empty:
        yield "Nothing is known yet: `holdfast ingest` reads sessions, `holdfast learn` keeps one thing."
        return
    yield from _section(
        "What keeps failing", [_hazard(one.item, one.sessions, one.of) for one in tour.hazards]
    )
    stated = [f"{one.text} ({one.source} {one.ref})" for one in tour.stated]
    yield from _section("Decided", [*map(_item, tour.decisions), *stated][:10])
    yield from _section("Kept to by most sessions", [*map(_item, tour.conventions)][:5])
    rejected = [*map(_item, tour.rejected)]
    for undone in tour.undone:
        why = f": {undone.why}" if undone.why else ""
        rejected.append(f"“{undone.what}” was taken back{why} ({undone.commit}, {undone.day})")
    yield from _section("Tried and rejected", rejected[:10])
    yield from _section("Good to know", [*map(_item, tour.read_first)])


def _section(title: str, entries: list[str]) -> Iterator[str]:
    if entries:
        yield ""
        yield strong(title)
        for entry in entries:
            yield wrapped(entry, first="- ", indent="  ")


def _hazard(item: Item, sessions: int, of: int) -> str:
    return f"{item.text} ({sessions} of {of} sessions; {item.id})"


def _item(item: Item) -> str:
    return f"{item.text} ({item.id})"


@command.command(
    "digest",
    epilog="""\b
Example:
  holdfast report digest
  holdfast report digest --days 30
""",
)
@click.option(
    "--days", type=click.IntRange(1, 366), default=7, show_default=True, help="Days that it covers."
)
@json_option
@repository_option
def digest_command(days: int, as_json: bool, directory: Path | None) -> int:
    """Show a week in at most twelve lines: repeats ended, repeats still paid for, one thing to decide."""
    from holdfast.cli.opening import open_view
    from holdfast.measure.digest import digest

    with open_view(directory or ".") as view:
        found = digest(view, days)
    emit(found, "holdfast.digest/1", as_json, _digest_lines)
    return 0


def _digest_lines(digest: Digest) -> Iterator[str]:
    span = f"{digest.first} to {digest.last}"
    if digest.is_empty:
        yield f"{span}: nothing this week."
        return
    repeats = (
        f"; {digest.with_repeats} met a failure that an earlier one had met" if digest.with_repeats else ""
    )
    yield strong(f"{span}: {count(digest.sessions, 'session')}") + repeats + "."
    for ended in digest.ended:
        quiet = f"in {ended.sessions} of {ended.of} sessions before, none of {ended.quiet} since"
        yield _short(f"Ended: {ended.family}", f"{quiet}{_known(ended.learning)}")
    for paid in digest.paid:
        calls = f"up to {count(paid.calls, 'call')} and {thousands(paid.tokens)} tokens"
        spent = f"{count(paid.sessions, 'session')}, {calls}{_known(paid.learning)}"
        yield _short(f"Still paid: {paid.family}", spent)
    if not (digest.ended or digest.paid):
        yield "No failure came back, and none that used to has newly ended."
    if digest.decide:
        yield f"Decide: {plain(digest.decide)}"
    size = f"{digest.cost.bytes / 1000:,.0f} kB"
    own = f"Holdfast itself: {count(digest.cost.records, 'record')} ({size}) written"
    if digest.cost.wording_calls:
        calls = count(digest.cost.wording_calls, "call")
        own += f", {calls} of your agent for wording ({digest.cost.wording_seconds:.0f} s)"
    told = digest.cost
    shown = f"{count(told.told_tokens, 'token')} told to agents in {count(told.told, 'text')}"
    yield dim(f"{own}, {shown if told.told else 'nothing told to agents on this machine'}.")


def _known(learning: str | None) -> str:
    return f"; known: {learning}" if learning else ""


def _short(what: str, numbers: str) -> str:
    """Return one line of at most 120 characters."""
    room = 117 - len(numbers)
    told = plain(what)
    told = told if len(told) <= room else told[: max(20, room - 1)] + "…"
    return f"{told}  {dim(numbers)}"
