"""What happened in a session after something was told: by it the outcome of what was told is known.

Gathered from the events of one stretch, in a bounded number, and only of sessions that have a journal.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from holdfast.evidence.episodes import EpisodeTracker
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.transcripts.events import AnyEvent, Call, Result, Say

MAX_KEPT = 20_000
"""Happenings of one stretch: the first ones."""
MAX_TEXT = 4000
_PENDING = 1000
_NAMED = regex(r"[(`;]\s?([a-z2-7]{4,16})[)`]")
_NOTED = regex(r"\ANoted(?: before)? of ([a-z2-7]{4,16}) that ")
_ASKED = regex(r"\bholdfast\s+(?:cite|why)\s+([a-z2-7]{4,16})\b")

Kind = Literal["failed", "ran", "edited", "rejected", "cited"]


class Happening(NamedTuple):
    """Something that happened.

    Attributes:
        kind: A failure, a command that succeeded, an edit, a call that a person refused, or an id named.
        at: When, in seconds since the epoch; None when the log does not say.
        family: Of a failure, its family.
        owners: The families of the commands: of a failure, of the one that failed.
        text: What ran, was added, or was refused with its words; ``removed`` what an edit took out.
        names: Files edited; ids named.
    """

    kind: Kind
    at: float | None
    family: str = ""
    owners: tuple[str, ...] = ()
    text: str = ""
    removed: str = ""
    names: tuple[str, ...] = ()


class HappeningsBuilder:
    """Gather what happened from line ``first`` of a transcript on; feed every event in order."""

    def __init__(self, first: int = 0) -> None:
        self.found: list[Happening] = []
        self._first = first
        self._tracker = EpisodeTracker()
        self._calls: dict[str, Call] = {}

    def feed(self, event: AnyEvent, line: int) -> None:
        """Take the next event, which stands at ``line``."""
        failure = self._tracker.feed(event, line)
        self._tracker.mark_counted()
        if isinstance(event, Call):
            self._calls[event.id] = event
            if len(self._calls) > _PENDING:
                del self._calls[next(iter(self._calls))]
        elif isinstance(event, Result):
            call = self._calls.pop(event.call_id, None)
            if failure is not None:
                self._add(line, Happening("failed", failure.at, failure.family, (failure.owner,)))
            elif call is not None:
                self._end(call, event, line)
        elif isinstance(event, Say):
            self._cite(tuple(_NAMED.findall(event.text)), event.at, line)

    def _end(self, call: Call, result: Result, line: int) -> None:
        added = "\n".join(edit.added for edit in call.edits)[:MAX_TEXT]
        if result.status == "rejected":
            said = "\n".join([call.command or added, result.words or ""])[:MAX_TEXT]
            self._add(line, Happening("rejected", result.at, text=said))
        elif result.status == "ok" and call.edits:
            removed = "\n".join(edit.removed for edit in call.edits)[:MAX_TEXT]
            names = tuple(edit.path for edit in call.edits)
            edited = Happening("edited", result.at, text=added, removed=removed, names=names)
            self._add(line, edited)
        elif result.status == "ok" and call.command:
            command = call.command[:MAX_TEXT]
            mains = commands.mains(command)[:8]
            owners = {commands.family_of(commands.unwrapped(words)) for words in mains} - {""}
            self._add(line, Happening("ran", result.at, owners=tuple(sorted(owners)), text=command))
            self._cite(tuple(_ASKED.findall(command)), result.at, line)
        elif result.status == "ok" and call.name.endswith("cite"):  # the tool that agents call for it
            self._cite(tuple(_NOTED.findall(result.text)), result.at, line)

    def _cite(self, names: tuple[str, ...], at: float | None, line: int) -> None:
        if names:
            self._add(line, Happening("cited", at, names=names))

    def _add(self, line: int, happening: Happening) -> None:
        if line >= self._first and len(self.found) < MAX_KEPT:
            self.found.append(happening)
