"""Give the tokens of each of Claude Code's messages once, at their final figures.

The records of one message repeat its usage while its output grows: only the last record has it all
(on real logs the first ones state a twentieth of the output). So a message's usage is held back until
another message of the same conversation begins, or the log ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import msgspec

from holdfast.transcripts.claude_records import Message
from holdfast.transcripts.events import Usage
from holdfast.transcripts.values import count_of, some_text, table

_FIELDS = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


class _Copies(Protocol):
    def is_new(self, kind: str, identity: str, at: float | None = None) -> bool: ...


class _Held(msgspec.Struct, gc=False):
    """The usage of a message that is being written, in the order of `_FIELDS`."""

    message_id: str
    subagent: str | None
    at: float | None
    model: str | None
    counts: list[int]


class UsageByMessage:
    """Hold the usage of the messages that are being written, one a conversation.

    When a log is read while a message is being written, what its later records add is given as a
    further `Usage` of the same message that holds the difference alone: sums are right either way.
    """

    def __init__(self, copies: _Copies) -> None:
        self._copies = copies
        self._held: dict[str, _Held] = {}
        self._given: dict[str, tuple[str, list[int]]] = {}

    def note(self, message: Message, *, at: float | None, subagent: str | None) -> Iterator[Usage]:
        """Take note of a record's usage; give that of the message before it, when it is complete."""
        identity = some_text(message.id)
        if identity is None:
            return
        conversation = subagent or ""
        held = self._held.get(conversation)
        if held is not None and held.message_id != identity:
            yield from self.flush(subagent)
            held = None
        given = self._given.get(conversation)
        if given is not None and given[0] != identity:
            del self._given[conversation]
            given = None
        usage = table(message.usage)
        if not usage:
            return
        counts = [count_of(usage.get(field)) for field in _FIELDS]
        if held is not None:
            held.at, held.model = at, some_text(message.model)
            held.counts = [*map(max, counts, held.counts)]
        elif given is not None or self._copies.is_new("usage", identity, at):
            self._held[conversation] = _Held(identity, subagent, at, some_text(message.model), counts)

    def flush(self, subagent: str | None) -> Iterator[Usage]:
        """Give the usage held for one conversation, less what was given of the same message."""
        held = self._held.pop(subagent or "", None)
        if held is None:
            return
        counts = held.counts
        given = self._given.pop(subagent or "", None)
        if given is not None and given[0] == held.message_id:
            counts = [max(0, now - then) for now, then in zip(counts, given[1], strict=True)]
            if not any(counts):
                return
        yield Usage(
            at=held.at,
            subagent=held.subagent,
            message_id=held.message_id,
            model=held.model,
            input=counts[0],
            output=counts[1],
            cache_read=counts[2],
            cache_write=counts[3],
        )

    def flush_all(self) -> Iterator[Usage]:
        """Give all usage held, at the end of what the log has so far."""
        unfinished = {place: (held.message_id, held.counts) for place, held in self._held.items()}
        for conversation in list(self._held):
            yield from self.flush(conversation)
        self._given.update(unfinished)

    def state(self) -> dict[str, Any]:
        """Return what was given of messages that may still grow."""
        return {"given": self._given}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._given = {place: (given[0], list(given[1])) for place, given in state["given"].items()}
