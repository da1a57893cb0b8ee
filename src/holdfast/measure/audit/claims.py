"""What a statement claims, in a form in which two claims can be compared; first what it chooses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.measure.audit.choices import CHOICES, MENTIONS, Choice
from holdfast.measure.audit.clauses import CLAUSE, CONDITION, DOUBLE, NEGATES, OPEN, PAST, SENTENCE, negates
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.scope import heading_limits, limits
from holdfast.measure.audit.words import content, stem


class Claim(NamedTuple):
    """One claim.

    Attributes:
        topic: What it is about; only claims on one topic are compared.
        value: What it says of it.
        positive: False when it says that this is not so.
        about: Telling words of the sentence beside topic and value.
        limits: What it is limited to.
        above: What the headings above limit it to; words beginning with ``?`` may only be topics.
        conditional: True when it holds in a case that it states.
        whole: True when the topic has one answer for a whole project.
    """

    memory: Memory
    entry: Entry
    topic: str
    value: str
    positive: bool
    about: frozenset[str]
    limits: frozenset[str]
    above: frozenset[str]
    conditional: bool
    whole: bool


def choices(memory: Memory, entry: Entry) -> Iterator[Claim]:
    """Yield what a statement chooses of the sets in `CHOICES`."""
    flat = entry.text
    if len(flat.split()) > MAX_WORDS:
        return
    low = flat.lower()
    if not any(mention in low for mention in MENTIONS):
        return
    above = heading_limits(entry)
    for choice in CHOICES:
        if not choice.named.search(flat):
            continue
        yield from _chosen(memory, entry, choice, above)


MAX_WORDS = 60
"""Words of a statement that chooses something; a longer one tells a story."""
_SPAN = regex(r"`[^`]*`")


def _each_named(choice: Choice, part: str) -> Iterator[tuple[str, bool, str]]:
    """Yield what each piece between commas chooses: "install with pnpm, npm is not allowed"."""
    for piece in part.split(","):
        for option, pattern in choice.options.items():
            if pattern.search(piece):
                yield option, not negates(piece), piece


def _chosen(memory: Memory, entry: Entry, choice: Choice, above: frozenset[str]) -> Iterator[Claim]:
    text = entry.text.replace("**", "")
    if choice.asked is not None and not choice.asked.search(text):
        return
    if CONDITION.search(text) and not re.search(r"\b(?:before|after|when)\b", text):
        return
    found: list[tuple[str, bool, str]] = []
    for sentence in SENTENCE.split(text):
        for part in CLAUSE.split(sentence):
            if part is None or PAST.search(part):
                continue
            named = [option for option, pattern in choice.options.items() if pattern.search(part)]
            if len(named) > 1 and "," in part and not OPEN.search(part):
                found += _each_named(choice, part)
                continue
            if len(named) > 1 or (named and OPEN.search(part)):
                return
            if named and not DOUBLE.search(part):
                positive = not negates(part) or choice.name == "semicolons"
                found.append((named[0], positive, part))
    if len({option for option, positive, _ in found if positive}) > 1:
        return
    for option, positive, part in found:
        about = frozenset(
            word
            for word in content(choice.options[option].sub(" ", NEGATES.sub(" ", _SPAN.sub(" ", part))))
            if word not in _PLAIN
        )
        yield Claim(
            memory, entry, choice.name, option, positive, about, limits(choice.options[option].sub(' ',
            part)) - choice.implied,
            above, False, choice.whole,
        )  # fmt: skip


_PLAIN = frozenset(
    stem(word)
    for word in """
    use run prefer install add manage package manager dependency all everything project repository here
    only standard
    default switch stick new code style it format formatter lint linter framework runner test library
    choice tool
    """.split()
)
