"""Reduce English words to stems, more bluntly than the index does.

What a task calls "duplicated" a decision calls "duplication", and "idempotency" stands for "idempotent": for
comparing two short texts it does less harm to take two words for one than one for two. Other scripts pass
unchanged. Suffixes go in four steps (plural, past and progressive, one derivation, what is left of a final
vowel), as in Porter's algorithm (1980), with fewer conditions.
"""

from __future__ import annotations

import functools

from holdfast.index.tokens import content_terms

MAX_WORDS = 400
"""Distinct words of a text that are looked at."""

_IRREGULAR = {
    "sent": "send", "paid": "pay", "lost": "lose", "loss": "lose", "kept": "keep", "chose": "choose",
    "chosen": "choose", "choice": "choose", "wrote": "write", "written": "write", "built": "build",
    "broke": "break", "broken": "break", "ran": "run", "held": "hold", "froze": "freeze", "frozen": "freeze",
    "sold": "sell", "bought": "buy", "went": "go", "gone": "go", "took": "take", "taken": "take",
    "shown": "show", "saw": "see", "seen": "see", "left": "leave", "fell": "fall", "grew": "grow",
    "grown": "grow", "spent": "spend", "slept": "sleep", "hung": "hang", "stuck": "stick", "told": "tell",
    "thrown": "throw", "threw": "throw", "gave": "give", "given": "give", "made": "make", "came": "come",
    "stopped": "stop", "people": "person", "children": "child", "indices": "index", "indexes": "index",
    "ids": "id", "db": "database", "auth": "authentication", "config": "configuration", "repo": "repository",
    "async": "asynchronous", "perf": "performance", "dir": "directory", "doc": "document", "docs": "document",
    "prod": "production", "dev": "development", "env": "environment", "msg": "message", "req": "request",
    "tx": "transaction", "txn": "transaction", "param": "parameter", "params": "parameter", "dep":
    "dependency",
    "deps": "dependency", "pw": "password", "tz": "timezone", "fs": "filesystem", "img": "image",
}  # fmt: skip
_DERIVED = (
    "ization", "isation", "ability", "ibility", "ation", "ement", "izer", "iser", "ator", "ment", "ance",
    "ence", "ancy", "ency", "able", "ible", "ness", "ical", "less", "ize", "ise", "ate", "ity", "ive", "ion",
    "ant", "ent", "acy", "ous", "ful", "ial", "al", "er", "or", "at", "ic",
)  # fmt: skip
_VOWELS = frozenset("aeiouy")
_LEAST = 4
"""Letters that a derivation must leave."""


@functools.lru_cache(maxsize=1 << 15)
def stem(word: str) -> str:
    """Return the stem of a word, in lower case."""
    word = word.lower()
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3 or not word.isascii() or not word.isalpha():
        return word
    word = _inflected(_singular(word))
    for step in range(2):
        shorter = _underived(word, adverb=step == 0)
        if shorter == word:
            break
        word = shorter
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    if word.endswith("y") and len(word) > 3:
        word = word[:-1] + "i"
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in _VOWELS:
        word = word[:-1]
    return word


def words_of(text: str, limit: int = MAX_WORDS) -> list[str]:
    """Return the distinct words of a text that carry content, identifiers by their parts, unstemmed."""
    found: dict[str, None] = {}
    for term in content_terms(text, limit):
        found.update(dict.fromkeys(term.parts or (term.whole,)))
    return list(found)


def stems_of(text: str, limit: int = MAX_WORDS) -> list[str]:
    """Return the distinct stems of a text, in order; single letters and numbers are left out."""
    return list(dict.fromkeys(stem(word) for word in words_of(text, limit) if is_word(word)))


def is_word(word: str) -> bool:
    """Tell whether a word can say what a text is about: not a number or a single letter."""
    return len(word) > 1 and not word.isdigit()


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _inflected(word: str) -> str:
    for suffix in ("ing", "ied", "ed"):
        rest = word[: -len(suffix)]
        if word.endswith(suffix) and len(rest) >= 3 and _VOWELS & set(rest):
            if suffix == "ied":
                return rest + "y"
            if len(rest) > 2 and rest[-1] == rest[-2] and rest[-1] not in "aeioulsz":
                return rest[:-1]
            return rest
    return word


def _underived(word: str, *, adverb: bool) -> str:
    if adverb and word.endswith("ly") and len(word) >= _LEAST + 2:
        return word[:-2]
    if word.endswith("ment") and len(word) > 6:
        return word[:-4]
    if not word.endswith(_DERIVED):
        return word
    for suffix in _DERIVED:
        if word.endswith(suffix) and len(word) - len(suffix) >= _LEAST:
            return word[: -len(suffix)]
    return word
