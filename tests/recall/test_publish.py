from __future__ import annotations

from pathlib import Path

import pytest
from tests.hook.test_run import CURE, FAILED, learned_from

from holdfast.cli.opening import publish_if_changed
from holdfast.hook import signature
from holdfast.hook.published import NAME, Published
from holdfast.learn.view import View
from holdfast.recall.failures import recall_failure
from holdfast.recall.publish import publish
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore


@pytest.fixture
def learned(empty: Repository, tmp_path: Path) -> Repository:
    learned_from(empty, tmp_path / "logs")
    return empty


def published(repository: Repository) -> Published:
    return Published(str(repository.state_dir / NAME))


def test_what_is_published_of_a_failure_is_what_recall_answers(learned: Repository) -> None:
    with View(learned) as view:
        answered = recall_failure(view, "pytest -q", FAILED)
    known = published(learned).get(f"fix:1:{answered.specific}")
    assert [fix["id"] for fix in known["fixes"]] == [fix.id for fix in answered.fixes]
    assert CURE in known["fixes"][0]["line"]
    assert known["fixes"][0]["p"] == answered.fixes[0].p


def test_a_family_is_published_where_it_was_got_past_often_enough(learned: Repository) -> None:
    family = signature.sign("Bash", "pytest -q", FAILED).family
    assert CURE in published(learned).get(f"fix:0:{family}")["fixes"][0]["line"]


def test_nothing_is_written_when_nothing_changed(learned: Repository) -> None:
    before = (learned.state_dir / NAME).stat()
    with View(learned) as view:
        assert not publish(view)
    assert (learned.state_dir / NAME).stat().st_ino == before.st_ino


def test_it_is_the_same_when_written_anew(learned: Repository) -> None:
    before = (learned.state_dir / NAME).read_bytes()
    (learned.state_dir / NAME).unlink()
    with View(learned) as view:
        assert publish(view)
    assert (learned.state_dir / NAME).read_bytes() == before


def test_what_the_instructions_say_is_not_published(learned: Repository) -> None:
    assert learned.root is not None
    (learned.root / "CLAUDE.md").write_text(f"Run the tests with `{CURE}`.\n")
    with View(learned) as view:
        publish_if_changed(view, wait=True)
    assert CURE not in (learned.state_dir / NAME).read_text()
    (learned.root / "CLAUDE.md").write_text("Run the tests.\n")
    with View(learned) as view:
        publish_if_changed(view, wait=True)
    assert CURE in (learned.state_dir / NAME).read_text()


def test_in_an_untrusted_repository_nothing_is_published(learned: Repository) -> None:
    (learned.state_dir / NAME).unlink()
    TrustStore().revoke(learned)
    with View(learned) as view:
        assert not publish(view)
    assert not (learned.state_dir / NAME).exists()


def test_a_retired_learning_is_published_no_more(learned: Repository) -> None:
    from holdfast.learn.write import retire

    with View(learned) as view:
        (document,) = view.learnings()
        retire(view, document.id, "it was wrong")
    with View(learned) as view:
        assert publish(view)
    assert CURE not in (learned.state_dir / NAME).read_text()
