"""The latest shell commands that may have failed, read closely only when somebody asks.

Most trackers need a failure's error line only in the few places where something else happened. Reading every
output for it costs more than reading the transcript, so the ends of a few outputs are kept instead.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec

from holdfast.hook import commands, signature
from holdfast.hook.patterns import regex
from holdfast.transcripts.events import Call, Result

MAX_KEPT = 5
"""Outcomes that are kept: the latest."""
MAX_COMMAND = 2000
"""Characters of a command that are kept."""
MAX_PENDING = 200
"""Commands that wait for their result at one time; the oldest are given up."""
_START, _END = 1000, 3000
"""Characters of an output that are kept, at its start and at its end."""
_SUSPECT = regex(r"fail|error|panic|fatal|exception|traceback|not found|denied|[✗✘×]", re.IGNORECASE)
"""What the output of a failure that a pipe hid says somewhere."""


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of a command; ``text`` is the start and the end of what it printed."""

    command: str
    text: str
    failed: bool
    exit_code: int | None
    line: int
    step: int


class Ended(NamedTuple):
    """A command that ended and was not refused; ``outcome`` when it may have failed."""

    command: str
    outcome: Outcome | None


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
    """Keep the latest outcomes of shell commands that may be failures.

    Several trackers of a session may share one: each feeds it every event, and only the first time counts.
    """

    def __init__(self, state: OutcomesState | None = None) -> None:
        self.state = state or OutcomesState()
        self._fed: Call | Result | None = None
        self._ended: Ended | None = None

    def feed(self, event: Call | Result, line: int = 0) -> Ended | None:
        """Take the next call or result; return what ended when it is the result of a shell command."""
        if event is not self._fed:
            self._fed, self._ended = event, None
            if isinstance(event, Result):
                self._ended = self._end(event, line)
            else:
                self._begin(event)
        return self._ended

    def _begin(self, call: Call) -> None:
        self.state.step += 1
        if call.command is None:
            return
        self.state.pending[call.id] = call.command[:MAX_COMMAND]
        if len(self.state.pending) > MAX_PENDING:
            del self.state.pending[next(iter(self.state.pending))]

    def _end(self, result: Result, line: int) -> Ended | None:
        command = self.state.pending.pop(result.call_id, None)
        if command is None or result.status == "rejected":
            return None
        failed = result.status == "failed"
        if not failed and not any(mark in command for mark in "|;\n"):
            return Ended(command, None)
        text = _ends(result.text)
        if not failed and not _SUSPECT.search(text):
            return Ended(command, None)
        outcome = Outcome(command, text, failed, result.exit_code, line, self.state.step)
        self.state.kept.append(outcome)
        del self.state.kept[:-MAX_KEPT]
        return Ended(command, outcome)

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


def succeeded(ended: Ended) -> bool:
    """Tell whether a command exited 0 and no pipe hid that it failed."""
    outcome = ended.outcome
    return outcome is None or not (outcome.failed or is_failure(outcome))


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
