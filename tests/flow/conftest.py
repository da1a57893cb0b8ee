"""A repository with sessions in it, and what they hand over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.flow.handoff import write_handoffs
from holdfast.flow.handoff_record import Handoff
from holdfast.flow.handoff_store import read
from holdfast.repo.location import Repository
from holdfast.testing import repositories
from holdfast.testing.sessions import ClaudeSession

START = 1_772_359_200.0


@pytest.fixture
def project(isolated_home: Path, tmp_path: Path) -> Repository:
    files = {"shop/cart.py": "def total(items):\n    return sum(items)\n", "README.md": "A shop.\n"}
    return repositories.make_repository(tmp_path / "project", files=files)


@pytest.fixture
def session(project: Repository) -> ClaudeSession:
    """A session that was asked for something in the project and did nothing yet."""
    begun = ClaudeSession("5f0c1a2b-0000", root=str(project.directory), start=START)
    begun.prompt("Let the cart's total take a discount")
    return begun


@pytest.fixture
def hand_over(project: Repository, tmp_path: Path) -> Callable[..., Handoff | None]:
    """Capture a session, and return what it handed over on a branch."""

    def write(session: ClaudeSession, branch: str = "main") -> Handoff | None:
        write_handoffs(project, [session.write(tmp_path / "logs" / f"{session.id}.jsonl")])
        return next(iter(read(project, branch)), None)

    return write
