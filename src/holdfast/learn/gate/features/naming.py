"""Features of what a text names: this repository's own things, or what every repository has."""

from __future__ import annotations

import math
import re

from holdfast.hook.patterns import regex
from holdfast.learn.gate import anchors, vocabulary
from holdfast.learn.gate.features.reading import Reading
from holdfast.learn.gate.features.words import UNIVERSAL

_PARTS = regex(r"[a-z_]{2,}|[a-z]")
_NAMED_FIRST = regex(r"[\w@./-]*[A-Z_./@][\w@./()-]*")
_KINDS = {
    "names.setting": regex(r"\b[A-Z]+_[A-Z_]+\b"),
    "names.type": regex(r"\b[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+\b"),
    "names.dotted": regex(r"\b\w+\.\w+\.\w+|\.[a-z]\w{2,}"),
    "names.amount": regex(
        r"\b\d[\d,.]*\s?(?:ms|s|sec|seconds?|min|minutes?|hours?|days?|[kmg]i?b|bytes|%|times|connections"
        r"|requests)\b",
        re.IGNORECASE,
    ),
    "names.file": regex(
        r"(?<![\w/])[\w@-]+\.(?:py|ts|tsx|js|go|rs|md|json|jsonl|ya?ml|toml|sh|sql|lock|cfg|ini|txt|java|rb|css"
        r"|html)\b",
        re.IGNORECASE,
    ),
}


def measure(reading: Reading, wording: dict[str, float]) -> dict[str, float]:
    """Return the features of naming; `wording` holds those of wording and phrases."""
    named, size = reading.named, reading.size
    lead = reading.text.lead
    strong = named.strong
    subjects = vocabulary.subjects(reading.text.plain)
    bound = bool(wording["substance.rule"] or wording["substance.must_not"])
    found = {kind: min(len(set(pattern.findall(lead))), 3) / 3 for kind, pattern in _KINDS.items()}
    return found | {
        "names.strong": math.log1p(min(strong, 8)),
        "names.medium": min(named.medium, 3) / 3,
        "names.weak": min(named.weak, 4) / 4,
        "names.none": float(not strong and not named.medium and not named.weak),
        "names.none_long": float(not strong and not named.medium and not named.weak and size > 6),
        "names.density": strong / (size + strong),
        "names.tools": min(sum(word in anchors.TOOLS for word in reading.words), 2) / 2,
        "names.code": min(len(reading.text.code), 4) / 4,
        "names.quotes": min(len(reading.text.quotes), 2) / 2,
        "names.rule": float(strong > 0 and bound),
        "names.fact": float(strong > 0 and wording["substance.fact"] > 0),
        "names.failure": float(strong > 0 and wording["substance.failure"] > 0),
        "names.first": float(_names_first(reading)),
        "common.subjects": min(subjects, 8) / 8,
        "common.subject_share": subjects / size,
        "common.unnamed_rule": float(
            not strong and bool(wording["substance.rule"] or wording["substance.advice_first"])
        ),
        **_universal(reading, told=bool(wording["substance.advice_first"] or wording["substance.no"])),
    }


def _names_first(reading: Reading) -> bool:
    first = reading.text.bare.split(" ", 1)[0]
    return bool(_NAMED_FIRST.match(first)) and reading.first not in UNIVERSAL


def _universal(reading: Reading, *, told: bool) -> dict[str, float]:
    """Return how much of what is named is code of languages and tools that everybody has.

    A manual states; a text that opens with what to do or not to do (`told`) is none.
    """
    if told or reading.named.prose:
        return {"manual.share": 0.0, "manual.all": 0.0}
    spans = [_PARTS.findall(code.lower()) for code in reading.text.code]
    universal = sum(all(part in UNIVERSAL for part in span) for span in spans)
    return {
        "manual.share": universal / len(spans) if spans else 0.0,
        "manual.all": float(bool(spans) and universal == len(spans)),
    }
