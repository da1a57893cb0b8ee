from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.index import Document, Index, Occurrence

WORDS = [
    "lock",
    "locked",
    "table",
    "parse_config",
    "parseConfig",
    "config",
    "src/app.py",
    "migrate",
    "the",
    "é",
]
QUERIES = [
    "lock",
    "config",
    "parse_config of app.py",
    "locked table migrations",
    "unicorn table",
    " ".join(WORDS),
]


def everything(index: Index) -> dict[str, Any]:
    """Return all that the index answers."""
    return {
        "documents": index.all(),
        "ids": index.ids("records"),
        "hits": [index.search(query, 20) for query in QUERIES],
        "filtered": [index.search(query, 3, kinds=["failure"]) for query in QUERIES],
        "signatures": [index.by_signature(word, word) for word in WORDS],
        "paths": [index.by_path(word) for word in WORDS],
        "occurrences": index.occurrences(),
        "sessions": index.sessions(),
        "state": index.state(),
        "view": index.view(),
    }


texts = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
labels = st.lists(st.sampled_from(WORDS), max_size=2).map(tuple)
names = st.sampled_from("abcdefgh")
document_strategy = st.builds(
    Document,
    id=names,
    source=st.sampled_from(["records", "files"]),
    kind=st.sampled_from(["failure", "decision"]),
    title=texts,
    text=texts,
    detail=texts,
    day=st.sampled_from([None, "2026-01-01", "2026-01-02"]),
    path=st.none() | st.sampled_from(WORDS),
    paths=labels,
    families=labels,
    specifics=labels,
    tags=labels,
)
occurrence_strategy = st.builds(
    Occurrence,
    segment=st.sampled_from("mnop"),
    session=st.sampled_from("xyz"),
    order=st.integers(0, 3),
    family=st.none() | st.sampled_from(WORDS),
    count=st.integers(0, 5),
    tokens=st.none() | st.integers(0, 10**6),
)
steps = st.lists(
    st.fixed_dictionaries(
        {
            "view": st.none() | st.sampled_from(["v", "w"]),
            "add": st.lists(document_strategy, max_size=5),
            "remove": st.lists(names, max_size=3),
            "state": st.dictionaries(st.sampled_from("st"), st.none() | st.sampled_from("01"), max_size=2),
            "occurrences": st.lists(occurrence_strategy, max_size=4),
            "remove_sessions": st.lists(st.sampled_from("xyz"), max_size=1),
            "remove_segments": st.lists(st.sampled_from("mnop"), max_size=1),
        }
    ),
    max_size=8,
)


class Model:
    """What the index must hold, in plain dictionaries."""

    def __init__(self) -> None:
        self.view: str | None = None
        self.documents: dict[str, Document] = {}
        self.state: dict[str, str] = {}
        self.segments: dict[str, list[Occurrence]] = {}

    def apply(self, step: dict[str, Any]) -> None:
        if step["view"] not in (None, self.view):
            self.documents, self.state, self.segments = {}, {}, {}
            self.view = step["view"]
        for name in step["remove"]:
            self.documents.pop(name, None)
        self.documents |= {document.id: document for document in step["add"]}
        for key, value in step["state"].items():
            self.state.pop(key, None)
            if value is not None:
                self.state[key] = value
        for segment, rows in list(self.segments.items()):
            self.segments[segment] = [row for row in rows if row.session not in step["remove_sessions"]]
        for segment in step["remove_segments"]:
            self.segments.pop(segment, None)
        fresh: dict[str, list[Occurrence]] = {}
        for row in step["occurrences"]:
            fresh.setdefault(row.segment, []).append(row)
        self.segments |= fresh

    def fill(self, index: Index) -> None:
        index.apply(
            self.view,
            add=self.documents.values(),
            state=self.state,
            occurrences=[row for rows in self.segments.values() for row in rows],
        )


@settings(max_examples=60, deadline=None)
@given(steps, st.booleans())
def test_many_changes_answer_as_one_rebuild_does_scores_included(
    changes: list[dict[str, Any]], reopen: bool
) -> None:
    model = Model()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "grown.db"
        grown = Index.open(path)
        for step in changes:
            assert grown.apply(**step)
            model.apply(step)
            if reopen:
                grown.close()
                grown = Index.open(path)
        with grown, Index.open(Path(directory) / "fresh.db") as fresh:
            model.fill(fresh)
            assert everything(grown) == everything(fresh)
            assert grown.problems() == []


def test_a_long_history_of_small_changes_answers_as_one_rebuild_does(tmp_path: Path) -> None:
    chance = random.Random(5)  # long enough for the full-text segments to be merged
    final: dict[str, Document] = {}
    with Index.open(tmp_path / "grown.db") as grown, Index.open(tmp_path / "fresh.db") as fresh:
        for _ in range(400):
            name = f"{chance.randrange(60):02d}"
            if chance.random() < 0.25:
                grown.apply(remove=[name])
                final.pop(name, None)
            else:
                body = " ".join(chance.choices(WORDS, k=chance.randrange(40)))
                final[name] = Document(name, "records", "failure", chance.choice(WORDS), body)
                grown.apply(add=[final[name]])
        fresh.apply(add=final.values())
        assert everything(grown) == everything(fresh)


def test_of_two_documents_of_one_id_the_later_is_kept(index: Index) -> None:
    index.apply(add=[Document("a", "s", "k", "first", ""), Document("a", "s", "k", "second", "")])
    assert (index.count(), index.search("first")) == (1, [])
    index.apply(add=[Document("a", "s", "k", "third", "")])
    assert [hit.document.title for hit in index.search("first second third")] == ["third"]


def test_a_document_both_removed_and_added_is_there(index: Index, documents: list[Document]) -> None:
    index.apply(add=documents)
    index.apply(add=documents[:1], remove=["a1", "b2", "unknown"])
    assert index.ids() == ["a1", "c3"]


def test_another_view_empties_the_index_and_no_view_keeps_it(index: Index, documents: list[Document]) -> None:
    index.apply("main", add=documents, state={"tip": "1"}, occurrences=[Occurrence(segment="s", session="x")])
    index.apply(add=[Document("n", "s", "k", "t", "t")])
    index.apply("main", state={"mtime": "7"})
    assert (index.count(), index.state()) == (4, {"tip": "1", "mtime": "7"})
    index.apply("topic", add=documents[:1])
    assert (index.ids(), index.state(), index.sessions(), index.view()) == (["a1"], {}, 0, "topic")


def test_state_is_kept_by_name_and_none_removes_it(index: Index) -> None:
    index.apply(state={"a": "1", "b": "2"})
    index.apply(state={"a": None, "c": "3"})
    assert index.state() == {"b": "2", "c": "3"}


def test_applying_a_segment_again_replaces_its_rows(index: Index) -> None:
    rows = [Occurrence(segment="s", session="x", family=name, count=1) for name in "ab"]
    other = Occurrence(segment="t", session="x", family="a", count=9)
    index.apply(occurrences=[*rows, other])
    index.apply(occurrences=rows[1:])
    assert index.occurrences() == [rows[1], other]
    index.apply(remove_segments=["t"])
    assert index.occurrences() == [rows[1]]
    index.apply(remove_sessions=["x"])
    assert (index.occurrences(), index.sessions()) == ([], 0)


def test_a_change_made_from_an_older_revision_is_not_done(index: Index, path: Path) -> None:
    seen = index.revision()
    with Index.open(path) as other:
        assert other.apply(add=[Document("a", "s", "k", "t", "t")], since=seen)
    assert not index.apply(add=[Document("b", "s", "k", "t", "t")], since=seen)
    assert index.ids() == ["a"]
    assert index.apply(add=[Document("b", "s", "k", "t", "t")], since=index.revision())


def test_a_change_made_from_an_index_that_was_replaced_is_not_done(index: Index) -> None:
    index.apply(state={"a": "1"})
    seen = index.revision()
    index.reset()
    index.apply(state={"a": "1"})
    assert not index.apply(state={"a": "2"}, since=seen)


def test_a_change_that_cannot_be_stored_changes_nothing(index: Index, documents: list[Document]) -> None:
    index.apply(add=documents)
    with pytest.raises(msgspec.ValidationError):
        index.apply(remove=["a1"], add=[Document("x", "s", "k", "t", 5)])  # type: ignore[arg-type]
    assert index.count() == 3


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b[2J\x1b]0;title\x07",
        "a\0b\0",
        "\ud800\udfff\ud83d",
        "\u202e\ufeff\u200b",
        "x" * 1_000_000,
        "ab cd-" * 160_000,
    ],
    ids=["escapes", "nul", "surrogates", "invisible", "megabyte word", "megabyte text"],
)
def test_hostile_text_is_stored_and_what_stands_beside_it_is_found(index: Index, hostile: str) -> None:
    document = Document(
        f"id{hostile[:9]}",
        hostile[:9],
        hostile[:9],
        f"findable {hostile}",
        hostile,
        hostile,
        path=hostile,
        author=hostile,
        families=(hostile,),
        specifics=(hostile,),
        tags=(hostile, hostile),
    )
    row = Occurrence(segment=hostile, session=hostile, family=hostile, count=1)
    assert index.apply(add=[document], state={hostile: hostile}, occurrences=[row])
    assert index.apply(add=[document], state={hostile: hostile}, occurrences=[row])
    [found] = index.all()
    assert [hit.document for hit in index.search("findable", kinds=[hostile[:9]])] == [found]
    assert index.get(document.id) == found
    assert index.by_path(hostile) == index.by_signature(hostile, None) == [found]
    assert len(index.occurrences(family=hostile)) == 1
    assert (index.count(), len(index.state()), index.problems()) == (1, 1, [])
