"""Features of the outward form: lists, labels, length, letters."""

from __future__ import annotations

import math

from holdfast.hook.patterns import regex
from holdfast.learn.gate.features.reading import Reading

_ITEM = regex(r"\s*(?:[-*•]|\d{1,2}[.)]) ")
_NUMBER = regex(r"\s*\d{1,2}[.)] ")
_BOLD_FIRST = regex(r"\s*(?:[-*•]|\d+[.)])?\s*\*\*")
_COLON = regex(r"\w: \w|[□◇]: ")
_EMPHASIS = regex(
    r"\b(?:NEVER|MUST|NOT|ALWAYS|NO|DO|IMPORTANT|REQUIRED|CRITICAL|STOP|RULE|HARD|ONLY|ALL|EVERY|DON'T|SHOULD"
    r"|WARNING|MANDATORY|EXCEPTIONS|IMMEDIATELY|FIRST|BEFORE)\b"
)
_CASED = regex(r"\b[A-Za-z][a-z]+\b")


def measure(reading: Reading) -> dict[str, float]:
    """Return the features of layout."""
    text, size = reading.text, reading.size
    lead, bare, lines = text.lead, text.bare, text.lines
    items = sum(1 for line in lines if _ITEM.match(line))
    cased = _CASED.findall(bare)
    length = max(1, len(lead))
    return {
        "form.items": min(items, 4) / 4,
        "form.one_item": float(len(lines) == 1 and items == 1),
        "form.numbered": float(bool(_NUMBER.match(lead))),
        "form.bold": float("**" in lead),
        "form.bold_first": float(bool(_BOLD_FIRST.match(lead))),
        "form.colon": float(bool(_COLON.search(bare))),
        "form.dash": float(";" in bare or " — " in bare or " – " in bare),
        "form.parentheses": float("(" in bare),
        "form.ended": float(lead[-1:] in {".", ")", "`"}),
        "form.lower_first": float(lead[:1].islower()),
        "form.title_share": sum(word[0].isupper() for word in cased) / max(1, len(cased)),
        "form.digit_share": sum(letter.isdigit() for letter in lead) / length,
        "form.upper_share": sum(letter.isupper() for letter in lead) / length,
        "form.very_short": float(size < 4),
        "form.long": float(size > 60),
        "form.length": math.log1p(size),
        "vague.repeats": len(set(reading.words)) / size,
        "prompt.emphasis": min(len(_EMPHASIS.findall(lead)), 3) / 3,
    }
