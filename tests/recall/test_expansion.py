"""A symptom leads to what one does about it, and a word of many matters leads less far than one of few."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.recall import expansion
from holdfast.recall.expansion import related, stems_of_the_trade, trade, with_pairs
from holdfast.recall.stems import stem, words_of


@pytest.mark.parametrize(("told", "done"), [
    ("customers were charged twice", "idempotency"),
    ("the page is slow and sluggish", "cache"),
    ("two people overwrote each other", "lock"),
    ("accents come out garbled", "utf8"),
    ("totals are off by a cent", "decimal"),
    ("the job fires an hour late after daylight saving", "utc"),
])  # fmt: skip
def test_a_symptom_leads_to_its_remedy(told: str, done: str) -> None:
    assert stem(done) in related(with_pairs(words_of(told)))


def test_what_leads_is_named_strongest_first_and_never_to_itself() -> None:
    stems = with_pairs(words_of("customers were charged twice for one order"))
    found = related(stems)
    assert not set(found) & set(stems)
    for links in found.values():
        assert [link.weight for link in links] == sorted((link.weight for link in links), reverse=True)
        assert all(0 < link.weight <= 1 and link.origin in stems for link in links)


def test_two_words_of_one_matter_confirm_each_other() -> None:
    alone = related(["charg"])["idempot"][0].weight
    assert related(["charg", "twic"])["idempot"][0].weight > alone


def test_two_neighbours_may_be_one_word_of_the_list() -> None:
    assert stem("timezone") in with_pairs(words_of("the time zone is wrong"))


def test_every_line_of_the_list_says_something() -> None:
    assert all(len(matter.told | matter.done) > 1 and matter.told for matter in trade().matters)
    assert all(trade().written[word] for word in trade().of)


def test_the_stems_written_down_are_those_of_the_list() -> None:
    """Else: `python -m holdfast.recall.expansion`."""
    written = Path(expansion.__file__).with_name("stems_of_the_trade.txt").read_text("utf-8")
    assert written == stems_of_the_trade()
