"""Read the outcome of a Claude Code tool call from its result's text and flags.

The log has no field for most of this: an exit code, a rejection and what the person said with it
stand in the text of the result, in fixed phrases of the client.
"""

from __future__ import annotations

from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.transcripts.outcome import Outcome

_EXIT = regex(r"(?:Error: )?Exit code (-?\d{1,9})(?:\n|$)")
_TOOL_ERROR = "<tool_use_error>"
_WORDS = regex(r"(?:the user said:|The user provided the following reason for the rejection:)[ \t]*\n?")
_AFTER_WORDS = "\n\nNote: The user's next message may contain"
_INTERRUPTED = "[Request interrupted by user"
_REJECTED = (
    "The user doesn't want to proceed with this tool use",
    "The user doesn't want to take this action right now",
    "User rejected tool use",
    "The agent proposed a plan that was rejected by the user",
    "Permission to use ",
    "Permission for this action has been denied",
    "Claude requested permissions to ",
    "This command requires approval",
    "This Bash command contains multiple operations. The following part",
    "Sibling tool call errored",
    "Cancelled: parallel tool call",
)
_RULE = regex(
    r"(?:Hook PreToolUse:\S+ denied this tool|PreToolUse:\S+ hook (?:blocking )?error"
    r"|.{1,200} was blocked\. For security, Claude Code )"
)
_BACKGROUND = regex(r"Command (?:running in|was manually) background(?:ed by user)? with ID: ([\w-]{1,64})")
_TASK_STATUS = regex(r"<status>(completed|failed|killed|running)</status>")
_TASK_EXIT = regex(r"<exit_code>(-?\d{1,9})</exit_code>|\(exit code (-?\d{1,9})\)|exit code (-?\d{1,9})\b")
_TASK_ID = regex(r"<(?:task|agent)[-_]id>([\w-]{1,64})</(?:task|agent)[-_]id>")


class TaskReport(NamedTuple):
    """What the log says about a command that ran in the background."""

    task: str
    outcome: Outcome


def read_outcome(text: str, *, is_error: bool, denied: bool) -> Outcome:
    """Return the outcome that a tool result's text and flags state.

    Args:
        text: The text of the result.
        is_error: The result's own error flag.
        denied: True when the record says that a permission rule or a person denied the call.
    """
    if not is_error and not denied:
        return Outcome("ok", text)
    if text.startswith(_TOOL_ERROR):
        text = text.removeprefix(_TOOL_ERROR).rstrip().removesuffix("</tool_use_error>").strip()
    code: int | None = None
    stated = _EXIT.match(text)
    if stated:
        code = int(stated[1])
        text = text[stated.end() :]
    if denied or text.startswith(_INTERRUPTED) or _is_refusal(text):
        return Outcome("rejected", text, code, _words(text))
    return Outcome("failed", text, code)


def background_task(text: str) -> str | None:
    """Return the id of the task when the call went on in the background; its outcome comes later."""
    started = _BACKGROUND.match(text)
    return started[1] if started else None


def read_task_report(text: str) -> TaskReport | None:
    """Return the outcome of a background task from its output or its notification, once it ended."""
    task = _TASK_ID.search(text[:2000])
    status = _TASK_STATUS.search(text[:2000])
    if not task or not status or status[1] == "running":
        return None
    head, _, rest = text.partition("<output>")
    stated = _TASK_EXIT.search(head)
    code = int(next(group for group in stated.groups() if group)) if stated else None
    shown = rest.rpartition("</output>")[0].removeprefix("\n")
    if status[1] == "killed":
        return TaskReport(task[1], Outcome("rejected", shown, code))
    failed = status[1] == "failed" or bool(code)
    return TaskReport(task[1], Outcome("failed" if failed else "ok", shown, code))


def _is_refusal(text: str) -> bool:
    if not text.startswith(_REJECTED):
        return bool(_RULE.match(text))
    return not text.startswith("Permission to use ") or "denied" in text


def _words(text: str) -> str | None:
    """Return what the person said when rejecting a call."""
    mark = _WORDS.search(text)
    if not mark:
        return None
    return text[mark.end() :].partition(_AFTER_WORDS)[0].strip() or None
