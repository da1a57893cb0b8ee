"""How near a document is to a task, by the words that they share and by those that the task leads to.

A task is told in symptom words and a decision in words of its own, so a word of the task counts as met by the
document either itself or, at less, by a word that it leads to (`expansion`). What counts is the share of the
task's words that are met, each by its rarity in this repository, and how much of the document's own heading
is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from holdfast.index.documents import Document
from holdfast.index.store import Index
from holdfast.recall.expansion import Link, related, trade, with_pairs
from holdfast.recall.stems import stem, words_of

MAX_WORDS = 60
"""Words of a task that are looked at."""
MAX_LINKS = 60
"""Words that a task leads to which are searched for."""

EMPTY = frozenset(
    stem(word)
    for word in """
    fix add make want need please change update implement new old someone somebody user users customer
    customers still keep keeps work works working way thing things problem issue issues bug look check help
    find sure let gets getting seems seem happen happens people person one two first last next good bad
    better best right wrong whole part lot many few bit see show shows tell know say says said think try
    tried give take put every each any much more most less without within across around sometimes always
    never often again now today yesterday week month day code feature task ticket report reported complain
    complains complained asks asked ask support team colleague somehow instead really actually currently
    right maybe probably start started starting going come comes back set sets turn turns call calls calling
    use using build write writing page
    """.split()
)
"""Stems that say little of what a task is about."""


class Task(msgspec.Struct, frozen=True):
    """A task, read.

    Attributes:
        words: Each stem with what it weighs: its rarity here, less when it says little.
        links: The stems that these lead to.
        terms: What is searched for, words with weights.
        rarity: By stem of the task and of its links: inverse document frequency, 0 to 1.
    """

    words: Mapping[str, float]
    links: Mapping[str, tuple[Link, ...]]
    terms: tuple[tuple[str, float], ...]


class Near(msgspec.Struct, frozen=True):
    """How near a document is.

    Attributes:
        direct: Share of the task's weight that its own words meet.
        linked: Share that is met by them or by words that the task leads to.
        heading: Share of the heading's (title's, else lead's) words that the task meets.
        place: Share of the task's weight that its paths meet.
        met: How many words of the task are met at all.
    """

    direct: float
    linked: float
    heading: float
    place: float
    met: int


def read_task(index: Index, text: str) -> Task:
    """Return a task read against the frequencies of an index."""
    written: dict[str, str] = {}
    words = words_of(text, MAX_WORDS)
    for word in words:
        written.setdefault(stem(word), word)
    stems = [word for word in with_pairs(words) if len(word) > 1 and not word.isdigit()]
    total = max(1, index.count())
    weighed = {}
    for word in stems:
        n = index.frequency(written.get(word, word))
        rarity = math.log(1 + (total - n + 0.5) / (n + 0.5)) / math.log(1 + total)
        weighed[word] = max(0.05, min(1.0, rarity)) * (0.25 if word in EMPTY else 1.0)
    telling = [word for word in stems if word not in EMPTY]
    links = related(telling)
    strongest = sorted(
        links, key=lambda word: (-links[word][0].weight * weighed[links[word][0].origin], word)
    )
    known = trade().written
    terms = [(written.get(word, word), weighed[word]) for word in stems]
    for word in strongest[:MAX_LINKS]:
        strength = links[word][0].weight * weighed[links[word][0].origin]
        terms += [(form, round(0.7 * strength, 4)) for form in known[word][:2]]
    return Task(words=weighed, links=links, terms=tuple(terms))


def nearness(task: Task, document: Document) -> Near:
    """Measure how near a document is to a task."""
    title = with_pairs(words_of(document.title, 40))
    lead = with_pairs(words_of(document.text, 120))
    rest = set(with_pairs(words_of(document.detail[:2000], 200)))
    place = set(with_pairs(words_of(" ".join(document.paths[:20]), 80)))
    fields = {**dict.fromkeys(rest, 0.7), **dict.fromkeys(lead, 1.0), **dict.fromkeys(title, 1.0)}
    for word in place:
        fields.setdefault(word, 0.5)
    whole = sum(task.words.values()) or 1.0
    direct = {word: fields[word] for word in task.words if word in fields}
    best = dict(direct)
    for word, links in task.links.items():
        at = fields.get(word)
        if at:
            for link in links:
                best[link.origin] = max(best.get(link.origin, 0.0), at * link.weight)
    heading = title or lead[:12]
    return Near(
        direct=sum(task.words[word] * at for word, at in direct.items()) / whole,
        linked=sum(task.words[word] * at for word, at in best.items()) / whole,
        heading=_met(task, heading),
        place=sum(weight for word, weight in task.words.items() if word in place) / whole,
        met=len(best),
    )


def _met(task: Task, words: list[str]) -> float:
    telling = [word for word in words if word not in EMPTY]
    if not telling:
        return 0.0
    met = 0.0
    for word in telling:
        if word in task.words:
            met += 1.0
        elif word in task.links:
            met += task.links[word][0].weight
    return met / len(telling)
