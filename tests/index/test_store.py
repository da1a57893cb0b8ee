from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from holdfast.index import Document, Index, Occurrence


@pytest.fixture
def filled(index: Index, documents: list[Document]) -> Index:
    assert index.apply("main", add=documents, state={"tip": "1234"})
    return index


def test_documents_come_back_as_they_went_in(filled: Index, documents: list[Document]) -> None:
    assert [filled.get(document.id) for document in documents] == documents
    assert filled.get("unknown") is None


def test_everything_is_there_after_closing_and_opening(path: Path, documents: list[Document]) -> None:
    with Index.open(path) as index:
        assert index.rebuilt
        assert index.reason == "new"
        index.apply("main", add=documents, state={"tip": "1234"})
        assert not index.rebuilt
    with Index.open(path) as index:
        assert (index.rebuilt, index.reason, index.persistent) == (False, "", True)
        assert index.state() == {"tip": "1234"}
        assert index.view() == "main"
        assert index.count() == 3
        assert [hit.document.id for hit in index.search("fixture")] == ["a1"]


def test_a_new_index_asks_to_be_filled_until_somebody_did(path: Path) -> None:
    with Index.open(path) as first, Index.open(path) as second:
        assert second.rebuilt
        first.apply(state={"tip": "1"})
        assert not second.rebuilt


def test_documents_are_listed_newest_first_then_by_id(filled: Index) -> None:
    filled.apply(add=[Document("a0", "records", "failure", "t", "t", day="2026-03-01")])
    assert [document.id for document in filled.all()] == ["b2", "a0", "a1", "c3"]
    assert [document.id for document in filled.all(limit=2)] == ["b2", "a0"]
    assert [document.id for document in filled.all(kinds=["failure"])] == ["a0", "a1"]
    assert [document.id for document in filled.all(sources=["learnings.md"])] == ["c3"]
    assert filled.all(limit=0) == filled.all(kinds=[]) == []


def test_ids_are_listed_by_source(filled: Index) -> None:
    assert filled.ids() == ["a1", "b2", "c3"]
    assert filled.ids("records") == ["a1", "b2"]
    assert filled.ids("unknown") == []


def test_the_exact_signature_comes_before_its_family(filled: Index) -> None:
    family, exact = "pytest: no such table <name>", "pytest: no such table users"
    assert [document.id for document in filled.by_signature(exact, family)] == ["a1", "b2"]
    assert [document.id for document in filled.by_signature(None, family)] == ["b2", "a1"]
    assert [document.id for document in filled.by_signature(exact, None)] == ["a1"]
    assert filled.by_signature(family, exact) == filled.by_signature(None, None) == []


def test_documents_are_found_by_the_paths_they_are_and_apply_to(filled: Index) -> None:
    assert [document.id for document in filled.by_path("src/app/config_reader.py")] == ["b2"]
    assert [document.id for document in filled.by_path("learnings.md")] == ["c3"]
    assert filled.by_path("src/app") == []


def test_occurrences_are_given_by_signature_in_the_order_of_sessions(index: Index) -> None:
    late = Occurrence(
        segment="s2", session="y", day="2026-01-02", order=2, family="f", specific="x", command="make",
        count=3, resolved=1, steps=4, tokens=1500.5, learning="a1",
    )  # fmt: skip
    early = Occurrence(segment="s1", session="x", order=1, family="f", specific="z", count=1)
    quiet = Occurrence(segment="s3", session="z", order=3)
    index.apply(occurrences=[late, early, quiet])
    assert index.occurrences() == index.occurrences(family="f") == [early, late]
    assert index.occurrences(specific="x") == [late]
    assert index.occurrences(family="f", specific="z") == [early]
    assert index.occurrences(family="none") == []
    assert index.sessions() == 3


def test_a_sound_index_has_no_problems(filled: Index) -> None:
    filled.apply(remove=["a1"])
    assert filled.problems() == []


def test_problems_name_a_full_text_that_misses_a_document(filled: Index, path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("DELETE FROM postings WHERE stem = 'migrat'")
    other.close()
    assert filled.problems() != []
    filled.reset()
    assert (filled.problems(), filled.rebuilt, filled.count()) == ([], True, 0)


def test_a_document_of_an_impossible_number_is_damage_and_no_loss_of_memory(
    filled: Index, path: Path
) -> None:
    other = sqlite3.connect(path)
    other.execute(
        "UPDATE documents SET rowid = ? WHERE rowid = (SELECT max(rowid) FROM documents)", [1 << 60]
    )
    other.commit()
    other.close()
    assert filled.search("make gen") == []
    assert filled.rebuilt


def test_an_index_that_disappears_while_open_is_made_anew(filled: Index, path: Path) -> None:
    for part in path.parent.iterdir():
        part.unlink()
    path.parent.rmdir()
    assert filled.count() == 0
    assert filled.rebuilt
    assert filled.apply(add=[Document("n", "s", "k", "new words", "")])
    with Index.open(path) as other:
        assert other.ids() == ["n"]


def test_an_index_that_another_process_replaces_while_open_is_followed(
    filled: Index, path: Path, documents: list[Document]
) -> None:
    path.write_bytes(b"no database at all, but long enough to look like one" * 100)
    with Index.open(path) as other:
        assert other.rebuilt
        other.apply(add=documents[:1])
        assert filled.ids() == ["a1"]
        filled.apply(add=documents[1:2])
        assert other.ids() == ["a1", "b2"]


def test_using_a_closed_index_is_an_error_not_a_loss(path: Path, documents: list[Document]) -> None:
    index = Index.open(path)
    index.apply(add=documents)
    index.close()
    with pytest.raises(sqlite3.ProgrammingError):
        index.count()
    with Index.open(path) as again:
        assert again.count() == 3


def test_a_wrong_argument_is_an_error_not_a_loss(filled: Index) -> None:
    with pytest.raises((TypeError, AttributeError)):
        filled.search(5)  # type: ignore[arg-type]
    assert filled.count() == 3
