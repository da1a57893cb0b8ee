"""Documents are found by what they are, apply to and come from, newest first."""

from __future__ import annotations

import sqlite3

import pytest

from holdfast.index import Document, Index, Occurrence, Stretch


def made(name: str, source: str = "s", **fields: object) -> Document:
    return Document(name, source, "k", f"title of {name}", "text", **fields)  # type: ignore[arg-type]


@pytest.fixture
def filled(index: Index) -> Index:
    index.apply(
        add=[
            made("old", day="2026-01-01", branch="topic", session="x", paths=("a.py",), digest="d"),
            made("new", day="2026-01-03", at=1767400000.5, branch="topic", paths=("a.py",), digest="d"),
            made("newer", "other", day="2026-01-03", at=1767400001.0, branch="topic", paths=("a.py",)),
            made("undated", branch="main", session="x", path="a.py"),
        ]
    )
    return index


def ids(documents: list[Document]) -> list[str]:
    return [document.id for document in documents]


def test_the_newest_come_first_by_the_second_where_it_is_known(filled: Index) -> None:
    assert ids(filled.all()) == ["newer", "new", "old", "undated"]
    assert ids(filled.by_branch("topic")) == ["newer", "new", "old"]
    assert ids(filled.by_path("a.py")) == ["newer", "new", "old", "undated"]
    assert ids(filled.by_session("x")) == ["old", "undated"]


def test_limits_and_sources_hold(filled: Index) -> None:
    assert ids(filled.by_path("a.py", limit=1)) == ["newer"]
    assert ids(filled.by_path("a.py", ["s"], 2)) == ["new", "old"]
    assert ids(filled.by_branch("topic", ["s"], 1)) == ["new"]
    assert ids(filled.all(sources=["other"], limit=5)) == ["newer"]
    assert filled.by_path("a.py", [], 2) == filled.by_path("a.py", limit=0) == []


def test_nothing_has_the_empty_branch_session_or_digest(filled: Index) -> None:
    assert filled.by_branch("") == filled.by_session("") == filled.by_digest("") == []


def test_equal_documents_are_found_by_their_digest(filled: Index) -> None:
    assert ids(filled.by_digest("d")) == ["new", "old"]
    assert filled.by_digest("d", ["other"]) == []


def test_ids_are_found_by_their_beginning_and_their_neighbours(filled: Index) -> None:
    assert filled.ids(prefix="new") == ["new", "newer"]
    assert filled.ids("s", "new") == ["new"]
    assert set(filled.beside("new", ["s"])) == {"old"}
    assert set(filled.beside("o", ["s", "other"])) == {"new", "newer", "old"}


def test_values_are_read_by_name_and_by_the_beginning_of_their_name(index: Index) -> None:
    index.apply(state={"tip:a": "1", "tip:b": "2", "tip": "3", "tiq": "4"})
    assert index.values("tip:") == {"a": "1", "b": "2"}
    assert (index.value("tip"), index.value("none")) == ("3", None)


def test_a_word_counts_as_much_as_its_weight(index: Index) -> None:
    index.apply(add=[made("a", tags=("zebra",)), made("b", tags=("wombat",))])
    assert ids([hit.document for hit in index.search("zebra wombat", weights={"wombat": 2})]) == ["b", "a"]
    assert ids([hit.document for hit in index.search_terms([("zebra", 2), ("wombat", 1)])]) == ["a", "b"]
    one, two = (index.search_terms([("zebra", weight)])[0].score for weight in (1, 2))
    assert two == pytest.approx(2 * one)


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf")])
def test_a_word_without_a_weight_is_left_out(index: Index, weight: float) -> None:
    index.apply(add=[made("a", tags=("zebra",))])
    assert index.search_terms([("zebra", weight)]) == []
    assert index.search("zebra", weights={"zebra": weight}) == []


def test_words_are_counted_in_all_their_forms(filled: Index) -> None:
    assert [filled.frequency(word) for word in ("title", "Titles", "unicorn", "the", "")] == [4, 4, 0, 0, 0]


def test_what_is_kept_holds_until_the_index_changes(filled: Index) -> None:
    filled.keep("figures", b"\0one")
    assert filled.kept("figures") == b"\0one"
    filled.apply(state={"a": "1"})
    assert filled.kept("figures") is None
    filled.keep("figures", b"two")
    filled.keep("figures", b"three")
    assert (filled.kept("figures"), filled.kept("other")) == (b"three", None)


def test_a_change_of_ones_own_is_undone_when_it_says_so(filled: Index) -> None:
    def change(connection: sqlite3.Connection) -> bool:
        connection.execute("INSERT INTO vectors VALUES ('m', 0, x'00')")
        return wanted

    sql = "SELECT count(*) FROM vectors"
    for wanted, count in ((False, 0), (True, 1)):
        assert filled.change(change) is wanted
        assert filled.ask(lambda connection: connection.execute(sql).fetchone()[0], -1) == count


def test_vectors_go_with_their_document_and_stay_while_its_text_does(filled: Index) -> None:
    def change(connection: sqlite3.Connection) -> bool:
        connection.execute("INSERT INTO vectors SELECT 'm', rowid, x'00' FROM documents")
        return True

    def count() -> int:
        sql = "SELECT count(*) FROM vectors"
        return filled.ask(lambda connection: int(connection.execute(sql).fetchone()[0]), -1)

    filled.change(change)
    filled.apply(add=[made("old", state="retired")])
    assert count() == 4
    filled.apply(add=[Document("old", "s", "k", "another title", "text")], remove=["new"])
    assert count() == 2


def stretch(segment: str, session: str, order: int, **commands: tuple[int, int]) -> Stretch:
    return Stretch(segment=segment, session=session, order=order, calls=order, commands=commands)


def test_stretches_and_commands_are_told_in_the_order_of_sessions(index: Index) -> None:
    rows = [stretch("c", "y", 2, make=(1, 0)), stretch("a", "x", 1, make=(2, 1), npm=(0, 3))]
    rows.append(stretch("b", "x", 1, make=(1, 1)))
    index.apply(stretches=rows)
    assert [each.segment for each in index.stretches()] == ["a", "b", "c"]
    assert index.command_counts("make") == [("x", 3, 2), ("y", 1, 0)]
    assert index.command_totals() == [("make", 2, 4, 2), ("npm", 1, 0, 3)]
    index.apply(stretches=[stretch("a", "x", 1, make=(0, 0))], remove_segments=["c"])
    assert index.command_totals() == [("make", 1, 1, 1)]
    index.apply(remove_sessions=["x"])
    assert (index.stretches(), index.command_totals()) == ([], [])


def test_occurrences_are_found_by_the_learning_that_ended_them(index: Index) -> None:
    rows = [Occurrence(segment=name, session="x", family="f", learning=name, resolved=1) for name in "ab"]
    index.apply(occurrences=rows)
    assert index.occurrences(learning="b") == rows[1:]
