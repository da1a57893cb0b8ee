"""Words are stemmed alike wherever they stand, in any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from holdfast.index.stems import stems


def test_forms_of_a_word_have_one_stem() -> None:
    found = stems(["migrate", "migrations", "Migrated", "é", "…"])
    assert found["migrate"] == found["migrations"] == found["Migrated"]
    assert (found["é"], found["…"]) == (("e",), ())


def test_threads_stem_alike() -> None:
    words = [f"word{number}ing" for number in range(200)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: stems(words), range(8)))
    assert all(each == found[0] for each in found)
