"""Every test of the repository layer sees an isolated home and git configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.repo.location import Repository
from holdfast.testing import repositories


@pytest.fixture(autouse=True)
def home(isolated_home: Path) -> Path:
    return isolated_home


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return repositories.make_repository(tmp_path / "project")
