"""What hooks put below a call's result is not what the call printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.transcripts.copilot_records import Data
from holdfast.transcripts.copilot_results import read_outcome as read_copilot
from holdfast.transcripts.gemini_prompts import read_prompts
from holdfast.transcripts.gemini_results import read_outcome as read_gemini
from holdfast.transcripts.hook_texts import without_hooks
from holdfast.transcripts.opencode_results import read_outcome as read_opencode

HINT = "Met before in this repository. What ended it then:\n- Use `./frob --locked`."
GEMINI = "<untrusted_context>\nOutput: frob: error: refused\nExit Code: 3\n</untrusted_context>"
QWEN = (
    "Command: ./frob\nDirectory: (root)\nOutput: frob: error: refused\nError: (none)\nExit Code: 3\nSignal: 0"
)
GUIDANCE = 'Tool "bash" succeeded. Additional guidance from postToolUse hooks:'
ADDED = [
    f"\n\n<hook_context>{HINT}</hook_context>",
    f"\n\n[hook_context]{HINT}[/hook_context]",
    f"\n\n{GUIDANCE}\n{HINT}",
    "\n\n[System] Tool input parameters were modified by a hook before execution.",
    "\n\n[System] Tool input parameters were modified by a hook before execution."
    f"\n\n<hook_context>{HINT}</hook_context>",
]


@pytest.mark.parametrize("added", ADDED)
@given(printed=st.text())
def test_what_a_hook_added_is_taken_off(added: str, printed: str) -> None:
    bare = without_hooks(printed)
    assert without_hooks(f"{bare}{added}") == bare


@given(st.lists(st.sampled_from(["hook_context", "<", ">", "/", "\n", "[", "]", "x"])).map("".join))
def test_a_text_that_hooks_added_nothing_to_stays_as_it_is(text: str) -> None:
    ends = text.rstrip()
    marked = ends.endswith(("</hook_context>", "[/hook_context]"))
    assert marked or without_hooks(text) == text


@pytest.mark.parametrize("text", [GEMINI, QWEN])
@pytest.mark.parametrize("added", ADDED)
def test_a_failed_command_stays_failed_when_a_hint_was_told_with_it(text: str, added: str) -> None:
    output = {"functionResponse": {"response": {"output": text + added}}}
    outcome = read_gemini("run_shell_command", "success", [output])
    assert outcome is not None
    assert (outcome.status, outcome.exit_code, outcome.text) == ("failed", 3, "frob: error: refused")


def test_what_is_told_with_a_prompt_is_not_the_persons() -> None:
    parts = [{"text": "Make the tests pass."}, {"text": f"[hook_context]{HINT}[/hook_context]"}]
    own, told = read_prompts(parts, None, at=None, subagent=None)
    assert (own.text, own.injected) == ("Make the tests pass.", False)
    assert (HINT in told.text, told.injected) == (True, True)


def test_copilots_and_opencodes_results_lose_it_too() -> None:
    printed = "frob: error: refused\n<shellId: 0 completed with exit code 3>"
    told = Data(success=True, result={"content": f"{printed}{ADDED[2]}"}, shellExecution={"exitCode": 3})
    outcome = read_copilot(told, None)
    assert (outcome.status, outcome.text) == ("failed", "frob: error: refused")
    state = {"status": "completed", "output": f"frob: error: refused{ADDED[0]}", "metadata": {"exit": 3}}
    done = read_opencode("bash", state)
    assert done is not None
    assert (done.status, done.text) == ("failed", "frob: error: refused")
