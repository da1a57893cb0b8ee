"""What agents' hooks say is one event in one form; whatever they say, it is read without an error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.hook.incoming import AGENTS, EVENTS, Incoming

SHELL = {"command": "./frob test", "description": "Run it"}
FIELDS = ["cwd", "session", "tool", "command", "output", "failed"]
RAN = ["/w", "s", "Bash", "./frob test", "frob: refused"]

CLAUDE = {
    "session_id": "s", "transcript_path": "/t.jsonl", "cwd": "/w", "prompt_id": "p",
}  # fmt: skip
CODEX = {"session_id": "s", "turn_id": "t", "transcript_path": "/t.jsonl", "cwd": "/w", "model": "gpt-5.5"}
COPILOT = {"sessionId": "s", "timestamp": 1795459897491, "cwd": "/w"}
GEMINI = {
    "session_id": "s",
    "transcript_path": "/t.jsonl",
    "cwd": "/w",
    "timestamp": "2026-11-23T18:52:09.182Z",
}
CURSOR = {
    "conversation_id": "s", "generation_id": "g", "workspace_roots": ["/w"], "model": "m",
    "user_email": "a@example.invalid", "transcript_path": None,
}  # fmt: skip
OPENCODE = {"session_id": "s", "cwd": "/w"}


def read(agent: str, event: str, told: dict[str, Any]) -> list[Any]:
    incoming = Incoming(agent, event, told)
    return [getattr(incoming, name) for name in FIELDS]


def test_claude_code_tells_a_failed_command_by_an_event_of_its_own() -> None:
    call = {**CLAUDE, "tool_name": "Bash", "tool_input": SHELL, "tool_use_id": "u"}
    assert read("claude-code", "failure", {**call, "error": "frob: refused"}) == [*RAN, True]
    done = {"stdout": "3 passed", "stderr": "", "interrupted": False}
    incoming = Incoming("claude-code", "result", {**call, "tool_response": done})
    assert (incoming.output, incoming.failed, incoming.call_id) == ("3 passed", None, "u")


def test_claude_code_tells_of_a_subagent_of_a_session() -> None:
    incoming = Incoming("claude-code", "call", {**CLAUDE, "agent_id": "a1", "agent_type": "Explore"})
    assert (incoming.session, incoming.subagent) == ("s", "a1")


def test_codex_does_not_say_whether_a_command_failed() -> None:
    told = {**CODEX, "tool_name": "Bash", "tool_input": SHELL, "tool_response": "frob: refused"}
    assert read("codex", "result", told) == [*RAN, None]
    patch = {"command": "*** Begin Patch\n*** Update File: a.py\n*** End Patch"}
    incoming = Incoming("codex", "call", {**CODEX, "tool_name": "apply_patch", "tool_input": patch})
    assert (incoming.tool, incoming.command, incoming.tool_input, incoming.model) == (
        "Edit",
        "",
        patch,
        "gpt-5.5",
    )


@pytest.mark.parametrize(("code", "failed"), [(3, True), (0, False)])
def test_copilot_says_success_of_a_command_that_exits_with_an_error(code: int, failed: bool) -> None:
    text = f"frob: refused\n<shellId: 0 completed with exit code {code}>"
    told = {**COPILOT, "toolName": "bash", "toolArgs": SHELL}
    told["toolResult"] = {"resultType": "success", "textResultForLlm": text}
    assert read("copilot", "result", told) == [*RAN, failed]
    assert read("copilot", "result", {**told, "toolArgs": json.dumps(SHELL)}) == [*RAN, failed]


def test_copilot_tells_a_tool_that_failed_by_an_event_of_its_own() -> None:
    told = {**COPILOT, "toolName": "edit", "toolArgs": {"path": "a.py"}, "error": "No match was found"}
    incoming = Incoming("copilot", "failure", told)
    assert (incoming.tool, incoming.path, incoming.failed) == ("Edit", "a.py", True)
    assert incoming.output == "No match was found"


def test_gemini_and_qwen_say_it_in_fields() -> None:
    call = {**GEMINI, "tool_name": "run_shell_command", "tool_input": SHELL}
    text = "<untrusted_context>\nOutput: frob: refused\nExit Code: 3\nSignal: 0\n</untrusted_context>"
    told = {**call, "tool_response": {"llmContent": text, "returnDisplay": "frob: refused"}}
    assert read("gemini", "result", told) == [*RAN, True]
    told["tool_response"] = {"llmContent": text.replace("Exit Code: 3\n", "")}
    assert read("gemini", "result", told) == [*RAN, False]
    text = (
        "Command: ./frob test\nDirectory: (root)\nOutput: frob: refused\nError: (none)\nExit Code: 3\n"
        "Signal: 0\nProcess Group PGID: 18339"
    )
    told = {**call, "tool_response": {"llmContent": text, "returnDisplay": "frob: refused"}}
    assert read("qwen", "result", told) == [*RAN, True]


def test_what_only_looks_like_such_fields_is_left_as_it_is() -> None:
    text = "Output: 7\nExit Code: 3"
    told = {**CODEX, "tool_name": "Bash", "tool_input": SHELL, "tool_response": text}
    assert read("codex", "result", told)[4:] == [text, None]
    told = {**GEMINI, "tool_name": "read_file", "tool_input": {"absolute_path": "/w/log"}}
    incoming = Incoming("gemini", "result", {**told, "tool_response": {"llmContent": text}})
    assert (incoming.tool, incoming.path, incoming.output, incoming.failed) == ("Read", "/w/log", text, None)


def test_cursor_gives_a_result_as_the_text_of_an_object() -> None:
    told = {**CURSOR, "tool_name": "Shell", "tool_input": {"command": "./frob test"}, "tool_use_id": "u"}
    given_back = {"exitCode": 3, "stdout": "", "stderr": "frob: refused"}
    assert read("cursor", "result", {**told, "tool_output": json.dumps(given_back)}) == [*RAN, True]
    assert read("cursor", "result", {**told, "tool_output": "frob: refused"}) == [*RAN, None]
    failed = {**told, "error_message": "frob: refused", "failure_type": "error"}
    assert read("cursor", "failure", failed) == [*RAN, True]


def test_opencodes_plug_in_tells_the_exit_code() -> None:
    told = {**OPENCODE, "tool_name": "bash", "tool_input": SHELL, "tool_use_id": "u"}
    told["tool_response"] = {"output": "frob: refused", "exit_code": 3}
    assert read("opencode", "failure", told) == [*RAN, True]


@pytest.mark.parametrize(
    ("agent", "told", "prompt", "source"),
    [
        ("claude-code", {**CLAUDE, "source": "startup"}, "", "startup"),
        ("codex", {**CODEX, "prompt": "Go on."}, "Go on.", ""),
        ("copilot", {**COPILOT, "source": "new", "initialPrompt": "Go on."}, "Go on.", "new"),
        ("copilot", {**COPILOT, "prompt": "Go on."}, "Go on.", ""),
        ("gemini", {**GEMINI, "reason": "exit"}, "", "exit"),
        ("cursor", {**CURSOR, "prompt": "Go on.", "attachments": []}, "Go on.", ""),
    ],
)
def test_sessions_prompts_and_sources_are_found(
    agent: str, told: dict[str, Any], prompt: str, source: str
) -> None:
    incoming = Incoming(agent, "prompt", told)
    assert (incoming.session, incoming.cwd, incoming.prompt, incoming.source) == ("s", "/w", prompt, source)


NAMES = st.sampled_from(
    "session_id sessionId agent_id cwd workspace_roots prompt source model tool_name toolName tool "
    "tool_input toolArgs args command cmd file_path tool_response toolResult tool_output output result error "
    "error_message exit_code exitCode status resultType textResultForLlm llmContent stdout stderr "
    "message".split()
)
WORDS = st.sampled_from(
    ["Bash", "bash", "edit", "run_shell_command", "{", '{"exitCode": 3}', "[[", "<",
     "Output: x\nExit Code: ²", "<shellId: 0 completed with exit code --5>",
     "<untrusted_context>\n</untrusted_context>",
     "Command: x\nOutput: \nError: \nExit Code: -", "\ud800", "-lc"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(sorted(AGENTS)), st.sampled_from(EVENTS), st.dictionaries(NAMES, VALUES, max_size=12))
def test_whatever_an_agent_says_it_is_read(agent: str, event: str, told: dict[str, Any]) -> None:
    incoming = Incoming(agent, event, told)
    texts = "session subagent cwd transcript prompt model source call_id tool command path output".split()
    assert all(isinstance(getattr(incoming, name), str) for name in texts)
    assert isinstance(incoming.tool_input, dict)
    assert incoming.failed in (None, True, False)
