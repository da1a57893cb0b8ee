"""Each agent is answered in the form that it was seen to heed, and told nothing where nobody hears it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from holdfast.hook.incoming import AGENTS, EVENTS
from holdfast.hook.replies import hears, reply

CALL = {"command": "./frob add"}


def said(agent: str, event: str, **what: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reply(agent, event, **what))
    return found


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("event", EVENTS)
def test_nothing_to_say_is_no_output(agent: str, event: str) -> None:
    assert reply(agent, event) == ""


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize("event", ["compact", "end", "stop"])
def test_nothing_is_said_where_a_session_cannot_be_told(agent: str, event: str) -> None:
    assert reply(agent, event, context="known", deny="no", rewrite=CALL) == ""
    assert not hears(agent, event)


@pytest.mark.parametrize(
    ("agent", "unheard"),
    [
        ("claude-code", set()), ("codex", set()), ("copilot", {"call"}), ("gemini", {"call"}),
        ("qwen", {"start", "call"}), ("opencode", {"call"}), ("cursor", {"prompt", "call"}),
    ],
)  # fmt: skip
def test_where_a_text_reaches_no_model_is_known(agent: str, unheard: set[str]) -> None:
    tells = {"start", "prompt", "call", "result", "failure"}
    assert {event for event in tells if not hears(agent, event)} == unheard


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ("start", "SessionStart"), ("prompt", "UserPromptSubmit"), ("call", "PreToolUse"),
        ("result", "PostToolUse"), ("failure", "PostToolUseFailure"),
    ],
)  # fmt: skip
def test_claude_code_is_told_by_the_name_of_its_event(event: str, name: str) -> None:
    inner = said("claude-code", event, context="known")["hookSpecificOutput"]
    assert inner == {"hookEventName": name, "additionalContext": "known"}


def test_codex_has_no_event_for_failures() -> None:
    inner = said("codex", "failure", context="known")["hookSpecificOutput"]
    assert inner["hookEventName"] == "PostToolUse"


@pytest.mark.parametrize("agent", ["claude-code", "codex", "qwen"])
def test_a_call_is_denied_as_claude_code_denies_it(agent: str) -> None:
    inner = said(agent, "call", context="dropped", deny="no")["hookSpecificOutput"]
    assert inner == {
        "hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": "no",
    }  # fmt: skip


def test_the_others_deny_a_call_in_forms_of_their_own() -> None:
    assert said("copilot", "call", deny="no") == {
        "permissionDecision": "deny", "permissionDecisionReason": "no",
    }  # fmt: skip
    assert said("gemini", "call", deny="no") == {"decision": "deny", "reason": "no"}
    told = said("cursor", "call", deny="no")
    assert (told["permission"], told["agent_message"]) == ("deny", "no")
    assert said("opencode", "call", deny="no")["deny"] == "no"


def test_a_replaced_call_is_no_leave_where_the_agent_does_not_ask_for_one() -> None:
    inner = said("claude-code", "call", rewrite=CALL)["hookSpecificOutput"]
    assert inner == {"hookEventName": "PreToolUse", "updatedInput": CALL}
    inner = said("codex", "call", rewrite=CALL)["hookSpecificOutput"]
    assert (inner["permissionDecision"], inner["updatedInput"]) == ("allow", CALL)


def test_a_call_is_replaced_in_each_agents_form() -> None:
    assert said("copilot", "call", context="dropped", rewrite=CALL) == {"modifiedArgs": CALL}
    assert said("gemini", "call", rewrite=CALL)["hookSpecificOutput"]["tool_input"] == CALL
    assert said("cursor", "call", rewrite=CALL)["updated_input"] == CALL
    told = said("opencode", "call", context="now ./frob add", rewrite=CALL)
    assert (told["rewrite"], told["context"]) == (CALL, "now ./frob add")


def test_gemini_is_told_by_its_own_events_and_the_bare_ones_by_their_fields() -> None:
    names = {"start": "SessionStart", "prompt": "BeforeAgent", "result": "AfterTool"}
    for event, name in names.items():
        inner = said("gemini", event, context="known")["hookSpecificOutput"]
        assert inner == {"hookEventName": name, "additionalContext": "known"}
    assert said("copilot", "result", context="known") == {"additionalContext": "known"}
    assert said("cursor", "start", context="known") == {"additional_context": "known"}
    assert said("opencode", "failure", context="known")["context"] == "known"


@pytest.mark.parametrize("event", ["prompt", "result"])
def test_what_qwen_puts_below_a_prompt_or_result_is_marked_for_the_reader_of_its_log(event: str) -> None:
    inner = said("qwen", event, context="known")["hookSpecificOutput"]
    assert inner["additionalContext"] == "[hook_context]known[/hook_context]"
