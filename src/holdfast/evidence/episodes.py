"""Failure episodes: a call that failed, and the next success of the same work with what lay between.

Pairing happens while a session is read, because that is what makes a fix findable later. A failure that a
pipe hid (``cmd | tail`` exits 0) counts when its output is a tool's failure report.
"""

from __future__ import annotations

import re

import msgspec

from holdfast.evidence import resolution
from holdfast.evidence.findings import FindingState, FindingTracker, added_directives
from holdfast.hook import commands, signature
from holdfast.hook.patterns import regex
from holdfast.transcripts.events import AnyEvent, Call, Edit, Result, Usage

MAX_COMMAND = 2000
"""Characters of a command that an episode keeps."""
MAX_BETWEEN = 12
"""Edits and commands that an episode keeps between failure and success: the latest."""
MAX_TEXT = 1000
"""Characters of the removed and of the added text of an edit that are kept."""
MAX_OPEN = 200
"""Failures that wait for a success at one time; the oldest are given up."""
MAX_PENDING = 1000
"""Calls that wait for their result at one time; the oldest are given up."""
MAX_PATHS = 50
"""Files that a waiting call names."""
_COMMIT = regex(r"^\[[^\]\n]*?\b([0-9a-f]{7,40})\] ", re.MULTILINE)


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A call that failed.

    Attributes:
        command: The shell command line, else what the file tool was asked to do.
        owner: The family of the part of the command that failed, else the tool.
        message: The error line.
        line: The line of the transcript that holds the result.
        hidden: True when the exit code said success and the output reported a failure.
        step, spent, at: Calls made, tokens spent and the clock when it failed.
    """

    family: str
    specific: str
    generic: bool
    message: str
    tool: str
    owner: str
    command: str
    paths: tuple[str, ...] = ()
    exit_code: int | None = None
    line: int = 0
    hidden: bool = False
    step: int = 0
    spent: int = 0
    at: float | None = None
    subagent: str | None = None


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """The success that ended a failure.

    Attributes:
        edits: What was changed between, the texts cut.
        between: Other commands that succeeded between and did more than show text.
        directives: What was written between to silence a linter, as `findings.directives` gives it.
        steps, tokens, seconds: What it took from the failure to here.
    """

    command: str
    paths: tuple[str, ...] = ()
    exit_code: int | None = None
    line: int = 0
    edits: tuple[Edit, ...] = ()
    between: tuple[str, ...] = ()
    directives: tuple[str, ...] = ()
    steps: int = 0
    tokens: int = 0
    seconds: int = 0


class Episode(msgspec.Struct, kw_only=True):
    """A failure, how often it came again before it ended, and the fix when there was one.

    Attributes:
        reported: Occurrences that an earlier stretch of the session has already counted.
        moved_on: True once the same work failed in another way: later edits belong to that failure.
        learning: The id of the learning that words the fix, once there is one.
    """

    failure: Failure
    occurrences: int = 1
    reported: int = 0
    fix: Fix | None = None
    learning: str | None = None
    commit: str | None = None
    edits: list[Edit] = []
    between: list[str] = []
    directives: list[str] = []
    moved_on: bool = False


class PendingCall(msgspec.Struct, frozen=True):
    """A call whose result has not been read yet, and the directives that its edits add."""

    call: Call
    line: int
    directives: tuple[str, ...] = ()


class EpisodeState(msgspec.Struct, kw_only=True):
    """What must be carried over when a growing transcript is read on from where it was left."""

    pending: dict[str, PendingCall] = {}
    open: list[Episode] = []
    step: int = 0
    spent: int = 0
    findings: FindingState = msgspec.field(default_factory=FindingState)


class EpisodeTracker:
    """Turn a session's events, in order, into failure episodes.

    Feed every event; take `closed` as it fills, and `finish` for the failures that have not ended.
    """

    def __init__(self, state: EpisodeState | None = None) -> None:
        self.state = state or EpisodeState()
        self.closed: list[Episode] = []
        self.commits: list[str] = []
        self.findings = FindingTracker(self.state.findings)
        self._given_up: list[Episode] = []
        self._awaiting_commit: list[Episode] = []

    def feed(self, event: AnyEvent, line: int = 0) -> Failure | None:
        """Take the next event, which stands at ``line``; return the failure when it is one."""
        if isinstance(event, Call):
            self._begin(event, line)
        elif isinstance(event, Usage):
            self.state.spent += event.output + event.input + event.cache_write
        elif isinstance(event, Result):
            return self._end(event, line)
        return None

    def finish(self) -> list[Episode]:
        """Return the episodes of this stretch that are still open or were given up.

        The open ones stay in the state for a later stretch; `mark_counted` says that these were counted.
        """
        return [*self._given_up, *self.state.open]

    def mark_counted(self) -> None:
        """Take what was found so far as counted: what is given from here on is only the rest."""
        self.closed.clear()
        self.commits.clear()
        self._given_up.clear()
        self.findings.found.clear()
        self._awaiting_commit.clear()
        for episode in self.state.open:
            episode.reported = episode.occurrences

    def _begin(self, call: Call, line: int) -> None:
        self.state.step += 1
        pending = self.state.pending
        pending[call.id] = PendingCall(_trimmed(call), line, added_directives(call))
        if len(pending) > MAX_PENDING:
            del pending[next(iter(pending))]

    def _end(self, result: Result, line: int) -> Failure | None:
        pending = self.state.pending.pop(result.call_id, None)
        if pending is None or result.status == "rejected":
            return None
        failure = self._failure(pending.call, result, line)
        if failure is not None:
            self._fail(failure)
            if failure.tool == "Bash":
                self.findings.failed(result.text, failure.owner)
        elif result.status == "ok":
            self.findings.passed(pending.call, pending.directives)
            self._succeed(pending, result, line)
        return failure

    def _failure(self, call: Call, result: Result, line: int) -> Failure | None:
        """Return the failure that a result is; None for a success, and for an exit code that is an answer."""
        hidden = result.status == "ok"
        if hidden and not _hides_failure(call, result):
            return None
        if not hidden and call.command is not None and _is_answer(call.command, result):
            return None
        signed = signature.sign(call.tool, call.command, result.text)
        return Failure(
            family=signed.family,
            specific=signed.specific,
            generic=signed.generic,
            message=signed.line,
            tool=call.tool,
            owner=signed.owner,
            command=_asked(call),
            paths=call.paths,
            exit_code=result.exit_code,
            line=line,
            hidden=hidden,
            step=self.state.step,
            spent=self.state.spent,
            at=result.at,
            subagent=result.subagent or call.subagent,
        )

    def _fail(self, failure: Failure) -> None:
        same: Episode | None = None
        for episode in self.state.open:
            earlier = episode.failure
            if earlier.subagent != failure.subagent or earlier.owner != failure.owner:
                continue
            if earlier.specific == failure.specific:
                same = episode
            else:
                episode.moved_on = True
        if same is not None:
            same.occurrences += 1
            same.moved_on = False
            return
        self.state.open.append(Episode(failure=failure))
        self._given_up.extend(self.state.open[:-MAX_OPEN])
        del self.state.open[:-MAX_OPEN]

    def _succeed(self, pending: PendingCall, result: Result, line: int) -> None:
        call = pending.call
        self._note_commit(call, result)
        if not self.state.open:
            return
        acts = call.command is not None and not commands.only_views(call.command)
        still_open = []
        for episode in self.state.open:
            failure = episode.failure
            if failure.subagent == (result.subagent or call.subagent) and _ends(failure, call):
                self._close(episode, call, result, line)
            else:
                _note_between(episode, pending, acts=acts)
                still_open.append(episode)
        self.state.open = still_open

    def _close(self, episode: Episode, call: Call, result: Result, line: int) -> None:
        failure = episode.failure
        seconds = int(result.at - failure.at) if result.at and failure.at and result.at > failure.at else 0
        episode.fix = Fix(
            command=_asked(call),
            paths=call.paths,
            exit_code=result.exit_code,
            line=line,
            edits=tuple(episode.edits),
            between=tuple(episode.between),
            directives=tuple(dict.fromkeys(episode.directives)),
            steps=self.state.step - failure.step,
            tokens=max(0, self.state.spent - failure.spent),
            seconds=seconds,
        )
        episode.edits, episode.between, episode.directives = [], [], []
        self.closed.append(episode)
        self._awaiting_commit.append(episode)

    def _note_commit(self, call: Call, result: Result) -> None:
        if call.command is None or "commit" not in call.command:
            return
        found = _COMMIT.findall(result.text)
        if found:
            self.commits.extend(found)
            for episode in self._awaiting_commit:
                episode.commit = found[0]
            self._awaiting_commit = []


def _note_between(episode: Episode, pending: PendingCall, *, acts: bool) -> None:
    call = pending.call
    if episode.moved_on:
        return
    episode.directives.extend(pending.directives)
    del episode.directives[:-MAX_BETWEEN]
    episode.edits.extend(call.edits)
    del episode.edits[:-MAX_BETWEEN]
    if acts and call.command is not None:
        episode.between.append(call.command[:MAX_COMMAND])
        del episode.between[:-MAX_BETWEEN]


def _trimmed(call: Call) -> Call:
    edits = tuple(
        Edit(edit.path, edit.removed[:MAX_TEXT], edit.added[:MAX_TEXT]) for edit in call.edits[:MAX_BETWEEN]
    )
    command = call.command[:8000] if call.command else call.command
    return msgspec.structs.replace(
        call, edits=edits, command=command, paths=call.paths[:MAX_PATHS], query=None
    )


def _asked(call: Call) -> str:
    asked = call.command if call.command is not None else " ".join([call.tool, *call.paths[:1]])
    return asked[:MAX_COMMAND]


def _ends(failure: Failure, call: Call) -> bool:
    return resolution.resolves(
        failure.tool, failure.command, failure.message, failure.paths, call, owner=failure.owner
    )


def _hides_failure(call: Call, result: Result) -> bool:
    """Tell whether a call that exited 0 failed: it could hide that, and its output reports it."""
    if call.command is None or not commands.hides_failure(call.command):
        return False
    return not commands.shows_text(call.command) and signature.reports_failure(result.text)


def _is_answer(command: str, result: Result) -> bool:
    """Tell whether a non-zero exit is an answer (``grep`` found nothing, ``diff`` differs), not a failure."""
    if not commands.only_views(command) or result.exit_code not in (1, None):
        return False
    if commands.family(command).startswith("gh "):
        return False
    return not signature.complaint(command, result.text)
