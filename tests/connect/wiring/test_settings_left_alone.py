"""Settings that cannot or must not be written, and programs of others: left alone and named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from holdfast.connect.wiring import registry
from holdfast.connect.wiring.agents import named
from holdfast.connect.wiring.installing import Plan
from holdfast.errors import EnvironmentProblem
from holdfast.repo.location import Repository

from .conftest import CLAUDE, THEIRS, Init, Install, files_of, wired


def test_settings_that_are_no_json_are_left_and_named_and_others_go_on(used: Path, init: Init) -> None:
    (used / CLAUDE).write_text('{\n  "hooks": oops\n}')
    report = init()
    problems = {each.name: each.files[0].problem for each in report.agents if each.files}
    assert problems["claude-code"] == "cannot be changed: line 2: this is not JSON"
    assert (used / CLAUDE).read_text() == '{\n  "hooks": oops\n}'
    assert wired(used / ".codex/hooks.json")


def test_a_server_of_the_same_name_that_somebody_else_set_up_stays(
    home: Path, init: Init, install: Install
) -> None:
    install("claude-code", "codex")
    (home / ".codex" / "config.toml").write_text('[mcp_servers.holdfast]\ncommand = "mine"\n')
    (home / ".claude.json").write_text('{"mcpServers": {"holdfast": {"command": "mine"}}}\n')
    before = files_of(home)
    done = init("knowledge")
    told = [left for agent in done.agents for file in agent.files for left in file.left]
    assert sum("another holdfast, which stays" in each for each in told) == 2
    for name in (".codex/config.toml", ".claude.json"):
        assert files_of(home)[name] == before[name]
    init("knowledge", undo=True)
    for name in (".codex/config.toml", ".claude.json"):
        assert files_of(home)[name] == before[name]


@pytest.mark.parametrize("name", [".codex/hooks.json", ".codex/config.toml", ".claude/settings.json"])
def test_a_pipe_in_place_of_settings_is_left_and_not_waited_for(
    home: Path, init: Init, install: Install, name: str
) -> None:
    install("claude-code", "codex")
    os.mkfifo(home / name)
    done = init("knowledge")
    assert any("is not a regular file" in file.problem for agent in done.agents for file in agent.files)


@pytest.mark.parametrize(
    ("text", "said"),
    [("[]", "not an object"), ('{"hooks": []}', "`hooks` in it is not an object"),
     ('{"hooks": {"SessionStart": {}}}', "`hooks.SessionStart` in it is not an array")],
)  # fmt: skip
def test_settings_of_another_shape_are_left(used: Path, init: Init, text: str, said: str) -> None:
    (used / CLAUDE).write_text(text)
    report = init(agents=named(["claude"]))
    assert said in report.agents[0].files[0].problem
    assert (used / CLAUDE).read_text() == text


def test_an_undo_leaves_hooks_that_somebody_gave_another_shape(
    home: Path, init: Init, install: Install
) -> None:
    install("cursor")
    init()
    theirs = '{"version": 1, "hooks": ["mine"]}\n'
    (home / ".cursor/hooks.json").write_text(theirs)
    init(undo=True)
    assert (home / ".cursor/hooks.json").read_text() == theirs


def test_what_a_user_set_to_nothing_is_theirs(home: Path, init: Init, install: Install) -> None:
    install("claude-code")
    (home / CLAUDE).write_text('{"statusLine": null}\n')
    init("flow")
    assert (home / CLAUDE).read_text().count("statusLine") == 1
    init("flow", undo=True)
    assert (home / CLAUDE).read_text() == '{"statusLine": null}\n'


def test_of_a_file_that_could_not_be_written_nothing_is_on_record(
    home: Path, init: Init, install: Install
) -> None:
    install("claude-code", "codex")
    (home / ".codex").rmdir()
    (home / ".codex").write_text("a file where the folder must be")
    init(agents=named(["codex", "claude"]))
    assert [Path(name).name for name in registry.read().files] == ["settings.json"]


def test_settings_that_are_a_link_stay_one(home: Path, init: Init, install: Install, tmp_path: Path) -> None:
    install("claude-code")
    real = tmp_path / "dotfiles.json"
    real.write_text("{}")
    real.chmod(0o644)
    (home / CLAUDE).symlink_to(real)
    init()
    assert (home / CLAUDE).is_symlink()
    assert wired(real)
    assert real.stat().st_mode & 0o777 == 0o644
    init(undo=True)
    assert real.read_text() == "{}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_settings_of_another_user_stay_theirs(home: Path, init: Init, install: Install) -> None:
    install("claude-code")
    path = home / CLAUDE
    path.write_text("{}")
    os.chown(path, 1000, 1001)
    path.chmod(0o640)
    init()
    assert wired(path)
    init(undo=True)
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1000, 1001, 0o640)


@pytest.mark.parametrize("name", [CLAUDE, ".codex/config.toml"])
def test_read_only_settings_are_left_with_the_way_out(used: Path, init: Init, name: str) -> None:
    (used / name).chmod(0o444)
    report = init("knowledge")
    (problem,) = [file.problem for agent in report.agents for file in agent.files if file.problem]
    assert "read-only" in problem
    assert f"chmod u+w {used / name}" in problem
    assert (used / name).read_bytes() == THEIRS[name].encode()
    assert wired(used / ".codex/hooks.json")
    (used / name).chmod(0o644)
    init("knowledge")
    assert b"holdfast" in (used / name).read_bytes()
    (used / name).chmod(0o444)
    with_ours = (used / name).read_bytes()
    init("knowledge", undo=True)
    assert (used / name).read_bytes() == with_ours
    (used / name).chmod(0o644)
    init("knowledge", undo=True)
    assert (used / name).read_bytes() == THEIRS[name].encode()


def test_an_agent_with_the_plug_in_gets_no_second_hook(home: Path, init: Init, install: Install) -> None:
    install("claude-code", "codex")
    own = '{"enabledPlugins": {"holdfast@holdfast": true}}'
    (home / CLAUDE).write_text(own)
    report = init()
    assert (home / CLAUDE).read_text() == own
    assert "plug-in" in next(each.tells for each in report.agents if each.name == "claude-code")
    assert wired(home / ".codex/hooks.json")


def test_a_file_that_cannot_be_written_keeps_no_other_agent_out(used: Path, init: Init) -> None:
    (used / ".gemini/settings.json").unlink()
    (used / ".gemini").rmdir()
    (used / ".gemini").write_text("a file where the folder must be")
    report = init(agents=named(["gemini", "codex"]))
    problems = {each.name: each.files[0].problem for each in report.agents}
    assert problems["gemini"].startswith("cannot be written: ")
    assert problems["codex"] == ""
    assert wired(used / ".codex/hooks.json")
    init(undo=True)
    assert (used / ".codex/hooks.json").read_text() == THEIRS[".codex/hooks.json"]


def test_a_script_of_somebody_elses_is_not_called(used: Path, init: Init) -> None:
    foreign = used / "data/holdfast/hook"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("#!/bin/sh\nrm -rf /\n")
    before = files_of(used)
    with pytest.raises(EnvironmentProblem, match="did not write it"):
        init()
    after = files_of(used)
    assert {name: data for name, data in after.items() if not name.startswith("state")} == before


def test_without_a_home_there_are_no_agents_and_nothing_fails(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", _no_home)
    report = Plan(repository, level="foundation", around=None).do()
    assert not report.changes


def _no_home() -> Path:
    raise RuntimeError("no home")


def test_an_agent_of_a_newer_version_is_left_alone(used: Path, init: Init) -> None:
    init()
    text = registry.path().read_text()
    newer = text.replace('"agent": "codex"', '"agent": "newest"').replace('"codex"', '"newest"')
    registry.path().write_text(newer)
    init("flow")
    assert '"newest"' in registry.path().read_text()
