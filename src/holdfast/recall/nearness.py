"""How near a document is to a task, by the words that they share and by those that the task leads to.

A task is told in symptom words and a decision in words of its own, so a word of the task counts as met by the
document either itself or, at less, by a word that it leads to (`expansion`). What counts is the share of the
task's words that are met, each by its rarity in this repository, and how much of the document's own heading
is.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping, Sequence

import msgspec

from holdfast.index.documents import Document
from holdfast.index.search import frequency
from holdfast.index.store import Index
from holdfast.recall.expansion import Link, related, trade, with_pairs
from holdfast.recall.stems import stem, words_of

MAX_WORDS = 60
"""Words of a task that are looked at."""
_SHORT = 25
"""Words below which a document counts as no shorter."""
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
        among: How many documents there are.
        own: Its own words with their weights, and ``terms``: these and the strongest links, to search for.
    """

    words: Mapping[str, float]
    links: Mapping[str, tuple[Link, ...]]
    own: tuple[tuple[str, float], ...]
    terms: tuple[tuple[str, float], ...]
    among: int


class Near(msgspec.Struct, frozen=True):
    """How near a document is.

    Attributes:
        weight: Weight of the task's words that it meets, itself or by words that these lead to, by the square
            root of how many words the task has.
        share: The same as a share of the whole task.
        about: How much of the document is about the task: its words that the task meets, by the square root
            of their number.
        met: How many words of the task are met.
    """

    weight: float
    share: float
    about: float
    met: int

    @property
    def close(self) -> float:
        """Return all of it as one number, 0 to about 1."""
        return self.share + 0.15 * self.about


def read_task(index: Index, text: str) -> Task:
    """Return a task read against the frequencies of an index."""
    written: dict[str, str] = {}
    words = words_of(text, MAX_WORDS)
    for word in words:
        written.setdefault(stem(word), word)
    stems = [word for word in with_pairs(words) if len(word) > 1 and not word.isdigit()]
    rarity = rarities(index, [written.get(word, word) for word in stems])
    weighed = {}
    for word in stems:
        says = 0.25 if word in EMPTY else 1.0
        weighed[word] = max(0.05, rarity.get(written.get(word, word), 1.0)) * says
    telling = [word for word in stems if word not in EMPTY]
    links = related(telling)
    strongest = sorted(
        links, key=lambda word: (-links[word][0].weight * weighed[links[word][0].origin], word)
    )
    known = trade().written
    own = tuple((written.get(word, word), weighed[word]) for word in stems)
    terms = list(own)
    for word in strongest[:MAX_LINKS]:
        strength = links[word][0].weight * weighed[links[word][0].origin]
        terms += [(form, round(0.7 * strength, 4)) for form in known[word][:2]]
    return Task(words=weighed, links=links, own=own, terms=tuple(terms), among=index.count())


def rarities(index: Index, words: Sequence[str]) -> dict[str, float]:
    """Return the inverse document frequency of words in an index, 0 to 1, asked in one go."""

    def question(connection: sqlite3.Connection) -> dict[str, int]:
        return {word: frequency(connection, word) for word in words}

    total = max(1, index.count())
    nothing: dict[str, int] = {}
    counted = index.ask(question, nothing)
    return {
        word: max(0.02, min(1.0, math.log(1 + (total - n + 0.5) / (n + 0.5)) / math.log(1 + total)))
        for word, n in counted.items()
    }


def nearness(task: Task, document: Document) -> Near:
    """Measure how near a document is to a task."""
    lead = with_pairs(words_of(f"{document.title} {document.text}", 160))
    fields = dict.fromkeys(with_pairs(words_of(" ".join(document.paths[:20]), 80)), 0.5)
    fields.update(dict.fromkeys(with_pairs(words_of(document.detail[:2000], 200)), 0.7))
    fields.update(dict.fromkeys(lead, 1.0))
    best = {word: fields[word] for word in task.words if word in fields}
    for word, links in task.links.items():
        at = fields.get(word)
        if at:
            for link in links:
                best[link.origin] = max(best.get(link.origin, 0.0), at * link.weight)
    weight = sum(task.words[word] * at for word, at in best.items())
    telling = [word for word in lead if word not in EMPTY]
    about = sum(_meets(task, word) for word in telling) / math.sqrt(max(_SHORT, len(telling)))
    return Near(
        weight=weight / math.sqrt(len(task.words) or 1),
        share=weight / (sum(task.words.values()) or 1.0),
        about=about,
        met=len(best),
    )


def _meets(task: Task, word: str) -> float:
    if word in task.words:
        return 1.0
    return task.links[word][0].weight if word in task.links else 0.0
