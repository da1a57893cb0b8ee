"""What `init` writes is what the real clients read: hooks, servers, acceptance, files for colleagues."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.clients.conftest import Client, program
from tests.clients.test_telling import OTHER, holdfast, prepare

from holdfast.connect.wiring import codex_review
from holdfast.evidence import journal
from holdfast.testing.scripted_model import ScriptedModel

QUIET = {
    "DISABLE_TELEMETRY": "1",
    "DISABLE_AUTOUPDATER": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
}


def run_codex(client: Client) -> None:
    """Run Codex as its user does: hooks that were not accepted are left out."""
    with ScriptedModel(OTHER) as model:
        provider = f'{{name="s",base_url="{model.url}/v1",wire_api="responses",env_key="SCRIPTED_KEY"}}'
        options = ['model_provider="s"', f"model_providers.s={provider}"]
        client.run(
            [
                program("codex"), "exec", "--json", "--skip-git-repo-check",
                "--dangerously-bypass-approvals-and-sandbox", "-m", "gpt-5.5",
                *(part for option in options for part in ("-c", option)), "Look around.",
            ],
            SCRIPTED_KEY="dummy",
        )  # fmt: skip
        assert model.left == 0


def run_claude(client: Client, path: str) -> str:
    """Run Claude Code with some programs on its path; return what it reports, hooks included."""
    with ScriptedModel(OTHER) as model:
        command = [program("claude"), "-p", "Look around.", "--allowedTools", "Bash", "--max-turns", "9"]
        command += ["--model", "claude-sonnet-4-5", "--verbose", "--output-format", "stream-json"]
        told = {"ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": "dummy", "PATH": path}
        out = client.run([*command, "--include-hook-events"], **QUIET, **told)
        assert model.left == 0
    return out


def started(client: Client) -> list[str]:
    """Return the agents whose sessions called Holdfast at their start."""
    entries = (each.started for each in journal.read_all(client.repository))
    return [each.agent for each in entries if each is not None]


def test_codex_calls_nothing_until_its_user_accepted_the_hooks(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accepted as it was shown, by what Codex itself says its digests are; then without any bypass."""
    prepare(client, "codex")
    run_codex(client)
    assert started(client) == []
    monkeypatch.setenv("HOME", str(client.home))
    monkeypatch.delenv("CODEX_HOME", raising=False)
    codex = program("codex")
    waiting = codex_review.waiting(codex, client.repository.directory)
    assert {each.event for each in waiting} == {
        "sessionStart", "userPromptSubmit", "postToolUse", "preCompact", "sessionEnd",
    }  # fmt: skip
    assert codex_review.accept(codex, client.repository.directory, waiting)
    assert codex_review.waiting(codex, client.repository.directory) == []
    run_codex(client)
    assert started(client) == ["codex"]


def test_doctor_says_what_codex_was_not_told(client: Client) -> None:
    prepare(client, "codex")
    out = client_holdfast(client, "doctor")
    assert "was not told to run SessionStart" in out


def test_both_list_the_server_of_the_level_knowledge(client: Client) -> None:
    prepare(client, "claude-code", "--agent", "codex", "--level", "knowledge")
    told = client.run([program("claude"), "mcp", "list"], **QUIET)
    assert "holdfast" in told
    assert "Connected" in told
    assert "holdfast" in client.run([program("codex"), "mcp", "list"])
    holdfast(client, "init", "--undo")
    told = client.run([program("claude"), "mcp", "list"], **QUIET)
    assert "holdfast" not in told
    assert "holdfast" not in client.run([program("codex"), "mcp", "list"])


@pytest.mark.parametrize("installed", [True, False])
def test_a_file_for_colleagues_calls_holdfast_where_it_is_and_is_silent_elsewhere(
    client: Client, tmp_path: Path, installed: bool
) -> None:
    prepare(client, "claude-code", "--tracked")
    path = "/usr/local/bin:/usr/bin:/bin"
    if installed:
        script = tmp_path / "bin" / "holdfast-hook"
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m holdfast.hook "$@"\n')
        script.chmod(0o755)
        path = f"{script.parent}:{path}"
    out = run_claude(client, path)
    assert started(client) == (["claude-code"] if installed else [])
    hooks = [each for each in map(json.loads, out.splitlines()) if each.get("subtype") == "hook_response"]
    assert hooks
    assert {(each["exit_code"], each["stderr"]) for each in hooks} == {(0, "")}


def client_holdfast(client: Client, *args: str) -> str:
    """Run the program in the client's home, however it ends."""
    done = subprocess.run(
        [sys.executable, "-m", "holdfast", *args], cwd=client.repository.directory, capture_output=True,
        text=True, check=False, env={"HOME": str(client.home), "PATH": os.environ["PATH"]},
    )  # fmt: skip
    return done.stdout
