"""Read the outcome of a Copilot CLI tool call, and keep in mind what decides it later or elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from holdfast.hook.patterns import regex
from holdfast.transcripts.copilot_records import Data
from holdfast.transcripts.hook_texts import without_hooks
from holdfast.transcripts.outcome import Outcome
from holdfast.transcripts.values import cut, exit_code_of, items, joined_text, some_text, table, text_of

KEPT = 200
"""How many refusals and ended commands are kept in mind."""

T = TypeVar("T")

_ENDED = regex(
    r"\n?<(?:shellId: [^\n<>]{1,80} )?(?:completed|exited|command exited) with exit code (-?\d{1,9})>\s*$"
)
_RUNNING = regex(
    r"<command (?:started in background with|with) shellId: ([^\s<>]{1,80}?)(?:>| is still running)"
    r"[^<>]{0,1000}>?\s*$"
)
_REFUSED = regex(
    r"(?:The )?user (?:rejected|denied|declined|cancelled|did not)|Permission denied because|"
    r"(?:The )?(?:tool call|operation|request) was (?:rejected|denied|cancelled|aborted)|Denied by ",
    re.IGNORECASE,
)
_WORDS = regex(r"(?:user (?:said|feedback)|feedback|reason):[ \t]*\n?(.+)", re.DOTALL | re.IGNORECASE)
_DENIALS = ("denied", "rejected", "permission_denied", "user_rejected")


class Refusals:
    """Follow the permissions that were refused: the call's own result comes after."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}

    def note(self, data: Data) -> None:
        """Take note of how a request for permission ended."""
        call, result = some_text(data.toolCallId), table(data.result)
        kind = text_of(result.get("kind"))
        if call is None or not kind.startswith(("denied", "reject", "user-not-available")):
            return
        keep(self._words, call, text_of(result.get("feedback")))

    def take(self, call: str) -> str | None:
        """Return what the person said when refusing a call, "" for nothing; None when it was not refused."""
        return self._words.pop(call, None)

    def state(self) -> dict[str, str]:
        """Return what is kept in mind."""
        return self._words

    def restore(self, state: Mapping[str, str]) -> None:
        """Go on from what `state` returned."""
        self._words = dict(state)


class Shells:
    """Follow commands that outlive their call's first output: the outcome belongs to that call.

    A notification says that a command ended, and with which exit code; what it printed comes when the
    agent reads it, or never.
    """

    def __init__(self) -> None:
        self._calls: dict[str, tuple[str, str]] = {}
        self._polls: dict[str, tuple[str, bool]] = {}
        self._ended: dict[str, int | None] = {}

    def polls(self, call: str, name: str, shell: str) -> bool:
        """Take note of a call that reads or stops a command known to run; False for any other."""
        if shell not in self._calls:
            return False
        keep(self._polls, call, (shell, name.startswith("stop_")))
        return True

    def settle(self, call: str, outcome: Outcome) -> tuple[str, Outcome] | None:
        """Return the call that an outcome belongs to and the whole of it; None while its command runs."""
        shell, stops = self._polls.pop(call, (None, False))
        if shell is None:
            if outcome.session is None:
                return call, outcome
            keep(self._calls, outcome.session, (call, cut(outcome.text)))
            return None
        begun = self._calls.pop(shell, None)
        if begun is None or stops:
            self._ended.pop(shell, None)
            return None  # the agent did not wait for the command
        outcome = outcome._replace(text=cut(begun[1] + outcome.text))
        if outcome.session is not None and shell not in self._ended:
            self._calls[shell] = (begun[0], outcome.text)
            return None
        code = self._ended.pop(shell, None)
        return begun[0], outcome if outcome.exit_code is not None else _ending(outcome.text, code)

    def ended(self, data: Data) -> None:
        """Take note of a notification that a command ended."""
        kind = table(data.kind)
        shell = some_text(kind.get("shellId"))
        completed = kind.get("type") in ("shell_completed", "shell_detached_completed")
        if shell is not None and completed and shell in self._calls:
            keep(self._ended, shell, exit_code_of(kind.get("exitCode")))

    def flush(self) -> Iterator[tuple[str, Outcome]]:
        """Give the outcomes of the commands that ended and whose output nobody read."""
        for shell, code in self._ended.items():
            begun = self._calls.pop(shell, None)
            if begun is not None:
                yield begun[0], _ending(begun[1], code)
        self._ended.clear()

    def state(self) -> dict[str, Any]:
        """Return what is kept in mind."""
        return {"calls": self._calls, "polls": self._polls, "ended": self._ended}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._calls = {shell: (begun[0], begun[1]) for shell, begun in state["calls"].items()}
        self._polls = {call: (poll[0], poll[1]) for call, poll in state["polls"].items()}
        self._ended = dict(state["ended"])


def _ending(text: str, code: int | None) -> Outcome:
    return Outcome("failed" if code else "ok", text, code)


def keep(known: dict[str, T], key: str, value: T) -> None:
    """Keep the most recent entries only, so that no log makes memory grow without end."""
    known[key] = value
    if len(known) > KEPT:
        del known[next(iter(known))]


def read_outcome(data: Data, refused: str | None) -> Outcome:
    """Return the outcome that a call's result states; one with a ``session`` when its shell still runs.

    Args:
        data: What ``tool.execution_complete`` holds.
        refused: What the person said when refusing the call; None when it was not refused.
    """
    error = table(data.error)
    if data.success is not True:
        text = some_text(error.get("message")) or _text(data.result)
        denied = refused is not None or error.get("code") in _DENIALS or _REFUSED.match(text) is not None
        if denied:
            return Outcome("rejected", text, None, refused or _words(text))
        return Outcome("failed", text, exit_code_of(table(data.shellExecution).get("exitCode")))
    text = _text(data.result)
    code = exit_code_of(table(data.shellExecution).get("exitCode"))
    stated = _ENDED.search(text[-200:])
    if stated:
        code = int(stated[1]) if code is None else code
        text = text[: len(text) - len(stated[0])]
    if code is not None:
        return Outcome("failed" if code else "ok", text, code)
    running = _RUNNING.search(text[-1200:])
    if running:
        return Outcome("ok", text[: len(text) - len(running[0])], session=running[1])
    return Outcome("ok", text)


def _text(result: Any) -> str:
    if isinstance(result, str):
        return without_hooks(result)
    fields = table(result)
    return without_hooks(some_text(fields.get("content")) or joined_text(items(fields.get("contents"))))


def _words(text: str) -> str | None:
    said = _WORDS.search(text[:4000])
    return said[1].strip() or None if said else None
