"""Every test of set-up sees an isolated home and git configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from holdfast.repo.location import Repository
from holdfast.testing import repositories


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with repositories.isolated(tmp_path_factory.mktemp("home")) as path:
        yield path


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return repositories.make_repository(tmp_path / "project")
