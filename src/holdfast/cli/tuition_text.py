"""The tuition report as lines on a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from holdfast.cli.output import bad, count, dim, good, plain, strong, thousands, wrapped
from holdfast.cli.tuition_sections import Section, duration, nothing_to_do, sections, way_out, where_from
from holdfast.measure.tuition.findings import MOST

if TYPE_CHECKING:
    from holdfast.measure.tuition.findings import Finding
    from holdfast.measure.tuition.repeated import RepeatedFailure
    from holdfast.measure.tuition.report import Tuition
    from holdfast.transcripts.origin import Origin

NARROW = 72
"""Columns below which text does not stand beside the numbers."""
ROWS = 8
"""Repeated failures that a screen shows."""


def found(origins: Sequence[Origin]) -> str:
    """Say at once what is going to be read."""
    size = sum(origin.size for origin in origins)
    amount = f"{size / 1e6:,.0f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB"
    return dim(f"Reading {count(len(origins), 'transcript')}, {amount} …")


def lines(report: Tuition) -> Iterator[str]:
    """Yield the report: what to act on first, then what it is drawn from."""
    yield from _head(report)
    yield from _findings(report)
    yield from _repeated(report)
    for section in sections(report):
        yield from _section(section)
    yield from _unreadable(report)


def _head(report: Tuition) -> Iterator[str]:
    agents = ", ".join(f"{number:,} {plain(name)}" for name, number in report.agents.items())
    if not report.sessions:
        older = count(report.older, "session")
        none = f"{older} ended before the time asked for" if report.older else "No session was read"
        yield f"{none}, so this is what the tree and git's history tell."
        return
    span = f", {report.first} to {report.last}" if report.first else ""
    where = f" of {plain(report.repository)}" if report.repository and not report.elsewhere else ""
    sessions = strong(count(report.sessions, "session"))
    yield f"{sessions}{where} ({agents}){span}, {duration(report.hours * 60)} of agent work."
    if report.elsewhere:
        yield dim(where_from(report))


def _findings(report: Tuition) -> Iterator[str]:
    yield ""
    if not report.findings:
        told = nothing_to_do(report)
        yield told if report.thin else good(told)
        return
    yield strong("Act on this first")
    for number, finding in enumerate(report.findings[:MOST], 1):
        yield from _finding(number, finding)
    if any(finding.cure.change for finding in report.findings):
        yield f"   See each change, and make those you accept: {strong('holdfast tuition --fix')}"
    if len(report.findings) > MOST:
        further = count(len(report.findings) - MOST, "further finding")
        yield dim(f"   {further}: `holdfast tuition --json`")


def _finding(number: int, finding: Finding) -> Iterator[str]:
    yield wrapped(finding.text, first=f"{number}. ", indent="   ")
    yield wrapped(finding.cure.text, first="   → ", indent="     ")


def _repeated(report: Tuition) -> Iterator[str]:
    cost = report.cost
    if not report.repeated:
        return
    yield ""
    yield strong("Paid for again") + dim(
        f"  at most {duration(cost.repeated_minutes)} and about {thousands(cost.repeated_tokens)} tokens, "
        f"in {cost.sessions_with_repeats} of {count(report.sessions, 'session')}"
    )
    head = "sessions  times    time  tokens  from each failure to the next success, after its first session"
    yield dim(wrapped(head, first="", indent=" " * 4)) if _is_narrow() else dim(head)
    for failure in report.repeated[:ROWS]:
        yield from _failure(failure)
    if len(report.repeated) > ROWS:
        yield dim(f"  … and {len(report.repeated) - ROWS} more: `holdfast tuition --json`")
    again = report.time_to_repeat
    if again is not None and again.failures > 2:
        days = f", within {_amount(again.days, 'day')}" if again.days else ""
        within = _amount(again.sessions, "session")
        yield f"Half of the {again.failures} that came back did so within {within}{days}."


def _is_narrow() -> bool:
    return shutil.get_terminal_size((96, 24)).columns < NARROW


def _amount(number: float, thing: str) -> str:
    return f"{number:g} {thing if number == 1 else thing + 's'}"


def _failure(failure: RepeatedFailure) -> Iterator[str]:
    of = f"{failure.sessions}/{failure.ran}"
    cells = f"{of:>8} {failure.times:>6} {duration(failure.minutes):>7}  {thousands(failure.tokens):>6}  "
    edge, first = " " * len(cells), cells
    if _is_narrow():
        yield cells
        edge = first = " " * 4
    yield wrapped(f"{failure.command}: {failure.message}", first=first, indent=edge)
    told = way_out(failure)
    if told:
        yield dim(wrapped(told, first=f"{edge}→ ", indent=f"{edge}  "))


def _section(section: Section) -> Iterator[str]:
    yield ""
    yield strong(section.title) + (dim(f"  {section.aside}") if section.aside else "")
    for entry in section.entries[: section.screen]:
        yield wrapped(entry, first="  · ", indent="    ")
    if len(section.entries) > section.screen:
        yield dim(f"    … and {len(section.entries) - section.screen} more: `holdfast tuition --json`")


def _unreadable(report: Tuition) -> Iterator[str]:
    if not report.unreadable and not report.malformed and not report.unknown:
        return
    yield ""
    for item in report.unreadable[:5]:
        yield wrapped(f"{item.name}: {item.reason}", indent="    ", first=f"  {bad('not read:')} ")
    if len(report.unreadable) > 5:
        yield f"  … and {count(len(report.unreadable) - 5, 'more transcript')} not read."
    if report.malformed or report.unknown:
        yield dim(
            f"  Of {count(report.records, 'record')}, {report.malformed:,} were damaged and "
            f"{report.unknown:,} of an unknown kind."
        )


def since_fix(report: Tuition) -> Iterator[str]:
    """Yield what became of the failures whose cause was mended."""
    yield from _head(report)
    if not report.ended:
        yield ""
        yield "No mended cause was found: no instruction line with a failing command was changed so far."
        yield "`holdfast tuition` names what to mend, `holdfast tuition --fix` shows the changes."
        return
    yield from _section(next(sections(report)))
