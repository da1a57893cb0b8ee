"""The doctor says which model finds texts by meaning, or why it is not used; nothing when none was chosen."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from holdfast.connect.diagnosis_of_semantics import check_meaning
from holdfast.connect.finding import Finding
from holdfast.learn.view import View
from holdfast.measure.overview import overview
from holdfast.recall import semantic
from holdfast.recall.semantic import VARIABLE
from holdfast.repo import own_state
from holdfast.repo.location import Repository
from holdfast.testing.repositories import snapshot


def found(repository: Repository) -> list[Finding]:
    return list(check_meaning(repository))


def needs(repository: Repository) -> str:
    with View(repository) as view:
        return " ".join(overview(view).needs)


def test_nothing_is_said_when_no_model_was_chosen(learned: Repository) -> None:
    assert found(learned) == []
    assert "meaning" not in needs(learned)


def test_the_model_is_named_with_how_far_it_has_come(
    learned: Repository, tiny_model: Any, tmp_path: Path
) -> None:
    folder = tiny_model.make(tmp_path / "model")
    semantic.choose(learned, str(folder))
    with View(learned) as view:
        pass
    sound, rest = found(learned)
    assert (sound.level, sound.where, rest.level) == ("ok", str(folder), "note")
    assert rest.what.startswith("0 of ")
    with View(learned) as view:
        semantic.fill(view)
    assert [each.level for each in found(learned)] == ["ok"]
    assert "model" not in needs(learned)


def test_looking_changes_nothing(learned: Repository, tiny_model: Any, tmp_path: Path) -> None:
    semantic.choose(learned, str(tiny_model.make(tmp_path / "model")))
    (learned.state_dir / "index.db").unlink(missing_ok=True)
    before = snapshot(learned)
    assert [each.level for each in found(learned)] == ["ok"]
    assert snapshot(learned) == before
    (learned.state_dir / "index.db").write_bytes(b"no database")
    assert [each.level for each in found(learned)] == ["ok"]


def test_a_model_that_is_gone_is_a_problem_and_needs_a_person(
    learned: Repository, tiny_model: Any, tmp_path: Path
) -> None:
    semantic.choose(learned, str(tiny_model.make(tmp_path / "model")))
    shutil.rmtree(tmp_path / "model")
    (broken,) = found(learned)
    assert broken.level == "problem"
    assert str(tmp_path / "model") in broken.what
    assert broken.hint
    assert "is not there" in needs(learned)


def test_a_model_that_cannot_be_loaded_is_a_problem(
    learned: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model.onnx").write_text("no model")
    (tmp_path / "vocab.txt").write_text("[CLS]\n[SEP]\n[UNK]\n")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    (broken,) = found(learned)
    assert (broken.level, "no model that can be loaded" in broken.what) == ("problem", True)


def test_a_model_that_came_with_a_copied_clone_is_a_problem(
    learned: Repository, tiny_model: Any, tmp_path: Path
) -> None:
    semantic.choose(learned, str(tiny_model.make(tmp_path / "model")))
    shutil.copytree(learned.directory, tmp_path / "copy", symlinks=True)
    copy = Repository.find(tmp_path / "copy")
    own_state.mark(copy)  # as if its files had been moved into one's own state
    (stranger,) = found(copy)
    assert (stranger.level, "not chosen on this machine" in stranger.what) == ("problem", True)
    assert "not chosen on this machine" in needs(copy)
