"""Real clients list each skill once and read the block once, by whatever way it came to them."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.clients.conftest import Client, program
from tests.clients.test_reading import run_claude, run_codex

from holdfast.connect.blocks import TEXT
from holdfast.connect.plugin.build import PLUGIN, write
from holdfast.connect.skills import skills
from holdfast.learn import waiting
from holdfast.testing.model_protocols import Turn
from holdfast.testing.scripted_model import ScriptedModel

Run = Callable[..., list[Path]]
AGENTS = pytest.mark.parametrize("run", [run_claude, run_codex], ids=["claude-code", "codex"])
OVER = [Turn(text="Done.")]
EVENTS = ("start", "prompt", "call", "end")


def holdfast(client: Client, *args: str) -> str:
    """Run the program in the client's home; it must end with 0."""
    path = f"{Path(program('claude')).parent}:/usr/local/bin:/usr/bin:/bin"
    done = subprocess.run(
        [sys.executable, "-m", "holdfast", *args], cwd=client.repository.directory,
        env={"HOME": str(client.home), "PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def asked(client: Client, run: Run, turns: list[Turn], *prompt: str) -> str:
    """Let the model take some turns; return the first request."""
    with ScriptedModel(turns) as model:
        run(client, model, *prompt)
        assert model.left == 0
        return next(each.text for each in model.asked if each.turn is not None)


def listed(request: str) -> set[int]:
    """Return how often each skill is listed in a request."""
    return {request.count(skill.description) for skill in skills()}


@AGENTS
def test_each_skill_and_the_block_are_told_once_and_nothing_after_an_undo(client: Client, run: Run) -> None:
    (client.home / ".gitconfig").write_text("[user]\n\tname = A\n\temail = a@example.invalid\n")
    both = ("--agent", "claude-code", "--agent", "codex")
    holdfast(client, "init", "--yes", *both, "--level", "knowledge")
    request = asked(client, run, OVER)
    assert listed(request) == {1}
    assert request.count(TEXT) == 1
    holdfast(client, "sync", "--check")
    holdfast(client, "init", "--undo", "--yes")
    request = asked(client, run, OVER)
    assert listed(request) == {0}
    assert TEXT not in request
    assert client.repository.git("status", "--porcelain") == b""


@AGENTS
def test_the_users_words_are_found_in_the_log_of_the_session_that_proposes(client: Client, run: Run) -> None:
    words = "use the docker fixture, mocks of the database hid a migration"
    text = "Use the `postgres` docker fixture in tests, because mocks hid a migration that failed."
    command = shlex.join([sys.executable, "-m", "holdfast", "learn", "--quote", words, text])
    second = shlex.join(
        [sys.executable, "-m", "holdfast", "learn", "--quote", words, text.replace("a", "the")]
    )
    made_up = shlex.join(
        [sys.executable, "-m", "holdfast", "learn", "--quote", "I never said this at all", text]
    )
    turns = [Turn(shell=made_up), Turn(shell=command), Turn(shell=second), Turn(text="Proposed.")]
    with ScriptedModel(turns) as model:
        run(client, model, f"Add a test. And {words}!")
        replies = [each.text for each in model.asked if each.turn is not None]
    assert "did not say that in this session" in replies[1]
    assert "one key accepts it" in replies[2]
    assert "has proposed one thing already" in replies[3]
    (item,) = waiting.read(client.repository)
    assert item.learning.lead == text
    assert words in item.learning.text


def plug_in(client: Client) -> Path:
    """Build the plug-in, and a launcher that notes what it is called with."""
    market = client.home / "market"
    write(market)
    launcher = client.home / ".local/share/holdfast/hook"
    launcher.parent.mkdir(parents=True)
    log = shlex.quote(str(client.home / "calls"))
    launcher.write_text(f'#!/bin/sh\nPYTHON={shlex.quote(sys.executable)}\necho "$*" >> {log}\n')
    launcher.chmod(0o755)
    return market


def called(client: Client) -> set[str]:
    return set((client.home / "calls").read_text().splitlines())


def test_claude_code_takes_the_plug_in_with_its_hooks_skills_and_tools(client: Client) -> None:
    market, claude = plug_in(client), program("claude")
    for place in (market, market / PLUGIN):
        assert "Validation passed" in client.run([claude, "plugin", "validate", "--strict", str(place)])
    client.run([claude, "plugin", "marketplace", "add", str(market)])
    client.run([claude, "plugin", "install", "holdfast@holdfast"])
    assert listed(asked(client, run_claude, [Turn(shell="true"), *OVER])) == {1}
    assert called(client) >= {f"claude-code {event}" for event in EVENTS}
    assert "Connected" in client.run([claude, "mcp", "list"])
    client.run([claude, "plugin", "uninstall", "holdfast@holdfast"])
    assert listed(asked(client, run_claude, OVER)) == {0}


def test_codex_takes_the_same_plug_in(client: Client) -> None:
    market, codex = plug_in(client), program("codex")
    client.run([codex, "plugin", "marketplace", "add", str(market)])
    client.run([codex, "plugin", "add", "holdfast@holdfast"])
    assert listed(asked(client, run_codex, [Turn(shell="true"), *OVER])) == {1}
    assert called(client) >= {f"codex {event}" for event in EVENTS}
    assert "enabled" in client.run([codex, "mcp", "list"])
    client.run([codex, "plugin", "remove", "holdfast@holdfast"])
    assert listed(asked(client, run_codex, OVER)) == {0}


def test_codex_starts_the_tools_of_the_plug_in(client: Client) -> None:
    """A model that Codex does not know is told of every tool at once."""
    market, codex = plug_in(client), program("codex")
    client.run([codex, "plugin", "marketplace", "add", str(market)])
    client.run([codex, "plugin", "add", "holdfast@holdfast"])
    with ScriptedModel([Turn(shell="sleep 2"), *OVER]) as model:
        provider = f'{{name="s",base_url="{model.url}/v1",wire_api="responses",env_key="SCRIPTED_KEY"}}'
        client.run(
            [
                codex, "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox",
                "-m", "scripted", "-c", 'model_provider="s"', "-c", f"model_providers.s={provider}", "Hello.",
            ],
            SCRIPTED_KEY="dummy",
        )  # fmt: skip
        last = [each for each in model.asked if each.turn is not None][-1]
    spaces = {each.get("name"): each.get("tools", ()) for each in last.body["tools"]}
    assert {"recall", "learn", "brief"} <= {tool["name"] for tool in spaces["mcp__holdfast"]}


@AGENTS
def test_without_holdfast_the_plug_in_is_silent(client: Client, run: Run) -> None:
    market = client.home / "market"
    write(market)
    name = "claude" if run is run_claude else "codex"
    client.run([program(name), "plugin", "marketplace", "add", str(market)])
    client.run([program(name), "plugin", "install" if name == "claude" else "add", "holdfast@holdfast"])
    request = asked(client, run, OVER)
    assert "hook error" not in request
    assert "hook success" not in request
