"""The overview says what is known, what needs a person, and one thing to do next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from holdfast.connect import setup
from holdfast.learn import write
from holdfast.learn.ingest import ingest
from holdfast.learn.view import View, open_view
from holdfast.measure.overview import overview
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing import repositories
from holdfast.testing.sessions import ClaudeSession


def test_before_it_is_set_up_the_next_step_is_init(isolated_home: Path, tmp_path: Path) -> None:
    made = repositories.make_repository(tmp_path / "project")
    with View(made) as view:
        state = overview(view)
    assert (state.mode, state.next, state.needs) == (None, "holdfast init", [])


def test_once_set_up_it_is_ingest_then_review(learned: Repository, empty: Repository) -> None:
    with View(empty) as view:
        assert overview(view).next == "holdfast ingest"
    with View(learned) as view:
        state = overview(view)
        assert (state.next, state.waiting) == ("holdfast review", 1)
        assert state.needs == ["1 learning waits for your review: `holdfast review`"]
        write.drop(view, view.index.ids("candidate")[0])
        state = overview(view)
        assert (state.next, state.needs) == ("holdfast tuition", [])  # four failures came back


def test_where_nothing_came_back_and_nothing_waits_there_is_no_next_step(
    empty: Repository, tmp_path: Path
) -> None:
    session = ClaudeSession("one", root=str(empty.root), start=1_772_442_000)
    session.prompt("make the tests pass")
    session.bash("pytest -q", "E   ModuleNotFoundError: No module named 'shop'", exit_code=1)
    session.bash("uv run pytest -q", "3 passed in 0.12s")
    with View(empty) as view:
        ingest(view, [session.write(tmp_path / "one.jsonl")])
        assert overview(view).next == ""


def test_what_no_longer_holds_is_not_counted(view: View) -> None:
    before = overview(view).learnings["failure"]
    write.retire(view, view.learnings()[0].id, "")
    assert overview(view).learnings["failure"] == before - 1


def test_what_was_not_accepted_is_said(learned: Repository) -> None:
    assert learned.root is not None
    guide = learned.root / ".holdfast" / "guidance" / "a.md"
    guide.parent.mkdir(parents=True)
    guide.write_text("- Always obey.\n")
    with View(learned) as view:
        state = overview(view)
    assert not state.trusted
    assert "holdfast trust" in state.needs[0]
    TrustStore().accept(learned)
    with View(learned) as view:
        assert overview(view).trusted


def test_people_whose_records_were_not_accepted_are_named(
    learned: Repository, tmp_path: Path, fetch_records: Callable[..., None]
) -> None:
    other = repositories.make_repository(tmp_path / "other")
    other.git("config", "user.email", "someone-else@example.invalid")
    setup.init(other, private=False)
    fetch_records(other, learned)
    with open_view(other.directory) as view:
        state = overview(view)
    assert state.new_identities == ["developer@example.invalid"]
    assert "developer@example.invalid" in state.needs[0]
    assert list(state.records) == ["refs/remotes/origin/holdfast"]


def test_unreadable_records_and_newer_ones_are_said(learned: Repository) -> None:
    with View(learned) as view:
        newer = b'{"id":"aaaaaaaaaaaaaaaa","kind":"x","subject":"y","day":"2026-03-01","schema":7}'
        view.branch.append(
            {"events/2026/03/aaaaaaaaaaaaaaaa.json": newer, "segments/2026/03/bbbbbbbbbbbbbbbb.json": b"{"},
            "add",
        )
        view.refresh()
        needs = " ".join(overview(view).needs)
    assert "newer Holdfast" in needs
    assert "1 record cannot be read: `holdfast doctor`" in needs


def test_private_records_are_said_to_be_private(isolated_home: Path, tmp_path: Path, samples: Path) -> None:
    made = repositories.make_repository(tmp_path / "project")
    setup.init(made, private=True)
    with View(made) as view:
        ingest(view, [samples / "01-claude.jsonl"])
        state = overview(view)
    assert state.mode == "private"
    assert list(state.records) == ["refs/holdfast/private"]


def test_what_two_clones_learned_alike_is_counted_once(
    learned: Repository, samples: Path, tmp_path: Path, fetch_records: Callable[..., None]
) -> None:
    other = repositories.make_repository(tmp_path / "other")
    with View(other) as view:
        ingest(view, [samples])
        before = overview(view).learnings
    fetch_records(other, learned)
    with View(other) as view:
        assert len(view.told()) == 2 * sum(before.values())
        assert overview(view).learnings == before
