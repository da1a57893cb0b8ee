"""Whatever the words, the best documents are chosen, and the same ones however the index came to be."""

from __future__ import annotations

import math
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.index import Document, Index
from holdfast.index.postings import WEIGHT_OF_PLACE, numbers, words_of
from holdfast.index.ranking import Sums, best
from holdfast.index.search import K1, LEAST_CHOSEN, B
from holdfast.index.tokens import content_terms

WORDS = [
    f"{first}{second}" for first in ("bar", "col", "dim", "fen", "gul", "hom") for second in "abdegikmoptuxz"
]


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 2**40)), max_size=9))
def test_sums_are_those_of_adding_for_each_document(terms: list[tuple[int, int]]) -> None:
    sums = Sums(48.0)
    expected: Counter[int] = Counter()
    for weight, bitmap in terms:
        sums.add(weight, bitmap, 0, 0)
        expected.update(dict.fromkeys(numbers(bitmap), weight))
    digits = list(sums.digits)[::-1]
    found = {
        number: sum((digit >> number & 1) << place for place, digit in enumerate(digits))
        for number in range(41)
    }
    assert {number: count for number, count in found.items() if count} == dict(expected)


@given(st.lists(st.integers(0, 15), min_size=1, max_size=40), st.integers(1, 50))
def test_the_best_are_those_of_the_largest_numbers(values: list[int], most: int) -> None:
    digits = [sum((value >> place & 1) << at for at, value in enumerate(values)) for place in (3, 2, 1, 0)]
    chosen = numbers(best((1 << len(values)) - 1, digits, most, lambda group, left: _lowest(group, left)))
    expected = sorted(range(len(values)), key=lambda at: (-values[at], at))[:most]
    assert chosen == sorted(expected)


def _lowest(group: int, left: int) -> int:
    return sum(1 << number for number in numbers(group)[:left])


def documents(count: int, seed: int) -> list[Document]:
    chance = random.Random(seed)
    weights = [1 / (place + 1) for place in range(len(WORDS))]

    def some(most: int) -> str:
        return " ".join(chance.choices(WORDS, weights, k=chance.randrange(1, most)))

    return [
        Document(
            f"{chance.getrandbits(40):x}",
            chance.choice(["record", "commit"]),
            "k",
            some(6),
            some(40),
            detail=some(60),
            day=f"2026-01-{chance.randrange(1, 29)}",
        )
        for _ in range(count)
    ]


def scores(held: list[Document], query: str) -> dict[str, float]:
    """Return the score of every document by the formula, one by one."""
    words = {document.id: words_of(document) for document in held}
    average = sum(each.length for each in words.values()) / len(held)
    found: Counter[str] = Counter()
    for term in content_terms(query, 99):
        [(stem, _)] = words_of(Document("q", "s", "k", term.whole, "")).places.items()
        places = {name: each.places[stem] for name, each in words.items() if stem in each.places}
        idf = math.log(1 + (len(held) - len(places) + 0.5) / (len(places) + 0.5))
        for name, place in places.items():
            tf = WEIGHT_OF_PLACE[place]
            norm = K1 * (1 - B + B * words[name].length / average)
            found[name] += idf * tf * (K1 + 1) / (tf + norm)
    return dict(found)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("source", [None, "record"])
def test_the_nearest_of_thousands_are_those_of_scoring_each(
    index: Index, seed: int, source: str | None
) -> None:
    held = documents(1500, seed)
    index.apply(add=held)
    within = [document for document in held if source in (None, document.source)]
    chance = random.Random(seed)
    for _ in range(8):
        query = " ".join(chance.sample(WORDS[:30], 3))
        expected = scores(within, query)
        hits = index.search(query, 10, sources=None if source is None else [source])
        for hit in hits:
            assert hit.score == pytest.approx(expected[hit.document.id], abs=1e-6)
        ordered = sorted(expected.values(), reverse=True)[:10]
        assert [hit.score for hit in hits] == pytest.approx(ordered, abs=1e-6)


def test_a_common_word_chooses_the_same_documents_however_they_came(index: Index, tmp_path: Path) -> None:
    held = documents(600, 9)
    assert sum(WORDS[0] in document.text for document in held) > LEAST_CHOSEN
    for start in range(0, len(held), 50):
        index.apply(add=held[start : start + 50])
    index.apply(remove=[document.id for document in held[:100]])
    index.apply(add=held[60:100])
    with Index.open(tmp_path / "fresh.db") as fresh:
        fresh.apply(add=sorted(held[60:], key=lambda document: document.day or ""))
        for query in (WORDS[0], f"{WORDS[0]} {WORDS[1]}", " ".join(WORDS)):
            assert index.search(query, 5) == fresh.search(query, 5)
        assert index.problems() == fresh.problems() == []


def test_of_many_equal_documents_the_same_are_found_whatever_their_order(
    index: Index, tmp_path: Path
) -> None:
    held = [Document(f"{number:03d}", "s", "k", "zebra", "", day="2026-01-01") for number in range(300)]
    index.apply(add=held)
    with Index.open(tmp_path / "other.db") as other:
        for document in reversed(held):
            other.apply(add=[document])
        assert index.search("zebra", 100) == other.search("zebra", 100)


def test_the_newest_of_many_equal_documents_are_found(index: Index) -> None:
    days = [f"20{year}-{month:02d}-01" for year in range(10, 26) for month in range(1, 13)]
    index.apply(add=[Document(day, "s", "k", "zebra", "", day=day) for day in days])
    assert max(days) in {hit.document.id for hit in index.search("zebra", LEAST_CHOSEN)}


def test_other_sources_change_no_score(index: Index) -> None:
    index.apply(add=documents(50, 1))
    before = index.search(WORDS[3], 20, sources=["record"])
    index.apply(add=[Document(f"n{n}", "noise", "k", WORDS[3], WORDS[4]) for n in range(500)])
    assert index.search(WORDS[3], 20, sources=["record"]) == before
