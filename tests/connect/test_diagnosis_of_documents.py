"""What of a user's own documents is not read is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.connect.diagnosis_of_documents import check_documents
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository


@pytest.fixture
def repository(tmp_path: Path, isolated_home: Path) -> Repository:
    return make_repository(tmp_path / "shop")


def told(repository: Repository) -> list[tuple[str, str]]:
    return [(finding.level, finding.what) for finding in check_documents(repository)]


def test_what_is_read_whole_is_well(repository: Repository) -> None:
    assert told(repository) == []
    (repository.directory / "learnings.md").write_text("- one\n")
    assert told(repository) == [("ok", "of your own notes and decisions 1 file is read")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"# x\n" + b"a line of words\n" * 100_000, "larger than 1 MiB"),
        (b"one\0two\n", "no text file"),
        (b"- thing\n" * 400, "too many things"),
    ],
)
def test_what_is_not_read_is_named_with_its_reason(repository: Repository, content: bytes, why: str) -> None:
    (repository.directory / "failures").mkdir()
    (repository.directory / "failures" / "many.md").write_bytes(content)
    ((level, what),) = told(repository)
    assert level == "note"
    assert what.startswith("failures/many.md is not read")
    assert why in what
