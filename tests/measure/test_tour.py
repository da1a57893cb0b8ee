"""One page for a newcomer: what fails, what was decided, what was tried and rejected."""

from __future__ import annotations

from pathlib import Path

from holdfast.learn.view import View
from holdfast.learn.write import learn_text
from holdfast.measure.tour import tour
from holdfast.repo.location import Repository
from holdfast.repo.records import Applies
from holdfast.testing.repositories import commit, make_repository

DECISION = (
    "Keep totals as integer cents in `src/cart.py` because floats failed with rounding errors in 3 orders."
)


def test_hazards_decisions_and_reverts_are_on_it(learned: Repository) -> None:
    commit(learned.directory, {"a.py": "1\n"}, "Cache totals")
    commit(
        learned.directory, {"a.py": "2\n"}, 'Revert "Cache totals"\n\nStale prices were shown to customers.'
    )
    with View(learned) as view:
        learn_text(view, DECISION, kind="decision", applies=Applies(paths=("src/cart.py",)), anyway="a test")
        found = tour(view)
    assert any("uv run pytest" in hazard.item.text for hazard in found.hazards)
    assert [item.text for item in found.decisions] == [DECISION]
    assert [undone.what for undone in found.undone] == ["Cache totals"]


def test_a_path_leaves_out_what_is_not_about_it(learned: Repository) -> None:
    with View(learned) as view:
        learn_text(view, DECISION, kind="decision", applies=Applies(paths=("src/cart.py",)), anyway="a test")
        assert len(tour(view, "src").decisions) == 1
        assert len(tour(view, "src/cart.py").decisions) == 1
        elsewhere = tour(view, "docs")
    assert elsewhere.decisions == []
    assert elsewhere.hazards == []


def test_an_empty_repository_has_an_empty_tour(tmp_path: Path, isolated_home: Path) -> None:
    with View(make_repository(tmp_path / "empty")) as view:
        assert tour(view).is_empty


def test_a_secret_in_a_commit_message_is_not_shown(learned: Repository) -> None:
    message = 'Revert "Use the new key"\n\nThe key AKIAIOSFODNN7QWERTYU was refused by the staging account.'
    commit(learned.directory, {"a.py": "3\n"}, message)
    with View(learned) as view:
        found = tour(view)
    assert "AKIAIOSFODNN7QWERTYU" not in str(found)
