"""Rules that no weighing outweighs: harm, guesses, blanks, output, code, fragments, length."""

from __future__ import annotations

import re

from holdfast.hook.patterns import regex
from holdfast.learn.gate import anchors, safety, shape, substance
from holdfast.learn.gate.text import LIMIT, MAX_WORDS, Text

Words = tuple[str, str]
"""What is wrong, and how to mend it: a sentence each."""

_TOO_LONG = 1.25
_EMPTY: Words = (
    "It is a template that nobody filled in.",
    "Put the real command, file, error and reason in place of the blanks.",
)
_BROKEN_OFF: Words = ("It breaks off at a colon.", "Add what was to follow, or leave the lead-in out.")
_GUESS: Words = (
    "It is a guess.",
    "Test it, then say what happened: what failed, with which error, and what worked.",
)
_NO_SENTENCE: Words = (
    "There is no sentence in it.",
    "Write one sentence: what to do or know, where, and why.",
)
_GUESSES = regex(
    r"\b(?:maybe|perhaps|possibly|probably|presumably|not sure|unclear (?:if|whether|why)"
    r"|i (?:guess|suspect|think)|(?:it|this|that) (?:might|could) be (?:that|because|due)"
    r"|it seems|seems (?:to|like)|appears to be)\b"
)
_BLANKS = regex(
    r"(?:<[A-Za-z][\w -]*>[^<]{0,80}){2}(?![\w/])|\{\{[^}\n]{1,60}\}\}|\[(?:insert|your|describe"
    r"|name|what|why|date|list|placeholder|todo|fill|x{2,})[^\]\n]{0,60}\]|\blorem ipsum\b",
    re.IGNORECASE,
)
_FEWEST = 2
"""Words of the shortest sentence."""
_NAMED_ENOUGH = 3
"""A text with so many names of its own is no blank template, whatever is in angle brackets."""


def too_long(text: str) -> Words | None:
    """Return (reason, mend) when a text is too long to be read at all."""
    if len(text) <= LIMIT:
        return None
    return (
        f"It is {len(text):,} characters long; at most {LIMIT:,} are read.",
        "Keep the rule and its reason; leave the rest out.",
    )


def broken(text: Text, whole: str, *, proven: bool = False) -> dict[str, Words]:
    """Return (reason, mend) by criterion for each rule that a text breaks.

    Args:
        text: the prepared candidate.
        whole: everything that would be stored, details included: it must be safe too.
        proven: True when an outcome confirmed it: then it is no guess.
    """
    found = {
        "safe": safety.fault(whole),
        "actionable": shape.fault(text, reasoned=substance.reasoned(text)) or _length(text) or _end(text),
        "validated": _GUESS if not proven and _GUESSES.search(text.plain) else None,
        "specific": _template(text),
    }
    return {criterion: words for criterion, words in found.items() if words}


def _template(text: Text) -> Words | None:
    if _BLANKS.search(text.bare) and anchors.count(text).strong < _NAMED_ENOUGH:
        return _EMPTY
    return None


def _end(text: Text) -> Words | None:
    if text.lead.endswith(":"):
        return _BROKEN_OFF
    return _NO_SENTENCE if len(text.lead.split()) < _FEWEST else None


def _length(text: Text) -> Words | None:
    count = len(text.first.split())
    if count <= MAX_WORDS * _TOO_LONG:
        return None
    return (
        f"Its first paragraph has {count} words; an agent is shown at most {MAX_WORDS}.",
        "Put the rule and its reason first, in one short paragraph.",
    )
