"""How the other clients are run against a scripted model, each with the settings that it takes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.clients.conftest import ROOT, Client, program

from holdfast.testing.scripted_model import ScriptedModel

PROMPT = "Make the tests pass."


def run_copilot(
    client: Client, model: ScriptedModel, prompt: str = PROMPT, *, resume: str = ""
) -> list[Path]:
    """Run Copilot CLI with a provider of one's own; return its transcripts."""
    client.run(
        [
            program("copilot"), "-p", prompt, "--allow-all-tools", "--output-format", "json",
            "--no-auto-update", "--disable-builtin-mcps", *(["--resume", resume] if resume else []),
        ],
        COPILOT_PROVIDER_BASE_URL=f"{model.url}/v1",
        COPILOT_PROVIDER_TYPE="openai",
        COPILOT_PROVIDER_API_KEY="dummy",
        COPILOT_MODEL="scripted",
        COPILOT_OFFLINE="true",
    )  # fmt: skip
    return sorted((client.home / ".copilot" / "session-state").rglob("events.jsonl"))


def run_gemini(client: Client, model: ScriptedModel, prompt: str = PROMPT, *, resume: str = "") -> list[Path]:
    """Run Gemini CLI with a key; return its transcripts."""
    add(client.home / ".gemini" / "settings.json", security={"auth": {"selectedType": "gemini-api-key"}})
    client.run(
        [
            program("gemini"), "-p", prompt, "--yolo", "--skip-trust", "--output-format", "stream-json",
            "-m", "gemini-2.5-pro", *(["--resume", resume] if resume else []),
        ],
        GEMINI_API_KEY="dummy",
        GOOGLE_GEMINI_BASE_URL=model.url,
        GEMINI_CLI_TRUST_WORKSPACE="true",
    )  # fmt: skip
    return sorted((client.home / ".gemini" / "tmp").rglob("session-*.jsonl"))


def run_qwen(client: Client, model: ScriptedModel, prompt: str = PROMPT, *, resume: str = "") -> list[Path]:
    """Run Qwen Code with a model that speaks OpenAI's protocol; return its transcripts."""
    client.run(
        [
            program("qwen"), "-p", prompt, "--yolo", "--output-format", "stream-json",
            "--auth-type", "openai", "-m", "scripted", *(["--resume", resume] if resume else []),
        ],
        OPENAI_API_KEY="dummy",
        OPENAI_BASE_URL=f"{model.url}/v1",
    )  # fmt: skip
    return sorted((client.home / ".qwen" / "projects").rglob("chats/*.jsonl"))


def run_opencode(
    client: Client, model: ScriptedModel, prompt: str = PROMPT, *, resume: str = ""
) -> list[Path]:
    """Run OpenCode with a provider of one's own; return its database."""
    options = {"baseURL": f"{model.url}/v1", "apiKey": "dummy"}
    models = {"m1": {"limit": {"context": 200_000, "output": 8_000}, "tool_call": True}}
    provider = {"npm": "@ai-sdk/openai-compatible", "options": options, "models": models}
    told = {
        "model": "scripted/m1", "small_model": "scripted/m1", "share": "disabled", "autoupdate": False,
        "permission": "allow", "provider": {"scripted": provider},
    }  # fmt: skip
    settings = client.home / "opencode.json"
    settings.write_text(json.dumps(told))
    client.run(
        [
            program("opencode"), "run", "--format", "json", "--auto",
            *(["--session", resume] if resume else []), prompt,
        ],
        OPENCODE_CONFIG=str(settings),
        OPENCODE_DISABLE_AUTOUPDATE="1",
        OPENCODE_DISABLE_MODELS_FETCH="1",
    )  # fmt: skip
    return [client.home / ".local" / "share" / "opencode" / "opencode.db"]


def run_mini(client: Client, model: ScriptedModel, prompt: str = PROMPT) -> list[Path]:
    """Run mini-swe-agent, which a command ends; return its trajectories."""
    folder = Path(os.environ.get("HOLDFAST_CLIENTS") or ROOT / ".clients")
    mini = folder / "python" / "bin" / "mini"
    if not mini.exists():
        pytest.skip(f"mini-swe-agent is not in {folder}: `make test-more-clients` installs it")
    client.run(
        [str(mini), "-t", prompt, "-y", "-m", "openai/scripted", "--exit-immediately"],
        OPENAI_API_KEY="dummy",
        OPENAI_API_BASE=f"{model.url}/v1",
        MSWEA_CONFIGURED="true",
        MSWEA_COST_TRACKING="ignore_errors",
        LITELLM_LOCAL_MODEL_COST_MAP="True",
    )
    return sorted((client.home / ".config" / "mini-swe-agent").rglob("*.traj.json"))


def add(path: Path, **members: Any) -> None:
    """Add members to a JSON file of settings that are not there yet."""
    told = json.loads(path.read_text()) if path.exists() else {}
    if not members.keys() <= told.keys():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**told, **members}, indent=2))


Run = Callable[..., list[Path]]


class Other(NamedTuple):
    """A client: the name that hooks call it by, and how it is run."""

    agent: str
    run: Run


OTHERS = (
    Other("copilot", run_copilot),
    Other("gemini", run_gemini),
    Other("qwen", run_qwen),
    Other("opencode", run_opencode),
)
