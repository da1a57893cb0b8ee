"""What is written into each agent's settings, and that exactly that is taken out again."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.connect import levels
from holdfast.connect.wiring import registry
from holdfast.connect.wiring.agent import Surroundings, called
from holdfast.connect.wiring.agents import AGENTS, named
from holdfast.connect.wiring.installing import Plan, Wiring
from holdfast.connect.wiring.json_text import Document
from holdfast.errors import EnvironmentProblem, UsageError
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository

from .conftest import files_of

Init = Callable[..., Wiring]
Install = Callable[..., None]

CLAUDE = ".claude/settings.json"
THEIRS: dict[str, str] = {
    CLAUDE: '{\n    "model": "opus", // mine\n    "hooks": {\n        "Stop": [],\n'
    '        "SessionStart": [\n            {"hooks": [{"type": "command", "command": "date"}]}\n'
    "        ]\n    }\n}\n",
    ".codex/hooks.json": '{"hooks":{"PreToolUse":[{"matcher":"Bash",'
    '"hooks":[{"type":"command","command":"x"}]}]}}',
    ".codex/config.toml": 'model = "gpt-5.5" # mine\n\n[mcp_servers.notes]\ncommand = "notes"',
    ".gemini/settings.json": '{\r\n\t"theme": "dark"\r\n}',
    ".qwen/settings.json": "",
    ".cursor/hooks.json": '{"version": 1, "hooks": {}}\n',
    ".copilot/mcp-config.json": "{}",
    "config/opencode/opencode.json": '{\n  "model": "x/y",\n}\n',
}
"""Settings of somebody who uses these agents, in the many ways that such files are written."""


@pytest.fixture
def used(home: Path, install: Install) -> Path:
    """A home whose agents have settings."""
    install()
    for name, text in THEIRS.items():
        (home / name).write_bytes(text.encode())
    return home


def commands(value: Any) -> list[str]:
    """Return every command line in some settings."""
    if isinstance(value, dict):
        own = [value[name] for name in ("command", "bash") if isinstance(value.get(name), str)]
        return own + [each for inner in value.values() for each in commands(inner)]
    return [each for inner in value for each in commands(inner)] if isinstance(value, list) else []


def wired(path: Path) -> set[tuple[str, str]]:
    """Return the agents and events that a file of settings calls us for."""
    if not path.exists():
        return set()
    return {found for each in commands(Document(path.read_text()).value()) if (found := called(each))}


@pytest.mark.parametrize("level", ["quickstart", "foundation", "flow", "knowledge", "scale"])
def test_an_undo_leaves_a_home_in_use_as_it_was_byte_for_byte(
    used: Path, init: Init, repository: Repository, level: str
) -> None:
    before, tree = files_of(used), files_of(repository.directory)
    init(level)
    assert (files_of(used) == before) == (level == "quickstart")
    init(level, undo=True)
    assert files_of(used) == before
    assert {name: data for name, data in files_of(repository.directory).items() if ".git/" not in name} == {
        name: data for name, data in tree.items() if ".git/" not in name
    }


def test_an_undo_leaves_an_empty_home_empty(home: Path, init: Init) -> None:
    before = files_of(home)
    init("scale", agents=named(list(AGENTS)))
    assert files_of(home) != before
    init("scale", undo=True)
    assert files_of(home) == before


def test_doing_it_again_changes_nothing_and_says_so(used: Path, init: Init) -> None:
    assert init("scale").changes
    before = files_of(used)
    again = init("scale")
    assert files_of(used) == before
    assert not any(each.files for each in again.agents)


def test_going_up_and_down_again_leaves_what_the_level_has(used: Path, init: Init) -> None:
    init("foundation")
    before = files_of(used)
    init("scale")
    init("foundation")
    after = files_of(used)
    ours = "state/holdfast/"  # what was wired when, and whose local state it is
    assert {name: data for name, data in after.items() if not name.startswith(ours)} == {
        name: data for name, data in before.items() if not name.startswith(ours)
    }


@pytest.mark.parametrize("level", ["foundation", "flow", "knowledge", "scale"])
@pytest.mark.parametrize("name", ["claude-code", "codex", "copilot", "gemini", "qwen", "cursor"])
def test_a_level_calls_the_hook_for_its_own_events_alone(
    home: Path, init: Init, around: Surroundings, level: str, name: str
) -> None:
    init(level, agents=named([name]))
    agent = AGENTS[name]
    events = agent.wired_events(levels.events(level))
    told = wired(agent.hooks_file(around)) - {("claude-code", "statusline")}
    assert told == {(name, event) for event in events}
    assert "start" in events
    assert {"failure", "result"} & set(events)
    assert ("result" in events) or name == "claude-code"
    assert {"end", "stop"} & set(events)
    assert ("call" in events) == (level in ("knowledge", "scale"))
    assert ("compact" in events) == (name != "gemini")  # whose event comes before every call of the model


@pytest.mark.parametrize("level", ["foundation", "flow"])
def test_below_knowledge_no_server_and_no_skill_is_installed(used: Path, init: Init, level: str) -> None:
    init(level)
    told = {name: data for name, data in files_of(used).items() if not name.startswith("state/")}
    assert not any(b"mcp__" in data or b'"mcp"' in data for data in told.values())
    assert not any("skills" in name for name in told)
    assert told[".codex/config.toml"] == THEIRS[".codex/config.toml"].encode()


def test_a_status_line_of_ones_own_is_never_replaced(home: Path, init: Init, install: Install) -> None:
    install("claude-code")
    own = '{"statusLine": {"type": "command", "command": "mine"}}'
    (home / CLAUDE).write_text(own)
    report = init("flow")
    assert json.loads((home / CLAUDE).read_text())["statusLine"]["command"] == "mine"
    assert "another statusLine" in report.agents[0].files[0].left[0]
    init("flow", undo=True)
    assert (home / CLAUDE).read_text() == own


def test_what_the_user_changed_around_it_stays_and_ours_goes(used: Path, init: Init) -> None:
    """Moved to another group, given another timeout, written beside it, set in anew: ours is still found."""
    init("flow")
    path = used / CLAUDE
    settings = json.loads(path.read_text().replace(" // mine", ""))
    ours = settings["hooks"]["UserPromptSubmit"].pop()["hooks"][0]
    own = {"type": "command", "command": "mine"}
    settings["hooks"]["UserPromptSubmit"].append({"matcher": "", "hooks": [own, {**ours, "timeout": 60}]})
    settings["hooks"]["SessionEnd"].append({"hooks": [own]})
    settings["hooks"]["PreCompact"][0]["hooks"].append(own)
    settings["env"] = {"A": "b"}
    path.write_text(json.dumps(settings, indent=1))
    again = init("flow")
    assert not any(each.files for each in again.agents)
    assert json.loads(path.read_text())["hooks"]["UserPromptSubmit"][0]["hooks"][1]["timeout"] == 60
    init("flow", undo=True)
    left = json.loads(path.read_text())
    assert wired(path) == set()
    assert left["env"] == {"A": "b"}
    assert left["hooks"]["UserPromptSubmit"] == [{"matcher": "", "hooks": [own]}]
    assert left["hooks"]["SessionEnd"] == [{"hooks": [own]}]
    assert left["hooks"]["PreCompact"] == [{"hooks": [own]}]
    assert "PostToolUse" not in left["hooks"]
    assert len(left["hooks"]["SessionStart"]) == 1


def test_without_the_registry_ours_is_still_found_and_taken_out(used: Path, init: Init) -> None:
    init()
    registry.path().unlink()
    init()
    init(undo=True)
    assert all(
        wired(used / name) == set() for name in (CLAUDE, ".codex/hooks.json") if (used / name).exists()
    )


def test_with_a_damaged_registry_an_undo_takes_our_hooks_out(used: Path, init: Init) -> None:
    init()
    registry.path().write_text("{broken")
    assert registry.is_damaged()
    assert "damaged" in init(undo=True).more[0]
    hooks = [AGENTS[name].hooks_file(Surroundings(used, {})) for name in ("claude-code", "codex", "gemini")]
    assert [wired(path) for path in hooks] == [set()] * 3
    assert (used / ".codex/hooks.json").read_text() == THEIRS[".codex/hooks.json"]
    assert not registry.path().exists()


def test_what_another_program_kept_us_from_noting_leaves_nothing_hollow(home: Path, init: Init) -> None:
    init("knowledge", agents=named(["claude-code"]))
    data = json.loads(registry.path().read_text())
    for each in data["files"].values():
        each["made"] = []
    registry.path().write_text(json.dumps(data))
    init("knowledge", undo=True)
    assert "hooks" not in ((home / CLAUDE).read_text() if (home / CLAUDE).exists() else "")


def test_the_last_repository_out_takes_everything_along(
    used: Path, init: Init, around: Surroundings, tmp_path: Path
) -> None:
    before = files_of(used)
    other = make_repository(tmp_path / "other")
    init()
    init("knowledge", of=other)
    report = init(undo=True)
    assert "another repository relies on them" in report.more[0]
    assert ("codex", "call") in wired(used / ".codex/hooks.json")
    init("knowledge", of=other, undo=True)
    assert files_of(used) == before


def test_a_repository_that_is_gone_keeps_nothing_installed(
    used: Path, init: Init, repository: Repository, tmp_path: Path
) -> None:
    before = files_of(used)
    other = make_repository(tmp_path / "other")
    init(of=other)
    init()
    other.common_dir.rename(tmp_path / "moved")
    init(undo=True)
    assert files_of(used) == before


def test_one_agent_can_be_taken_out_alone(used: Path, init: Init) -> None:
    init()
    init(undo=True, agents=named(["codex"]))
    assert wired(used / ".codex/hooks.json") == set()
    assert len(wired(used / ".gemini/settings.json")) == 4
    assert (used / ".codex/hooks.json").read_text() == THEIRS[".codex/hooks.json"]


def test_nothing_is_written_for_agents_that_are_not_there(home: Path, init: Init, install: Install) -> None:
    install("codex")
    report = init()
    assert [each.name for each in report.agents] == ["codex"]
    assert "/hooks" in report.agents[0].asks
    assert not (home / ".claude").exists()


def test_an_agent_is_found_by_its_program(
    home: Path, repository: Repository, tmp_path: Path, around: Surroundings
) -> None:
    program = tmp_path / "bin" / "gemini"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    variables = {**around.variables, "PATH": str(program.parent)}
    report = Plan(repository, level="foundation", around=Surroundings(home, variables)).preview()
    assert [(each.name, each.found) for each in report.agents] == [("gemini", "`gemini`")]


def test_a_moved_folder_of_settings_is_where_hooks_go(
    home: Path, repository: Repository, tmp_path: Path, around: Surroundings
) -> None:
    variables = {
        **around.variables,
        "CLAUDE_CONFIG_DIR": str(tmp_path / "c"),
        "CODEX_HOME": str(tmp_path / "x"),
    }
    plan = Plan(
        repository,
        level="foundation",
        agents=named(["claude", "codex"]),
        around=Surroundings(home, variables),
    )
    plan.do()
    assert wired(tmp_path / "c/settings.json")
    assert wired(tmp_path / "x/hooks.json")
    assert not (home / ".claude").exists()


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


def test_a_dry_run_writes_nothing_and_says_the_same(
    used: Path, init: Init, repository: Repository, around: Surroundings
) -> None:
    before = files_of(used)
    told = Plan(repository, level="scale", around=around).preview()
    assert files_of(used) == before
    assert not repository.state_dir.exists()
    done = init("scale")
    assert [each.files for each in done.agents] == [each.files for each in told.agents]


def test_the_registry_is_for_its_owner_alone_and_holds_nothing_of_the_users_settings(
    used: Path, init: Init
) -> None:
    init()
    path = registry.path()
    assert path.stat().st_mode & 0o777 == 0o600
    assert "opus" not in path.read_text()
    assert "gpt-5.5" not in path.read_text()


def test_none_stands_for_no_agent(used: Path, init: Init) -> None:
    init()
    assert wired(used / ".codex/hooks.json")
    init(agents=named(["none"]))
    assert wired(used / ".codex/hooks.json") == set()
    with pytest.raises(UsageError, match="goes alone"):
        named(["none", "codex"])
    with pytest.raises(UsageError, match="mini-swe-agent has no hooks"):
        named(["mini"])
    with pytest.raises(UsageError, match="no agent 'clode'"):
        named(["clode"])


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
