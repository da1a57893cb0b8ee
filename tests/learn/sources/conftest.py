from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.repo.location import Repository
from holdfast.testing import repositories


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one commit."""
    return repositories.make_repository(tmp_path / "r")
