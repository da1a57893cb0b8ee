"""Widen a task told in symptom words by what these words mean, and by what one does about it.

"Customers see yesterday's prices" is about a cache, though it does not say so. The words come from a list of
the trade (``words_of_the_trade.txt`` beside this file); a word that belongs to few matters leads further than
one that belongs to many, and two words that point to the same matter confirm each other.
"""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from holdfast.recall.stems import stem

SAME, DONE_ABOUT, SUFFERED_BY, BESIDE = 0.6, 0.5, 0.45, 0.15
"""How far a word leads: to one of the same meaning, from a symptom to its remedies, back, and between
remedies."""


_BEGIN = 6
"""Letters of a pair of words by which most pairs that are no word are told at once."""


class Matter(msgspec.Struct, frozen=True):
    """A matter of the trade: the stems of those who suffer it, and of those who deal with it."""

    told: frozenset[str]
    done: frozenset[str]


class Trade(msgspec.Struct, frozen=True):
    """The list, with the matters of each stem, how each is written, and how the words begin."""

    matters: tuple[Matter, ...]
    of: Mapping[str, tuple[int, ...]]
    written: Mapping[str, tuple[str, ...]]
    begins: frozenset[str]


@functools.lru_cache(maxsize=1)
def trade() -> Trade:
    """Return the list; it is read once."""
    text, stems = _words().read_text("utf-8"), _stems().read_text("utf-8").split()
    stemmed = dict(zip(_split(text), stems, strict=True))
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    matters = tuple(_matter(line, stemmed) for line in lines)
    of: dict[str, list[int]] = defaultdict(list)
    written: dict[str, dict[str, None]] = defaultdict(dict)
    for word, its_stem in stemmed.items():
        written[its_stem][word] = None
    for place, matter in enumerate(matters):
        for word in matter.told | matter.done:
            of[word].append(place)
    return Trade(
        matters,
        {word: tuple(places) for word, places in of.items()},
        {word: tuple(forms) for word, forms in written.items()},
        frozenset(form[:_BEGIN] for forms in written.values() for form in forms),
    )


def stems_of_the_trade() -> str:
    """Return what ``stems_of_the_trade.txt`` holds: the stem of each word of the list, in its order.

    Stemming them all takes longer than an agent's prompt is to wait, so it is done beforehand::

        python -m holdfast.recall.expansion
    """
    return "".join(f"{stem(word)}\n" for word in _split(_words().read_text("utf-8")))


def _words() -> Path:
    return Path(__file__).with_name("words_of_the_trade.txt")


def _stems() -> Path:
    return Path(__file__).with_name("stems_of_the_trade.txt")


def _split(text: str) -> Iterable[str]:
    """Return the distinct words of the list, as they first come."""
    return dict.fromkeys(text.replace("|", " ").split())


def _matter(line: str, stemmed: Mapping[str, str]) -> Matter:
    told, _, done = line.partition("|")
    symptoms = frozenset(stemmed[word] for word in told.split())
    return Matter(symptoms, frozenset(stemmed[word] for word in done.split()) - symptoms)


class Link(msgspec.Struct, frozen=True):
    """A word that a task leads to: from which of its stems, and how strongly, 0 to 1."""

    origin: str
    weight: float


def related(stems: Sequence[str]) -> dict[str, tuple[Link, ...]]:
    """Return the stems that those of a task lead to, each with where it comes from, strongest first.

    The stems of the task themselves are not among them.
    """
    known, own = trade(), set(stems)
    sure = _sureness(known, stems)
    links: dict[str, dict[str, float]] = defaultdict(dict)
    for origin in own:
        for place in known.of.get(origin, ()):
            matter = known.matters[place]
            symptom = origin in matter.told
            for words, weight in (
                (matter.told, SAME if symptom else SUFFERED_BY),
                (matter.done, DONE_ABOUT if symptom else BESIDE),
            ):
                strength = weight * sure[place]
                for word in words - own:
                    if strength > links[word].get(origin, 0.0):
                        links[word][origin] = strength
    return {
        word: tuple(
            Link(origin, round(weight, 4))
            for origin, weight in sorted(found.items(), key=lambda item: (-item[1], item[0]))
        )
        for word, found in sorted(links.items())
    }


def _sureness(known: Trade, stems: Sequence[str]) -> dict[int, float]:
    """Return, for each matter that the stems touch, how sure it is that the task is about it, 0 to 1."""
    touched: dict[int, float] = defaultdict(float)
    for word in stems:
        places = known.of.get(word, ())
        for place in places:
            touched[place] += len(places) ** -0.5
    return {place: min(1.0, 0.25 + 0.5 * sum_) for place, sum_ in touched.items()}


def with_pairs(words: Sequence[str]) -> list[str]:
    """Return the stems of words, and of two neighbours that are one word in the list ("time zone")."""
    known = trade()
    found = dict.fromkeys(map(stem, words))
    for first, second in itertools.pairwise(words):
        joined = (first + second).lower()
        if joined[:_BEGIN] in known.begins and stem(joined) in known.of:
            found[stem(joined)] = None
    return list(found)


if __name__ == "__main__":
    _stems().write_text(stems_of_the_trade(), "utf-8")
