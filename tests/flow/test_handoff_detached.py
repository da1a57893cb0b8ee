"""Work where no branch is checked out: it is found again in that worktree, and on the branch made there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.flow import handoff_store as store
from holdfast.flow.handoff import write_handoffs
from holdfast.flow.handoff_answer import handed_over
from holdfast.flow.handoff_record import Handoff
from holdfast.hook import handoff as hook
from holdfast.hook.incoming import Incoming
from holdfast.hook.moment import Moment
from holdfast.hook.place import find
from holdfast.hook.published import NAME, Published, lines_of
from holdfast.hook.trusted import is_trusted
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing import repositories
from holdfast.testing.sessions import ClaudeSession

START = 1_772_359_200.0
CART = "shop/cart.py"
Leave = Callable[..., None]


@pytest.fixture(autouse=True)
def set_up(project: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_NOW", str(START + 4000))
    TrustStore().accept(project)
    (project.ensure_state() / NAME).write_bytes(lines_of({"meta": '{"surfaces": ["handoff"]}'}))


@pytest.fixture
def leave(project: Repository, tmp_path: Path) -> Leave:
    """Let a session in a worktree leave an edit there, in no commit, and read its log."""

    def left(top: Path, text: str = "RATE = 2\n") -> None:
        session = ClaudeSession(f"{abs(hash(str(top))):x}"[:8] + "-0000", root=str(top), start=START)
        session.prompt("Let the cart's total take a discount")
        session.edit(CART, (top / CART).read_text(), text)
        (top / CART).write_text(text)
        session.say("Done.")
        for record in session.records:
            record["gitBranch"] = "HEAD"
        write_handoffs(project, [session.write(tmp_path / "logs" / f"{session.id}.jsonl")])

    return left


def told(top: Path) -> str:
    """Return what a session that starts in a worktree is told."""
    place = find(str(top))
    assert place is not None
    assert is_trusted(place)
    said = {"session_id": "next", "cwd": str(top), "source": "startup"}
    published = Published(str(Path(place.state) / NAME))
    return hook.handed_over(Moment(Incoming("claude-code", "start", said), place, published, START + 4000))


def asked(top: Path) -> Handoff | None:
    return handed_over(Repository.find(top)).handoff


def detached(project: Repository, tmp_path: Path, name: str = "side") -> Path:
    top = tmp_path / name
    repositories.run_git(project.directory, "worktree", "add", "--quiet", "--detach", str(top))
    return top


def test_it_is_found_by_the_next_session_in_that_worktree_alone(
    project: Repository, tmp_path: Path, leave: Leave
) -> None:
    side, other = detached(project, tmp_path), detached(project, tmp_path, "other")
    leave(side)
    assert f"Not committed: {CART}" in told(side)
    assert told(side).startswith("Left open by the last session 1 hour ago")
    found = asked(side)
    assert found is not None
    assert found.uncommitted == [CART]
    assert b"RATE = 2" in store.patch_path(project, found).read_bytes()
    for elsewhere in (other, project.directory):
        assert told(elsewhere) == ""
        assert asked(elsewhere) is None
    assert handed_over(project, "detached:side").handoff == found


def test_it_is_found_on_the_branch_that_is_made_there_next(
    project: Repository, tmp_path: Path, leave: Leave
) -> None:
    side = detached(project, tmp_path)
    leave(side)
    repositories.run_git(side, "switch", "--quiet", "--create", "discount")
    assert "without a branch in the worktree side" in told(side)
    assert asked(side) is not None
    repositories.commit(side, {}, "Discount")
    assert told(side) == ""
    found = asked(side)
    assert found is not None
    assert found.uncommitted == []


def test_it_is_found_when_the_log_is_read_after_the_branch_was_made(
    project: Repository, tmp_path: Path, leave: Leave
) -> None:
    side = detached(project, tmp_path)
    repositories.run_git(side, "switch", "--quiet", "--create", "discount")
    leave(side)
    assert f"Not committed: {CART}" in told(side)


def test_it_is_not_told_on_a_branch_that_stands_elsewhere(project: Repository, leave: Leave) -> None:
    top = project.directory
    repositories.commit(top, {"new.txt": "x"}, "Later")
    repositories.run_git(top, "checkout", "--quiet", "HEAD~1")
    leave(top)
    repositories.run_git(top, "stash", "--quiet")
    assert told(top).endswith("`holdfast brief --handoff`")
    repositories.run_git(top, "checkout", "--quiet", "--detach", "main")
    assert told(top).endswith("- HEAD has moved since.")
    repositories.run_git(top, "switch", "--quiet", "main")
    assert told(top) == ""


def test_in_a_rebase_it_is_the_branch_that_is_rebased(project: Repository, leave: Leave) -> None:
    top = project.directory
    repositories.run_git(top, "switch", "--quiet", "--create", "discount")
    repositories.commit(top, {CART: "mine\n"}, "Mine")
    repositories.run_git(top, "switch", "--quiet", "main")
    repositories.commit(top, {CART: "theirs\n"}, "Theirs")
    repositories.run_git(top, "switch", "--quiet", "discount")
    with pytest.raises(Exception, match="rebase"):
        repositories.run_git(top, "rebase", "main")
    leave(top, "both\n")
    found = asked(top)
    assert found is not None
    assert (found.branch, found.uncommitted) == ("discount", [CART])
    assert told(top) != ""


def test_folders_that_are_links_are_neither_read_nor_written(
    project: Repository, tmp_path: Path, leave: Leave
) -> None:
    side = detached(project, tmp_path)
    leave(side)
    folder = project.state_dir / hook.FOLDER
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    before = {path: path.read_bytes() for path in (tmp_path / "elsewhere").rglob("*.*")}
    assert told(side) == ""
    assert asked(side) is None
    leave(side, "RATE = 3\n")
    assert {path: path.read_bytes() for path in (tmp_path / "elsewhere").rglob("*.*")} == before


def test_a_branch_folder_that_is_a_link_is_neither_read_nor_written(
    project: Repository, tmp_path: Path, leave: Leave
) -> None:
    side = detached(project, tmp_path)
    folder = Path(hook.folder(str(project.ensure_state()), "detached:side"))
    folder.parent.mkdir()
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    leave(side)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert told(side) == ""
