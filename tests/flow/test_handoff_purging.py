"""What is purged is gone from handoffs too, and reading the log again does not bring it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from holdfast.flow import handoff_store as store
from holdfast.flow.handoff_purging import forget
from holdfast.hook import handoff as told
from holdfast.repo.location import Repository
from holdfast.testing.sessions import ClaudeSession

HandOver = Callable[..., Any]


def kept(project: Repository) -> str:
    """Return all that is kept of handoffs but patches."""
    files = (project.state_dir / told.FOLDER).rglob("*")
    return "".join(path.read_text() for path in files if path.suffix in (".json", ".txt"))


def left_open(project: Repository, session: ClaudeSession) -> None:
    session.prompt("Never mention Ada's salary, and see #12")
    session.edit("cart.py", "", "CART = 1\n")
    (project.directory / "cart.py").write_text("CART = 1\n")
    session.say("Done.")


def test_what_a_session_said_is_gone_and_stays_so(
    project: Repository, session: ClaudeSession, hand_over: HandOver
) -> None:
    left_open(project, session)
    found = hand_over(session)
    assert "salary" in kept(project)
    assert forget(project, session=found.session) == 1
    assert "salary" not in kept(project)
    assert store.patch_path(project, found).is_file()
    assert "discount" not in kept(project)
    hand_over(session)
    assert "salary" not in kept(project)


def test_a_text_is_gone_wherever_it_is_quoted_and_the_rest_stays(
    project: Repository, session: ClaudeSession, hand_over: HandOver
) -> None:
    left_open(project, session)
    hand_over(session)
    later = ClaudeSession("99aa0000-0000", root=str(project.directory), start=1_772_369_200.0)
    later.prompt("Write the README anew for #12, please")
    later.edit("README.md", "A shop.\n", "A better shop.\n")
    (project.directory / "README.md").write_text("A better shop.\n")
    later.say("Done.")
    hand_over(later)
    issue = Path(told.issue_folder(str(project.state_dir), "#12")) / told.LATEST
    assert forget(project, text="ada's  SALARY") == 2, "the later one took it over"
    assert "salary" not in kept(project)
    assert '"open":false' in issue.read_text()
    assert forget(project, text="ada's salary") == 0
    assert forget(project) == 0
