"""What a text says of an approach: for it, against it, or merely about the same subject."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.recall.stance import stance


@pytest.mark.parametrize(
    ("text", "approach", "said"),
    [
        ("Use pnpm, not npm, which failed with “ERESOLVE”.", "install with npm", "against"),
        ("Use pnpm, not npm, which failed with “ERESOLVE”.", "use pnpm", "for"),
        ("In `cache.py`, do not use `pickle`: it broke. Use `json` instead.", "pickle the cache", "against"),
        ("Never mock the database in integration tests.", "mock the database", "against"),
        ("A global lock deadlocked under load; each shard has its own.", "one global lock", "against"),
        ("Use msgspec instead of pydantic because import time matters.", "pydantic models", "against"),
        ("Use msgspec instead of pydantic because import time matters.", "pydantic", "against"),
        ("Run `make gen` after editing a proto, because CI fails otherwise.", "run make gen", "for"),
        ("Retry with backoff; a fixed sleep was flaky.", "add a fixed sleep", "against"),
        ("We settled on SQLite for the cache.", "SQLite for the cache", "for"),
        ("Use a queue for e-mail, not a cron job.", "e-mail by a cron job and a shell script", "neither"),
        ("The cache lives in `.cache/`.", "SQLite for the cache", "neither"),
        ("Redis was rejected: one more service to run.", "use Redis", "against"),
        ("Prefer rebase over merge.", "merge the branch", "against"),
        ("Prefer rebase over merge.", "merge", "against"),
        ("Prefer rebase over merge.", "rebase", "for"),
        ("No dependency with `npm install`: add it by hand and run `npm ci`.", "use npm ci", "for"),
        ("No dependency with `npm install`: add it by hand and run `npm ci`.", "npm install x", "against"),
        ("Use status() instead of a walk for the first checkpoint", "status for the first checkpoint", "for"),
        ("Use status() instead of a walk for the first checkpoint", "walk for it", "against"),
        ("Keep sessions in Postgres: Redis lost sessions at a failover.", "sessions in Redis", "against"),
        ("Run `make gen` before the tests, which fail without it.", "run make gen", "for"),
        ('Revert "keep sessions in Redis, not in Postgres"\nIt lost them.', "sessions in Redis", "against"),
        ('Revert "' * 400 + "use Redis" + '"' * 400, "use Redis", "neither"),
        ('Revert "sessions in Redis"', "sessions in Redis", "against"),
        ('Revert "use Redis"\nUse Postgres for sessions.', "sessions in Postgres", "for"),
        ("", "npm", "neither"),
        ("Use pnpm.", "", "neither"),
    ],
)  # fmt: skip
def test_a_clause_says_which_side_it_takes(text: str, approach: str, said: str) -> None:
    assert stance(text, approach) == said


@given(st.text(max_size=3000), st.text(max_size=300))
def test_any_text_has_one_stance(text: str, approach: str) -> None:
    assert stance(text, approach) in ("for", "against", "neither")
    assert stance(text, "") == "neither"
