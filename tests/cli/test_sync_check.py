"""``sync --check`` says which block is missing, changed or stale, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from holdfast.cli import schemas
from holdfast.connect import setup
from holdfast.connect.blocks import write
from holdfast.repo.location import Repository
from holdfast.testing.repositories import run_git

Run = Callable[..., Any]


def test_where_nothing_is_written_nothing_is_expected(repository: Repository, holdfast: Run) -> None:
    done = holdfast("sync", "--check")
    assert done.code == 0
    assert "none is expected" in done.out


def test_blocks_as_they_were_written_are_current(repository: Repository, holdfast: Run) -> None:
    write(repository, ["codex", "claude-code"])
    done = holdfast("sync", "--check")
    assert (done.code, done.out.splitlines()) == (0, ["AGENTS.md: current", "CLAUDE.md: current"])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: "", "AGENTS.md: missing, the file holds no block"),
        (
            lambda text: text.replace("data", "law"),
            "AGENTS.md: changed, its text is not what Holdfast writes",
        ),
        (lambda text: text + text, "AGENTS.md: broken, it holds more than one block"),
    ],
)
def test_what_is_wrong_is_said_and_how_to_mend_it_and_nothing_is_written(
    repository: Repository, holdfast: Run, spoil: Callable[[str], str], said: str
) -> None:
    write(repository, ["codex"])
    path = repository.directory / "AGENTS.md"
    path.write_text(spoil(path.read_text()))
    before = run_git(repository.directory, "status", "--short"), path.read_bytes()
    done = holdfast("sync", "--check")
    assert done.code == 1
    assert said in done.out.splitlines()
    assert "holdfast init --level knowledge" in done.out
    assert (run_git(repository.directory, "status", "--short"), path.read_bytes()) == before


def test_nobody_is_sent_to_a_lower_level(repository: Repository, holdfast: Run) -> None:
    setup.init(repository, level="scale")
    write(repository, ["codex"])
    (repository.directory / "AGENTS.md").unlink()
    assert holdfast("sync", "--check").out.endswith("To mend 1 file: holdfast init\n")


def test_it_asks_no_remote(repository: Repository, holdfast: Run) -> None:
    run_git(repository.directory, "remote", "add", "origin", "/nowhere")
    assert holdfast("sync", "--check").code == 0
    done = holdfast("sync", "--check", "origin")
    assert done.code == 2
    assert "Leave out the remote" in done.err


def test_its_document_keeps_its_contract(repository: Repository, holdfast: Run) -> None:
    write(repository, ["codex"])
    (repository.directory / "AGENTS.md").unlink()
    document = holdfast("sync", "--check", "--json").json
    assert document["schema"] == "holdfast.sync-check/1"
    assert (document["ok"], document["blocks"][0]["how"]) == (False, "missing")
    jsonschema.validate(document, schemas.shipped("sync-check/1"))
