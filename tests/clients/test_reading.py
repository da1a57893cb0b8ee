"""What a real client writes while it works is read whole, and what failed in it is known afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.clients.conftest import Client, program

from holdfast.learn.ingest import ingest
from holdfast.learn.view import View
from holdfast.recall.failures import recall_failure
from holdfast.testing.model_protocols import Turn
from holdfast.testing.scripted_model import ScriptedModel

FAILS = "python3 -c \"raise SystemExit('frob: cannot open the lock file frob.lock')\""
WORKS = "python3 -c \"print('3 passed')\""
SCRIPT = [Turn(shell=FAILS), Turn(shell=WORKS), Turn(text="It passes now.")]
PROMPT = "Make the tests pass."


def run_claude(client: Client, model: ScriptedModel, prompt: str = PROMPT, *, resume: str = "") -> list[Path]:
    """Run Claude Code, also to go on with a session; return its transcripts."""
    command = [program("claude"), "-p", prompt, "--permission-mode", "acceptEdits", "--allowedTools", "Bash"]
    command += ["--resume", resume] if resume else []
    client.run(
        [*command, "--model", "claude-sonnet-4-5", "--max-turns", "9"],
        ANTHROPIC_BASE_URL=model.url,
        ANTHROPIC_API_KEY="dummy",
        DISABLE_TELEMETRY="1",
        DISABLE_AUTOUPDATER="1",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
    )
    return sorted((client.home / ".claude" / "projects").rglob("*.jsonl"))


def run_codex(client: Client, model: ScriptedModel, prompt: str = PROMPT, *, resume: str = "") -> list[Path]:
    """Run Codex, also to go on with a session, its hooks taken as reviewed; return its transcripts."""
    provider = f'{{name="scripted",base_url="{model.url}/v1",wire_api="responses",env_key="SCRIPTED_KEY"}}'
    options = ['model_provider="scripted"', f"model_providers.scripted={provider}"]
    client.run(
        [
            program("codex"), "exec", *(["resume", resume] if resume else []), "--json",
            "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox",
            "--dangerously-bypass-hook-trust", "-m", "gpt-5.5",
            *(part for option in options for part in ("-c", option)), prompt,
        ],
        SCRIPTED_KEY="dummy",
    )  # fmt: skip
    return sorted((client.home / ".codex" / "sessions").rglob("*.jsonl"))


@pytest.mark.parametrize("run", [run_claude, run_codex])
def test_what_a_client_writes_is_read(
    client: Client, run: Callable[[Client, ScriptedModel], list[Path]]
) -> None:
    with ScriptedModel(SCRIPT) as model:
        logs = run(client, model)
        assert model.left == 0
        assert any("frob: cannot open the lock file" in each.text for each in model.asked[1:])
    with View(client.repository) as view:
        report = ingest(view, logs)
        assert (report.malformed, report.unknown, report.oversized) == (0, 0, 0)
        assert report.failures == 1
        said = "frob: cannot open the lock file frob.lock"
        assert recall_failure(view, FAILS, said).seen == 1
