"""Judge a value by its looks: placeholder, code, or something that could be a secret."""

from __future__ import annotations

import math
import re
from collections import Counter

from holdfast.hook.patterns import regex

_FILLER = regex(
    r"example|change[-_ ]?me|change[-_ ]?this|replace[-_ ]?(?:me|with|this)|place[-_ ]?holder|dummy|"
    r"redacted|your[-_ ]|[-_ ]here$|^your|insert[-_ ]|xxxx|\*\*\*|\.\.\.|…|•|not[-_ ]?(?:a[-_ ]?)?real|"
    r"to[-_ ]?do|fix[-_ ]?me|"
    r"notasecret|masked|hidden|removed|censored|sanitized|omitted|filtered|[-_ ]goes[-_ ]|deadbeef|"
    r"0123456789|1234567890|abcdefghij|^test[-_]|[-_]test$|^fake|^mock|^sample|^stub|<[a-z _-]+>"
)
_WORDS = frozenset(
    "none null nil undefined true false yes no on off empty unset default optional required string "
    "str text int integer number bool boolean bytes object any unknown never void float char varchar "
    "secret secrets token tokens password passwd pwd pass key keys apikey api_key value values foo "
    "bar baz qux foobar test tests testing tbd n/a na inherit redacted hidden masked placeholder "
    "username user admin root example auto file env credential credentials auth basic bearer digest "
    "oauth oauth2 jwt x sensitive encrypted".split()
)
_TEMPLATE = regex(
    r"\$\{\{?[^}]{0,120}\}\}?|\$\([^)]{0,120}\)|\$[A-Za-z_]\w{0,60}|\$\d|%[A-Za-z_]\w{0,60}%|\{\{[^}]{0,120}\}\}|"
    r"\{[^{}]{0,120}\}|<[^<>]{1,80}>|\[[A-Za-z][A-Za-z _:-]{1,60}\]|%[sdr]|%\([a-z_]{1,40}\)s|#\{[^}]{0,80}\}"
)
_CLASSES = str.maketrans(
    {
        **dict.fromkeys("abcdefghijklmnopqrstuvwxyz", "a"),
        **dict.fromkeys("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "A"),
        **dict.fromkeys("0123456789", "0"),
    }
)
_SPLIT = regex(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_WORDY = regex(r"[A-Za-z]+(?:[ ._/:-]+[A-Za-z]+)*[.!?:]?")
# A longer value is judged by its beginning.
_JUDGED = 160
_DIGIT = regex(r"[0-9]")
_LETTER = regex(r"[A-Za-z]")
_UUID = regex(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_HEX = regex(r"[0-9a-fA-F]+\Z")


def is_placeholder(value: str) -> bool:
    """Say whether a value stands for a secret instead of being one: ``${X}``, ``<key>``, ``changeme``."""
    bare = value[:_JUDGED].strip(" \t\"'`,;")
    if len(bare) < 3:
        return True
    if "[redacted:" in bare:
        return True
    low = bare.lower()
    if low in _WORDS or _FILLER.search(low):
        return True
    if len(set(low)) <= max(2, min(4, len(low) // 4)):
        return True
    if any(mark in bare for mark in "$%{<[#"):
        rest = _TEMPLATE.sub("", bare)
        return len(rest) < len(bare) and len(re.sub(r"[\W_]", "", rest)) < max(6, len(bare) // 3)
    return False


def entropy(value: str) -> float:
    """Return the Shannon entropy of a value's characters, in bits a character."""
    total = len(value)
    return -sum(n / total * math.log2(n / total) for n in Counter(value).values()) if total else 0.0


def is_random(value: str, least: int = 16) -> bool:
    """Say whether a value looks generated: long, dense, and not made of words.

    Words, identifiers and paths change the class of their characters (lower, upper, digit) seldom; generated
    text does so at every second character.
    """
    if len(value) < least or " " in value:
        return False
    bare = value[:_JUDGED].strip("=")
    if _HEX.match(bare) and len(bare) >= least:
        return _DIGIT.search(bare) is not None and entropy(bare) > 2.5
    if _is_scrambled(bare):
        return True
    if not is_mixed(bare):
        return False
    kinds = bare.translate(_CLASSES)
    changes = sum(kinds.count(pair) for pair in ("aA", "Aa", "a0", "0a", "A0", "0A"))
    longest = max((len(w) for w in _SPLIT.findall(bare)), default=0)
    digits = len(_DIGIT.findall(bare))
    return entropy(bare) >= 2.8 and (changes / len(bare) >= 0.22 or (digits > 2 and longest * 3 < len(bare)))


def _is_scrambled(value: str) -> bool:
    """Say whether letters change case so often that no words are behind it."""
    humps = [h for h in _SPLIT.findall(value) if h[0].isalpha()]
    letters = sum(map(len, humps))
    short = 3.0 if letters >= 24 else 2.3
    return letters >= 12 and len(humps) * short > letters and value != value.upper() and entropy(value) >= 3.0


def is_uuid(value: str) -> bool:
    """Say whether a value is a UUID."""
    return _UUID.match(value) is not None


def is_words(value: str) -> bool:
    """Say whether a value is made of words alone: letters, joined by spaces, dashes, dots or underscores."""
    return _WORDY.fullmatch(value[:200]) is not None and not _is_scrambled(value[:200])


def is_mixed(value: str) -> bool:
    """Say whether a value has both letters and digits."""
    return _DIGIT.search(value) is not None and _LETTER.search(value) is not None
