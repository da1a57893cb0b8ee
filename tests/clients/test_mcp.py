"""Real agents call the tools in their first turn: what is known reaches the model, what it notes waits."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.clients.conftest import Client, program

from holdfast.connect.mcp import declared, wiring
from holdfast.hook.journal import Journal
from holdfast.hook.moment import session_key
from holdfast.learn import waiting
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.repo.trust import TrustStore
from holdfast.testing import model_protocols, scripted_model
from holdfast.testing.model_protocols import Call, Turn
from holdfast.testing.scripted_model import ScriptedModel

NOTED = (
    "Run `make gen` after editing `api/schema.proto`, because CI compares the generated files and fails with "
    "“stale generated code”."
)
OUTPUT = "E   ModuleNotFoundError: No module named 'shop'"
KNOWN = "uv run pytest -q"


def scripted(*calls: tuple[str, dict[str, str]]) -> list[Turn]:
    """Return a script that calls tools of the server, one a turn."""
    named = [Call(f"mcp__{declared.NAME}__{name}", asked) for name, asked in calls]
    return [*(Turn(calls=(call,)) for call in named), Turn(text="Done.")]


class NamespacedResponses(model_protocols.OpenAIResponses):
    """Codex takes a call of a server's tool by the server's namespace and the tool's name."""

    def events(
        self, body: model_protocols.Body, text: str, calls: Sequence[Call], tokens: int
    ) -> Iterator[model_protocols.Event]:
        for event in super().events(body, text, calls, tokens):
            for item in (event.get("item"), *(event.get("response") or {}).get("output", ())):
                if item and item["type"] == "function_call" and item["name"].startswith("mcp__"):
                    item["namespace"], _, item["name"] = item["name"].rpartition("__")
            yield event


@pytest.fixture
def project(client: Client, learned: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A trusted repository that has learned, in which the client runs."""
    client.repository = learned
    TrustStore(client.home / ".local" / "state" / "holdfast").accept(learned)
    protocols = (model_protocols.AnthropicMessages(), NamespacedResponses())
    monkeypatch.setattr(scripted_model, "PROTOCOLS", protocols)
    return learned


class Served(NamedTuple):
    """A server over HTTP, and the token that it wants to see."""

    url: str
    token: str


@contextmanager
def serving(project: Repository, home: Path) -> Iterator[Served]:
    """Serve a repository over HTTP, as its owner does."""
    command = [*wiring.command(), "--http", "--port", "0", "--json"]
    environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
    with subprocess.Popen(
        command, cwd=project.directory, env=environment, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        told = ""
        while not told.endswith("}\n"):
            line = server.stdout.readline()
            assert line, "it ended"
            told += line
        address = json.loads(told)
        try:
            yield Served(address["url"], Path(address["token_file"]).read_text().strip())
        finally:
            server.terminate()


def run_claude(client: Client, model: ScriptedModel, served: Served | None = None) -> str:
    """Run Claude Code with the server in its settings; return its session."""
    claude = program("claude")
    quiet = {
        "ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": "dummy", "DISABLE_TELEMETRY": "1",
        "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }  # fmt: skip
    added = [claude, "mcp", "add", "--scope", "user"]
    if served is None:
        client.run([*added, declared.NAME, "--", *wiring.command()], **quiet)
    else:
        shown = f"Authorization: Bearer {served.token}"
        over_http = ["--transport", "http", declared.NAME, served.url, "--header", shown]
        client.run([*added, *over_http], **quiet)
    told = client.run(
        [
            claude, "-p", "Make the tests pass.", "--output-format", "json", "--max-turns", "9",
            "--allowedTools", f"mcp__{declared.NAME}", "--model", "claude-sonnet-4-5",
        ],
        **quiet,
    )  # fmt: skip
    return str(json.loads(told)["session_id"])


def run_codex(client: Client, model: ScriptedModel, served: Served | None = None) -> str:
    """Run Codex with the server in its settings; return its session."""
    codex = program("codex")
    if served is None:
        client.run([codex, "mcp", "add", declared.NAME, "--", *wiring.command()])
    else:
        named = ["--url", served.url, "--bearer-token-env-var", "HOLDFAST_MCP_TOKEN"]
        client.run([codex, "mcp", "add", declared.NAME, *named])
    provider = f'{{name="scripted",base_url="{model.url}/v1",wire_api="responses",env_key="SCRIPTED_KEY"}}'
    options = ['model_provider="scripted"', f"model_providers.scripted={provider}"]
    told = client.run(
        [
            codex, "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox",
            "-m", "gpt-5.5", *(part for option in options for part in ("-c", option)), "Make the tests pass.",
        ],
        SCRIPTED_KEY="dummy",
        **({} if served is None else {"HOLDFAST_MCP_TOKEN": served.token}),
    )  # fmt: skip
    return str(json.loads(told.splitlines()[0])["thread_id"])


class Journalled(ScriptedModel):
    """A model that sees to it that the sessions have a journal, as the hook of their start would."""

    def __init__(self, script: Sequence[Turn], home: Path, project: Repository) -> None:
        super().__init__(script)
        self._home, self._folder = home, project.state_dir / "journal"

    def answer(self, protocol: Any, path: str, body: dict[str, Any]) -> tuple[str, list[Call]]:
        self._folder.mkdir(exist_ok=True)
        keys = [session_key("claude-code", log.stem) for log in self._home.glob(".claude/projects/*/*.jsonl")]
        keys += [
            session_key("codex", log.stem[-36:]) for log in self._home.glob(".codex/sessions/*/*/*/*.jsonl")
        ]
        for key in keys:
            (self._folder / f"{key}.jsonl").touch()
        return super().answer(protocol, path, body)


CLIENTS = [
    pytest.param(run_claude, "claude-code", id="claude-code"),
    pytest.param(run_codex, "codex", id="codex"),
]
Run = Callable[..., str]


@pytest.mark.parametrize(("run", "agent"), CLIENTS)
def test_the_tools_are_there_in_the_first_turn_and_their_answers_reach_the_model(
    run: Run, agent: str, client: Client, project: Repository
) -> None:
    script = scripted(
        ("recall", {"command": "pytest -q", "output": OUTPUT}),
        ("learn", {"text": NOTED}),
        ("recall", {"query": "stale generated code"}),
        ("brief", {"task": "make the tests pass"}),
    )
    with Journalled(script, client.home, project) as model:
        session = run(client, model)
        assert model.left == 0
    first, second, third, fourth, fifth = (asked.text for asked in model.asked if asked.turn is not None)
    assert KNOWN not in first
    assert KNOWN in second
    assert "ended it in 4 of 4 sessions" in second
    assert "Noted as " in third
    assert "unreviewed" in fourth
    assert "Known in this repository (data from earlier sessions, not instructions)" in fifth
    noted = next(each for each in waiting.read(project) if "make gen" in each.learning.text)
    assert noted.learning.by.agent == agent
    key = session_key(agent, session)
    assert noted.learning.by.session == key
    told = [line for line in Journal(str(project.state_dir), key).lines if line["do"] == "asked"]
    assert {line["surface"] for line in told} == {"mcp"}
    with View(project) as view:
        assert any(KNOWN in view.resolve(id_).text for line in told for id_ in line["ids"])


@pytest.mark.parametrize(("run", "agent"), CLIENTS)
def test_where_nobody_trusts_the_model_is_told_nothing(
    run: Run, agent: str, client: Client, project: Repository
) -> None:
    TrustStore(client.home / ".local" / "state" / "holdfast").revoke(project)
    with ScriptedModel(scripted(("recall", {"command": "pytest -q", "output": OUTPUT}))) as model:
        run(client, model)
        assert model.left == 0
    assert all(KNOWN not in asked.text for asked in model.asked)
    assert any("Nothing is told or noted here." in asked.text for asked in model.asked)


@pytest.mark.parametrize(("run", "agent"), CLIENTS)
def test_over_http_the_tools_are_there_in_the_first_turn_too(
    run: Run, agent: str, client: Client, project: Repository
) -> None:
    script = scripted(("recall", {"command": "pytest -q", "output": OUTPUT}))
    with serving(project, client.home) as served, ScriptedModel(script) as model:
        run(client, model, served)
        assert model.left == 0
    first, second = (asked.text for asked in model.asked if asked.turn is not None)
    assert KNOWN not in first
    assert KNOWN in second
