"""A real client's model is told once that its context fills up, and its log says with what."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import subprocess
import time

from tests.clients.conftest import SECONDS, Client, program
from tests.clients.test_reading import run_claude, run_codex
from tests.clients.test_telling import holdfast, play, prepare

from holdfast.testing.model_protocols import Turn
from holdfast.testing.scripted_model import ScriptedModel

LINE = "% full ("
ADVICE = "Finish the task in hand; begin the next one in a fresh session."
LOOKS = [Turn(shell="git log --oneline"), Turn(shell="git branch"), Turn(text="I see.")]


def test_claude_code_is_told_once_on_crossing_forty_percent(client: Client) -> None:
    prepare(client, "claude-code", "--level", "flow")
    (client.repository.directory / "CLAUDE.md").write_text("Use tabs, not spaces.\n" * 13_000)
    looks = [LOOKS[0], *LOOKS]  # the client may write what it used only after the first call's hook
    first, _, third, fourth = play(client, run_claude, looks)
    assert LINE not in first
    assert third.count(ADVICE) == fourth.count(ADVICE) == 1
    assert "of 200k tokens). " + ADVICE in third
    shown = json.loads(holdfast(client, "status", "--context", "--json"))
    assert shown["percent"] >= 40
    assert shown["out_of_memory"] == 0
    assert shown["told_apart"]
    parts = {part["name"]: part["tokens"] for part in shown["parts"]}
    assert parts["instructions"] > 50_000
    assert parts["tool_definitions"] > 5_000


def test_after_a_compaction_it_is_told_again_and_the_loss_is_counted(client: Client) -> None:
    prepare(client, "claude-code", "--level", "flow")
    (client.repository.directory / "CLAUDE.md").write_text("Use tabs, not spaces.\n" * 13_000)
    assert play(client, run_claude, LOOKS)[-1].count(ADVICE) == 1
    session = json.loads(holdfast(client, "status", "--context", "--json"))["session"]
    with ScriptedModel([]) as model:
        run_claude(client, model, "/compact", resume=session)
    assert play(client, run_claude, LOOKS, "Go on.", resume=session)[-1].count(ADVICE) == 1
    shown = holdfast(client, "status", "--context")
    assert "Out of memory: compacted 1 time" in shown


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


STATUS = (
    "import sys; from holdfast.hook.meter_status import status_line; print(status_line(sys.stdin.read()))"
)


def seen_at_a_terminal(client: Client, url: str, sign: str) -> str:
    """Start Claude Code at a terminal, say something, and return what it drew up to a second sign."""
    environment = {
        "HOME": str(client.home), "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8",
        "ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "dummy", "DISABLE_TELEMETRY": "1",
        "DISABLE_AUTOUPDATER": "1", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }  # fmt: skip
    terminal, side = pty.openpty()
    child = subprocess.Popen(
        [program("claude"), "--model", "claude-sonnet-4-5"],
        cwd=client.repository.directory,
        env=environment,
        stdin=side,
        stdout=side,
        stderr=side,
        start_new_session=True,
    )
    os.close(side)
    screen, keys, until = b"", [b"hi", b"\r"], time.monotonic() + SECONDS / 2
    try:
        while screen.count(sign.encode()) < 2 and time.monotonic() < until:
            if select.select([terminal], [], [], 0.5)[0]:
                with contextlib.suppress(OSError):
                    screen += os.read(terminal, 1 << 16)
            elif keys and sign.encode() in screen:  # it shows its line, and waits for what is typed
                os.write(terminal, keys.pop(0))
    finally:
        child.kill()
        child.wait()
        os.close(terminal)
    return screen.decode("utf-8", "replace")


def test_claude_codes_status_line_says_how_full_the_context_is(client: Client) -> None:
    project = str(client.repository.directory)
    trusted = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
    known = {
        "hasCompletedOnboarding": True, "theme": "dark", "projects": {project: trusted},
        "customApiKeyResponses": {"approved": ["dummy"], "rejected": []},
    }  # fmt: skip
    (client.home / ".claude").mkdir()
    (client.home / ".claude.json").write_text(json.dumps(known))
    prepare(client, "claude-code", "--level", "flow")
    with ScriptedModel([Turn(text="Hello.")]) as model:
        shown = seen_at_a_terminal(client, model.url, " % of ")
    assert "0 % of 200k" in shown
    assert re.search(r"[1-9]\d? % of ", shown)  # the client draws only what changed
