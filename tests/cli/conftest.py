"""Every test of a command sees an isolated home, and calls commands as the program itself does."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from holdfast.cli.main import main
from holdfast.repo.location import Repository
from holdfast.testing import repositories


class Done(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture(autouse=True)
def home(isolated_home: Path) -> Path:
    return isolated_home


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with one commit, and the directory that commands start in."""
    made = repositories.make_repository(tmp_path / "project")
    monkeypatch.chdir(made.directory)
    return made


@pytest.fixture
def holdfast(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program with arguments, in this process, without a terminal."""

    def run(*args: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["holdfast", *args])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return run
