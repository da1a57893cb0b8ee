"""What is read out of a database or a document of a real agent counts once, while its agent writes it."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.learn.ingest import IngestReport, ingest
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.testing import repositories

Know = Callable[[Repository], Any]
TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
FIXTURES = TRANSCRIPTS / "fixtures"
SPEC = importlib.util.spec_from_file_location("opencode_databases", TRANSCRIPTS / "opencode_databases.py")
assert SPEC
assert SPEC.loader
databases = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(databases)


def read(repository: Repository, *paths: Path) -> IngestReport:
    with View(repository) as view:
        return ingest(view, paths)


@pytest.fixture
def at_once(isolated_home: Path, tmp_path: Path) -> Repository:
    """A repository in which the same is read in one go."""
    return repositories.make_repository(tmp_path / "at-once")


def test_a_database_is_read_on_while_its_agent_holds_it_open(
    empty: Repository, at_once: Repository, tmp_path: Path, knowledge: Know
) -> None:
    path = tmp_path / "opencode.db"
    writer = databases.create(path)
    reports = []
    for message in databases.exported():
        databases.put(writer, message)
        reports.append(read(empty, path))
    assert not any(report.not_read for report in reports)
    again = read(empty, path)
    assert (again.transcripts, again.unchanged, again.commit) == (0, 1, None)
    writer.close()
    whole = databases.fill(tmp_path / "whole.db", databases.exported())
    report = read(at_once, whole)
    assert report.agents == {"opencode": 1}
    assert sum(one.failures for one in reports) == report.failures > 0
    assert knowledge(empty) == knowledge(at_once)


def test_two_sessions_of_a_database_written_in_turn_are_both_read(empty: Repository, tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    first = databases.create(path)
    second = databases.create(path, session="ses_0000000000000000000002", directory="/home/ada/garden")
    for number, message in enumerate(databases.exported()):
        writer, session = ((first, databases.SESSION), (second, "ses_0000000000000000000002"))[number % 2]
        databases.put(writer, message, session)
        read(empty, path)
    assert read(empty, path).unchanged == 2
    first.close()
    second.close()


@pytest.mark.parametrize("name", ["gemini-document.json", "opencode-export.json", "mini-trajectory.json"])
def test_a_document_of_an_agent_that_is_rewritten_with_each_message_counts_once(
    empty: Repository, at_once: Repository, tmp_path: Path, knowledge: Know, name: str
) -> None:
    document = json.loads((FIXTURES / name).read_bytes())
    path = tmp_path / name
    total: Counter[str] = Counter()
    for end in range(1, len(document["messages"]) + 1):
        path.write_text(json.dumps({**document, "messages": document["messages"][:end]}, indent=2))
        report = read(empty, path)
        total.update(failures=report.failures, resolved=report.resolved)
    path.write_bytes((FIXTURES / name).read_bytes())
    assert read(empty, path).transcripts == 0
    expected = read(at_once, path)
    assert (total["failures"], total["resolved"]) == (expected.failures, expected.resolved)
    assert knowledge(empty).occurrences == knowledge(at_once).occurrences


def test_a_half_written_document_is_read_when_it_is_whole(empty: Repository, tmp_path: Path) -> None:
    data = (FIXTURES / "opencode-export.json").read_bytes()
    path = tmp_path / "export.json"
    path.write_bytes(data[: len(data) // 2])
    half = read(empty, path)
    assert half.failures == 0
    path.write_bytes(data)
    assert read(empty, path).failures > 0
    assert read(empty, path).unchanged == 1


def test_a_database_that_is_damaged_is_named_and_the_rest_is_read(
    empty: Repository, samples: Path, tmp_path: Path
) -> None:
    path = databases.fill(tmp_path / "opencode.db", databases.exported())
    data = bytearray(path.read_bytes())
    data[100:4000] = b"\xff" * 3900
    path.write_bytes(data)
    report = read(empty, path, samples / "01-claude.jsonl")
    assert report.transcripts == 1
    assert [item.path for item in report.not_read] == [str(path)]
