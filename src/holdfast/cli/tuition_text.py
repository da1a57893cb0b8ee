"""The tuition report as lines on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from holdfast.cli.output import bad, count, dim, good, plain, strong, thousands, wrapped

if TYPE_CHECKING:
    from holdfast.measure.tuition.findings import Finding
    from holdfast.measure.tuition.repeated import RepeatedFailure
    from holdfast.measure.tuition.report import Tuition
    from holdfast.transcripts.origin import Origin

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
    yield from _approaches(report)
    yield from _asked(report)
    yield from _ways(report)
    yield from _before_editing(report)
    yield from _history(report)
    yield from _stale_documents(report)
    yield from _advice(report)
    yield from _unreadable(report)


def _head(report: Tuition) -> Iterator[str]:
    agents = ", ".join(f"{number:,} {plain(name)}" for name, number in report.agents.items())
    if not report.sessions:
        yield "No session was read, so this is what the tree and git's history tell."
        return
    span = f", {report.first} to {report.last}" if report.first else ""
    where = f" of {plain(report.repository)}" if report.repository else ""
    sessions = strong(count(report.sessions, "session"))
    yield f"{sessions}{where} ({agents}){span}, {_minutes(report.hours * 60)} of agent work."


def _findings(report: Tuition) -> Iterator[str]:
    yield ""
    if not report.findings:
        if report.thin:
            yield "Too few sessions to tell what repeats: five are the least."
        else:
            yield good("No instruction fails, and nothing repeats that one more line would end.")
        return
    yield strong("Act on this first")
    for number, finding in enumerate(report.findings, 1):
        yield from _finding(number, finding)
    changes = any(finding.cure.change for finding in report.findings)
    if changes:
        yield f"   See each change, and make those you accept: {strong('holdfast tuition --fix')}"
    if report.more:
        yield dim(f"   {count(report.more, 'further finding')}: `holdfast tuition --json`")


def _finding(number: int, finding: Finding) -> Iterator[str]:
    yield wrapped(finding.text, first=f"{number}. ", indent="   ")
    yield wrapped(finding.cure.text, first="   → ", indent="     ")


def _repeated(report: Tuition) -> Iterator[str]:
    cost = report.cost
    if not report.repeated:
        return
    yield ""
    yield strong("Paid for again") + dim(
        f"  at most {_minutes(cost.repeated_minutes)} and {thousands(cost.repeated_tokens)} tokens, "
        f"in {cost.sessions_with_repeats} of {count(report.sessions, 'session')}"
    )
    yield dim(
        "sessions  times    time  tokens  from each failure to the next success, after its first session"
    )
    for failure in report.repeated[:ROWS]:
        yield from _failure(failure)
    if len(report.repeated) > ROWS:
        yield dim(f"  … and {len(report.repeated) - ROWS} more: `holdfast tuition --json`")
    again = report.time_to_repeat
    if again is not None and again.failures > 2:
        days = f", within {again.days:g} days" if again.days else ""
        yield f"Half of the {again.failures} that came back did so within {again.sessions:g} sessions{days}."


def _failure(failure: RepeatedFailure) -> Iterator[str]:
    of = f"{failure.sessions}/{failure.ran}"
    cells = f"{of:>8} {failure.times:>6} {_minutes(failure.minutes):>7}  {thousands(failure.tokens):>6}  "
    yield wrapped(f"{failure.command}: {failure.message}", first=cells, indent=" " * len(cells))
    if failure.instead is not None and failure.cure is not None and failure.cure.change is not None:
        told = f"{failure.cure.form}: `{failure.instead.instead}`"
        yield dim(wrapped(told, first=" " * len(cells) + "→ ", indent=" " * (len(cells) + 2)))
    elif failure.cure is not None:
        yield dim(
            wrapped(
                f"{failure.cure.form}: {failure.cure.text}",
                first=" " * len(cells) + "→ ",
                indent=" " * (len(cells) + 2),
            )
        )


def _minutes(minutes: float) -> str:
    if minutes >= 600:
        return f"{minutes / 60:,.0f} h"
    return f"{minutes / 60:.1f} h" if minutes >= 90 else f"{minutes:.0f} min"


def _approaches(report: Tuition) -> Iterator[str]:
    if not report.approaches:
        return
    yield ""
    told = dim(f"  {count(len(report.approaches), 'time')}; the latest:")
    yield strong("Tried and given up within a session") + told
    for one in report.approaches[:3]:
        yield wrapped(one.text, first="  ", indent="    ")


def _asked(report: Tuition) -> Iterator[str]:
    if not report.asked:
        return
    yield ""
    yield strong("Asked more than once")
    for asked in report.asked[:3]:
        told = "; then ".join(f"“{answer}”" for answer in asked.answers[:3])
        question = f"{len(asked.sessions)} sessions: {asked.question}"
        yield wrapped(f"{question} {told}", first="  ", indent="    ")


def _ways(report: Tuition) -> Iterator[str]:
    if not report.ways:
        return
    yield ""
    yield strong("Which way works") + dim("  runs in which the call itself was right, whatever it found")
    for rate in report.ways[:4]:
        ways = "; ".join(
            f"`{way.way}` {way.worked_share:.0%} of {count(way.runs, 'run')}" for way in rate.ways[:4]
        )
        beyond = "" if rate.apart else dim("  no difference beyond chance")
        yield wrapped(f"{rate.purpose}: {ways}", first="  ", indent="    ") + beyond


def _before_editing(report: Tuition) -> Iterator[str]:
    told = report.orientation
    if told is None or not told.median_calls:
        return
    yield ""
    yield (
        f"{strong('Before the first edit')}  "
        f"{told.median_calls:g} calls and {thousands(round(told.median_tokens))} "
        "tokens in the middle session."
    )


def _history(report: Tuition) -> Iterator[str]:
    history = report.history
    if history is None or not (history.reverts or history.fixed_again):
        return
    yield ""
    yield strong("Done twice, by git's history") + dim(f"  of the last {count(history.commits, 'commit')}")
    for undone in history.reverts[:3]:
        why = f": {undone.why}" if undone.why else ", no reason given"
        yield wrapped(
            f"{undone.day} {undone.commit} took back “{undone.what}”{why}", first="  ", indent="    "
        )
    for fixed in history.fixed_again[:3]:
        times = count(fixed.fixes, "time")
        told = f"{fixed.path} was fixed again within a week, {times}: a test of the cause ends that"
        yield wrapped(told, first="  ", indent="    ")


def _stale_documents(report: Tuition) -> Iterator[str]:
    if not report.stale_documents:
        return
    yield ""
    yield strong("Documents that name what is gone")
    for stale in report.stale_documents[:4]:
        renamed = f", now {stale.renamed_to}" if stale.renamed_to else ""
        yield wrapped(f"{stale.path}:{stale.line}  {stale.missing}{renamed}", first="  ", indent="    ")
    if len(report.stale_documents) > 4:
        yield dim(f"  … and {len(report.stale_documents) - 4} more: `holdfast tuition --json`")


def _advice(report: Tuition) -> Iterator[str]:
    if report.advice:
        yield ""
        yield strong("What else would help")
        for sentence in report.advice:
            yield wrapped(sentence, first="  · ", indent="    ")


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
    yield ""
    if not report.ended:
        yield "No mended cause was found: no instruction line with a failing command was changed so far."
        yield "`holdfast tuition` names what to mend, `holdfast tuition --fix` shows the changes."
        return
    yield strong("Since it was mended")
    for one in report.ended:
        verdict = good(one.verdict) if one.verdict == "ended" else one.verdict
        shares = f"{one.before}/{one.before_of} → {one.after}/{one.after_of} sessions"
        yield f"  {shares}  {verdict}  `{plain(one.command)}`"
        yield dim(f"      mended {one.day}, {plain(one.where)}")
