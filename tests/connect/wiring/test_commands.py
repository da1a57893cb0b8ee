"""The command lines that agents are given run, are silent, and succeed, wherever Holdfast is gone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.connect.wiring import launcher
from holdfast.connect.wiring.agent import Surroundings, called, launcher_command, portable, shared_command
from holdfast.connect.wiring.agents import named

SHELLS = [shell for shell in ("sh", "dash", "bash", "zsh", "fish") if shutil.which(shell)]


def run(shell: str, line: str, home: Path, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which(shell) or shell, "-c", line], input="{}", text=True, capture_output=True, check=False,
        env={"HOME": str(home), "PATH": path},
    )  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
def test_a_home_without_holdfast_sees_nothing(shell: str, home: Path, around: Surroundings) -> None:
    for line in (
        launcher_command(portable(launcher.path(around), around), "claude-code", "start"),
        shared_command("codex", "prompt"),
    ):
        done = run(shell, line, home)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", SHELLS)
def test_the_launcher_is_found_by_what_settings_call(
    shell: str, home: Path, around: Surroundings, init: Callable[..., object]
) -> None:
    init(agents=named(["claude"]))
    path = launcher.path(around)
    path.write_text(f"#!/bin/sh\n# Written by `holdfast init`\necho \"$@\" > '{home}/told'\n")
    line = launcher_command(portable(path, around), "claude-code", "start")
    assert run(shell, line, home).returncode == 0
    assert (home / "told").read_text() == "claude-code start\n"


def test_a_launcher_in_a_strange_place_is_called_all_the_same(home: Path, tmp_path: Path) -> None:
    data = tmp_path / 'a "b" $c `d`'
    around = Surroundings(home, {"XDG_DATA_HOME": str(data)})
    path = launcher.path(around)
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\ntouch '{home}/told'\n")
    path.chmod(0o755)
    run("sh", launcher_command(portable(path, around), "codex", "start"), home)
    assert (home / "told").exists()


def test_files_for_colleagues_call_the_program_where_it_is(home: Path, tmp_path: Path) -> None:
    program = tmp_path / "holdfast-hook"
    program.write_text('#!/bin/sh\necho "$@"\necho noise >&2\n')
    program.chmod(0o755)
    done = run("sh", shared_command("qwen", "end"), home, f"{tmp_path}:/usr/bin:/bin")
    assert (done.stdout, done.stderr) == ("qwen end\n", "")


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("text", ["#!/nowhere/python\n", "#!/bin/sh\nexit 3\n"], ids=["gone", "failing"])
def test_files_for_colleagues_succeed_where_the_program_cannot_run(
    shell: str, text: str, home: Path, tmp_path: Path
) -> None:
    """As after Python was upgraded, or in a container that has the programs of a home mounted."""
    program = tmp_path / "holdfast-hook"
    program.write_text(text)
    program.chmod(0o755)
    done = run(shell, shared_command("claude-code", "start"), home, f"{tmp_path}:/usr/bin:/bin")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("gone", ["PYTHON", "HOOK"])
def test_a_launcher_whose_interpreter_or_hook_is_gone_is_silent(
    gone: str, home: Path, around: Surroundings, init: Callable[..., object]
) -> None:
    init(agents=named(["claude"]))
    path = launcher.path(around)
    lines = [
        f"{gone}=/nowhere/it" if line.startswith(gone) else line for line in path.read_text().splitlines()
    ]
    path.write_text("\n".join(lines) + "\n")
    assert launcher.runs(path.read_text()).gone == "/nowhere/it"
    done = subprocess.run([path, "codex", "start"], input="{}", text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_launcher_runs_this_installations_hook(around: Surroundings, init: Callable[..., object]) -> None:
    init(agents=named(["claude"]))
    path = launcher.path(around)
    assert os.access(path, os.X_OK)
    runs = launcher.runs(path.read_text())
    assert runs.gone == ""
    assert (Path(runs.hook) / "incoming.py").exists()
    done = subprocess.run(
        [path, "claude-code", "start"], input=json.dumps({"session_id": "s"}), text=True, capture_output=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_our_command_lines_are_known_and_no_others() -> None:
    assert called(launcher_command("$HOME/.local/share/holdfast/hook", "codex", "result")) == (
        "codex",
        "result",
    )
    assert called(shared_command("gemini", "start")) == ("gemini", "start")
    for other in (
        "holdfast status",
        "date",
        "python -m holdfast.hook x y",
        "echo holdfast/hooks codex start",
        7,
    ):
        assert called(other) is None
