"""``holdfast --help`` lists the commands of the level chosen here, and says how to see the others."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.cli.main import COMMANDS
from holdfast.connect import levels, setup
from holdfast.hook.levels import NAMES
from holdfast.repo import config
from holdfast.repo.location import Repository

Run = Callable[..., Any]


def listed(text: str) -> set[str]:
    return set(re.findall(r"^  ([a-z]+) {2,}\S", text, re.MULTILINE))


@pytest.mark.parametrize("level", NAMES)
def test_help_lists_the_commands_of_the_level_and_none_of_a_later_one(
    repository: Repository, holdfast: Run, level: str
) -> None:
    setup.init(repository, private=False)
    config.choose(repository, level=level)
    told = holdfast("--help").out
    assert listed(told) == set(levels.commands(level)) & set(COMMANDS)
    assert ("holdfast --help --all" in told) == (listed(told) != set(COMMANDS))
    later = set(COMMANDS) - set(levels.commands(level))
    assert not later & set(re.findall(r"holdfast ([a-z]+)", told)), "nor does its example name a later one"


def test_before_init_it_lists_the_default_level(holdfast: Run, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert listed(holdfast("--help").out) == set(levels.commands()) & set(COMMANDS)


def test_in_a_linked_worktree_and_below_it_is_the_level_of_the_repository(
    repository: Repository, holdfast: Run, tmp_path: Path, monkeypatch: Any
) -> None:
    setup.init(repository, private=False)
    config.choose(repository, level="knowledge")
    repository.git("worktree", "add", "--quiet", str(tmp_path / "other"))
    (tmp_path / "other" / "below").mkdir()
    monkeypatch.chdir(tmp_path / "other" / "below")
    assert "review" in listed(holdfast("--help").out)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"level": 3}', b"\xff", b"[" * 100_000])
def test_help_comes_whatever_the_settings_hold(repository: Repository, holdfast: Run, content: bytes) -> None:
    repository.ensure_state().joinpath("settings.json").write_bytes(content)
    done = holdfast("--help")
    assert (done.code, done.err) == (0, "")
    assert listed(done.out) == set(levels.commands()) & set(COMMANDS)


def test_all_of_them_are_listed_once_under_the_level_that_brings_them(
    repository: Repository, holdfast: Run
) -> None:
    told = holdfast("--help", "--all").out
    assert listed(told) == set(COMMANDS)
    assert told == holdfast("--all").out
    sections = dict(re.findall(r"^Level (\w+):\n((?:  .*\n)+)", told, re.MULTILINE))
    for name, section in sections.items():
        assert {levels.first_with(command) for command in listed(section)} == {name}


def test_a_command_of_a_later_level_works_when_it_is_called_by_name(
    repository: Repository, holdfast: Run
) -> None:
    setup.init(repository, private=False)
    config.choose(repository, level="quickstart")
    assert "review" not in listed(holdfast("--help").out)
    assert holdfast("review").code == 0
    assert holdfast("review", "--help").code == 0
