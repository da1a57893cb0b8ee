"""Failures that come back, with what to do instead: what is worth saying at a session's start."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Sequence

import msgspec

from holdfast.evidence import holdouts
from holdfast.evidence.fixes import KINDS, read_fix
from holdfast.hook.patterns import regex
from holdfast.hook.quoting import quoted
from holdfast.index.documents import Document
from holdfast.index.tokens import scrub
from holdfast.learn.gate import is_safe
from holdfast.learn.view import View
from holdfast.recall.figures import Figures, figures_of
from holdfast.recall.hazard_rates import Rate, is_tool, rates_of
from holdfast.recall.items import HIDDEN, Item, Known
from holdfast.recall.situation import Situation
from holdfast.recall.told_already import ToldAlready
from holdfast.recall.worth import EFFECT, UNADVISED, Worth, about, weigh

NEEDED_SESSIONS = 2
"""Sessions in which a failure must have occurred before it is told: a first sighting is no repeat."""
MAX_LOOKED_AT = 40
"""Families that are looked at, the likeliest first."""
_KEPT = "hazards/1"

_MASK = regex(r"<(?:path|id|n|q|hex|url|x|t)>")
_ADVICE = tuple(
    (regex(pattern, re.IGNORECASE), advice)
    for pattern, advice in (
        ("(?:Edit|Write|MultiEdit): .*not been read", "Read a file before you change it."),
        ("Edit: .*(?:not found|no match)", "Copy the text to replace from a fresh read of the file."),
        ("Edit: .*(?:matches|occurrences|unique)", "Quote enough lines that the text occurs once."),
        ("Edit: .*modified since", "Read a file again when something else changed it."),
        ("Read: .*(?:exceeds|too large|maximum)", "Read long files in parts."),
        ("Read: .*EISDIR", "List a folder; only files can be read."),
        ("(?:Read|Grep|Glob|LS): .*(?:not exist|no such)", "Look a path up before you use it."),
    )
)
"""What to do instead where an agent's own tool was used wrongly, as that tool's messages say it."""


class Hazard(msgspec.Struct, frozen=True, kw_only=True):
    """A failure that comes back, and what to do instead.

    Attributes:
        sessions: Sessions in which it occurred, of ``of`` sessions on record.
        rate: Chance that the next session meets it again.
        item: What is told: the learning that ended it, else what was counted.
        worth: Whether telling it pays; never for what occurred in one session.
        steps: Calls that it takes to get past it.
        repeated: Digests of the exact failures that came back; empty when only the family did.
    """

    family: str
    sessions: int
    of: int
    rate: float
    item: Item
    worth: Worth | None = None
    steps: float = 3.0
    repeated: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """Return what an agent is told of it, which is also what is weighed."""
        met = f"{self.sessions} of {self.of} sessions, {about(self.rate)}"
        by_name = "" if self.item.origin == "counted" else f"; {self.item.id}"  # only records have a `why`
        return f"- {self.item.text} ({met}{by_name})"


def hazards_of(view: View, situation: Situation | None = None) -> list[Hazard]:
    """Return the failures that may come back, the likeliest first, each with what telling it is worth.

    Of failures that one learning ends, the likeliest is given. Learnings of identities that were not
    accepted here are left out, and so is what the instructions say and what the asker was told.
    """
    known, already, figures = Known(view), ToldAlready(view, situation), figures_of(view)
    of = view.index.sessions()
    found: dict[str, Hazard] = {}
    for rate in hazard_rates(view, situation, likeliest=True):
        told = _told(known, rate)
        if told is None:
            continue
        item, advised = told
        if item.id in found or already.was_told(item.id) or (advised and already.is_instructed(item.text)):
            continue
        hazard = Hazard(
            family=rate.family,
            sessions=rate.sessions,
            of=of,
            rate=rate.rate,
            item=item,
            steps=rate.steps,
            repeated=rate.repeated,
        )
        worth = _worth(figures, hazard, situation, advised=advised)
        found[item.id] = msgspec.structs.replace(hazard, worth=worth)
    return list(found.values())


class _Rates(msgspec.Struct, frozen=True):
    """The rates as they are kept, with the session that they leave out."""

    without: str
    rates: list[Rate]


def hazard_rates(view: View, situation: Situation | None, *, likeliest: bool = False) -> Sequence[Rate]:
    """Return the rates of all families, the likeliest first, without the session that asks.

    They are computed once for each state of the index, and again for a session that it holds already.

    Args:
        view: The repository's view.
        situation: What the asker knows of its session.
        likeliest: Give only those that come first, which is quicker.
    """
    index = view.index
    without = situation.session if situation is not None and _holds(view, situation.session) else ""
    name = f"{_KEPT}{'/asking' if without else ''}{'/likeliest' if likeliest else ''}"
    kept = index.kept(name)
    if kept is not None:
        with contextlib.suppress(msgspec.MsgspecError):
            found = msgspec.json.decode(kept, type=_Rates)
            if found.without == without:
                return found.rates
    rates = rates_of(
        index.occurrences(),
        [session for session, _ in index.session_days()],
        without=without,
        warned=holdouts.warned(view.told_in_sessions()),
    )
    rates = rates[:MAX_LOOKED_AT] if likeliest else rates
    index.keep(name, msgspec.json.encode(_Rates(without, rates)))
    return rates


def _holds(view: View, session: str) -> bool:
    """Tell whether the index holds a session already."""
    sql = "SELECT 1 FROM occurrences WHERE session = ? LIMIT 1"
    name = scrub(session)
    return bool(name) and view.index.ask(
        lambda connection: connection.execute(sql, (name,)).fetchone() is not None, False
    )


def _worth(figures: Figures, hazard: Hazard, situation: Situation | None, *, advised: bool) -> Worth:
    worth = weigh(
        figures,
        "failure",
        hazard.rate,
        hazard.line,
        e=EFFECT if advised else UNADVISED,
        steps=hazard.steps,
        situation=situation,
    )
    if hazard.sessions >= NEEDED_SESSIONS:
        return worth
    return msgspec.structs.replace(worth, pays=False, why="seen in one session: no repeat so far")


# -- what is said


def _told(known: Known, rate: Rate) -> tuple[Item, bool] | None:
    """Return what is told of a family, and whether it says what to do instead.

    None when all that met it are strangers here, and when what was learned of it may not be told (any more).
    """
    learnings = [
        document
        for document in known.view.index.by_signature(None, rate.family)
        if document.source == "record"
    ]
    learning = _best(known, learnings)
    if learning is not None:
        return known.item(learning), True
    if learnings or not rate.ours:
        return None
    advice, fix = _advice(rate.family), _fix(rate)
    message = message_of(rate.family)
    said = f"`{rate.command}` fails here with “{message}”" if message else f"`{rate.command}` fails here"
    if is_tool(rate.command):
        said = f"{rate.command} fails with “{message}”" if message else f"{rate.command} fails here"
    said = f"{said}; {fix}." if fix else f"{said}."
    about = f"{rate.command}: “{message}”" if message else rate.command
    text = f"{advice} ({about})" if advice else said
    return _item(rate, quoted(text)), bool(advice or fix)


def message_of(family: str) -> str:
    """Return the message of a family as it is told; empty when it orders harm: a program printed it."""
    message = quoted(_MASK.sub("…", family.partition(": ")[2]).strip())
    return message if is_safe(message) else ""


def _item(rate: Rate, text: str) -> Item:
    digest = hashlib.sha256(rate.family.encode("utf-8", "replace")).hexdigest()[:8]
    return Item(
        id=f"family-{digest}",
        kind="failure",
        text=text,
        origin="counted",
        sessions=rate.sessions,
        score=rate.rate,
        confidence="proven" if rate.sessions > 1 else "seen once",
    )


def _advice(family: str) -> str:
    return next((advice for pattern, advice in _ADVICE if pattern.match(family)), "")


def _fix(rate: Rate) -> str:
    """Return what ended a family in most sessions, in words; empty when nothing did so twice."""
    ranked = sorted(
        (
            (-count, KINDS.index(known[0]), known)
            for fix, count in rate.fixes.items()
            if (known := read_fix(fix))
        ),
    )
    for count, _, (kind, text) in ranked:
        if (
            -count >= NEEDED_SESSIONS
            and kind in ("command", "directive")
            and is_safe(text)
            and "`" not in text
        ):
            return f"`{text}` worked in {-count} sessions"
    return ""


def _best(known: Known, learnings: Sequence[Document]) -> Document | None:
    """Return the learning, of those that may be told, whose fix ended a failure in most sessions."""
    told = [one for one in learnings if one.state not in HIDDEN and known.may_tell(one)]
    return min(told, key=lambda one: (-len(known.sessions(one.id)), one.id), default=None)
