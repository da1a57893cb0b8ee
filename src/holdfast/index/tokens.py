"""Cut text into the words that are indexed and searched.

Identifiers are found whole and by their parts, whichever way they are written: ``getUserName``,
``get_user_name`` and ``get-user-name`` all give ``getusername get user name``. Queries and documents
are cut by the same function. Stemming is the database's.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

import msgspec

from holdfast.hook.patterns import regex

MAX_WORD = 64
"""Characters of the longest word that is indexed; longer ones are blobs, not words."""

MAX_COMPOUND = 200
"""Characters of the longest identifier or path that is also indexed as a whole."""

STOP_WORDS = frozenset(
    """
    a about after all also am an and any are as at be because been before being but by can could did do
    does doing done dont for from get gets got had has have having he her here him his how i if in into is it
    its just let like me more most my no not now of off on one only or other our out over please she
    should so some such than that the their them then there these they this those to too up us use
    used uses using very want was we were what when where which while who why will with would you your
    """.split()
)
"""Words of a query that say nothing of what it is about."""


class Term(msgspec.Struct, frozen=True):
    """Hold one word of a query: its whole, as searched, and its parts when it is an identifier."""

    whole: str
    parts: tuple[str, ...] = ()


_COMPOUND = regex(r"\w+(?:[-./\\:@]+\w+)*")
_CONTRACTION = regex(r"(?<=[^\W\d_])['’](?=(?:s|t|d|m|re|ve|ll)\b)", re.IGNORECASE)
_SEPARATORS = regex(r"[^\w]+|_+")
_FILES = regex(r"[/\\:@]+")
_HUMPS = regex(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_VERSIONED = regex(r"([a-z]{3,})[0-9]+")
_UNSPACED = regex("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def scrub(text: str) -> str:
    """Return text that can be stored: surrogate pairs joined, lone ones replaced by U+FFFD."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def split(text: str) -> list[str]:
    """Return the distinct words of a text to index: each compound, then its parts, as they first come.

    Distinct, since in texts this short a word that is repeated says no more than one that is not,
    and one repeated a thousand times must not win.
    """
    words: dict[str, None] = {}
    for term in _terms(text):
        words[term.whole] = None
        words.update(dict.fromkeys(term.parts))
    return list(words)


def content_terms(query: str, limit: int) -> list[Term]:
    """Return the first distinct terms of a query that carry content, at most ``limit``."""
    terms: dict[Term, None] = {}
    for term in _terms(query):
        if term.whole in STOP_WORDS:
            continue
        parts = tuple(part for part in term.parts if part not in STOP_WORDS)
        terms[Term(term.whole, parts)] = None
        if len(terms) >= limit:
            break
    return list(terms)


def _terms(text: str) -> Iterator[Term]:
    plain = _CONTRACTION.sub("", _plain(text))
    for compound in dict.fromkeys(_COMPOUND.findall(plain)):
        if len(compound) <= MAX_COMPOUND:
            yield from _cut_once(compound)
        else:
            yield from _cut(compound)


@functools.lru_cache(maxsize=1 << 15)
def _cut_once(compound: str) -> tuple[Term, ...]:
    """Cut a compound, remembering the ones seen: most words of a repository come again."""
    return tuple(_cut(compound))


def _plain(text: str) -> str:
    """Return text without accents and in compatible forms, so that é is e and ﬁ is fi."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", scrub(text))
    bare = "".join(letter for letter in decomposed if unicodedata.category(letter) != "Mn")
    return unicodedata.normalize("NFC", bare)


def _cut(compound: str) -> Iterator[Term]:
    if not compound.isascii() and _UNSPACED.search(compound):
        yield from _cut_unspaced(compound)
        return
    pieces = [piece for piece in _SEPARATORS.split(compound) if piece]
    parts = [part.casefold() for piece in pieces for part in _HUMPS.split(piece)]
    if len(parts) <= 1 or len(compound) > MAX_COMPOUND:
        for part in parts:
            if len(part) <= MAX_WORD:
                yield Term(part, tuple(_versionless(part)))
        return
    whole = "".join(parts)
    inner = [*_names(compound), *(piece.casefold() for piece in pieces)]
    bases = [base for part in parts for base in _versionless(part)]
    kept = dict.fromkeys(word for word in (*inner, *parts, *bases) if 1 < len(word) <= MAX_WORD)
    kept.pop(whole, None)
    if len(whole) <= MAX_WORD:
        yield Term(whole, tuple(kept))
    else:
        yield from (Term(word) for word in kept)


def _names(compound: str) -> list[str]:
    """Return the identifiers inside a path or dotted name, joined as their wholes are.

    ``src/parse_config.py`` holds ``parseconfigpy`` and ``parseconfig``.
    """
    files = _FILES.split(compound)
    names = [*files, *(name for file in files for name in file.split("."))]
    return [re.sub(r"[\W_]+", "", name).casefold() for name in names]


def _versionless(word: str) -> list[str]:
    """Return ``python`` for ``python3``; nothing for a word without a number at its end."""
    found = _VERSIONED.fullmatch(word)
    return [found.group(1)] if found else []


def _cut_unspaced(compound: str) -> Iterator[Term]:
    """Cut a script written without spaces into pairs of letters, and what is beside it as usual."""
    end = 0
    for found in _UNSPACED.finditer(compound):
        if found.start() > end:
            yield from _cut(compound[end : found.start()])
        run, end = found.group(), found.end()
        for start in range(max(1, len(run) - 1)):
            yield Term(run[start : start + 2])
    if end < len(compound):
        yield from _cut(compound[end:])
