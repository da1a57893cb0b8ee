"""Indexes in temporary directories, and short documents to put into them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.index import Document, Index


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "local" / "index.db"


@pytest.fixture
def index(path: Path) -> Iterator[Index]:
    with Index.open(path) as opened:
        yield opened


@pytest.fixture
def documents() -> list[Document]:
    return [
        Document(
            "a1",
            "records",
            "failure",
            "Run the migrations before the tests",
            "Use make migrate, since the fixture database is empty after a clone.",
            day="2026-03-01",
            commands=("make migrate",),
            families=("pytest: no such table <name>",),
            specifics=("pytest: no such table users",),
        ),
        Document(
            "b2",
            "records",
            "decision",
            "Configuration is read by parse_config",
            "loadConfig of the legacy module is deprecated.",
            day="2026-03-05",
            paths=("src/app/config_reader.py",),
            families=("pytest: no such table <name>",),
        ),
        Document(
            "c3",
            "learnings.md",
            "gotcha",
            "Lock of the package cache",
            "Two installs at once wait for each other.",
            detail="Seen with the migrations of the staging cluster.",
            path="learnings.md",
        ),
    ]
