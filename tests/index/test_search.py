from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.index import Document, Index
from holdfast.index.search import K1, MAX_SCORED, B


def ids(index: Index, query: str) -> list[str]:
    return [hit.document.id for hit in index.search(query)]


@pytest.fixture
def filled(index: Index, documents: list[Document]) -> Index:
    index.apply(add=documents)
    return index


@pytest.mark.parametrize("query", ["migration", "MIGRATIONS", "migrated", "the migrations?"])
def test_words_are_found_by_their_stem(filled: Index, query: str) -> None:
    assert ids(filled, query) == ["a1", "c3"]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("parse_config", "b2"),
        ("parseConfig", "b2"),
        ("load-config", "b2"),
        ("loadConfig", "b2"),
        ("config_reader", "b2"),
        ("src/app/config_reader.py", "b2"),
        ("learnings.md", "c3"),
        ("make migrate", "a1"),
    ],
)
def test_identifiers_paths_and_commands_are_found_however_written(
    filled: Index, query: str, first: str
) -> None:
    assert ids(filled, query)[:1] == [first]


def test_a_title_weighs_more_than_details(filled: Index) -> None:
    title, detail = filled.search("migrations")
    assert (title.document.id, detail.document.id) == ("a1", "c3")
    assert title.score > detail.score > 0


def test_equal_scores_are_ordered_by_id_whatever_the_order_they_came_in(index: Index) -> None:
    for name in ("m", "z", "a", "k"):
        index.apply(add=[Document(name, "s", "k", "same words", "here")])
    assert ids(index, "same words") == ["a", "k", "m", "z"]
    assert [hit.document.id for hit in index.search("words", 2)] == ["a", "k"]


def test_the_score_is_bm25f_as_documented(index: Index) -> None:
    index.apply(
        add=[
            Document("a", "s", "k", "alpha beta", "gamma"),
            Document("b", "s", "k", "delta", "alpha", detail="epsilon zeta"),
            Document("c", "s", "k", "eta", "theta"),
        ]
    )
    lengths = {"a": 2 * 4 + 2, "b": 4 + 2 + 2 * 1, "c": 4 + 2}
    average = sum(lengths.values()) / 3
    idf = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    expected = {
        name: idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * lengths[name] / average))
        for name, tf in (("a", 4), ("b", 2))
    }
    found = {hit.document.id: hit.score for hit in index.search("alpha")}
    assert found == pytest.approx(expected, abs=1e-8)


def test_a_word_of_every_document_still_scores_above_zero(index: Index) -> None:
    index.apply(add=[Document(str(n), "s", "k", "pytest fails", f"for reason{n}x") for n in range(3)])
    assert all(hit.score > 0.01 for hit in index.search("pytest"))
    assert ids(index, "pytest reason2x")[0] == "2"


def test_a_hit_tells_which_words_of_the_query_it_holds(filled: Index) -> None:
    first, second = filled.search("where do the migrations of the fixture unicorn run")
    assert first.matched == ("migrations", "fixture", "run")
    assert second.matched == ("migrations",)
    assert (first.of, second.of) == (4, 4)
    assert 0 < second.idf_share < first.idf_share < 1


def test_a_query_that_is_wholly_covered_has_the_share_one(filled: Index) -> None:
    assert filled.search("fixture database")[0].idf_share == 1.0


def test_a_query_about_something_else_has_a_low_share(filled: Index) -> None:
    hit = filled.search("kubernetes ingress certificate renewal of the staging cluster: wait")[0]
    assert hit.idf_share < 0.5


def test_words_of_one_stem_count_once(filled: Index) -> None:
    assert filled.search("migrate migrated migrations migrating")[0].of == 1


def test_a_compound_that_nobody_writes_counts_by_its_parts(filled: Index) -> None:
    hit = filled.search("package-lock")[0]
    assert (hit.document.id, hit.matched, hit.of) == ("c3", ("package", "lock"), 2)


def test_a_compound_written_as_one_word_is_found_by_its_whole(index: Index) -> None:
    index.apply(add=[Document("a", "s", "k", "The hostname is wrong", "")])
    hit = index.search("host_name")[0]
    assert (hit.matched, hit.of, hit.idf_share) == (("hostname",), 1, 1.0)


@pytest.mark.parametrize(
    "query", ["", "   ", "the of and", "?!,.", "\0", "\ud800", "unicorn", "*", '"', "--"]
)
def test_a_query_without_a_word_to_find_finds_nothing(filled: Index, query: str) -> None:
    assert filled.search(query) == []


@pytest.mark.parametrize("limit", [0, -1])
def test_no_hits_are_given_when_none_are_wanted(filled: Index, limit: int) -> None:
    assert filled.search("migrations", limit) == []


def test_a_limit_beyond_any_integer_of_the_database_is_taken(filled: Index) -> None:
    assert len(filled.search("migrations", 10**30)) == 2


def test_hits_can_be_kept_to_kinds_and_sources(filled: Index) -> None:
    assert [hit.document.id for hit in filled.search("migrations", kinds=["gotcha"])] == ["c3"]
    assert [hit.document.id for hit in filled.search("migrations", sources={"records"})] == ["a1"]
    assert filled.search("migrations", kinds=["gotcha"], sources=["records"]) == []
    assert filled.search("migrations", kinds=[]) == []
    assert filled.search("migrations", kinds=["x') OR 1 --", "\ud800"]) == []


def test_an_empty_index_and_documents_without_a_word_find_nothing(index: Index) -> None:
    assert index.search("anything") == []
    index.apply(add=[Document("a", "s", "k", "", "…")])
    assert index.search("anything") == []


SYNTAX = [
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    ")",
    '"',
    "'",
    "*",
    "^",
    ":",
    "title:",
    "-",
    "+",
    "{",
    "}",
    ";",
    "--",
    "?1",
]
queries = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.lists(st.sampled_from([*SYNTAX, "migrations", "lock", "parse_config"])).map(" ".join),
    st.lists(st.sampled_from(SYNTAX)).map("".join),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(queries)
def test_any_text_is_a_query_and_none_is_syntax(filled: Index, query: str) -> None:
    hits = filled.search(query)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert hit.score > 0
        assert 0 < len(hit.matched) <= hit.of
        assert 0 < hit.idf_share <= 1
    assert filled.count() == 3


def test_a_huge_query_is_searched_by_its_rarest_words(index: Index) -> None:
    common = [f"common{letter}{other}" for letter in "abcdefghij" for other in "abcdefgh"]
    index.apply(
        add=[Document(f"{n}", "s", "k", "title", " ".join(common)) for n in range(5)]
        + [Document("rare", "s", "k", "needle", "found")]
    )
    query = " ".join([*common, "needle", *["filler"] * 100_000])
    hits = index.search(query)
    assert "rare" in [hit.document.id for hit in hits]
    assert all(hit.of <= MAX_SCORED + 1 for hit in hits)
