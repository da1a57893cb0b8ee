"""Before something is tried: was it tried here, how did it go, and what worked instead?

An approach is described in words, in a command, or both. Against it speak learnings and decisions that advise
against the same thing, and runs of its command that failed; what is merely about the same subject does not.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from holdfast.errors import UsageError
from holdfast.evidence.purposes import Interval, could_replace, interval
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.hook.quoting import quoted
from holdfast.index.documents import Document, Hit
from holdfast.learn.neutral import neutral_text
from holdfast.learn.overriding import KIND, overridden
from holdfast.learn.view import View
from holdfast.recall.items import HIDDEN, Item, Known
from holdfast.recall.search import nearest
from holdfast.recall.stance import does, stance
from holdfast.repo import records

Risk = Literal["high", "some", "low", "unknown"]

MAX_RECORDED = 3
"""Learnings and decisions that are given for an approach."""
MAX_WAYS = 3
"""Other ways of doing the same that are given."""
LEAST_RUNS = 5
"""Runs that a command needs before its share says anything."""
_EVEN = 0.5
_LOOKED_AT = 30
_CALLED = regex(r"`([\w./-]+)`|\b(?:run|use|using|call|with|via|by) ([\w./-]+)", re.IGNORECASE)


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How a command went here.

    Attributes:
        command: The command family.
        runs: How often it ran; ``ok`` of them succeeded, in ``sessions`` sessions.
        share: The share that succeeded, with its 95 % ``interval``.
    """

    command: str
    runs: int
    ok: int
    sessions: int
    share: float
    interval: Interval


class ApproachAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an approach.

    Attributes:
        approach: What was asked about, without secrets.
        risk: ``high`` when it is recorded as failed or ruled out, or its command mostly failed; ``some`` when
            what is recorded differs; ``low`` when it mostly worked; ``unknown`` when nothing is recorded.
        chance: That it fails, estimated from the record; None when that is unknown.
        n: What the estimate counts: the sessions behind what is recorded for or against it, each statement as
            one; where nothing is, the runs of its command.
        against: What advises against it; ``supporting`` what advises it.
        tried: How its command went; None when it names none that ran here.
        instead: Other commands for the same purpose that went better, best first.
        rests_on: What names each thing that advises against it: a record's id, a commit, a place, a command.
        overridden: Why others went on all the same, newest first.
        gone_on: The commit that records that it is taken all the same; None when it was only asked about.
    """

    approach: str
    risk: Risk
    chance: float | None
    n: int
    against: list[Item]
    supporting: list[Item]
    tried: Way | None = None
    instead: list[Way] = []
    rests_on: list[str] = []
    overridden: list[str] = []
    gone_on: str | None = None


def recall_approach(view: View, approach: str, context: str = "") -> ApproachAnswer:
    """Return how an approach is likely to go here, by what is recorded.

    Args:
        view: The repository's view.
        approach: What is about to be tried: words, a command, or both.
        context: What it is for; it helps to find what is recorded, and is not itself judged.
    """
    known = Known(view)
    ways = _ways(view)
    tried = named_way(approach, ways)
    opposed, favoured = _recorded(known, approach, context, tried)
    against = [known.item(hit.document, hit.score) for hit in opposed]
    supporting = [known.item(hit.document, hit.score) for hit in favoured]
    better = better_ways(tried, ways) if tried else []
    command = [f"command {tried.command}"] if tried and tried.share < _EVEN else []
    rests_on = [*(_name(hit.document) for hit in opposed), *command]
    bad, good = _seen(against), _seen(supporting)
    if not bad + good and tried:  # a family holds other forms of the command than the one recorded
        bad, good = tried.runs - tried.ok, tried.ok
    return ApproachAnswer(
        approach=neutral_text(approach[:500]),
        risk=_risk(against, supporting, tried),
        chance=round((bad + 1) / (bad + good + 2), 2) if bad + good else None,  # Laplace's rule of succession
        n=bad + good,
        against=against,
        supporting=supporting,
        tried=tried,
        instead=better,
        rests_on=rests_on,
        overridden=_overridden(view, rests_on),
    )


def go_on(view: View, answer: ApproachAnswer, reason: str, agent: str = "") -> ApproachAnswer:
    """Record that an approach is taken although something speaks against it; return the answer with that.

    Args:
        view: The repository's view.
        answer: What was known when it was decided, as `recall_approach` gave it.
        reason: Why it is taken all the same.
        agent: The agent that goes on; empty for a person.

    Raises:
        UsageError: Nothing speaks against it, or no reason is given.
        NewerRecords: The records were written by a newer Holdfast.
    """
    if not answer.rests_on:
        raise UsageError(
            "Nothing recorded speaks against this approach, so there is nothing to override.",
            "Go on; `holdfast learn` afterwards when it taught something.",
        )
    view.refuse_newer()
    events = [
        overridden(view, subject, "approach", reason, by=agent, about=answer.approach)
        for subject in answer.rests_on
    ]
    commit = view.branch.append(
        {event.path: records.encode(event) for event in events}, "Go on against advice"
    )
    view.refresh()
    return msgspec.structs.replace(answer, gone_on=commit)


def _recorded(known: Known, approach: str, context: str, tried: Way | None) -> tuple[list[Hit], list[Hit]]:
    """Return what is recorded against an approach, and what for it, nearest first.

    Of an approach that names a command only what names that command too speaks.
    """
    against: list[Hit] = []
    supporting: list[Hit] = []
    hits = nearest(known, approach, _LOOKED_AT, known.view.everywhere, asked=True)
    if context:
        seen = {hit.document.id for hit in hits}
        wider = nearest(known, f"{approach} {context}", _LOOKED_AT, known.view.everywhere, asked=True)
        hits += [hit for hit in wider if hit.document.id not in seen]
    for hit in hits:
        is_replaced = hit.document.state == "superseded"
        if (hit.document.state in HIDDEN and not is_replaced) or not known.view.sees(hit.document):
            continue
        if tried is not None and not _is_about(hit.document, tried.command):
            continue
        found = stance(hit.document.text, approach)
        if is_replaced:  # what was decided once and then replaced speaks against doing it again
            found = "against" if does(hit.document.text, approach) else "neither"
        side = against if found == "against" else supporting if found == "for" else None
        if side is not None and len(side) < MAX_RECORDED:
            side.append(hit)
    return against, supporting


def _is_about(document: Document, command: str) -> bool:
    words = " ".join(document.text.replace("`", " ").split())
    return (
        command in document.commands
        or re.search(rf"(?<![\w-]){re.escape(command)}(?![\w-])", words) is not None
    )


def _seen(items: list[Item]) -> int:
    """Return how often what is recorded was met: in each session of a fix, and once where that is unknown."""
    return sum(max(1, item.sessions) for item in items)


def _overridden(view: View, subjects: list[str]) -> list[str]:
    """Return why others went on against the same advice, newest first, with the day, each reason once.

    Who goes on is recorded with each thing that advised against it.
    """
    events = {event.id: event for subject in subjects for event in view.events_of(subject)}
    gone = [
        event for event in events.values() if event.kind == KIND and event.data.get("advice") == "approach"
    ]
    gone.sort(key=lambda event: (event.day, event.id), reverse=True)
    said = (quoted(f"{event.day}: {event.data.get('reason', '')}") for event in gone)
    return list(dict.fromkeys(said))[:MAX_RECORDED]


def _name(document: Document) -> str:
    """Return what names a document in every clone: its id, or the place of a live one."""
    live = document.source.partition(":")[0] in ("document", "guidance")
    return document.path if live and document.path else document.id


def _ways(view: View) -> dict[str, Way]:
    """Return how each command family went in this repository."""
    return {
        family: Way(
            command=family,
            runs=ok + failed,
            ok=ok,
            sessions=sessions,
            share=round(ok / (ok + failed), 3),
            interval=interval(ok, ok + failed),
        )
        for family, sessions, ok, failed in view.index.command_totals()
        if ok + failed
    }


def named_way(approach: str, ways: dict[str, Way]) -> Way | None:
    """Return the way that an approach names: what its command line runs, or the longest one in its words.

    A command of one word is often a word of the language too: it counts where it is called one, between
    backticks or after "run", "use" and the like.
    """
    direct = ways.get(commands.family(approach))
    if direct is not None:
        return direct
    words = f" {' '.join(approach.replace('`', ' ').split())} "
    called = {match.group(1) or match.group(2) for match in _CALLED.finditer(approach)}
    named = [
        way for family, way in ways.items() if (family in called or " " in family) and f" {family} " in words
    ]
    return max(named, key=lambda way: (len(way.command), way.runs), default=None)


def better_ways(tried: Way, ways: dict[str, Way]) -> list[Way]:
    """Return other ways for the same purpose that surely went better, or well where it was rare."""
    others = [
        way
        for family, way in ways.items()
        if could_replace(tried.command, family) and way.runs >= LEAST_RUNS
        if way.interval.low > tried.interval.low and way.share > tried.share
    ]
    return sorted(others, key=lambda way: (-way.interval.low, way.command))[:MAX_WAYS]


def _risk(against: list[Item], supporting: list[Item], tried: Way | None) -> Risk:
    mostly_failed = tried is not None and tried.runs >= LEAST_RUNS and tried.interval.high < _EVEN
    mostly_worked = tried is not None and tried.runs >= LEAST_RUNS and tried.interval.low > _EVEN
    if mostly_failed or (against and not supporting and not mostly_worked):
        return "high"
    if against:
        return "some"
    if supporting or mostly_worked:
        return "low"
    return "some" if tried is not None else "unknown"
