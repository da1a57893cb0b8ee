"""What a sentence says of an approach: advise it, advise against it, or neither.

"Use pnpm, not npm, which failed" is against npm and for pnpm. A text is cut into clauses; a clause is against
what it names when it negates, prefers something else to it, or says that it failed. Read in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from holdfast.index.tokens import content_terms

Stance = Literal["for", "against", "neither"]

NEEDED = 0.5
"""Share of the approach's words that a clause must hold to be about it."""
MAX_TEXT = 4000
MAX_WORDS = 40

_CUT = re.compile(
    r"(?<=[.!?;])\s+|\n+|,\s+(?=(?:not|never|rather than|instead of|because|so|but|which|and not)\b)|"
    r"\s+(?=(?:instead of|rather than|over|not)\s)|\s+[–—]\s+|:\s+|\s+(?=(?:but|because|whereas)\b)|"
    r"\s+(?=(?:then|and|so) use\b)",
    re.IGNORECASE,
)
_AGAINST = re.compile(
    r"^(?:not|never|instead of|rather than|over|avoid|no)\b|"
    r"\b(?:do not|don['’]t|never|avoid|must not|mustn['’]t|should not|shouldn['’]t|cannot|can['’]t|stop|"
    r"no longer|not to|without|forbidden|banned|rejected|ruled out|decided against|gave up|given up|"
    r"abandoned|reverted|dropped|removed)\b|"
    r"\b(?:fail(?:s|ed|ing)?|broke|breaks?|broken|crash(?:es|ed)?|deadlock(?:s|ed)?|does(?: not|n['’]t) work|"
    r"did(?: not|n['’]t) work|won['’]t work|too slow|lost data|loses data|corrupt(?:s|ed)?|flaky|"
    r"leak(?:s|ed)|hangs?|hung|timed out|times out)\b",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"\b(?:use|run|prefer|always|must|should|choose|chose|chosen|decided on|settled on|switch(?:ed)? to|"
    r"go with|went with|works?|worked|call|set|pass|keep)\b",
    re.IGNORECASE,
)


def stance(text: str, approach: str) -> Stance:
    """Return what a text says of an approach.

    The clause that names most of the approach speaks for the text. Of equal ones against wins, since a
    warning costs less than a repeat.
    """
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


def _side(clause: str) -> Stance:
    if _AGAINST.search(clause):
        return "against"
    return "for" if _ADVICE.search(clause) else "neither"


def _clauses(text: str) -> Iterator[str]:
    """Yield the clauses of a text; "X, which failed" is one, since what failed is X."""
    parts = [part.strip() for part in _CUT.split(text) if part and part.strip()]
    for place, part in enumerate(parts):
        follows = parts[place + 1] if place + 1 < len(parts) else ""
        yield f"{part}, {follows}" if follows.lower().startswith("which") else part


def _words(text: str) -> set[str]:
    plain = re.sub(r"[`*_\"“”]", " ", text)
    words: set[str] = set()
    for term in content_terms(plain, MAX_WORDS):
        words.update(term.parts or (term.whole,))
    return {_stem(word) for word in words} - _EMPTY


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


_EMPTY = frozenset(
    "use using run try approach make add new via call switch switching change replace put store".split()
)
