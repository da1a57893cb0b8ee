"""Corrections: what a person said when they stopped an agent.

A call rejected with words is the strongest, because the words answer one known call. An interruption is
followed by the person's next prompt; that prompt is kept as the words.
"""

from __future__ import annotations

import msgspec

from holdfast.evidence.episodes import MAX_PATHS, MAX_PENDING
from holdfast.transcripts.events import AnyEvent, Call, Interruption, Prompt, Result

MAX_WORDS = 4000
"""Characters of the person's words that are kept."""


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said against what an agent was about to do.

    Attributes:
        words: The person's words, not redacted.
        tool, command, paths: The call that was rejected; empty after an interruption.
        line: The line of the transcript where the words stand.
        rejected: True for a rejected call, False for an interruption.
    """

    words: str
    tool: str = ""
    command: str | None = None
    paths: tuple[str, ...] = ()
    line: int = 0
    rejected: bool = True


class CorrectionState(msgspec.Struct, kw_only=True):
    """What must be carried over when a transcript is read on."""

    calls: dict[str, Call] = {}
    interrupted: bool = False


class CorrectionTracker:
    """Collect the corrections of a session from its events, in order."""

    def __init__(self, state: CorrectionState | None = None) -> None:
        self.state = state or CorrectionState()
        self.found: list[Correction] = []

    def feed(self, event: AnyEvent, line: int = 0) -> None:
        """Take the next event, which stands at ``line``."""
        if isinstance(event, Call):
            self.state.calls[event.id] = msgspec.structs.replace(
                event,
                edits=(),
                command=(event.command or "")[:2000] or None,
                paths=event.paths[:MAX_PATHS],
                query=None,
            )
            if len(self.state.calls) > MAX_PENDING:
                del self.state.calls[next(iter(self.state.calls))]
        elif isinstance(event, Result):
            call = self.state.calls.pop(event.call_id, None)
            if event.status == "rejected" and event.words and event.words.strip():
                self._reject(call, event.words, line)
        elif isinstance(event, Interruption):
            self.state.interrupted = True
        elif isinstance(event, Prompt) and not event.injected:
            if self.state.interrupted and event.text.strip():
                self.found.append(Correction(words=event.text[:MAX_WORDS], line=line, rejected=False))
            self.state.interrupted = False

    def _reject(self, call: Call | None, words: str, line: int) -> None:
        self.found.append(
            Correction(
                words=words[:MAX_WORDS],
                tool=call.tool if call else "",
                command=call.command if call else None,
                paths=call.paths if call else (),
                line=line,
            )
        )
