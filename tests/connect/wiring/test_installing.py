"""What is written into each agent's settings, and that exactly that is taken out again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from holdfast.connect import levels
from holdfast.connect.wiring import registry
from holdfast.connect.wiring.agent import Surroundings
from holdfast.connect.wiring.agents import AGENTS, named
from holdfast.connect.wiring.installing import Plan
from holdfast.errors import UsageError
from holdfast.repo.location import Repository
from holdfast.testing.repositories import make_repository

from .conftest import CLAUDE, THEIRS, Init, Install, files_of, wired


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


@pytest.mark.parametrize("undo", [False, True])
def test_with_a_damaged_registry_agents_that_were_not_asked_for_keep_their_hooks(
    used: Path, init: Init, *, undo: bool
) -> None:
    init()
    before = (used / CLAUDE).read_text()
    registry.path().write_text("{broken")
    done = init(undo=undo, agents=named(["codex"]))
    assert (used / CLAUDE).read_text() == before
    assert bool(wired(used / ".codex/hooks.json")) is not undo
    assert "your other repositories rely on: run `holdfast init` there again" in done.more[0]


def test_an_undo_that_finds_nothing_leaves_no_damaged_registry(used: Path, init: Init) -> None:
    registry.path().parent.mkdir(parents=True, exist_ok=True)
    registry.path().write_text("{broken")
    assert init(undo=True).more
    assert not registry.path().exists()
    assert not init(undo=True).more


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
