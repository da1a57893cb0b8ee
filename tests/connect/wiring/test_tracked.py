"""Files for colleagues: in the repository, silent where Holdfast is not installed, taken out exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.connect.wiring import launcher
from holdfast.connect.wiring.agent import Surroundings
from holdfast.connect.wiring.agents import AGENTS, named
from holdfast.connect.wiring.installing import Plan, Wiring
from holdfast.errors import UsageError
from holdfast.repo.location import Repository
from holdfast.testing.repositories import clone, commit, make_repository, run_git

from .conftest import files_of

Init = Callable[..., Wiring]

FILES = {agent.tracked_file for agent in AGENTS.values() if agent.tracked_file}


def tree(repository: Repository) -> dict[str, bytes]:
    """Return the bytes of every file in the worktree."""
    found = files_of(repository.directory)
    return {name: data for name, data in found.items() if not f"{name}/".startswith(".git/")}


def test_they_are_written_into_the_repository_and_nothing_into_the_home(
    home: Path, init: Init, repository: Repository
) -> None:
    before = files_of(home)
    report = init(tracked=True, agents=named(list(AGENTS)))
    written = {name for name in tree(repository) if name in FILES}
    assert written == FILES
    assert {name for name in files_of(home) if name not in before} <= {
        "state", "state/holdfast", "state/holdfast/wiring.json", "state/holdfast/wiring.lock",
    }  # fmt: skip
    assert report.tracked
    assert not report.launcher


def test_they_hold_no_path_of_this_machine(home: Path, init: Init, repository: Repository) -> None:
    init(tracked=True, agents=named(list(AGENTS)))
    for name in FILES:
        text = (repository.directory / name).read_text()
        assert "command -v holdfast-hook" in text
        assert not any(each in text for each in (str(home), "$HOME", str(repository.directory), "/usr"))


def test_the_plug_in_of_opencode_is_never_put_into_a_repository(init: Init, repository: Repository) -> None:
    init(tracked=True, agents=named(["opencode", "codex"]))
    assert not any("opencode" in name for name in tree(repository))


def test_an_undo_leaves_the_tree_as_it_was(home: Path, init: Init, repository: Repository) -> None:
    commit(repository.directory, {".claude/settings.json": '{"model": "opus"}'})
    before = tree(repository)
    init(tracked=True, agents=named(["claude-code", "codex", "copilot"]))
    assert json.loads((repository.directory / ".claude/settings.json").read_text())["model"] == "opus"
    init(undo=True)
    assert tree(repository) == before
    assert run_git(repository.directory, "status", "--porcelain") == ""


def test_an_undo_in_a_clone_leaves_what_colleagues_share(
    home: Path, init: Init, repository: Repository, tmp_path: Path
) -> None:
    init(tracked=True, agents=named(["codex"]))
    run_git(repository.directory, "add", "--all")
    run_git(repository.directory, "commit", "--quiet", "--message", "hooks")
    copy = clone(repository.directory, tmp_path / "clone")
    before = tree(copy)
    (home / ".codex").mkdir()
    init(of=copy)
    init(of=copy, undo=True)
    assert tree(copy) == before


def test_they_are_taken_out_of_every_worktree_they_were_written_to(
    home: Path, init: Init, repository: Repository, tmp_path: Path
) -> None:
    run_git(repository.directory, "worktree", "add", "--quiet", str(tmp_path / "tree"))
    other = Repository.find(tmp_path / "tree")
    init(tracked=True, agents=named(["codex"]))
    init(tracked=True, agents=named(["codex"]), of=other)
    assert (other.directory / ".codex/hooks.json").exists()
    init(undo=True)
    assert not (other.directory / ".codex").exists()
    assert not (repository.directory / ".codex").exists()


def test_setting_up_again_without_it_writes_into_no_other_worktree(
    home: Path, init: Init, repository: Repository, tmp_path: Path
) -> None:
    init(tracked=True, agents=named(["codex"]))
    run_git(repository.directory, "worktree", "add", "--quiet", str(tmp_path / "tree"))
    other = Repository.find(tmp_path / "tree")
    init(of=other)
    assert not (other.directory / ".codex").exists()


@pytest.mark.parametrize("link", [".codex", ".codex/hooks.json"])
def test_no_link_in_the_repository_is_followed(
    home: Path, init: Init, repository: Repository, tmp_path: Path, link: str
) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "hooks.json").write_text("{}")
    place = repository.directory / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(target if link == ".codex" else target / "hooks.json")
    report = init(tracked=True, agents=named(["codex"]))
    assert report.agents[0].files[0].problem
    assert (target / "hooks.json").read_text() == "{}"


def test_a_read_only_file_in_the_repository_is_left(init: Init, repository: Repository) -> None:
    path = repository.directory / ".codex/hooks.json"
    path.parent.mkdir()
    path.write_text("{}")
    path.chmod(0o444)
    report = init(tracked=True, agents=named(["codex"]))
    assert "read-only" in report.agents[0].files[0].problem
    assert path.read_text() == "{}"


def test_a_bare_repository_has_no_files_to_share(home: Path, tmp_path: Path, around: Surroundings) -> None:
    bare = make_repository(tmp_path / "bare", bare=True)
    with pytest.raises(UsageError, match="bare"):
        Plan(bare, level="foundation", tracked=True, around=around)
    assert not launcher.path(around).exists()


@pytest.fixture
def program(tmp_path: Path) -> str:
    """A ``PATH`` with what files for colleagues call."""
    path = tmp_path / "bin" / "holdfast-hook"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path.parent)


def test_a_colleague_with_holdfast_gets_no_second_set_of_hooks(
    home: Path, init: Init, repository: Repository, tmp_path: Path, around: Surroundings, program: str
) -> None:
    init(tracked=True, agents=named(["codex"]))
    run_git(repository.directory, "add", "--all")
    run_git(repository.directory, "commit", "--quiet", "--message", "hooks")
    init(undo=True)
    copy = clone(repository.directory, tmp_path / "clone")
    (home / ".codex").mkdir()
    (home / ".gemini").mkdir()
    theirs = Surroundings(home, {**around.variables, "PATH": program})
    before = tree(copy)
    report = Plan(copy, level="knowledge", around=theirs).do()
    assert [each.name for each in report.agents] == ["codex", "gemini"]
    assert not (home / ".codex/hooks.json").exists()
    assert (home / ".codex/config.toml").exists()  # what the level has besides hooks
    assert (home / ".gemini/settings.json").exists()
    Plan(copy, level="knowledge", undo=True, around=theirs).do()
    assert tree(copy) == before
    assert list((home / ".codex").iterdir()) == []


def test_where_the_program_is_not_installed_ones_own_settings_call(
    home: Path, init: Init, repository: Repository
) -> None:
    init(tracked=True, agents=named(["codex"]))
    (home / ".codex").mkdir()
    init()
    assert (home / ".codex/hooks.json").exists()


def test_what_was_written_for_colleagues_stays_when_it_is_done_again(
    init: Init, repository: Repository
) -> None:
    init("knowledge", tracked=True, agents=named(["claude-code"]))
    before = tree(repository)
    assert any("holdfast-learn" in name for name in before)
    init("knowledge", agents=named(["codex"]))
    assert {name for name in before if "skills" in name} <= set(tree(repository))
    init(undo=True)
    assert not any("holdfast" in name for name in tree(repository))
