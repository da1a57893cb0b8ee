"""What one session did, as far as it can be counted: commands run, failures met, files edited, first edit.

Facts are gathered from the events alone and hold no words of a person. `measure` sums them over sessions.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal, NamedTuple

import msgspec

from holdfast.evidence.episodes import Episode, EpisodeTracker, Failure
from holdfast.evidence.segments import session_key
from holdfast.hook import commands
from holdfast.transcripts.events import AnyEvent, Call, Compaction, Prompt, Result, SessionInfo, Usage
from holdfast.transcripts.reader import GLOBAL_ID

MAX_RUNS = 2000
"""Command runs of one session that are kept: the first ones."""
MAX_TEXT = 200
"""Characters of a command that are kept."""
MAX_PARTS = 8
"""Commands of one shell line that are kept."""
MAX_PATHS = 500
"""Files of one session that are named: the first ones."""
PAUSE = 300.0
"""Seconds without a record after which nobody is taken to have worked."""


class CommandRun(msgspec.Struct, frozen=True, gc=False):
    """One command that a session ran.

    Of a line that succeeded every command counts as ``ok``; of one that failed only the command that failed,
    since what stood behind it may not have run.

    Attributes:
        text: The command as one line to type, without redirections (`commands.main_text`).
        family: Such as ``go test``.
        status: ``rejected`` when a person or a permission rule refused it.
        line: The line of the transcript that holds the call.
        step: The number of the call in its session, from 1.
        call: A number made of the call's id, by which a copy in the log of a forked session is known.
        folder: Where its line changed directory to before, as it was typed; empty when it did not.
    """

    text: str
    family: str
    status: Literal["ok", "failed", "rejected"]
    line: int
    step: int
    call: int = 0
    folder: str = ""


class FirstEdit(msgspec.Struct, frozen=True, gc=False):
    """What a session spent before it first changed a file: calls, fresh tokens, and the files it read."""

    calls: int
    tokens: int
    read: tuple[str, ...]


class SessionFacts(msgspec.Struct, kw_only=True):
    """What one session did.

    Attributes:
        key: The session's key (see `segments.session_key`).
        name: The transcript, as it is shown to a person.
        calls: Tool calls; ``prompts`` a person's prompts.
        seconds: Seconds with activity; pauses longer than `PAUSE` are left out.
        tokens: Fresh tokens spent: input, cache writes and output.
        context: Tokens the model read in all: input, cache reads and cache writes of every message.
        runs: The commands in the order in which they ended.
        episodes: The failures, got past or not; the texts of edits are left out.
        failed_calls: For each episode the number of the call that failed first, as in `CommandRun.call`.
        started_at: For each episode the seconds with activity before the call that failed; with the seconds
            of its fix, which are seconds with activity too, it says which stretch of the session it took.
        edited: Files changed, in order of their first change.
    """

    key: str
    agent: str
    name: str
    id: str = ""
    version: str | None = None
    model: str | None = None
    root: str | None = None
    branch: str | None = None
    started: float | None = None
    ended: float | None = None
    calls: int = 0
    prompts: int = 0
    compactions: int = 0
    seconds: float = 0.0
    tokens: int = 0
    context: int = 0
    runs: tuple[CommandRun, ...] = ()
    episodes: tuple[Episode, ...] = ()
    failed_calls: tuple[int, ...] = ()
    started_at: tuple[float, ...] = ()
    edited: tuple[str, ...] = ()
    first_edit: FirstEdit | None = None


class FactsBuilder:
    """Gather the facts of one session: feed every event in order, then `build`."""

    def __init__(self) -> None:
        self._tracker = EpisodeTracker()
        self._calls: dict[str, _Begun] = {}
        self._runs: list[CommandRun] = []
        self._failed: dict[Failure, _Began] = {}
        self._ended: dict[int, float] = {}
        self._edited: dict[str, None] = {}
        self._read: dict[str, None] = {}
        self._first: FirstEdit | None = None
        self._step = self._prompts = self._compactions = self._tokens = self._context = 0
        self._seconds = 0.0
        self._last: float | None = None

    def feed(self, event: AnyEvent, line: int = 0) -> Failure | None:
        """Take the next event, which stands at ``line``; return the failure when it is one."""
        failure = self._tracker.feed(event, line)
        if isinstance(event, Usage):  # given when its message is complete, long after its time
            self._tokens += event.input + event.cache_write + event.output
            self._context += event.context
            return failure
        self._note_time(event.at)
        if isinstance(event, Call):
            self._step += 1
            self._calls[event.id] = _Begun(event, line, self._step, self._seconds)
        elif isinstance(event, Result):
            self._end(event, failure, line)
        elif isinstance(event, Prompt):
            self._prompts += not event.injected
        elif isinstance(event, Compaction):
            self._compactions += 1
        return failure

    @property
    def closed(self) -> list[Episode]:
        """Return the failures that were got past, with the edits in between."""
        return self._tracker.closed

    def _end(self, result: Result, failure: Failure | None, line: int) -> None:
        begun = self._calls.pop(result.call_id, None)
        if begun is None:
            return
        number = _number(begun.call)
        self._ended[line] = self._seconds
        if failure is not None:
            self._failed.setdefault(failure, _Began(number, begun.seconds))
        if begun.call.command is not None:
            if len(self._runs) < MAX_RUNS:
                self._runs.extend(_runs(begun, result, failure, number))
        elif result.status == "ok":
            self._note_files(begun.call)

    def _note_files(self, call: Call) -> None:
        if call.edits:
            if self._first is None:
                self._first = FirstEdit(self._step - 1, self._tokens, tuple(self._read))
            for edit in call.edits:
                if len(self._edited) < MAX_PATHS:
                    self._edited[edit.path] = None
        elif call.tool == "Read" and self._first is None and len(self._read) < MAX_PATHS:
            self._read.update(dict.fromkeys(call.paths))

    def _note_time(self, at: float | None) -> None:
        if at is None:
            return
        if self._last is not None and 0 < at - self._last < PAUSE:
            self._seconds += at - self._last
        self._last = at

    def build(self, session: SessionInfo, name: str) -> SessionFacts:
        """Return the facts of what was fed.

        Args:
            session: What the transcript says about its session.
            name: The transcript, as it is shown to a person.
        """
        found = [*self._tracker.closed, *self._tracker.finish()]
        began = [self._failed.get(episode.failure, _Began(0, 0.0)) for episode in found]
        episodes = [
            _trimmed(episode, self._ended.get(episode.fix.line, 0.0) - start.before if episode.fix else 0)
            for episode, start in zip(found, began, strict=True)
        ]
        return SessionFacts(
            key=session_key(session),
            agent=session.agent,
            name=name,
            id=session.id,
            version=session.version,
            model=session.model,
            root=session.root,
            branch=session.branch,
            started=session.started,
            ended=session.ended,
            calls=self._step,
            prompts=self._prompts,
            compactions=self._compactions,
            seconds=self._seconds,
            tokens=self._tokens,
            context=self._context,
            runs=tuple(self._runs),
            episodes=tuple(episodes),
            failed_calls=tuple(start.call for start in began),
            started_at=tuple(start.before for start in began),
            edited=tuple(self._edited),
            first_edit=self._first,
        )


class _Begun(NamedTuple):
    """A call whose result is still to come: its line, its number, and the seconds before it."""

    call: Call
    line: int
    step: int
    seconds: float


class _Began(NamedTuple):
    """A call that failed: its number, and the seconds with activity before it."""

    call: int
    before: float


def _number(call: Call) -> int:
    """Return a number for a call; a short id is unique only within its session, so its time counts too."""
    name = call.id if len(call.id) >= GLOBAL_ID else f"{call.id}@{call.at}"
    return int.from_bytes(blake2b(name.encode("utf-8", "replace"), digest_size=7).digest())


def _runs(begun: _Begun, result: Result, failure: Failure | None, number: int) -> list[CommandRun]:
    """Return the commands of a shell line with what became of each."""
    command, line, step = begun.call.command or "", begun.line, begun.step
    folder = commands.directory(command)
    if failure is not None:
        owner = failure.owner or commands.family(command)
        return [CommandRun(_text(command, owner), owner, "failed", line, step, number, folder)]
    status: Literal["ok", "rejected"] = "rejected" if result.status == "rejected" else "ok"
    found: dict[str, CommandRun] = {}
    for words in commands.mains(command)[:MAX_PARTS]:
        family = commands.family_of(commands.unwrapped(words))
        if family:
            text = _text(command, family)
            found.setdefault(text, CommandRun(text, family, status, line, step, number, folder))
    return list(found.values())


def _text(command: str, family: str) -> str:
    return " ".join(commands.main_text(command, family).split())[:MAX_TEXT]


def _trimmed(episode: Episode, seconds: float) -> Episode:
    """Leave out the texts of edits, which are most of the memory; count only seconds with activity."""
    fix = episode.fix
    if fix is not None:
        edits = tuple(msgspec.structs.replace(edit, removed="", added="") for edit in fix.edits)
        fix = msgspec.structs.replace(fix, edits=edits, seconds=max(0, round(seconds)))
    return msgspec.structs.replace(episode, fix=fix, edits=[], between=[])
