"""A real client's model is told once that its context fills up, and its log says with what."""

from __future__ import annotations

import json

from tests.clients.conftest import Client
from tests.clients.test_reading import run_claude, run_codex
from tests.clients.test_telling import holdfast, play, prepare

from holdfast.testing.model_protocols import Turn

LINE = "% full ("
ADVICE = "Finish the task in hand; begin the next one in a fresh session."
LOOKS = [Turn(shell="git log --oneline"), Turn(shell="git branch"), Turn(text="I see.")]


def test_claude_code_is_told_once_on_crossing_forty_percent(client: Client) -> None:
    prepare(client, "claude-code", "--level", "flow")
    (client.repository.directory / "CLAUDE.md").write_text("Use tabs, not spaces.\n" * 13_000)
    first, second, third = play(client, run_claude, LOOKS)
    assert LINE not in first
    assert second.count(ADVICE) == 1
    assert "of 200k tokens). " + ADVICE in second
    assert third.count(ADVICE) == 1
    shown = json.loads(holdfast(client, "status", "--context", "--json"))
    assert shown["percent"] >= 40
    assert shown["told_apart"]
    parts = {part["name"]: part["tokens"] for part in shown["parts"]}
    assert parts["instructions"] > 50_000
    assert parts["tool_definitions"] > 5_000


def test_codex_is_told_once_of_the_window_that_it_states(client: Client) -> None:
    settings = client.home / ".codex" / "config.toml"
    settings.parent.mkdir()
    settings.write_text("model_context_window = 20000\n")
    prepare(client, "codex", "--level", "flow")
    requests = play(client, run_codex, LOOKS)
    assert LINE not in requests[0]
    assert requests[-1].count("of 19k tokens). ") == 1
    shown = json.loads(holdfast(client, "status", "--context", "--json"))
    assert (shown["window"], shown["window_from"]) == (19_000, "log")


def test_at_foundation_neither_is_told(client: Client) -> None:
    prepare(client, "claude-code")
    (client.repository.directory / "CLAUDE.md").write_text("Use tabs, not spaces.\n" * 13_000)
    assert not any(LINE in each for each in play(client, run_claude, LOOKS))
