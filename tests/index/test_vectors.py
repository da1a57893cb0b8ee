"""Vectors live and go with their documents, and the nearest are found exactly, whatever the order of rows."""

from __future__ import annotations

import math
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.index import vectors
from holdfast.index.documents import Document
from holdfast.index.store import Index

MODEL = "tiny"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with Index.open(tmp_path / "index.db") as opened:
        yield opened


def document(name: str, source: str = "record", at: float = 0.0, text: str = "") -> Document:
    return Document(id=name, source=source, kind="decision", title=name, text=text or name, at=at)


def fill(index: Index, numbers: dict[str, Sequence[float]], model: str = MODEL) -> None:
    unread = vectors.read(index, vectors.missing(index, model, ["session"]))
    vectors.store(index, model, [(each, numbers[each.document.id]) for each in unread])


def found(index: Index, query: Sequence[float], limit: int = 10, **how: object) -> list[str]:
    return [each.document.id for each in vectors.nearest(index, MODEL, query, limit, **how)]  # type: ignore[arg-type]


def test_the_nearest_come_first_with_their_cosine(index: Index) -> None:
    index.apply(add=[document("near"), document("nearer"), document("across"), document("against")])
    fill(index, {"near": [1, 1], "nearer": [3, 1], "across": [0, 9], "against": [-1, 0]})
    hits = vectors.nearest(index, MODEL, [2, 0], 3)
    assert [each.document.id for each in hits] == ["nearer", "near", "across"]
    assert [each.cosine for each in hits] == pytest.approx([3 / math.sqrt(10), math.sqrt(0.5), 0], abs=1e-3)
    assert hits[0].above > hits[1].above > hits[2].above


def test_learnings_get_their_vectors_first_then_the_newest(index: Index) -> None:
    index.apply(
        add=[
            document("commit:new", "commit", 9),
            document("commit:old", "commit", 1),
            document("said", "statement", 5),
            document("learning", at=2),
            document("chat", "session", 8),
            document("newer", at=3),
        ]
    )
    rows = vectors.missing(index, MODEL, ["session"])
    named = [each.document.id for each in vectors.read(index, rows)]
    assert named == ["newer", "learning", "commit:new", "said", "commit:old"]


def test_what_has_a_vector_is_not_missing(index: Index) -> None:
    index.apply(add=[document("a"), document("b")])
    first = vectors.read(index, vectors.missing(index, MODEL, [])[:1])
    vectors.store(index, MODEL, [(first[0], [1, 0])])
    left = vectors.read(index, vectors.missing(index, MODEL, []))
    assert {each.document.id for each in left} == {"a", "b"} - {first[0].document.id}
    assert len(vectors.missing(index, "another", [])) == 2


def test_a_vector_goes_with_its_document_and_with_its_text(index: Index) -> None:
    index.apply(add=[document("a"), document("b"), document("c")])
    fill(index, {"a": [1, 0], "b": [0, 1], "c": [1, 1]})
    index.apply(add=[document("a", text="other words")], remove=["b"])
    assert found(index, [1, 0]) == ["c"]
    assert [each.document.id for each in vectors.read(index, vectors.missing(index, MODEL, []))] == ["a"]


def test_a_vector_of_a_text_that_was_replaced_meanwhile_is_not_kept(index: Index, tmp_path: Path) -> None:
    index.apply(add=[document("a"), document("b")])
    unread = vectors.read(index, vectors.missing(index, MODEL, []))
    with Index.open(tmp_path / "index.db") as other:
        other.apply(remove=["a", "b"])
        other.apply(add=[document("b", text="other words"), document("x")])
    vectors.store(index, MODEL, [(each, [1, 0]) for each in unread])
    assert vectors.counts(index) == {}


@pytest.mark.parametrize("numbers", [[math.nan, 1], [math.inf, 1], [0, 0], [1e308, 1e308]])
def test_numbers_without_a_direction_find_nothing_and_are_not_found(
    index: Index, numbers: Sequence[float]
) -> None:
    index.apply(add=[document("a"), document("b")])
    fill(index, {"a": numbers, "b": [1, 0]})
    assert vectors.missing(index, MODEL, []) == []
    assert found(index, [1, 0]) == ["b"]
    assert found(index, numbers) == []


def test_vectors_of_another_length_or_damaged_are_passed_over(index: Index) -> None:
    index.apply(add=[document("a"), document("b")])
    fill(index, {"a": [1, 0], "b": [1, 0]})

    def damage(connection: sqlite3.Connection) -> bool:
        row = connection.execute("SELECT rowid FROM documents WHERE id = 'a'").fetchone()
        connection.execute("UPDATE vectors SET data = ? WHERE document = ?", (b"xyz", *row))
        return True

    assert index.change(damage)
    assert found(index, [1, 0]) == ["b"]
    assert found(index, [1, 0, 0]) == []


def test_sources_narrow_what_is_found(index: Index) -> None:
    index.apply(add=[document(f"{source}{n}", source) for source in ("record", "commit") for n in range(30)])
    fill(index, {f"{source}{n}": [1, n] for source in ("record", "commit") for n in range(30)})
    assert found(index, [1, 0], 2, sources=["commit"]) == ["commit0", "commit1"]
    assert found(index, [1, 0], 2, sources=[]) == []
    assert found(index, [1, 0], 60, sources=["record", "another"]) == [f"record{n}" for n in range(30)]


def test_a_new_model_can_make_the_old_vectors_go(index: Index) -> None:
    index.apply(add=[document("a"), document("b")])
    fill(index, {"a": [1, 0], "b": [1, 0]})
    fill(index, {"a": [1, 0, 0], "b": [1, 0, 0]}, model="new")
    assert vectors.counts(index) == {MODEL: 2, "new": 2}
    assert vectors.forget(index, but="new") == 2
    assert vectors.forget(index, but="new") == 0
    assert vectors.counts(index) == {"new": 2}


def test_an_empty_index_and_a_limit_of_nothing_find_nothing(index: Index) -> None:
    assert found(index, [1, 0]) == []
    index.apply(add=[document("a")])
    fill(index, {"a": [1, 0]})
    assert found(index, [1, 0], 0) == []
    assert found(index, [1, 0], 10**9) == ["a"]


def test_an_open_index_sees_what_another_process_adds(index: Index, tmp_path: Path) -> None:
    index.apply(add=[document("a")])
    fill(index, {"a": [1, 0]})
    assert found(index, [1, 0]) == ["a"]
    with Index.open(tmp_path / "index.db") as other:
        other.apply(add=[document("b")])
        fill(other, {"a": [1, 0], "b": [2, 0]})
    assert found(index, [1, 0]) == ["a", "b"]


@settings(max_examples=20, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 24), st.integers(1, 12))
def test_what_is_found_is_that_of_a_plain_sum_in_any_order(draw: object, size: int, limit: int) -> None:
    """Exact search: the order in which rows arrived decides nothing, equal texts come by id."""
    numbers = numpy.random.default_rng(draw.randrange(10**6)).integers(-3, 4, size=(size, 5))  # type: ignore[attr-defined]
    named = {f"d{place:03}": row.tolist() for place, row in enumerate(numbers)}
    query = numpy.array([1.0, -2.0, 0.5, 3.0, 0.25])

    def half(row: Sequence[float]) -> numpy.ndarray:
        length = numpy.linalg.norm(row)
        return (numpy.array(row) / length).astype("<f2").astype("float64")

    told = []
    for order in (sorted(named), sorted(named, reverse=True)):
        with tempfile.TemporaryDirectory() as folder, Index.open(Path(folder) / "index.db") as index:
            for name in order:
                index.apply(add=[document(name)])
            fill(index, named)
            hits = vectors.nearest(index, MODEL, query.tolist(), limit)
            told.append([(each.document.id, each.cosine, each.above) for each in hits])
    plain = sorted(
        (-round(float(half(row) @ half(query)), 6), name) for name, row in named.items() if any(row)
    )
    assert told[0] == told[1]
    assert [(-cosine, name) for name, cosine, _ in told[0]] == plain[:limit]
