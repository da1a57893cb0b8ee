"""What a person chose on this machine is told from what a copied clone brings along."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from holdfast.errors import EnvironmentProblem
from holdfast.repo.location import Repository
from holdfast.repo.own_choice import is_proven, prove
from holdfast.testing.repositories import make_repository


def test_a_choice_is_proven_for_its_name_value_and_clone_alone(isolated_home: Path, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "mine")
    prove(repository, "semantic", "/models/a")
    assert is_proven(repository, "semantic", "/models/a")
    assert not is_proven(repository, "semantic", "/models/b")
    assert not is_proven(repository, "wording", "/models/a")
    shutil.copytree(tmp_path / "mine", tmp_path / "copy")
    assert not is_proven(Repository.find(tmp_path / "copy"), "semantic", "/models/a")


def test_a_proof_inside_the_repository_counts_for_nothing(
    isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = make_repository(tmp_path / "mine")
    prove(repository, "semantic", "/models/a")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "mine" / "state"))
    shutil.copytree(isolated_home / "state", tmp_path / "mine" / "state")
    assert not is_proven(repository, "semantic", "/models/a")
    with pytest.raises(EnvironmentProblem, match="inside this repository"):
        prove(repository, "semantic", "/models/a")
