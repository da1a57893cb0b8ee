"""Before a command runs: how it went here, how likely it is to fail, and what works instead.

An agent is told only of what failed for a reason outside the code under work, and only when that pays: the
very call that a learning advises against, or a command that mostly fails so and has something that ended it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from holdfast.evidence.purposes import Interval, interval
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.hook.quoting import quoted
from holdfast.index.documents import Document
from holdfast.learn.neutral import neutral_text
from holdfast.learn.view import View
from holdfast.recall.figures import figures_of
from holdfast.recall.hazard_rates import Rate
from holdfast.recall.hazards import hazard_rates, message_of
from holdfast.recall.items import HIDDEN, Confidence, Known
from holdfast.recall.situation import Situation
from holdfast.recall.stance import stance
from holdfast.recall.told_already import ToldAlready
from holdfast.recall.worth import Worth, weigh

MAX_FAILURES = 3
"""Failures of a command that are named."""
MAX_INSTEAD = 3
"""Learnings that are given for a call."""
EXACT = 0.5
"""Chance that the very call that a learning advises against fails again."""
LEAST_RUNS = 5
"""Runs that a command needs before its share alone says that it fails here."""
_ADVICE = 20
"""Hits of a call's words among which advice against it is looked for."""
_SPAN = regex(r"`([^`\n]{2,300})`")


class CallFailure(msgspec.Struct, frozen=True, kw_only=True):
    """How a command failed here: the template of the message, and the sessions that met it."""

    family: str
    message: str
    sessions: int


class Instead(msgspec.Struct, frozen=True, kw_only=True):
    """A learning about a command's failures.

    Attributes:
        exact: It advises against this very call.
        worked: Sessions in which what it says worked.
    """

    id: str
    text: str
    exact: bool
    worked: int
    confidence: Confidence


class CallAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a call before it is made.

    Attributes:
        command: The part of the line that it is about, without secrets.
        family: Its command family.
        sessions: Sessions that ran it; ``runs`` how often, of which ``failed`` failed.
        risk: Chance that it fails for a reason outside the code under work; None when it never ran here.
        interval: The 95 % interval of the share of its runs that failed, for whatever reason.
        failures: How it failed, what most sessions met first.
        instead: What is known to work, what advises against this very call first.
        text: What an agent is told; empty for silence.
        worth: Whether telling it pays; None when there is nothing to tell.
    """

    command: str
    family: str
    sessions: int = 0
    runs: int = 0
    failed: int = 0
    risk: float | None = None
    interval: Interval | None = None
    failures: list[CallFailure] = []
    instead: list[Instead] = []
    text: str = ""
    worth: Worth | None = None

    @property
    def known(self) -> bool:
        """Tell whether anything is known of it."""
        return bool(self.runs or self.failures or self.instead)


def recall_call(view: View, command: str, *, situation: Situation | None = None) -> CallAnswer:
    """Return what is known of a command line that is about to run.

    Of a line of several commands the one that is likeliest to fail is answered.

    Args:
        view: The repository's view.
        command: The command line.
        situation: What the asker knows of its session.
    """
    known, already = Known(view), ToldAlready(view, situation)
    rates = hazard_rates(view, situation)
    session = situation.session if situation else ""
    families = [commands.family_of(commands.unwrapped(words)) for words in commands.mains(command)]
    answers = [
        _answer(known, already, command, family, rates, session, situation)
        for family in dict.fromkeys(family for family in families if family)
    ]
    unknown = CallAnswer(command=quoted(neutral_text(command)), family=commands.family(command))
    return max(answers, key=lambda answer: (bool(answer.text), answer.risk or 0.0), default=unknown)


def published_calls(known: Known) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield what is told of calls before they run, for hooks: the key, a word of the call, and the line.

    Commands that mostly fail here, and the very calls that a learning advises against.
    """
    for family, _, ok, failed in known.view.index.command_totals():
        if ok + failed >= LEAST_RUNS and interval(failed, ok + failed).low > 0.5:
            answer = recall_call(known.view, family)
            if answer.text and not any(one.exact for one in answer.instead):
                first = answer.instead[0] if answer.instead else None
                told = {"id": first.id if first else f"call-{family}", "line": answer.text}
                if first is None or first.confidence != "stated":
                    told["hold"] = "counted"  # what a person stated is always told
                yield f"calls:{family}", family.split(" ")[0], told
    best: dict[str, tuple[tuple[bool, int, str], dict[str, str]]] = {}
    for call, order, told in _published_advice(known):
        if call not in best or order < best[call][0]:
            best[call] = order, told
    for call, (_, told) in sorted(best.items()):
        yield f"advice:{call}", call.split(" ")[0], told


def _published_advice(known: Known) -> Iterator[tuple[str, tuple[bool, int, str], dict[str, str]]]:
    """Yield the calls that something advises against, by what the advice comes first, and the advice."""
    view, already, figures = known.view, ToldAlready(known.view, None), figures_of(known.view)
    rates = {rate.family: rate for rate in hazard_rates(view, None)}
    for document in view.index.all(sources=view.sources):
        if document.state in HIDDEN or "`" not in document.text or not known.may_tell(document):
            continue
        if already.is_instructed(document.text):
            continue
        for call, better in _advised_against(document, rates):
            item = known.item(document)
            steps = max((rates[each].steps for each in document.families if each in rates), default=None)
            if not weigh(figures, "failure", EXACT, item.text, surface="call", steps=steps).pays:
                continue
            told = {"id": item.id, "line": item.text, "code": better}
            if document.kind == "failure" and item.confidence != "stated":
                told["hold"] = "counted"
            own = document.source != "record"
            if own:  # another worktree is not told what stands in this one
                told["root"] = str(view.repository.root)
            yield call, (own, -item.sessions, item.id), told


def _advised_against(document: Document, rates: Mapping[str, Rate]) -> Iterator[tuple[str, str]]:
    """Yield the calls that a text names beside a better one, or speaks against, with the better one."""
    spans = _spans(document)
    for place, span in enumerate(spans):
        family = commands.family(span)
        met = any(rates[each].command == family for each in document.families if each in rates)
        is_named = place > 0 and document.source == "record" and met
        is_refused = not document.families and stance(document.text, span) == "against"
        call = commands.main_text(span, family) if is_named or is_refused else ""
        if " " in call:
            yield call, next((other for other in spans if other != span), "")


def _answer(
    known: Known,
    already: ToldAlready,
    command: str,
    family: str,
    rates: Sequence[Rate],
    session: str,
    situation: Situation | None,
) -> CallAnswer:
    view = known.view
    call = commands.main_text(command, family)
    counts = [count for count in view.index.command_counts(family) if count[0] != session or not session]
    ok, failed = sum(count[1] for count in counts), sum(count[2] for count in counts)
    runs = ok + failed
    own = [rate for rate in rates if rate.command == family]
    instead = _instead(known, own, call, command)
    risk = round((_unfit(view, own, session) + 0.5) / (max(runs, 1) + 2), 3) if runs or own else None
    if any(one.exact for one in instead):
        risk = max(EXACT, risk or 0.0)
    answer = CallAnswer(
        command=quoted(neutral_text(call)),
        family=neutral_text(family),
        sessions=len(counts),
        runs=runs,
        failed=failed,
        risk=risk,
        interval=interval(failed, runs) if runs else None,
        failures=[_failure(rate) for rate in own if rate.ours][:MAX_FAILURES],
        instead=instead[:MAX_INSTEAD],
    )
    return _weighed(view, answer, own, already, situation)


def _weighed(
    view: View, answer: CallAnswer, own: Sequence[Rate], already: ToldAlready, situation: Situation | None
) -> CallAnswer:
    """Return the answer with what an agent is told, when it pays."""
    text = _text(answer, already)
    if not text or answer.risk is None:
        return answer
    steps = max((rate.steps for rate in own), default=None)
    worth = weigh(
        figures_of(view), "failure", answer.risk, text, surface="call", steps=steps, situation=situation
    )
    return msgspec.structs.replace(answer, text=text if worth.pays else "", worth=worth)


def _text(answer: CallAnswer, already: ToldAlready) -> str:
    told = [
        one for one in answer.instead if not already.was_told(one.id) and not already.is_instructed(one.text)
    ]
    exact = next((one for one in told if one.exact), None)
    if exact is not None:
        return exact.text
    mostly = answer.runs >= LEAST_RUNS and answer.interval is not None and answer.interval.low > 0.5
    if not (mostly and answer.failures and (answer.risk or 0.0) > 0.3):
        return ""
    said = f"`{answer.family}` failed in {answer.failed} of {answer.runs} runs here"
    if told:
        return f"{said}: {told[0].text}"
    message = answer.failures[0].message
    return f"{said}, with “{message}”." if message else f"{said}."


def _failure(rate: Rate) -> CallFailure:
    return CallFailure(family=rate.family, message=message_of(rate.family), sessions=rate.sessions)


def _instead(known: Known, rates: Sequence[Rate], call: str, command: str) -> list[Instead]:
    """Return the learnings about a command's failures that may be told and are not followed already."""
    found: dict[str, Instead] = {}
    for rate in rates:
        for document in known.view.index.by_signature(None, rate.family):
            if document.source != "record" or document.state in HIDDEN or not known.may_tell(document):
                continue
            made = _made(known, document, call, command)
            if made is not None:
                found.setdefault(made.id, made)
    for made in _advised(known, call, command):
        found.setdefault(made.id, made)
    return sorted(found.values(), key=lambda one: (not one.exact, -one.worked, one.id))


def _advised(known: Known, call: str, command: str) -> Iterator[Instead]:
    """Yield what somebody wrote down against this very call, though no failure of it was met."""
    for hit in known.view.index.search(call, _ADVICE, sources=known.view.sources):
        document = hit.document
        spans = _spans(document)
        if call not in spans or document.families or document.state in HIDDEN:
            continue
        if not known.may_tell(document) or stance(document.text, call) != "against":
            continue
        better = next((span for span in spans if span != call), "")
        if better and better in " ".join(command.split()):
            continue  # it is followed already
        yield _told(known, document, exact=True)


def _made(known: Known, document: Document, call: str, command: str) -> Instead | None:
    spans = _spans(document)
    folded = " ".join(command.split())
    if spans and (spans[0] == call or spans[0] in folded):
        return None
    return _told(known, document, exact=call in spans[1:])


def _spans(document: Document) -> list[str]:
    """Return what a learning's text holds between backticks, blanks folded."""
    return [" ".join(span.split()) for span in _SPAN.findall(document.text)]


def _told(known: Known, document: Document, *, exact: bool) -> Instead:
    item = known.item(document)
    return Instead(id=item.id, text=item.text, exact=exact, worked=item.sessions, confidence=item.confidence)


def _unfit(view: View, rates: Sequence[Rate], session: str) -> int:
    """Return how often failures of some families occurred, each run of a session as often as it failed."""
    families = [rate.family for rate in rates]
    if not families:
        return 0
    marks = ", ".join("?" * len(families))
    sql = f"SELECT sum(count) FROM occurrences WHERE family IN ({marks}) AND session != ?"  # noqa: S608

    def count(connection: sqlite3.Connection) -> int:
        return int(connection.execute(sql, [*families, session]).fetchone()[0] or 0)

    return view.index.ask(count, 0)
