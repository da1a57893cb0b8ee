from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import UsageError
from holdfast.repo import ids

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
names = st.text(ALPHABET, min_size=16, max_size=16)
# few characters, so that long prefixes are shared
close_names = st.text("ab", min_size=16, max_size=16)


def test_an_id_is_eighty_random_bits_in_base32() -> None:
    made = {ids.new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(ids.is_id(name) and len(name) == ids.LENGTH for name in made)
    assert {character for name in made for character in name} == set(ALPHABET)


@given(st.sets(names | close_names, max_size=40))
def test_what_is_shown_resolves_to_the_id_it_was_shown_for(known: set[str]) -> None:
    shown = ids.shortest(known)
    assert shown.keys() == known
    assert all(len(prefix) >= ids.SHORTEST for prefix in shown.values())
    assert all(ids.resolve(prefix, known) == name for name, prefix in shown.items())


@given(st.sets(close_names, min_size=2, max_size=40))
def test_one_character_less_is_ambiguous_or_too_short(known: set[str]) -> None:
    for prefix in ids.shortest(known).values():
        if len(prefix) > ids.SHORTEST:
            with pytest.raises(UsageError):
                ids.resolve(prefix[:-1], known)


def test_an_ambiguous_prefix_names_the_candidates() -> None:
    known = ["abcd" + "a" * 12, "abcd" + "b" * 12, "zzzz" + "a" * 12]
    with pytest.raises(UsageError, match="abcda, abcdb"):
        ids.resolve("abcd", known)


@pytest.mark.parametrize("wanted", ["", "  ", "none"])
def test_no_such_id_is_a_usage_error(wanted: str) -> None:
    with pytest.raises(UsageError, match="No record"):
        ids.resolve(wanted, ["abcd" + "a" * 12])


def test_an_id_typed_in_capitals_is_found() -> None:
    assert ids.resolve(" ABCD ", ["abcd" + "a" * 12]) == "abcd" + "a" * 12


@pytest.mark.parametrize(
    "path",
    [
        "learnings/failure/use-the-lock-file-{}.md",
        "segments/2026/01/{}.json",
        "events/2026/01/{}.json",
        "receipts/0123abcd/unit-tests-{}.json",
        "issues/{}/issue.md",
        "issues/{}/notes/day-one.md",
    ],
)
def test_the_path_of_every_kind_of_record_carries_its_id(path: str) -> None:
    name = ids.new_id()
    assert ids.of_path(path.format(name)) == name


@pytest.mark.parametrize("path", ["learnings/failure/notes.md", "issues/README.md", "README.md", ""])
def test_a_path_without_an_id_has_none(path: str) -> None:
    assert ids.of_path(path) is None
