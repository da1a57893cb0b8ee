"""Find a recorded text that says nearly the same: likeness of word sets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from holdfast.hook.patterns import regex
from holdfast.learn.gate.text import clean

SAME = 0.75
"""Jaccard likeness of word sets from which two texts count as one."""
_WORD = regex(r"[^\W_]+(?:[._/-][^\W_]+)*")
_NEGATION = frozenset(
    "not never no don't dont avoid without cannot can't mustn't shouldn't isn't doesn't".split()
)
_EMPTY = frozenset(
    "the a an is are be to of in on at for and or it its this that with as by you your we our so then".split()
)
_MOST = 400


@lru_cache(maxsize=2048)  # the known texts are compared with every candidate
def words(text: str) -> frozenset[str]:
    """Return the telling words of a text's first part, in lower case."""
    lead = clean(text[:6_000]).split("## Details")[0].lower()
    lead = re.sub(r"\b(do|does|is|are|can|must|should|was)n't\b", r"\1 not", lead)
    return frozenset(_WORD.findall(lead)[:_MOST]) - _EMPTY


def nearest(text: str, known: Iterable[str]) -> tuple[float, str]:
    """Return the greatest likeness to a known text, 0 to 1, and that text; the first of equals.

    Two texts of which only one negates are not alike: "use X" and "do not use X" are a correction.
    """
    mine: frozenset[str] | None = None
    best, which = 0.0, ""
    for other in known:
        mine = words(text) if mine is None else mine
        theirs = words(other)
        if not mine or not theirs or min(len(mine), len(theirs)) < SAME * max(len(mine), len(theirs)):
            continue
        if bool(mine & _NEGATION) != bool(theirs & _NEGATION):
            continue
        common = len(mine & theirs)
        likeness = common / (len(mine) + len(theirs) - common)
        if likeness > best:
            best, which = likeness, other
    return best, which
