"""Recall finds what is near, says nothing when nothing is, and never tells what no longer holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from holdfast.learn import write
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.recall.search import recall_words
from holdfast.repo.location import Repository
from holdfast.testing import repositories

UNRELATED = """
kubernetes ingress certificate
how do I center a div
postgres vacuum settings
add dark mode
the quick brown fox
OAuth refresh token rotation
terraform state locking
websocket reconnect backoff
write a haiku about autumn
upgrade to Django 6
s3 bucket policy
memory leak in the scheduler
translate the README into German
invoice PDF rendering
grpc deadline exceeded
redis eviction
unicode normalization
docker compose networking
what is the meaning of life
rename the billing module to payments
please
thanks
ok
the
a b c
!!! ???
rate limiting per tenant
bump the version and write release notes
profile the slow endpoint
GraphQL schema stitching
""".strip().splitlines()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Iterator[View]:
    """One view for all questions: asking changes nothing."""
    folder = tmp_path_factory.mktemp("told")
    with repositories.isolated(folder / "home"):
        made = repositories.make_repository(folder / "project")
        with View(made) as view:
            ingest(view, [samples])
            yield view


@pytest.mark.parametrize("query", UNRELATED)
def test_what_is_not_near_is_met_with_silence(told: View, query: str) -> None:
    assert recall_words(told, query).items == []


@pytest.mark.parametrize(("query", "expected"), [
    ("pytest", "uv run pytest"),
    ("ModuleNotFoundError shop", "uv run pytest"),
    ("No module named 'shop'", "uv run pytest"),
    ("vitest not found", "npm ci"),
    ("npm test", "npm ci"),
    ("sh: 1: vitest: not found", "npm ci"),
    ("unknown flag --stat", "--name-only"),
    ("gh pr diff", "--name-only"),
    ("pytest cannot find the module shop", "uv run pytest"),
    ("package-lock.json deploy", "No new dependency"),
])  # fmt: skip
def test_the_words_of_a_symptom_find_what_ended_it(told: View, query: str, expected: str) -> None:
    found = recall_words(told, query)
    assert expected in found.items[0].text


def test_items_say_where_they_come_from_and_how_sure_they_are(told: View) -> None:
    found = recall_words(told, "pytest").items[0]
    assert (found.origin, found.confidence, found.sessions) == ("recorded", "proven", 4)
    waiting = recall_words(told, "package-lock.json deploy").items[0]
    assert (waiting.origin, waiting.confidence) == ("waiting for your review", "unreviewed")


def test_no_more_than_the_limit_is_given(told: View) -> None:
    assert len(recall_words(told, "failed", limit=1).items) <= 1


def test_a_hostile_query_is_words(told: View) -> None:
    for query in ("'; DROP TABLE documents; --", '"', "NEAR(a b)", "\x00", "\ud800", "x" * 100_000, "* OR *"):
        recall_words(told, query)


def test_a_secret_in_a_query_is_not_given_back(told: View) -> None:
    token = "ghp_" + "Ab3dEf6hIj9lMn2pQr5tUv8xYz1C" + "3e5G7i9K"
    assert token not in recall_words(told, f"curl with {token}").query


def test_notes_of_the_tree_are_found_with_their_line(learned: Repository) -> None:
    assert learned.root is not None
    (learned.root / "learnings.md").write_text("# Deploys\n\n- Freeze `deploy/prod` on Fridays.\n")
    with View(learned) as view:
        found = recall_words(view, "freeze fridays").items[0]
    assert (found.id, found.origin, found.kind) == ("learnings.md:3", "learnings.md:3", "note")


def test_without_records_it_says_where_some_may_be(empty: Repository) -> None:
    with View(empty) as view:
        assert "holdfast sync" in recall_words(view, "anything").note


def test_of_two_equal_learnings_one_is_shown_with_the_sessions_of_both(
    learned: Repository, samples: Path, tmp_path: Path, fetch_records: Callable[..., None]
) -> None:
    other = repositories.make_repository(tmp_path / "other")
    with View(other) as view:
        ingest(view, [samples / "03-claude.jsonl"])
    fetch_records(other, learned)
    with View(other) as view:
        assert len([d for d in view.learnings() if "uv run pytest" in d.text]) == 2
        found = [item for item in recall_words(view, "pytest").items if "uv run pytest" in item.text]
        assert [item.sessions for item in found] == [4]


def test_a_copy_that_still_holds_stands_for_one_that_was_retired(
    learned: Repository, samples: Path, tmp_path: Path, fetch_records: Callable[..., None]
) -> None:
    other = repositories.make_repository(tmp_path / "other")
    with View(other) as view:
        report = ingest(view, [samples / "03-claude.jsonl"])
        write.retire(view, report.learned[0], "")
    fetch_records(other, learned)
    with View(other) as view:
        assert "uv run pytest" in recall_words(view, "pytest").items[0].text
