"""A client that starts its servers somewhere else is answered of the project that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast.connect.mcp.project import project_of
from holdfast.repo.location import Repository
from holdfast.testing import repositories


@pytest.mark.parametrize("value", ["{}", "/nowhere:{}", "/nowhere,{}", "{}:/nowhere", "{},/nowhere"])
def test_from_outside_it_is_the_project_that_is_named(value: str, repository: Repository, home: Path) -> None:
    told = {"HOME": str(home), "WORKSPACE_FOLDER_PATHS": value.format(repository.directory)}
    assert project_of(home, told) == repository.directory
    assert project_of(Path("/"), told) == repository.directory


def test_also_when_the_home_is_a_repository_itself(repository: Repository, home: Path) -> None:
    repositories.run_git(home, "init", "--quiet")
    told = {"HOME": str(home), "WORKSPACE_FOLDER_PATHS": str(repository.directory)}
    assert project_of(home, told) == repository.directory
    assert project_of(home, {"HOME": str(home)}) == home


def test_a_directory_in_a_repository_counts_whatever_is_named(
    repository: Repository, home: Path, tmp_path: Path
) -> None:
    other = repositories.make_repository(tmp_path / "other")
    told = {"HOME": str(home), "CLAUDE_PROJECT_DIR": str(repository.directory)}
    assert project_of(other.directory, told) == other.directory


@pytest.mark.parametrize("value", ["", "relative", "/nowhere", ",:", "\0"])
def test_where_no_project_is_named_it_stays_where_it_is(value: str, home: Path) -> None:
    assert project_of(Path("/"), {"HOME": str(home), "CLAUDE_PROJECT_DIR": value}) == Path("/")
