"""Tell whether two statements say the same of the same.

They do when nearly all their telling words are the same, and what differs names nothing: no number, path,
code, place or condition, and no negation.
"""

from __future__ import annotations

import re

import msgspec

from holdfast.hook.patterns import regex
from holdfast.learn.gate import substance
from holdfast.learn.instruction_commands import prose_of, spans
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.scope import NAMED, limits, shares_scope
from holdfast.measure.audit.words import IMPERATIVES, NEGATIONS, content, stem, tokens

SAME = 0.72
"""Share of the telling words of two statements that must be common to both."""
LEAST = 0.6
"""The same where one statement is the other with some words more."""
FULL = 5
"""Telling words of a statement that means the same wherever it stands; a shorter one hangs on its place."""
FEWEST = 3
"""Telling words of a statement that is compared other than letter by letter."""

_CONDITIONS = frozenset(
    """
    if unless except when before after until while during instead without once per between against under
    over within outside inside nor but not never no first last above below
    """.split()
)
_STEP = regex(
    r"\W*(?:again |then )?(?:re-?)?(?:run|execute|restart|wait|check|verify|commit|push|build)\b", re.I
)
"""What a procedure may tell to do twice."""
_NUMBER = regex(r"\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|zero)\b")
_ABOVE = regex(r"\b(?:over(?! \d)|instead of|rather than|not|than)\b|→|->", re.IGNORECASE)
_TAG = regex(r"</?[a-zA-Z][^<>]{0,80}>")
_NAME = regex(r"[\d/_.@*]|[a-z][A-Z]")


class Said(msgspec.Struct, frozen=True, eq=False):
    """A statement with what is compared of it."""

    memory: Memory
    entry: Entry
    words: frozenset[str]
    exact: str
    spans: frozenset[str]
    numbers: frozenset[str]
    order: tuple[frozenset[str], frozenset[str]] | None
    negative: bool
    conditions: frozenset[str]
    limits: frozenset[str]

    @property
    def holds(self) -> tuple[object, ...]:
        """Return what must be equal in two statements that say the same: amounts, order, cases, limits."""
        return self.numbers, self.order, self.conditions, self.limits


def read(memory: Memory, entry: Entry) -> Said | None:
    """Return an entry as it is compared; None for one that states nothing of its own."""
    if entry.kind in ("heading", "code"):
        return None
    flat = _TAG.sub(" ", entry.flat)
    exact = " ".join(re.findall(r"\w+|[^\w\s.,;:!?*_\"'()`-]+", flat.lower()))
    words = [word for word in content(flat) if word not in NEGATIONS]
    if len(exact) < 8 or len(exact.split()) < 2 or entry.is_label:
        return None
    if entry.kind == "paragraph" and _spans(flat) and len(prose_of(flat).split()) <= FEWEST + 2:
        return None  # a command within a procedure
    plain = frozenset(tokens(flat))
    return Said(
        memory,
        entry,
        frozenset(words),
        exact,
        _spans(flat),
        _numbers(flat),
        _order(flat),
        bool(plain & NEGATIONS),
        frozenset(stem(word) for word in plain & _CONDITIONS - NEGATIONS),
        limits(flat),
    )


def _spans(text: str) -> frozenset[str]:
    return frozenset(" ".join(span.text.split()) for span in spans(text))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(text.lower()))


def _order(text: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the words on either side of what sets one thing above another; None where nothing does."""
    match = _ABOVE.search(text)
    if match is None:
        return None
    return frozenset(content(text[: match.start()])), frozenset(content(text[match.end() :]))


def same(one: Said, other: Said) -> bool:
    """Tell whether two statements say the same of the same."""
    if not shares_scope(one.memory, other.memory, nested=True):
        return False
    if one.entry.lead != other.entry.lead and (limits(one.entry.lead) != limits(other.entry.lead)):
        return False
    if one.exact == other.exact:
        repeats = one.entry.numbered and _STEP.match(one.entry.flat) and _beside(one, other)
        return not repeats and _apart(one, other)
    if one.entry.kind == "row" or (one.entry.numbered and not _rules(one) and not _beside(one, other)):
        return False  # a case of a table, a step of another procedure
    if min(len(one.words), len(other.words)) < FEWEST or one.negative != other.negative:
        return False
    common = len(one.words & other.words)
    if common < SAME * max(len(one.words), len(other.words)) and not _adds_little(one, other, common):
        return False
    if one.holds != other.holds or one.entry.task:
        return False
    if one.spans != other.spans and (one.spans or other.spans) and _names_otherwise(one, other):
        return False
    left, right = one.words - other.words, other.words - one.words
    if any(_NAME.search(word) or word in NAMED for word in left | right):
        return False
    if left and right and not all(any(_akin(a, b) for b in right) for a in left):
        return False
    return _apart(one, other)


def _beside(one: Said, other: Said) -> bool:
    """Tell whether two statements stand in one section of a file, below the same line."""
    return one.memory is other.memory and (one.entry.above, one.entry.lead) == (
        other.entry.above,
        other.entry.lead,
    )


def _names_otherwise(one: Said, other: Said) -> bool:
    """Tell whether two statements put different things into code."""
    return bool(one.spans and other.spans) or not {
        word for span in one.spans | other.spans for word in content(span)
    } <= (one.words & other.words)


def _adds_little(one: Said, other: Said, common: int) -> bool:
    """Tell whether one statement is the other with some words more."""
    least, most = sorted((len(one.words), len(other.words)))
    return common == least and least >= 4 and common >= LEAST * most


def _akin(one: str, other: str) -> bool:
    """Tell whether two words are forms of one: concatenate, concatenation."""
    return len(one) > 4 and one[:5] == other[:5]


def _apart(one: Said, other: Said) -> bool:
    """Tell whether nothing above two equal statements makes them mean different things."""
    if (
        len(one.words) < FULL
        and not _rules(one)
        and (one.entry.above[1:], one.entry.lead)
        != (
            other.entry.above[1:],
            other.entry.lead,
        )
    ):
        return False
    if one.memory is other.memory or one.entry.kind == "row":
        above, below = one.entry.above[-1:], other.entry.above[-1:]
        if above != below and limits(" ".join(above)) != limits(" ".join(below)):
            return False
    return not (one.entry.line == other.entry.line and one.memory is other.memory)


def _rules(one: Said) -> bool:
    """Tell whether a statement tells to do something, and so means the same wherever it stands."""
    plain = one.entry.flat.lower().lstrip("*_` ")
    first = plain.split()[:1]
    return bool(
        set(first) & IMPERATIVES or substance.RULE.search(plain) or substance.IMPERATIVE.search(plain)
    )
