"""What ``holdfast recall`` prints for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from holdfast.cli.output import bad, count, dim, good, plain, strong, wrapped

if TYPE_CHECKING:
    from holdfast.recall.approach import ApproachAnswer, Way
    from holdfast.recall.before_call import CallAnswer
    from holdfast.recall.failures import FailureAnswer, Fixed
    from holdfast.recall.items import Item
    from holdfast.recall.search import Found


def found_lines(found: Found) -> Iterator[str]:
    """Yield what is known about words that were asked for."""
    if not found.items:
        yield wrapped(f"Nothing recorded that is near to “{found.query}”.", first="")
    for item in found.items:
        yield from _item(item)
    for old in found.replaced:
        by = f", replaced by {old.by}" if old.by else ""
        yield dim(wrapped(f"{old.id} holds no more{by}: {old.text}", first="", indent="      "))
    if found.withheld:
        more = count(found.withheld, "more is", "more are")
        yield f"{more} near, but no longer told: retired or superseded."
    if found.note and not found.items:
        yield found.note


def _item(item: Item) -> Iterator[str]:
    yield wrapped(item.text, first=f"{strong(item.id)}  ", indent="      ")
    yield dim(f"      {' · '.join(_facts(item))}")


def _facts(item: Item) -> Iterator[str]:
    yield item.kind
    if item.confidence != "unreviewed":
        yield item.confidence
    if item.sessions > 1:
        yield f"worked in {count(item.sessions, 'session')}"
    if item.origin != item.id:
        yield plain(item.origin)
    if item.day:
        yield item.day


def failure_lines(answer: FailureAnswer) -> Iterator[str]:
    """Yield what ended a failure before."""
    yield wrapped(answer.message or answer.family, first="Failure: ", indent="         ")
    if not answer.fixes:
        if answer.others:
            named = ", ".join(f"`holdfast why {plain(one)}`" for one in answer.others)
            said = (
                "Nothing is known to end this very failure. About one like it, but seen too seldom to go by"
            )
            yield wrapped(f"{said}: {named}", first="")
        elif answer.seen:
            yield f"It occurred in {count(answer.seen, 'session')} before; nothing is recorded that ended it."
        else:
            yield "Nothing is recorded about it."
    for fix in answer.fixes:
        yield wrapped(fix.text, first=f"{strong(fix.id)}  ", indent="      ")
        theirs = f" · {plain(fix.origin)}" if fix.origin != "recorded" else ""
        yield dim(f"      {_ended(fix)} · {fix.confidence}{theirs}")


def _ended(fix: Fixed) -> str:
    which = "this failure" if fix.exact else "a failure of this family"
    if not fix.worked:
        return f"recorded for {which}"
    return f"ended {which} in {fix.worked} of {count(fix.seen, 'session')}"


def call_lines(answer: CallAnswer) -> Iterator[str]:
    """Yield how a command went here, and what is known to work instead."""
    if not answer.runs and not answer.instead:
        yield wrapped(f"Nothing recorded about `{answer.command}`.", first="")
        return
    if answer.runs:
        worked = answer.runs - answer.failed
        sessions = count(answer.sessions, "session")
        yield f"`{plain(answer.family)}` worked in {worked} of {count(answer.runs, 'run')}, in {sessions}."
    if answer.risk is not None:
        told = f"Risk: ≈ {answer.risk:.0%} that `{answer.family}` fails for a reason outside the code"
        yield wrapped(told, first="")
    for failure in answer.failures:
        yield wrapped(
            f"{failure.message} ({count(failure.sessions, 'session')})", first="Failed with: ", indent="  "
        )
    for one in answer.instead:
        yield wrapped(one.text, first=f"{strong(one.id)}  ", indent="      ")
        about = "about this very call" if one.exact else "about this command"
        said = [about, one.confidence, *([f"worked in {count(one.worked, 'session')}"] if one.worked else [])]
        yield dim(f"      {' · '.join(said)}")


def with_worth(show: Callable[[Any], Iterator[str]]) -> Callable[[Any], Iterator[str]]:
    """Return what shows an answer with a line on whether telling an agent so would pay."""

    def lines(answer: CallAnswer | FailureAnswer) -> Iterator[str]:
        yield from show(answer)
        if answer.worth is None:
            yield "Worth: there is nothing to tell."
        else:
            verdict = "told" if answer.worth.pays else "not told unasked"
            yield wrapped(f"{answer.worth.why}: {verdict}", first="Worth: ", indent="       ")

    return lines


def approach_lines(answer: ApproachAnswer) -> Iterator[str]:
    """Yield how an approach is likely to go, by what is recorded."""
    if answer.risk == "unknown":
        yield wrapped(f"Nothing recorded about “{answer.approach}”.", first="")
        return
    chance = "" if answer.chance is None else f", ≈ {answer.chance:.0%} that it fails (n = {answer.n})"
    paint = bad if answer.risk == "high" else good if answer.risk == "low" else strong
    yield f"Risk: {paint(answer.risk)}{chance}"
    if answer.against:
        yield "Against it:"
        for item in answer.against:
            yield from _item(item)
    if answer.supporting:
        yield "For it:"
        for item in answer.supporting:
            yield from _item(item)
    if answer.tried:
        yield wrapped(_way(answer.tried), first="Tried:   ", indent="         ")
    for way in answer.instead:
        yield wrapped(_way(way), first="Instead: ", indent="         ")
    for reason in answer.overridden:
        yield wrapped(reason, first="Gone on: ", indent="         ")
    if answer.gone_on:
        yield f"Recorded that you go on all the same, in {answer.gone_on[:9]}."
    elif answer.rests_on:
        yield dim("To go on all the same, ask again with --anyway REASON: it is recorded.")


def _way(way: Way) -> str:
    share = f"{way.share:.0%}, likely {way.interval.low:.0%}–{way.interval.high:.0%}"
    runs = f"{way.ok} of {count(way.runs, 'run')} ({share})"
    return f"`{way.command}` worked in {runs}, in {count(way.sessions, 'session')}"
