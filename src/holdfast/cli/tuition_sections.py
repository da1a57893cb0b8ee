"""The lesser sections of the tuition report in words, for the terminal and for the page alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from holdfast.cli.output import count, thousands

if TYPE_CHECKING:
    from holdfast.measure.tuition.repeated import RepeatedFailure
    from holdfast.measure.tuition.report import Tuition


class Section(NamedTuple):
    """A heading, what is said beside it, and its entries, of which a screen shows the first few."""

    title: str
    aside: str
    entries: list[str]
    screen: int = 3


def duration(minutes: float) -> str:
    """Return a time in words: ``18 min``, ``1.6 h``, ``72 h``."""
    if minutes >= 600:
        return f"{minutes / 60:,.0f} h"
    return f"{minutes / 60:.1f} h" if minutes >= 90 else f"{minutes:.0f} min"


def where_from(report: Tuition) -> str:
    """Say that sessions ran elsewhere, when some did."""
    if not report.elsewhere:
        return ""
    ran = "All" if report.elsewhere == report.sessions else f"{report.elsewhere:,}"
    return f"{ran} of them ran in other folders; lines and changes below are those of {report.repository}."


def nothing_to_do(report: Tuition) -> str:
    """Say that there is nothing to act on, and why."""
    if report.thin:
        return "Too few sessions to tell what repeats: five are the least."
    return "No instruction fails, and no failure repeats that one line is known to end."


def way_out(failure: RepeatedFailure) -> str:
    """Return what ended a failure, or would; empty when nothing is known."""
    if failure.ended:
        return f"ended by the change of {failure.ended}"
    if failure.cure is None:
        return ""
    if failure.instead is not None and failure.cure.change is not None:
        return f"{failure.cure.form}: `{failure.instead.instead}`"
    return f"{failure.cure.form}: {failure.cure.text}"


def sections(report: Tuition) -> Iterator[Section]:
    """Yield the sections that have something to say."""
    every = (
        _ended(report),
        _approaches(report),
        _asked(report),
        _ways(report),
        _before_editing(report),
        _history(report),
        _stale_documents(report),
        Section("What else would help", "", report.advice, screen=9),
    )
    yield from (section for section in every if section.entries)


def _ended(report: Tuition) -> Section:
    entries = []
    for one in report.ended:
        shares = f"{one.before}/{one.before_of} → {one.after}/{one.after_of} sessions"
        entries.append(f"{shares}, {one.verdict}: `{one.command}` (mended {one.day}, {one.where})")
    return Section("Since it was mended", "", entries)


def _approaches(report: Tuition) -> Section:
    times = count(len(report.approaches), "time")
    entries = [one.text for one in report.approaches]
    return Section("Tried and given up within a session", f"{times}, the latest first", entries)


def _asked(report: Tuition) -> Section:
    entries = []
    for asked in report.asked:
        told = "; then ".join(f"“{answer}”" for answer in asked.answers[:3])
        entries.append(f"{len(asked.sessions)} sessions: {asked.question} {told}")
    return Section("Asked more than once", "", entries)


def _ways(report: Tuition) -> Section:
    entries = []
    for rate in report.ways:
        ways = "; ".join(
            f"`{one.way}` {one.worked_share:.0%} of {count(one.runs, 'run')}" for one in rate.ways[:4]
        )
        verdict = "the first works better" if rate.apart else "no difference beyond chance"
        entries.append(f"{rate.purpose}: {ways} ({verdict})")
    return Section(
        "Which way works", "share of runs that got as far as a result, green or red", entries, screen=4
    )


def _before_editing(report: Tuition) -> Section:
    told = report.orientation
    if told is None or not told.median_calls:
        return Section("", "", [])
    tokens = thousands(round(told.median_tokens))
    entries = [f"{count(round(told.median_calls), 'call')} and {tokens} tokens in the middle session."]
    often = ", ".join(f"`{one.path}` ({one.read})" for one in told.files[:5])
    if often:
        entries.append(f"Read first by most sessions: {often}.")
    return Section("Before the first edit", "", entries)


def _history(report: Tuition) -> Section:
    history = report.history
    if history is None:
        return Section("", "", [])
    entries = []
    for undone in history.reverts[:3]:
        why = f": {undone.why}" if undone.why else ", no reason given"
        entries.append(f"{undone.day} {undone.commit} took back “{undone.what}”{why}")
    for fixed in history.fixed_again[:3]:
        times = count(fixed.fixes, "time")
        entries.append(f"{fixed.path} was fixed again within a week, {times}: a test of the cause ends that")
    aside = f"of the last {count(history.commits, 'commit')}"
    return Section("Done twice, by git's history", aside, entries, screen=6)


def _stale_documents(report: Tuition) -> Section:
    entries = []
    for stale in report.stale_documents:
        renamed = f", now {stale.renamed_to}" if stale.renamed_to else ""
        entries.append(f"{stale.path}:{stale.line}  {stale.missing}{renamed}")
    return Section("Documents that name what is gone", "", entries, screen=4)
