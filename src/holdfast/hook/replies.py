"""Say to an agent what a hook has to say, in the form that the agent reads.

What each one honours was tried on the real programs: Claude Code and Codex read ``hookSpecificOutput``,
Copilot the bare fields, Gemini ``hookSpecificOutput`` too, Cursor fields of its own.
"""

from __future__ import annotations

from .json_reading import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAMES = {
    "start": "SessionStart",
    "prompt": "UserPromptSubmit",
    "call": "PreToolUse",
    "result": "PostToolUse",
    "failure": "PostToolUseFailure",
    "compact": "PreCompact",
}
_GEMINI = {"start": "SessionStart", "prompt": "BeforeAgent", "call": "BeforeTool", "result": "AfterTool"}
TELLS = frozenset(["start", "prompt", "call", "result", "failure"])
"""Events at which an agent can be told something."""
_UNHEARD = {
    "copilot": ("call",),
    "gemini": ("call",),
    "qwen": ("start", "call"),
    "opencode": ("call",),
    "cursor": ("prompt", "call"),
}
"""Where a text comes to nobody: seen on the programs, of Cursor read in its documentation."""


def hears(agent: str, event: str) -> bool:
    """Tell whether what is said to an agent at an event reaches its model; a denial always does."""
    return event in TELLS and event not in _UNHEARD.get(agent, ())


def reply(
    agent: str,
    event: str,
    context: str = "",
    deny: str = "",
    rewrite: dict[str, Any] | None = None,
    shown: str = "",
) -> str:
    """Return what is printed for an agent; empty for silence.

    Args:
        agent: The agent, as the hook was called.
        event: The event.
        context: What its model is told.
        deny: Why the call is denied; "" for not.
        rewrite: What the tool is called with in place of what the agent asked.
        shown: What the person is shown, by the agents that can.
    """
    if event not in TELLS or not (context or deny or rewrite):
        return ""
    told = _FORMS.get(agent, _claude)(agent, event, context, deny, rewrite)
    if shown and agent == "claude-code":
        told["systemMessage"] = shown
    return write(told) if told else ""


def _claude(
    agent: str, event: str, context: str, deny: str, rewrite: dict[str, Any] | None
) -> dict[str, Any]:
    if agent == "codex" and event == "failure":
        event = "result"  # Codex has no event of its own for failures
    inner: dict[str, Any] = {"hookEventName": _NAMES[event]}
    if deny:
        inner |= {"permissionDecision": "deny", "permissionDecisionReason": deny}
    elif rewrite is not None:
        inner["updatedInput"] = rewrite
        if agent == "codex":  # which ignores it without; elsewhere that would be leave which nobody gave
            inner["permissionDecision"] = "allow"
    if context and not deny:
        inner["additionalContext"] = context
    return (
        {"hookSpecificOutput": inner, "suppressOutput": True}
        if agent != "codex"
        else {"hookSpecificOutput": inner}
    )


def _qwen(agent: str, event: str, context: str, deny: str, rewrite: dict[str, Any] | None) -> dict[str, Any]:
    if context:
        # it stands below what the person said or a tool printed: the reader of the log tells it by the mark
        context = f"[hook_context]{context}[/hook_context]"
    return _claude(agent, event, context, deny, rewrite)


def _copilot(_: str, event: str, context: str, deny: str, rewrite: dict[str, Any] | None) -> dict[str, Any]:
    if deny:
        return {"permissionDecision": "deny", "permissionDecisionReason": deny}
    told: dict[str, Any] = {} if rewrite is None else {"modifiedArgs": rewrite}
    if context and event != "call":
        told["additionalContext"] = context
    return told


def _gemini(_: str, event: str, context: str, deny: str, rewrite: dict[str, Any] | None) -> dict[str, Any]:
    if deny:
        return {"decision": "deny", "reason": deny}
    inner: dict[str, Any] = {"hookEventName": _GEMINI.get(event, _NAMES[event])}
    if rewrite is not None:
        inner["tool_input"] = rewrite
    if context:
        inner["additionalContext"] = context
    return {"hookSpecificOutput": inner}


def _cursor(_: str, __: str, context: str, deny: str, rewrite: dict[str, Any] | None) -> dict[str, Any]:
    if deny:
        return {"permission": "deny", "agent_message": deny, "user_message": deny}
    if rewrite is not None:
        return {"updated_input": rewrite}
    return {"additional_context": context} if context else {}


def _opencode(_: str, event: str, context: str, deny: str, rewrite: dict[str, Any] | None) -> dict[str, Any]:
    return {"context": context, "deny": deny, "rewrite": rewrite, "event": event}


_FORMS = {"copilot": _copilot, "qwen": _qwen, "gemini": _gemini, "cursor": _cursor, "opencode": _opencode}
