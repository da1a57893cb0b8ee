"""What a sentence says of an approach: advise it, advise against it, or neither.

"Use pnpm, not npm, which failed" is against npm and for pnpm. A text is cut into clauses; a clause is against
what it names when it negates, prefers something else to it, or says that it failed. What a revert quotes is
taken back. Read in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from holdfast.hook.patterns import regex
from holdfast.index.tokens import content_terms

Stance = Literal["for", "against", "neither"]

NEEDED = 0.5
"""Share of the approach's words that a clause must hold to be about it."""
MAX_TEXT = 4000
MAX_WORDS = 40

_CUT = regex(
    r"(?<=[.!?;])\s+|\n+|,\s+(?=(?:not|never|rather than|instead of|because|so|but|which|and not)\b)|"
    r"\s+(?=(?:instead of|rather than|over|not)\s)|\s+[–—]\s+|:\s+|\s+(?=(?:but|because|whereas)\b)|"
    r"\s+(?=(?:then|and|so) use\b)",
    re.IGNORECASE,
)
_AGAINST = regex(
    r"^(?:not|never|instead of|rather than|over|avoid|no)\b|"
    r"\b(?:do not|don['’]t|never|avoid|must not|mustn['’]t|should not|shouldn['’]t|cannot|can['’]t|stop|"
    r"no longer|not to|without|forbidden|banned|rejected|ruled out|decided against|gave up|given up|"
    r"abandoned|reverted|dropped|removed)\b|"
    r"\b(?:fail(?:s|ed|ing)?|broke|breaks?|broken|crash(?:es|ed)?|deadlock(?:s|ed)?|does(?: not|n['’]t) work|"
    r"did(?: not|n['’]t) work|won['’]t work|too slow|lost|loses|unreadable|corrupt(?:s|ed)?|flaky|"
    r"leak(?:s|ed)|hangs?|hung|timed out|times out)\b",
    re.IGNORECASE,
)
_NEEDED_IT = regex(
    r"\b(?:fail(?:s|ed|ing)?|broke|breaks?|crash(?:es|ed)?|hangs?|hung|times? out|timed out) "
    r"(?:without|unless|until|before)\b",
    re.IGNORECASE,
)
"""What failed for want of what the clause names speaks for it."""
_CONTRAST = regex(r"(?:instead of|rather than|over|not)\s", re.IGNORECASE)
_CONTEXT = regex(r"\s(?:for|in|when|while|on|at|to|during)\s.*\Z", re.IGNORECASE | re.DOTALL)
_REVERT = regex(r"revert:? [\"“](.+?)[\"”](?=\s|$)", re.IGNORECASE)
_ADVICE = regex(
    r"\b(?:use|run|prefer|always|must|should|choose|chose|chosen|decided on|settled on|switch(?:ed)? to|"
    r"go with|went with|works?|worked|call|set|pass|keep)\b",
    re.IGNORECASE,
)


def stance(text: str, approach: str) -> Stance:
    """Return what a text says of an approach.

    The clause that names most of the approach speaks for the text. Of equal ones against wins, since a
    warning costs less than a repeat.
    """
    taken_back = _REVERT.match(text[:MAX_TEXT])
    if taken_back:
        said = stance(text[taken_back.end() :], approach)
        return "against" if said == "against" or does(taken_back.group(1), approach) else said
    asked = _words(approach)
    needed = max(1.0, NEEDED * len(asked))
    found: Stance = "neither"
    most = 0
    for clause in _clauses(text[:MAX_TEXT]) if asked else ():
        shared = len(asked & _words(clause))
        if shared < needed or shared < most:
            continue
        said = _side(clause)
        if said == "against" or (said == "for" and (shared > most or found == "neither")):
            found, most = said, shared
    return found


def does(text: str, approach: str) -> bool:
    """Tell whether a text says that something was done, in any words: "sessions in Redis" advises nothing."""
    if _REVERT.match(text):  # a revert of a revert brings back what this cannot tell
        return False
    return stance(text, approach) == "for" or stance(f"use {text}", approach) == "for"


def _side(clause: str) -> Stance:
    clause = _NEEDED_IT.sub("", clause)
    if _AGAINST.search(clause):
        return "against"
    return "for" if _ADVICE.search(clause) else "neither"


def _clauses(text: str) -> Iterator[str]:
    """Yield the clauses of a text; "X, which failed" is one, since what failed is X."""
    parts = _shared_context([part.strip() for part in _CUT.split(text) if part and part.strip()])
    for place, part in enumerate(parts):
        follows = parts[place + 1] if place + 1 < len(parts) else ""
        yield f"{part}, {follows}" if follows.lower().startswith("which") else part


def _shared_context(parts: list[str]) -> list[str]:
    """Give what stands behind a contrast ("X instead of Y for Z") to X: it is Y that is ruled out, not Z."""
    for place in range(1, len(parts)):
        behind = _CONTEXT.search(parts[place]) if _CONTRAST.match(parts[place]) else None
        if behind:
            parts[place - 1] += behind.group()
            parts[place] = parts[place][: behind.start()]
    return parts


def _words(text: str) -> set[str]:
    plain = re.sub(r"[`*_\"“”]", " ", text)
    words: set[str] = set()
    for term in content_terms(plain, MAX_WORDS):
        words.update(term.parts or (term.whole,))
    return {_stem(word) for word in words} - _EMPTY


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


_EMPTY = frozenset(
    "use using run try approach make add new via call switch switching change replace put store move".split()
)
