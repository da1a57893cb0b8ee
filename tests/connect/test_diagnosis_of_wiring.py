"""Doctor says why an agent calls nothing; mending it is undone to the byte."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from holdfast.connect import setup
from holdfast.connect.diagnosis_of_wiring import check_agents, check_prompt_cost
from holdfast.connect.finding import Finding
from holdfast.connect.wiring import launcher, mending
from holdfast.connect.wiring.agent import Surroundings
from holdfast.connect.wiring.agents import named
from holdfast.connect.wiring.installing import Plan
from holdfast.errors import EnvironmentProblem
from holdfast.repo.location import Repository

Wire = Callable[..., None]


@pytest.fixture
def around(home: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    """A home without agents; none of this machine's programs is found."""
    monkeypatch.setenv("HOLDFAST_NOW", "1700000000")
    monkeypatch.setattr("holdfast.connect.wiring.agent.shutil.which", lambda *_, **__: None)
    return Surroundings(home, dict(os.environ))


@pytest.fixture
def wire(repository: Repository, around: Surroundings) -> Wire:
    """Set the repository up, and wire agents."""

    def do(*names: str, level: str = "foundation", tracked: bool = False) -> None:
        setup.init(repository, level=level)
        Plan(repository, level=level, agents=named(names), around=around, tracked=tracked).do()

    return do


def found(repository: Repository, name: str) -> Finding:
    """Return the one finding of a name."""
    [finding] = [each for each in check_agents(repository) if each.name == name]
    return finding


def bytes_of(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_all_is_well_after_wiring(repository: Repository, wire: Wire) -> None:
    wire("claude-code", "gemini")
    assert [each.level for each in check_agents(repository)] == ["ok", "ok", "ok"]
    assert found(repository, "Claude Code").what == "calls Holdfast (start, prompt, failure, compact, end)"


def test_before_init_it_says_nothing_of_agents(
    repository: Repository, home: Path, around: Surroundings
) -> None:
    (home / ".claude").mkdir()
    assert list(check_agents(repository)) == []


def test_agents_that_call_nothing_are_named_once_set_up(
    repository: Repository, home: Path, wire: Wire
) -> None:
    (home / ".claude").mkdir()
    setup.init(repository)
    assert "found: Claude Code" in found(repository, "agents").what
    wire("codex")
    assert found(repository, "agents").what == "Claude Code does not call Holdfast here"
    setup.init(repository, level="quickstart")


def test_at_quickstart_nothing_is_missing(repository: Repository, home: Path, around: Surroundings) -> None:
    (home / ".claude").mkdir()
    setup.init(repository, level="quickstart")
    assert list(check_agents(repository)) == []


def _without_launcher(path: Path) -> None:
    path.unlink()


def _moved(path: Path) -> None:
    path.write_text(path.read_text().replace("PYTHON=", "PYTHON=/moved"))


def _not_runnable(path: Path) -> None:
    path.chmod(0o644)


@pytest.mark.parametrize(
    ("harm", "said"),
    [(_without_launcher, "is missing"), (_moved, "is gone"), (_not_runnable, "may not be run")],
)
def test_a_launcher_that_does_not_run_is_a_problem_and_mended(
    repository: Repository, wire: Wire, around: Surroundings, harm: Callable[[Path], None], said: str
) -> None:
    wire("claude-code")
    path = launcher.path(around)
    harm(path)
    assert said in found(repository, "launcher").what
    assert found(repository, "launcher").level == "problem"
    assert mending.mend(repository, around)
    assert found(repository, "launcher").level == "ok"
    assert os.access(path, os.X_OK)


def test_hooks_that_were_taken_out_are_a_problem_and_put_back(
    repository: Repository, home: Path, wire: Wire, around: Surroundings
) -> None:
    wire("claude-code")
    path = home / ".claude/settings.json"
    settings = json.loads(path.read_text())
    del settings["hooks"]["SessionStart"]
    settings["hooks"]["Stop"] = settings["hooks"]["SessionEnd"]
    path.write_text(json.dumps(settings))
    before = bytes_of(home)
    what = found(repository, "Claude Code").what
    assert "SessionStart missing" in what
    assert "Stop out of date" in what
    mending.mend(repository, around)
    assert found(repository, "Claude Code").level == "ok"
    mending.take_back(around)
    assert bytes_of(home) == before


def test_mending_where_nothing_is_wrong_does_nothing(
    repository: Repository, home: Path, wire: Wire, around: Surroundings
) -> None:
    wire("claude-code")
    before = bytes_of(home)
    assert mending.mend(repository, around) == []
    assert bytes_of(home) == before
    with pytest.raises(EnvironmentProblem, match="nothing to take back"):
        mending.take_back(around)


def test_what_was_changed_since_is_not_taken_back(
    repository: Repository, home: Path, wire: Wire, around: Surroundings
) -> None:
    wire("claude-code", "gemini")
    for name in (".claude", ".gemini"):
        (home / name / "settings.json").write_text("{}")
    mending.mend(repository, around)
    (home / ".gemini/settings.json").write_text('{"mine": 1}')
    told = mending.take_back(around)
    assert (home / ".claude/settings.json").read_text() == "{}"
    assert (home / ".gemini/settings.json").read_text() == '{"mine": 1}'
    assert any("changed since" in sentence for sentence in told)


def test_what_is_read_only_is_neither_mended_nor_taken_back(
    repository: Repository, home: Path, wire: Wire, around: Surroundings
) -> None:
    wire("claude-code", "gemini")
    mine, other = (home / name / "settings.json" for name in (".claude", ".gemini"))
    for path in (mine, other):
        path.write_text("{}")
    mine.chmod(0o444)
    mending.mend(repository, around)
    assert mine.read_text() == "{}"
    assert "read-only" in found(repository, "Claude Code").what
    mended = other.read_text()
    other.chmod(0o444)
    told = mending.take_back(around)
    assert other.read_text() == mended != "{}"
    assert any("read-only" in sentence for sentence in told)


def test_settings_that_cannot_be_read_are_a_problem_and_never_touched(
    repository: Repository, home: Path, wire: Wire, around: Surroundings
) -> None:
    wire("claude-code")
    (home / ".claude/settings.json").write_text("{oops")
    assert "line 1: this is not JSON" in found(repository, "Claude Code").what
    mending.mend(repository, around)
    assert (home / ".claude/settings.json").read_text() == "{oops"


@pytest.mark.parametrize(
    ("agent", "title", "path", "setting"),
    [("claude-code", "Claude Code", ".claude/settings.json", {"disableAllHooks": True}),
     ("qwen", "Qwen Code", ".qwen/settings.json", {"disableAllHooks": True}),
     ("gemini", "Gemini CLI", ".gemini/settings.json", {"hooksConfig": {"enabled": False}})],
)  # fmt: skip
def test_hooks_that_are_switched_off_are_a_problem(
    repository: Repository,
    home: Path,
    wire: Wire,
    agent: str,
    title: str,
    path: str,
    setting: dict[str, object],
) -> None:
    wire(agent)
    settings = json.loads((home / path).read_text())
    (home / path).write_text(json.dumps({**settings, **setting}))
    assert "runs no hooks at all" in found(repository, title).what


def accepted(home: Path, *, enabled: bool = True) -> Iterator[str]:
    """Yield what Codex writes into its settings when its user accepts our hooks."""
    file = home / ".codex/hooks.json"
    for event in ("session_start", "user_prompt_submit", "post_tool_use", "pre_compact", "session_end"):
        yield f'[hooks.state."{file}:{event}:0:0"]\ntrusted_hash = "sha256:ab"\n'
        yield "" if enabled else "enabled = false\n"


def test_codex_is_a_problem_until_its_user_accepted_every_hook(
    repository: Repository, home: Path, wire: Wire
) -> None:
    wire("codex")
    assert "was not told to run SessionStart, UserPromptSubmit" in found(repository, "Codex").what
    assert "/hooks" in found(repository, "Codex").hint
    (home / ".codex/config.toml").write_text("".join(accepted(home)))
    assert found(repository, "Codex").level == "ok"
    (home / ".codex/config.toml").write_text("".join(accepted(home, enabled=False)))
    assert found(repository, "Codex").level == "problem"
    (home / ".codex/config.toml").write_text("".join(list(accepted(home))[:4]))
    assert "PostToolUse, PreCompact, SessionEnd" in found(repository, "Codex").what


def session(repository: Repository, home: Path, mtime: int) -> None:
    """Leave the log of a session of Claude Code in this repository."""
    name = "".join(each if each.isalnum() else "-" for each in str(repository.directory))
    log = home / ".claude/projects" / name / "s.jsonl"
    log.parent.mkdir(parents=True)
    told = {"type": "user", "cwd": str(repository.directory), "message": {"role": "user", "content": "Hi"}}
    log.write_text(json.dumps(told) + "\n")
    os.utime(log, (mtime, mtime))


def test_hooks_that_never_fired_although_there_were_sessions_are_a_problem(
    repository: Repository, home: Path, wire: Wire
) -> None:
    wire("claude-code")
    session(repository, home, 1700000100)
    assert "never called Holdfast" in found(repository, "Claude Code").what
    journal = repository.state_dir / "journal" / "0123456789abcdef.jsonl"
    journal.parent.mkdir()
    journal.write_text('{"at": 1700000101, "do": "start", "agent": "claude-code", "session": "s"}\n')
    assert found(repository, "Claude Code").level == "ok"


def test_hooks_that_were_told_to_be_quiet_are_no_problem(
    repository: Repository, home: Path, wire: Wire
) -> None:
    wire("claude-code")
    session(repository, home, 1700000100)
    (repository.state_dir / "quiet").write_text("{}")
    assert found(repository, "Claude Code").level == "ok"


def test_sessions_before_the_wiring_do_not_count(repository: Repository, home: Path, wire: Wire) -> None:
    wire("claude-code")
    session(repository, home, 1699999000)
    assert found(repository, "Claude Code").level == "ok"


def test_settings_beside_the_plug_in_are_a_double_and_mended_for_all_repositories(
    repository: Repository, home: Path, wire: Wire, around: Surroundings
) -> None:
    wire("claude-code")
    path = home / ".claude/settings.json"
    settings = json.loads(path.read_text())
    path.write_text(json.dumps({**settings, "enabledPlugins": {"holdfast@holdfast": True}}))
    before = bytes_of(home)
    assert "twice" in found(repository, "Claude Code").what
    mending.mend(repository, around)
    assert "hooks" not in json.loads(path.read_text())
    assert not [each for each in check_agents(repository) if each.level == "problem"]
    mending.take_back(around)
    assert bytes_of(home) == before


def test_an_agent_that_calls_by_its_plug_in_is_said_to_and_its_cost_counts(
    repository: Repository, home: Path, around: Surroundings
) -> None:
    for name in (".claude", ".codex"):
        (home / name).mkdir()
    settings = {"enabledPlugins": {"holdfast@holdfast": True}}
    (home / ".claude/settings.json").write_text(json.dumps(settings))
    setup.init(repository)
    assert found(repository, "Claude Code").what == "calls Holdfast by its plug-in"
    assert found(repository, "agents").what == "Codex does not call Holdfast here"
    [cost] = check_prompt_cost(repository)
    assert "skills" in cost.what


def test_the_same_hook_twice_in_one_file_is_mended(
    repository: Repository, home: Path, wire: Wire, around: Surroundings
) -> None:
    wire("claude-code")
    path = home / ".claude/settings.json"
    settings = json.loads(path.read_text())
    settings["hooks"]["SessionStart"] *= 2
    path.write_text(json.dumps(settings))
    assert "twice" in found(repository, "Claude Code").what
    mending.mend(repository, around)
    assert len(json.loads(path.read_text())["hooks"]["SessionStart"]) == 1


def test_a_file_for_colleagues_beside_ones_own_settings_is_worth_a_note(
    repository: Repository, wire: Wire
) -> None:
    wire("claude-code")
    wire("claude-code", tracked=True)
    notes = [each for each in check_agents(repository) if each.level == "note"]
    assert [".claude/settings.json as well" in each.what for each in notes] == [True]


def test_a_mending_is_not_taken_back_over_what_was_set_up_since(
    repository: Repository, wire: Wire, around: Surroundings
) -> None:
    wire("claude-code")
    launcher.path(around).unlink()
    assert mending.mend(repository, around)
    wire("gemini")
    before = bytes_of(around.home)
    with pytest.raises(EnvironmentProblem, match="since the last mending"):
        mending.take_back(around)
    assert bytes_of(around.home) == before


def test_what_could_not_be_written_is_not_said_to_be_mended(
    repository: Repository, home: Path, wire: Wire, around: Surroundings
) -> None:
    wire("claude-code")
    (home / ".claude/settings.json").unlink()
    (home / ".claude").rmdir()
    (home / ".claude").write_text("a file where the folder must be")
    [said] = mending.mend(repository, around)
    assert said.startswith("~/.claude/settings.json stays as it is: it cannot be written: ")
    assert "put back" not in said


def test_the_prompt_costs_nothing_at_the_default_level_and_little_with_all(
    repository: Repository, wire: Wire
) -> None:
    wire("claude-code")
    [cost] = check_prompt_cost(repository)
    assert cost.what.startswith("0 tokens")
    wire("claude-code", level="scale")
    [cost] = check_prompt_cost(repository)
    assert cost.level == "ok"
    assert "tokens in each request" in cost.what
