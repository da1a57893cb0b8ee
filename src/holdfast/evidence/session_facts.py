"""What one session did, as far as it can be counted: commands run, failures met, files edited, first edit.

Facts are gathered from the events alone and hold no words of a person. `measure` sums them over sessions.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from holdfast.evidence.episodes import Episode, EpisodeTracker, Failure
from holdfast.evidence.segments import session_key
from holdfast.hook import commands
from holdfast.transcripts.events import AnyEvent, Call, Compaction, Prompt, Result, SessionInfo, Usage

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
    """

    text: str
    family: str
    status: Literal["ok", "failed", "rejected"]
    line: int
    step: int


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
        failed_calls: For each episode the id of the call that failed first, by which a copy in a forked
            session's log is known.
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
    failed_calls: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    first_edit: FirstEdit | None = None


class FactsBuilder:
    """Gather the facts of one session: feed every event in order, then `build`."""

    def __init__(self) -> None:
        self._tracker = EpisodeTracker()
        self._calls: dict[str, tuple[Call, int, int]] = {}
        self._runs: list[CommandRun] = []
        self._failed: dict[int, str] = {}
        self._edited: dict[str, None] = {}
        self._read: dict[str, None] = {}
        self._first: FirstEdit | None = None
        self._step = self._prompts = self._compactions = self._tokens = self._context = 0
        self._seconds = 0.0
        self._last: float | None = None

    def feed(self, event: AnyEvent, line: int = 0) -> Failure | None:
        """Take the next event, which stands at ``line``; return the failure when it is one."""
        failure = self._tracker.feed(event, line)
        if isinstance(event, Call):
            self._step += 1
            self._calls[event.id] = (event, line, self._step)
        elif isinstance(event, Result):
            self._end(event, failure)
        elif isinstance(event, Usage):
            self._tokens += event.input + event.cache_write + event.output
            self._context += event.context
            return failure
        elif isinstance(event, Prompt):
            self._prompts += not event.injected
        elif isinstance(event, Compaction):
            self._compactions += 1
        self._note_time(event.at)
        return failure

    def _end(self, result: Result, failure: Failure | None) -> None:
        call, line, step = self._calls.pop(result.call_id, (None, 0, 0))
        if call is None:
            return
        if failure is not None:
            self._failed.setdefault(failure.line, result.call_id)
        if call.command is not None:
            if len(self._runs) < MAX_RUNS:
                self._runs.extend(_runs(call.command, result, failure, line, step))
        elif result.status == "ok":
            self._note_files(call)

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
        episodes = [_trimmed(episode) for episode in (*self._tracker.closed, *self._tracker.finish())]
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
            failed_calls=tuple(self._failed.get(episode.failure.line, "") for episode in episodes),
            edited=tuple(self._edited),
            first_edit=self._first,
        )


def _runs(command: str, result: Result, failure: Failure | None, line: int, step: int) -> list[CommandRun]:
    """Return the commands of a shell line with what became of each."""
    if failure is not None:
        owner = failure.owner or commands.family(command)
        return [CommandRun(_text(command, owner), owner, "failed", line, step)]
    status: Literal["ok", "rejected"] = "rejected" if result.status == "rejected" else "ok"
    found: dict[str, CommandRun] = {}
    for words in commands.mains(command)[:MAX_PARTS]:
        family = commands.family_of(commands.unwrapped(words))
        if family:
            text = _text(command, family)
            found.setdefault(text, CommandRun(text, family, status, line, step))
    return list(found.values())


def _text(command: str, family: str) -> str:
    return " ".join(commands.main_text(command, family).split())[:MAX_TEXT]


def _trimmed(episode: Episode) -> Episode:
    """Leave out the texts of edits: what they were is worded before, and they are most of the memory."""
    fix = episode.fix
    if fix is not None and fix.edits:
        edits = tuple(msgspec.structs.replace(edit, removed="", added="") for edit in fix.edits)
        fix = msgspec.structs.replace(fix, edits=edits)
    return msgspec.structs.replace(episode, fix=fix, edits=[], between=[])
