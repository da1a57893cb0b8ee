"""The latest shell commands that may have failed, read closely only when somebody asks.

Most trackers need a failure's error line only in the few places where something else happened. Reading every
output for it costs more than reading the transcript, so the ends of a few outputs are kept instead.
"""

from __future__ import annotations

import re

import msgspec

from holdfast.hook import commands, signature
from holdfast.transcripts.events import Call, Result

MAX_KEPT = 5
"""Outcomes that are kept: the latest."""
MAX_COMMAND = 2000
"""Characters of a command that are kept."""
MAX_PENDING = 200
"""Commands that wait for their result at one time; the oldest are given up."""
_START, _END = 1000, 3000
"""Characters of an output that are kept, at its start and at its end."""
_SUSPECT = re.compile(r"fail|error|panic|fatal|exception|traceback|not found|denied|[✗✘×]", re.IGNORECASE)
"""What the output of a failure that a pipe hid says somewhere."""


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of a command; ``text`` is the start and the end of what it printed."""

    command: str
    text: str
    failed: bool
    exit_code: int | None
    line: int
    step: int


class FailedCommand(msgspec.Struct, frozen=True, gc=False):
    """A command that failed, with its signature (`holdfast.hook.signature`) and the ends of its output."""

    command: str
    owner: str
    message: str
    family: str
    specific: str
    generic: bool
    exit_code: int | None
    line: int
    step: int
    output: str = ""


class OutcomesState(msgspec.Struct, kw_only=True):
    """What must be carried over when a transcript is read on."""

    pending: dict[str, str] = {}
    kept: list[Outcome] = []
    step: int = 0


class Outcomes:
    """Keep the latest outcomes of shell commands that may be failures."""

    def __init__(self, state: OutcomesState) -> None:
        self.state = state

    def begin(self, call: Call) -> None:
        """Take a call; only shell commands matter."""
        self.state.step += 1
        if call.command is None:
            return
        self.state.pending[call.id] = call.command[:MAX_COMMAND]
        if len(self.state.pending) > MAX_PENDING:
            del self.state.pending[next(iter(self.state.pending))]

    def end(self, result: Result, line: int) -> str | None:
        """Take a result; return the command when it is one of a shell command that was not refused."""
        command = self.state.pending.pop(result.call_id, None)
        if command is None or result.status == "rejected":
            return None
        failed = result.status == "failed"
        if not failed and not any(mark in command for mark in "|;\n"):
            return command
        text = _ends(result.text)
        if failed or _SUSPECT.search(text):
            kept = self.state.kept
            kept.append(Outcome(command, text, failed, result.exit_code, line, self.state.step))
            del kept[:-MAX_KEPT]
        return command

    def any_since(self, line: int, steps: int) -> bool:
        """Tell whether anything that may be a failure came behind ``line``, at most ``steps`` calls ago."""
        kept = self.state.kept
        return bool(kept) and kept[-1].line > line and self.state.step - kept[-1].step <= steps

    def last_failure(self, after: int = 0) -> FailedCommand | None:
        """Return the latest failure among what is kept that stands behind line ``after``."""
        for outcome in reversed(self.state.kept):
            if outcome.line <= after:
                return None
            if is_failure(outcome):
                return signed(outcome)
        return None


def is_failure(outcome: Outcome) -> bool:
    """Tell whether an outcome is a failure: not an answer of a viewing command, and hidden ones too."""
    if commands.only_views(outcome.command):
        return False
    if outcome.failed:
        return True
    hides = commands.hides_failure(outcome.command) and not commands.shows_text(outcome.command)
    return hides and signature.reports_failure(outcome.text)


def signed(outcome: Outcome) -> FailedCommand:
    """Return a failure with its signature."""
    signed = signature.sign("Bash", outcome.command, outcome.text)
    return FailedCommand(
        command=outcome.command,
        owner=signed.owner,
        message=signed.line,
        family=signed.family,
        specific=signed.specific,
        generic=signed.generic,
        exit_code=outcome.exit_code,
        line=outcome.line,
        step=outcome.step,
        output=outcome.text,
    )


def _ends(text: str) -> str:
    return text if len(text) <= _START + _END else text[:_START] + "\n" + text[-_END:]
