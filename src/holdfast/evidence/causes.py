"""Root causes that an outcome confirmed: the agent said why something failed, and then it worked.

The statement must stand between the failure and the change that mended it, name something of the failure or
of that change, and the same work must then succeed. A statement after which the same failure came back is
dropped.
"""

from __future__ import annotations

import re

import msgspec

from holdfast.evidence import resolution
from holdfast.evidence.outcomes import FailedCommand, Outcome, Outcomes, is_failure, signed
from holdfast.evidence.prose import MAX_SAID, is_plan, is_step, pruned, sentences
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.transcripts.events import AnyEvent, Call, Edit, Prompt, Result, Say

MAX_OPEN = 20
"""Statements that wait for a success at one time; the oldest are given up."""
MAX_PENDING = 20
"""Edits that wait for their result at one time; the oldest are given up."""
MAX_CALLS = 25
"""Calls between a failure and the statement of its cause."""
MAX_NAMES = 200
"""Names of what was changed that are kept for one statement."""
MAX_TEXT = 4000
"""Characters of the removed and of the added text of an edit that are looked at."""
MAX_EDITS = 8
"""Files that are kept for one statement."""

_STATES = regex(
    r"\broot cause\b|\bcaused by\b|\bthe reason (?:is|was|for)\b|\b(?:is|was) because\b|\bturns out\b"
    r"|\b(?:fail\w*|errors?|breaks?|broke|broken|reject\w*|missing|wrong|times? out"
    r"|hangs?)\b.*\b(?:because|since|due to)\b"
    r"|\b(?:issue|problem|bug|cause|error|failure|culprit)(?: here)? (?:is|was) (?!clear|now|fixed"
    r"|gone|resolved)",
    re.IGNORECASE,
)
_POINTS = regex(
    r"\b(?:found (?:it|the (?:\w+ )?(?:bug|issue|problem|cause))|(?:see|understand) (?:the|what) (?:\w+ )?"
    r"(?:issue|problem|bug|happen\w*|going on|wrong)|(?:issue|problem|cause) is (?:now )?clear)\b",
    re.IGNORECASE,
)
_NAME = regex(r"[A-Za-z_.][\w./-]*[A-Za-z0-9_]")
_TELLING = regex(r"[a-z][A-Z]|[_./-]|\d|^[A-Z]{2,}")
_QUOTED = regex(r"[`\"“']([^`\"”'\n]{3,80})[`\"”']")
_PARTS = regex(r"[A-Z]?[a-z]{3,}|[A-Z]{3,}")
_TESTS = regex(r"test|jest|mocha|playwright|rspec|spec\b", re.IGNORECASE)
_NARRATION = regex(r"(?:[;—–]|,? so|,? and|\. )\s*(?:i'm|i'll|i've|i am|let me|let's)\b.*$", re.IGNORECASE)
_BEFORE = regex(r"^[^`]{5,120}?, but (?=.*\bbecause\b)", re.IGNORECASE)
_I_RAN = regex(r"\bI ran (?:it|this|them)\b")
_LOCAL = regex(r"^\S+\.\w{1,5}:\d+:\d+: ")
_EVERYDAY = frozenset(
    "the that this with from when into only have been being then them they because test tests "
    "testing file files "
    "code error errors fail failed failing issue problem func function return string line lines true "
    "false".split()
)


class RootCause(msgspec.Struct, frozen=True, kw_only=True):
    """Why something failed, as the agent said before it mended it.

    Attributes:
        cause: One sentence or two of the agent: private prose.
        message: The error line; ``command`` what failed; ``owner`` its family.
        family, specific: The failure's signature.
        edits: The files changed between the statement and the success.
        fixed: The command that then succeeded.
        line, said_line, fixed_line: Where it failed, was explained and worked.
    """

    cause: str
    message: str
    command: str
    owner: str
    family: str
    specific: str
    generic: bool
    exit_code: int | None = None
    edits: tuple[str, ...] = ()
    fixed: str = ""
    line: int = 0
    said_line: int = 0
    fixed_line: int = 0


class Stated(msgspec.Struct, kw_only=True):
    """A cause that was stated and waits for the success of the same work.

    Attributes:
        edits, names: What was changed since, and the words in it: the first ones.
        moved_on: True once the same work failed in another way.
    """

    failure: FailedCommand
    cause: str
    line: int
    edits: list[str] = []
    names: list[str] = []
    moved_on: bool = False


class CauseState(msgspec.Struct, kw_only=True):
    """What must be carried over when a transcript is read on."""

    calls: dict[str, tuple[Edit, ...]] = {}
    open: list[Stated] = []
    prompted: int = 0


class CauseTracker:
    """Collect the causes that an agent stated and an outcome confirmed.

    Args:
        state: What was carried over.
        outcomes: The session's latest commands, when they are shared with another tracker.
    """

    def __init__(self, state: CauseState | None = None, outcomes: Outcomes | None = None) -> None:
        self.state = state or CauseState()
        self.found: list[RootCause] = []
        self._outcomes = outcomes or Outcomes()

    def feed(self, event: AnyEvent, line: int = 0) -> None:
        """Take the next event, which stands at ``line``."""
        if isinstance(event, Say):
            self._hear(event.text[-MAX_SAID:], line)
        elif isinstance(event, Prompt):
            if not event.injected:
                self.state.prompted = line
        elif isinstance(event, Call):
            self._outcomes.feed(event)
            if event.edits and self.state.open:
                self.state.calls[event.id] = tuple(
                    Edit(edit.path, edit.removed[:MAX_TEXT], edit.added[:MAX_TEXT])
                    for edit in event.edits[:MAX_EDITS]
                )
                if len(self.state.calls) > MAX_PENDING:
                    del self.state.calls[next(iter(self.state.calls))]
        elif isinstance(event, Result):
            self._end(event, line)

    def finish(self) -> None:
        """Do nothing: a cause that no success confirmed is none."""

    def _hear(self, text: str, line: int) -> None:
        if not self._outcomes.any_since(self.state.prompted, MAX_CALLS):
            return
        cause = stated_cause(text)
        failure = self._outcomes.last_failure(self.state.prompted) if cause else None
        if failure is None or self._outcomes.state.step - failure.step > MAX_CALLS:
            return
        for stated in self.state.open:
            if stated.failure.line == failure.line:
                if not stated.edits or _parts(cause) & set(stated.names):
                    stated.cause, stated.line = cause, line
                return
        self.state.open.append(Stated(failure=failure, cause=cause, line=line))
        del self.state.open[:-MAX_OPEN]

    def _end(self, result: Result, line: int) -> None:
        edits = self.state.calls.pop(result.call_id, ())
        ended = self._outcomes.feed(result, line)
        if not self.state.open:
            return
        if ended is not None:
            command, outcome = ended
            if not any(commands.part_of(command, stated.failure.owner) for stated in self.state.open):
                return
            if outcome is not None and is_failure(outcome):
                self._failed_again(outcome)
            elif result.status == "ok":
                self._worked(command, result, line)
        elif result.status == "ok":
            for edit in edits:
                self._edited(edit)

    def _edited(self, edit: Edit) -> None:
        names = sorted(_parts(f"{edit.removed} {edit.added}"))
        for stated in self.state.open:
            if stated.moved_on:
                continue
            if edit.path not in stated.edits:
                stated.edits = [*stated.edits, edit.path][:MAX_EDITS]
            stated.names = list(dict.fromkeys([*stated.names, *names]))[:MAX_NAMES]

    def _failed_again(self, outcome: Outcome) -> None:
        """Drop what was stated of a failure that came back although something was changed.

        Where another failure came instead, later edits belong to that one.
        """
        again = signed(outcome)
        still = []
        for stated in self.state.open:
            same_work = bool(stated.edits) and stated.failure.owner == again.owner
            if same_work and stated.failure.specific == again.specific:
                continue
            stated.moved_on = stated.moved_on or same_work
            still.append(stated)
        self.state.open = still

    def _worked(self, command: str, result: Result, line: int) -> None:
        call = Call(id=result.call_id, tool="Bash", name="Bash", command=command)
        still = []
        for stated in self.state.open:
            failure = stated.failure
            if not resolution.resolves(
                "Bash", failure.command, failure.message, (), call, owner=failure.owner
            ):
                still.append(stated)
            elif _shares_names(stated):
                self.found.append(_confirmed(stated, command, line))
        self.state.open = still


def stated_cause(text: str) -> str:
    """Return the sentence or two in which a message states a cause last; empty when it states none."""
    said = sentences(text)
    for position in range(len(said) - 1, -1, -1):
        sentence = said[position]
        statement = pruned(sentence)
        if _STATES.search(statement) and _is_statement(statement):
            return _with_next(_bare(statement), said[position + 1 :])
        if _POINTS.search(sentence):
            told = statement if _is_statement(statement) and not _POINTS.search(statement) else ""
            told = told or next(
                (pruned(one) for one in said[position + 1 :][:2] if _is_statement(pruned(one))), ""
            )
            if told:
                return told
    return ""


def _bare(statement: str) -> str:
    """Take out of a statement what the agent says of itself."""
    bare = _I_RAN.sub("it ran", _BEFORE.sub("", _NARRATION.sub("", statement)))
    return bare[:1].upper() + bare[1:] if bare != statement and bare[:1].islower() else bare


def _is_statement(sentence: str) -> bool:
    bare = _bare(sentence)
    return 5 <= len(bare.split()) <= 45 and not is_plan(bare) and not is_step(bare)


def _with_next(statement: str, following: list[str]) -> str:
    """Add the sentence behind a short statement, when it goes on with it."""
    if following and len(statement.split()) < 12:
        after = pruned(following[0])
        if _is_statement(after) and len(after.split()) <= 25:
            return f"{statement} {after}"
    return statement


def _parts(text: str) -> set[str]:
    return {part.lower() for part in _PARTS.findall(text)} - _EVERYDAY


def _shares_names(stated: Stated) -> bool:
    """Tell whether a cause names something of the failure, or for a failed test of what was changed."""
    named = {name for name in _NAME.findall(stated.cause) if len(name) > 3 and _TELLING.search(name)}
    named.update(_QUOTED.findall(stated.cause))
    parts = _parts(" ".join(named))
    failure = stated.failure
    complaint = _parts(f"{failure.message} {failure.command}")
    if _LOCAL.match(failure.message) or resolution.is_usage(failure.message):
        return bool(parts & complaint)
    if not _TESTS.search(f"{failure.owner} {failure.message}"):
        return bool(parts & (complaint | _parts(failure.output)))
    return bool(parts & (complaint | set(stated.names) | _parts(" ".join(stated.edits))))


def _confirmed(stated: Stated, command: str, line: int) -> RootCause:
    failure = stated.failure
    return RootCause(
        cause=stated.cause,
        message=failure.message,
        command=failure.command,
        owner=failure.owner,
        family=failure.family,
        specific=failure.specific,
        generic=failure.generic,
        exit_code=failure.exit_code,
        edits=tuple(stated.edits),
        fixed=command,
        line=failure.line,
        said_line=stated.line,
        fixed_line=line,
    )
