"""The plug-in for OpenCode: what it tells the hook, what it does with the answer, and that it never errs."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from holdfast.connect.wiring.agents import named

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="no node to run the plug-in with")

DRIVER = """\
import { Holdfast } from "PLUGIN"
const hooks = await Holdfast({ directory: "/home/ada/tree" })
const out = {}
const session = { sessionID: "s1" }
await hooks.event({ event: { type: "session.created", properties: { info: { id: "s1" } } } })
const parts = [{ type: "text", text: "Fix it." }, { type: "text", text: "hidden", synthetic: true }]
await hooks["chat.message"]({ ...session, model: { modelID: "m1" } }, { message: {}, parts })
out.system = ["theirs"]
await hooks["experimental.chat.system.transform"](session, { system: out.system })
const call = { tool: "bash", sessionID: "s1", callID: "c1" }
out.args = { command: "pytest" }
try {
  await hooks["tool.execute.before"](call, { args: out.args })
} catch (error) {
  out.denied = error.message
}
out.result = { title: "", output: "E failed", metadata: { exit: 1 } }
await hooks["tool.execute.after"](call, out.result)
await hooks.event({ event: { type: "session.compacted", properties: { sessionID: "s1" } } })
await hooks.event({ event: { type: "session.idle", properties: { sessionID: "s1" } } })
await hooks.dispose()
await hooks.event({ event: { type: "unknown.of.a.newer.version" } })
console.log(JSON.stringify(out))
"""


@pytest.fixture
def run(home: Path, init: Callable[..., object], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Let the plug-in of a level meet a session, with a hook that answers by event."""

    def do(answers: dict[str, Any] | str | None, level: str = "knowledge") -> dict[str, Any]:
        init(level, agents=named(["opencode"]))
        plugin = tmp_path / "plugin.mjs"
        shutil.copy(home / "config/opencode/plugins/holdfast.js", plugin)
        hook = home / "data/holdfast/hook"
        if answers is None:
            hook.unlink()
        else:
            for event, answer in (answers if isinstance(answers, dict) else {}).items():
                (home / f"answer-{event}").write_text(json.dumps(answer))
            said = f"cat '{home}/answer-'$2 2>/dev/null" if isinstance(answers, dict) else f"echo '{answers}'"
            told = f"{{ cat; echo; }} >> '{home}/told-'$2"
            hook.write_text(f"#!/bin/sh\n# Written by `holdfast init`\n{told}\n{said}\n")
        driver = tmp_path / "driver.mjs"
        driver.write_text(DRIVER.replace("PLUGIN", str(plugin)))
        assert NODE
        done = subprocess.run(
            [NODE, driver],
            text=True,
            capture_output=True,
            check=False,
            env={"HOME": str(home), "PATH": "/bin"},
        )
        assert (done.returncode, done.stderr) == (0, "")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return do


def told(home: Path, event: str) -> list[dict[str, Any]]:
    """Return what the hook was told at an event."""
    path = home / f"told-{event}"
    return [json.loads(line) for line in path.read_text().splitlines() if line] if path.exists() else []


def test_the_hook_is_told_in_words_that_it_knows(home: Path, run: Callable[..., dict[str, Any]]) -> None:
    run({})
    about = {"session_id": "s1", "cwd": "/home/ada/tree"}
    assert told(home, "start") == [{**about, "source": "startup"}]
    assert told(home, "prompt") == [{**about, "prompt": "Fix it.", "model": "m1"}]
    call = {"tool_name": "bash", "tool_input": {"command": "pytest"}, "tool_use_id": "c1"}
    assert told(home, "call") == [{**about, **call}]
    assert told(home, "failure") == [
        {**about, **call, "tool_response": {"output": "E failed", "exit_code": 1}}
    ]
    assert told(home, "compact") == [{**about, "trigger": "auto"}]
    assert told(home, "end") == [about]


def test_what_the_hook_says_reaches_the_model(run: Callable[..., dict[str, Any]]) -> None:
    out = run({
        "start": {"context": "known here"}, "prompt": {"context": "decided"},
        "failure": {"context": "use make"},
        "call": {"context": "now by make", "rewrite": {"command": "make test"}},
    })  # fmt: skip
    assert out["system"] == ["theirs", "known here", "decided"]
    assert out["result"]["output"] == "E failed\n\n<hook_context>now by make\nuse make</hook_context>"
    assert out["args"] == {"command": "make test"}


def test_a_call_is_denied_with_the_reason(run: Callable[..., dict[str, Any]]) -> None:
    assert run({"call": {"deny": "never push there"}})["denied"] == "never push there"


@pytest.mark.parametrize("answers", [None, "no json", "[]", "null", '"text"'])
def test_no_hook_and_no_sense_in_its_answer_are_silence(
    answers: str | None, run: Callable[..., dict[str, Any]]
) -> None:
    out = run(answers)
    assert out["system"] == ["theirs"]
    assert out["result"]["output"] == "E failed"
    assert "denied" not in out


def test_only_the_events_of_the_level_are_told(home: Path, run: Callable[..., dict[str, Any]]) -> None:
    run({}, level="foundation")
    assert told(home, "failure")
    assert told(home, "compact")
    assert not told(home, "call")
