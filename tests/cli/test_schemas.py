"""The JSON of every command is a contract: what is shipped is what is made, and it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import holdfast.cli
from holdfast.cli import schemas
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.testing import repositories

Run = Callable[..., Any]
PACKAGE = Path(holdfast.cli.__file__).parent


def valid(done: Any, name: str) -> dict[str, Any]:
    """Check what a command printed against the schema that ships, every field named in it."""
    document: dict[str, Any] = json.loads(done.out)
    assert document["schema"] == f"holdfast.{name}"
    schema = schemas.shipped(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)
    return document


@pytest.mark.parametrize("name", schemas.DOCUMENTS)
def test_what_is_shipped_is_what_is_made(name: str) -> None:
    """When this fails: python -m holdfast.cli.schemas."""
    assert json.loads(json.dumps(schemas.schema(name))) == schemas.shipped(name)


def test_every_name_that_a_command_prints_has_a_schema() -> None:
    source = "".join(path.read_text() for path in PACKAGE.glob("*.py"))
    printed = set(re.findall(r'"holdfast\.([a-z-]+/\d+)"', source))
    assert printed == set(schemas.DOCUMENTS)
    shipped = {path.name for path in (PACKAGE.parent / "schemas").iterdir()}
    assert shipped == {schemas.file_name(name) for name in schemas.DOCUMENTS}


def test_a_schema_refuses_what_lacks_a_field() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": "holdfast.status/1"}, schemas.shipped("status/1"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": "holdfast.error/2"}, schemas.shipped("error/1"))


def test_reading_commands_keep_their_contract(
    learned: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(learned.directory)
    with View(learned) as view:
        known = view.learnings()[0].id
    assert valid(holdfast("status", "--json"), "status/1")["repeats"]["repeats"]
    assert valid(holdfast("recall", "pytest", "--json"), "recall/1")["items"]
    assert valid(holdfast("recall", "nothing like it", "--json"), "recall/1")["items"] == []
    assert valid(holdfast("brief", "--prompt", "pytest", "--json"), "brief/1")["text"]
    assert valid(holdfast("why", known, "--json"), "why/1")["evidence"]
    assert valid(holdfast("review", "--json"), "review/1")["items"]
    assert valid(holdfast("doctor", "--json"), "doctor/1")
    assert valid(holdfast("trust", "--show", "--json"), "trust/1")["trusted"]
    assert valid(holdfast("ledger", "verify", "--json"), "ledger/1")["ok"]


def test_a_failure_is_answered_by_its_own_contract(learned: Repository, program: Run) -> None:
    done = program(
        "recall", "--command", "pytest -q", "--output", "-", "--json",
        cwd=learned.directory, stdin="E   ModuleNotFoundError: No module named 'shop'",
    )  # fmt: skip
    assert valid(done, "recall-failure/1")["match"] == "exact"


def test_writing_commands_keep_their_contract(
    learned: Repository, holdfast: Run, samples: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(learned.directory)
    text = (
        "Run `make gen` after editing `api/schema.proto`, because CI compares the files and fails otherwise."
    )
    assert valid(holdfast("init", "--json"), "init/1")
    assert valid(holdfast("ingest", str(samples), str(tmp_path / "missing"), "--json"), "ingest/1")[
        "not_read"
    ]
    written = valid(holdfast("learn", text, "--anyway", "for the test", "--json"), "learn/1")
    waiting = json.loads(holdfast("review", "--json").out)["items"][0]["id"]
    assert valid(holdfast("review", "accept", waiting, "--json"), "learn/1")
    assert valid(holdfast("review", "retire", waiting, "--json"), "review-done/1")["done"] == "retired"
    purge = ("review", "purge", written["id"], "--reason", "a name", "--yes", "--json")
    assert valid(holdfast(*purge), "review-done/1")["done"] == "purged"


def test_sync_keeps_its_contract(
    learned: Repository, holdfast: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    remote = repositories.make_repository(tmp_path / "remote", bare=True)
    learned.git("remote", "add", "origin", str(remote.directory))
    monkeypatch.chdir(learned.directory)
    assert valid(holdfast("sync", "--preview", "--json"), "sync/1")["would_send"]
    assert valid(holdfast("sync", "--json"), "sync/1")["sent"]


def test_errors_keep_their_contract(repository: Repository, holdfast: Run) -> None:
    assert valid(holdfast("why", "zzzz", "--json"), "error/1")["error"]["exit_code"] == 2
    assert valid(holdfast("learn", "ok", "--json"), "error/1")["error"]["exit_code"] == 3
    assert valid(holdfast("recall", "--no-such-option", "--json"), "error/1")["error"]["exit_code"] == 2
