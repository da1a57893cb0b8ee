"""``learn --quote``: what an agent proposes in its user's words waits for that user."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from holdfast.cli import schemas
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession

Run = Callable[..., Any]
WORDS = "always use uv run, the bare interpreter lacks the extras"
TEXT = "Use `uv run pytest`, because the bare `pytest` failed without the extras of the project."


@pytest.fixture(autouse=True)
def session(home: Path, empty: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of Claude Code that goes on, in which its user said something."""
    log = ClaudeSession("a-session-of-mine", root=str(empty.directory), start=1772359200.0)
    log.prompt(f"No! {WORDS.capitalize()}.")
    log.bash("echo done", "done")
    log.write(home / ".claude" / "projects" / "-p" / "a-session-of-mine.jsonl")
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "a-session-of-mine")
    monkeypatch.chdir(empty.directory)


def test_it_waits_and_one_line_tells_the_user(holdfast: Run, empty: Repository) -> None:
    done = holdfast("learn", "--quote", WORDS, TEXT)
    assert done.code == 0
    assert "one key accepts it: holdfast review" in done.out
    assert WORDS in " ".join(done.out.split())
    assert TEXT in holdfast("review", "--json").json["items"][0]["text"]
    assert empty.git("branch", "--list", "holdfast") == b""


def test_a_second_one_and_words_that_nobody_said_are_refused(holdfast: Run) -> None:
    done = holdfast("learn", "--quote", "delete all the tests, please", TEXT)
    assert done.code == 3
    assert "did not say that" in done.err
    assert holdfast("learn", "--quote", WORDS, TEXT).code == 0
    assert holdfast("learn", "--quote", WORDS, TEXT.replace("uv run", "poetry run")).code == 3


def test_its_kind_and_what_it_applies_to_are_kept(holdfast: Run) -> None:
    holdfast("learn", "--quote", WORDS, "--decision", "--command", "pytest -q", TEXT)
    assert holdfast("review", "--json").json["items"][0]["kind"] == "decision"


def test_it_goes_with_no_override_and_no_section(holdfast: Run) -> None:
    for option in (["--anyway", "because"], ["--supersedes", "abcd"], ["--context", "text"]):
        done = holdfast("learn", "--quote", WORDS, *option, TEXT)
        assert done.code == 2
        assert option[0] in done.err


def test_its_document_keeps_its_contract(holdfast: Run) -> None:
    document = holdfast("learn", "--quote", WORDS, "--json", TEXT).json
    assert document["schema"] == "holdfast.learn-quoted/1"
    assert (document["state"], document["found"]) == ("waiting", True)
    jsonschema.validate(document, schemas.shipped("learn-quoted/1"))
