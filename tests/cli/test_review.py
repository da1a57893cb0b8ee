"""``holdfast review`` as a user meets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.repo.location import Repository

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _there(learned: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(learned.directory)


@pytest.fixture
def waiting(holdfast: Run) -> str:
    found: str = holdfast("review", "--json").json["items"][0]["id"]
    return found


def test_what_waits_is_listed_with_what_to_do(holdfast: Run) -> None:
    done = holdfast("review")
    assert done.code == 0
    assert "No new dependency" in done.out
    assert "holdfast review accept ID" in done.out


def test_accepting_records_it_for_everybody(holdfast: Run, waiting: str, learned: Repository) -> None:
    done = holdfast("review", "accept", waiting)
    assert done.code == 0
    assert done.out.startswith("Recorded decision ")
    assert holdfast("review").out == "Nothing waits for you.\n"
    assert b"learnings/decision/" in learned.git("ls-tree", "-r", "--name-only", "refs/heads/holdfast")
    assert "accepted by a person" in holdfast("why", waiting).out


def test_a_dropped_one_does_not_come_back(holdfast: Run, waiting: str, samples: Any) -> None:
    assert holdfast("review", "drop", waiting).out.endswith(" dropped.\n")
    holdfast("ingest", str(samples))
    assert holdfast("review").out == "Nothing waits for you.\n"


def test_json_may_stand_before_or_after(holdfast: Run, waiting: str) -> None:
    assert holdfast("review", "--json", "drop", waiting).json["done"] == "dropped"


def test_a_purge_asks_first_and_says_what_remains(holdfast: Run, learned: Repository) -> None:
    known = holdfast("recall", "pytest", "--json").json["items"][0]["id"]
    before = learned.git("rev-parse", "refs/heads/holdfast")
    asked = holdfast("review", "purge", known, "--reason", "a name")
    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert learned.git("rev-parse", "refs/heads/holdfast") == before, "nobody said yes"
    done = holdfast("review", "purge", known, "--reason", "a name", "--yes")
    assert done.code == 0
    assert " purged." in done.out
    assert "uv run pytest" not in holdfast("recall", "pytest").out


def test_what_does_not_wait_any_more_is_said_to_be_on_record(holdfast: Run, learned: Repository) -> None:
    waiting = holdfast("review", "--json").json["items"][0]["id"]
    assert holdfast("review", "accept", waiting).code == 0
    again = holdfast("review", "accept", waiting)
    assert again.code == 2
    assert "on record" in again.err or "Nothing waits" in again.err


def test_what_was_purged_does_not_come_back_when_its_session_is_read_again(
    holdfast: Run, learned: Repository, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    waits = holdfast("review", "--json").json["items"]
    first = waits[0]
    assert holdfast("review", "accept", first["id"]).code == 0
    assert holdfast("review", "purge", first["id"], "--reason", "a name", "--yes").code == 0
    for cache in learned.state_dir.glob("reading.db*"):
        cache.unlink()
    assert holdfast("ingest", str(samples)).code == 0
    again = holdfast("review", "--json").json["items"]
    assert first["text"] not in [item["text"] for item in again]
    kept = b"".join(path.read_bytes() for path in (learned.state_dir / "candidates").iterdir())
    assert first["text"][:30].encode() not in kept


def test_what_was_said_in_a_session_can_be_purged(holdfast: Run, learned: Repository) -> None:
    kept = learned.state_dir / "outlines.jsonl"
    key = json.loads(kept.read_text().splitlines()[1])["session"]
    asked = holdfast("review", "purge", f"session:{key}", "--reason", "a name")
    assert (asked.code, "--yes" in asked.err) == (2, True)
    done = holdfast("review", "purge", f"session:{key}", "--reason", "a name", "--yes")
    assert (done.code, "purged" in done.out) == (0, True)
    lines = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [line for line in lines if line.get("session") == key] == [{"session": key, "removed": "all"}]
