"""The plug-in is built from the same sources as all else, names no machine, is silent without Holdfast."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import holdfast
from holdfast.connect.plugin.build import PLUGIN, package, write
from holdfast.connect.skills import skills
from holdfast.connect.wiring import claude_code, codex

ROOT = Path(__file__).parents[3]
FILES = package()


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    write(tmp_path / "market")
    return tmp_path / "market" / PLUGIN


def run_hook(plugin: Path, home: Path, path: str, *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        ["/bin/sh", plugin / "scripts/hook.sh", *arguments],
        env={"HOME": str(home), "PATH": path}, input="{}", text=True, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


@pytest.mark.parametrize("path", FILES)
def test_what_is_in_the_repository_is_what_is_built(path: str) -> None:
    """When this fails: python -m holdfast.connect.plugin . in the root of the repository."""
    assert (ROOT / path).read_text("utf-8") == FILES[path]


def test_nothing_else_lies_in_it() -> None:
    there = {str(path.relative_to(ROOT)) for path in (ROOT / PLUGIN).rglob("*") if path.is_file()}
    assert there == {path for path in FILES if path.startswith(PLUGIN)}


def test_every_file_that_is_run_may_be_run(plugin: Path) -> None:
    for top in (plugin, ROOT / PLUGIN):
        assert os.access(top / "scripts/hook.sh", os.X_OK)


def test_nothing_in_it_names_a_machine() -> None:
    text = "".join(FILES.values())
    assert sys.executable not in text
    assert str(Path(holdfast.__file__).parent) not in text
    assert str(Path.home()) not in text


def test_its_version_is_that_of_the_program() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    for folder in (".claude-plugin", ".codex-plugin"):
        assert json.loads(FILES[f"{PLUGIN}/{folder}/plugin.json"])["version"] == told


@pytest.mark.parametrize(
    ("file", "agent"),
    [("hooks.json", claude_code.AGENT), ("codex.json", codex.AGENT)],
    ids=["claude", "codex"],
)
def test_it_has_the_hooks_that_a_wired_agent_has(file: str, agent: claude_code.ClaudeCode) -> None:
    hooks = json.loads(FILES[f"{PLUGIN}/hooks/{file}"])["hooks"]
    for event in ("start", "prompt", "call", "result", "compact", "end"):
        (group,) = hooks[agent.events[event]]
        (hook,) = group["hooks"]
        assert hook["command"].endswith(f'/scripts/hook.sh" {agent.name} {event}')
        assert hook["timeout"] <= 5
    assert ("PostToolUseFailure" in hooks) == (agent.name == "claude-code")


def test_it_has_every_skill_under_its_short_name() -> None:
    for skill in skills():
        short = skill.name.removeprefix("holdfast-")
        assert f"\nname: {short}\n" in FILES[f"{PLUGIN}/skills/{short}/SKILL.md"]


def test_without_holdfast_a_hook_is_silent(plugin: Path, tmp_path: Path) -> None:
    assert run_hook(plugin, tmp_path, "/usr/bin:/bin", "claude-code", "start") == (0, "", "")


def test_a_hook_calls_the_launcher_and_else_the_program_on_the_path(plugin: Path, tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    executable(programs / "holdfast-hook", '#!/bin/sh\necho "program $*"\necho noise >&2\n')
    path = f"{programs}:/usr/bin:/bin"
    assert run_hook(plugin, tmp_path, path, "codex", "end") == (0, "program codex end\n", "")
    executable(tmp_path / ".local/share/holdfast/hook", '#!/bin/sh\necho "launcher $*"\n')
    assert run_hook(plugin, tmp_path, path, "codex", "end") == (0, "launcher codex end\n", "")


def test_a_hook_succeeds_where_the_program_cannot_run(plugin: Path, tmp_path: Path) -> None:
    executable(tmp_path / "bin/holdfast-hook", "#!/nowhere/python\n")
    path = f"{tmp_path}/bin:/usr/bin:/bin"
    assert run_hook(plugin, tmp_path, path, "claude-code", "start") == (0, "", "")


def run_server(home: Path, path: str) -> tuple[int, str, str]:
    server = json.loads(FILES[f"{PLUGIN}/.mcp.json"])["mcpServers"]["holdfast"]
    done = subprocess.run(
        ["/bin/sh", *server["args"]], env={"HOME": str(home), "PATH": path}, text=True, capture_output=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_the_server_is_the_program_on_the_path_and_else_that_of_the_launcher(tmp_path: Path) -> None:
    path = "/usr/bin:/bin"
    code, out, err = run_server(tmp_path, path)
    assert (code, out) == (1, "")
    assert "pip install" in err
    python = tmp_path / "a folder" / "python"
    executable(python, '#!/bin/sh\necho "python $*"\n')
    launcher = f"#!/bin/sh\nPYTHON='{python}'\nHOOK='/nowhere'\ntouch {tmp_path}/ran\n"
    executable(tmp_path / ".local/share/holdfast/hook", launcher)
    assert run_server(tmp_path, path) == (0, "python -P -m holdfast mcp\n", "")
    assert not (tmp_path / "ran").exists()
    executable(tmp_path / "bin/holdfast", '#!/bin/sh\necho "program $*"\n')
    assert run_server(tmp_path, f"{tmp_path}/bin:{path}") == (0, "program mcp\n", "")


def test_the_line_of_the_server_has_nothing_that_a_client_would_fill_in() -> None:
    assert "${" not in FILES[f"{PLUGIN}/.mcp.json"]


def test_it_is_built_by_one_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "holdfast.connect.plugin"]
    done = subprocess.run([*command, tmp_path / "new"], capture_output=True, text=True, check=True)
    assert f"Wrote {len(FILES)} files" in done.stdout
    assert (tmp_path / "new" / ".claude-plugin/marketplace.json").is_file()
    assert subprocess.run(command, capture_output=True, check=False).returncode == 2
