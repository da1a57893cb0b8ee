"""Agreements: what a person and an agent settled, as far as a session shows it.

Four kinds, from the surest down: a question that was answered (by the agent's own tool for that, or in prose
at the end of its turn), a plan that was changed before it was approved, a call rejected with words, and words
that set the agent right: after an interruption, or between turns when the edits that followed were still
there at the end (see `survival`).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from holdfast.evidence import plans, survival
from holdfast.evidence.asking import asked_in_prose
from holdfast.evidence.episodes import MAX_PATHS
from holdfast.hook.patterns import regex
from holdfast.transcripts.events import AnyEvent, Call, Edit, Interruption, Prompt, Question, Result, Say
from holdfast.transcripts.questions import read_answers

MAX_WORDS = 4000
"""Characters of a person's words that are kept."""
MAX_CONTEXT = 400
"""Characters of what the agent said before that are kept."""
MAX_WAITING = 40
"""Corrections whose edits are watched at a time."""
MAX_CALLS = 200
"""Calls without a result that are remembered: the last ones."""
_MAX_SAID = 3000
_MAX_EDIT = 2000
_MAX_PLAN = 20_000
_NO_WORDS = regex(r"\s*The user wants to clarify these questions|\s*\(No answer provided\)")

Kind = Literal["answered", "plan", "rejected", "corrected"]


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """What a person answered, changed, refused or set right. Nothing in it is redacted.

    Attributes:
        question: What was asked: the question, the plan's title; empty when nothing was.
        answer: The person's words, or the options they chose; for a plan the lines they changed.
        options: The answers that were offered.
        context: The end of what the agent had said before.
        paths, command: The call that was rejected, or the files edited upon the words.
        line: The line of the transcript where the words stand.
        survived: True when an edit followed and was still there at the end; None when none followed or it
            was not watched.
    """

    kind: Kind
    answer: str
    question: str = ""
    options: tuple[str, ...] = ()
    context: str = ""
    paths: tuple[str, ...] = ()
    command: str | None = None
    line: int = 0
    survived: bool | None = None


class Pending(msgspec.Struct, kw_only=True):
    """A call whose result has not come: what is needed of it then."""

    tool: str
    command: str | None = None
    paths: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    questions: tuple[Question, ...] = ()
    plan: str = ""


class Correcting(msgspec.Struct, kw_only=True):
    """A person's words whose edits are watched; ``told`` once they were given as an agreement."""

    agreement: Agreement
    edits: list[survival.Watched] = []
    told: bool = False


class AgreementState(msgspec.Struct, kw_only=True):
    """What must be carried over when a transcript is read on.

    Attributes:
        said: The end of what the agent said last.
        prompted: True once a person has said anything: the first prompt corrects nothing.
    """

    calls: dict[str, Pending] = {}
    said: str = ""
    prompted: bool = False
    interrupted: bool = False
    correcting: list[Correcting] = []


class AgreementTracker:
    """Collect the agreements of a session from its events, in order."""

    def __init__(self, state: AgreementState | None = None) -> None:
        self.state = state or AgreementState()
        self.found: list[Agreement] = []

    def feed(self, event: AnyEvent, line: int = 0) -> None:
        """Take the next event, which stands at ``line``."""
        if isinstance(event, Call):
            self._call(event)
        elif isinstance(event, Result):
            self._result(event, line)
        elif isinstance(event, Say):
            if event.subagent is None:
                self.state.said = event.text[-_MAX_SAID:]
        elif isinstance(event, Interruption):
            self.state.interrupted = True
        elif isinstance(event, Prompt) and not event.injected and event.subagent is None:
            self._prompt(event.text.strip(), line)

    def finish(self) -> None:
        """Give the corrections whose edits are still there at the end of what there is."""
        for waiting in self.state.correcting:
            self._tell(waiting)
        self.state.correcting = [waiting for waiting in self.state.correcting[-1:] if not waiting.told]

    def _call(self, call: Call) -> None:
        calls = self.state.calls
        calls[call.id] = Pending(
            tool=call.name,
            command=(call.command or "")[:2000] or None,
            paths=call.paths[:MAX_PATHS],
            edits=tuple(_cut(edit) for edit in call.edits[: survival.MAX_EDITS]),
            questions=call.questions,
            plan=(call.query or "")[:_MAX_PLAN] if call.name in plans.TOOLS else "",
        )
        if len(calls) > MAX_CALLS:
            del calls[next(iter(calls))]

    def _result(self, result: Result, line: int) -> None:
        call = self.state.calls.pop(result.call_id, None)
        if result.status == "rejected":
            if result.words and result.words.strip() and not _NO_WORDS.match(result.words):
                self._reject(call or Pending(tool=""), result.words.strip(), line)
        elif call is not None and result.status == "ok":
            if call.questions:
                self._answer(call, result.text, line)
            elif call.plan:
                self._approve(call, result.text, line)
            elif call.edits or call.command:
                self._acted(call)

    def _reject(self, call: Pending, words: str, line: int) -> None:
        asked = call.questions[0] if call.questions else None
        kind: Kind = "answered" if asked else "plan" if call.plan else "rejected"
        self._add(
            kind,
            words,
            line,
            question=asked.text if asked else plans.title(call.plan),
            options=asked.options if asked else (),
            paths=call.paths,
            command=call.command,
        )

    def _answer(self, call: Pending, text: str, line: int) -> None:
        for question, answer in zip(call.questions, read_answers(call.questions, text), strict=True):
            if answer:
                self._add("answered", answer, line, question=question.text, options=question.options)

    def _approve(self, call: Pending, text: str, line: int) -> None:
        agreed = plans.agreed(call.plan, text)
        if agreed:
            self._add("plan", agreed, line, question=plans.title(call.plan))

    def _prompt(self, text: str, line: int) -> None:
        state = self.state
        first, interrupted = not state.prompted, state.interrupted
        state.prompted, state.interrupted = True, False
        if not text or (first and not interrupted):
            return
        asked = asked_in_prose(state.said) if not interrupted else None
        if asked is not None and len(text) < MAX_WORDS:
            self._add("answered", text, line, question=asked.text, options=asked.options)
            return
        words = Agreement(
            kind="corrected",
            answer=text[:MAX_WORDS],
            context=state.said[-MAX_CONTEXT:],
            line=line,
        )
        if interrupted:
            self.found.append(words)
            return
        state.correcting.append(Correcting(agreement=words))
        if len(state.correcting) > MAX_WAITING:
            self._tell(state.correcting.pop(0))

    def _acted(self, call: Pending) -> None:
        """Take note of edits, and of what they and commands undo."""
        correcting = self.state.correcting
        before = len(correcting[-1].edits) if correcting else 0
        for waiting in correcting:
            if waiting.edits:
                waiting.edits = [edit for edit in waiting.edits if not _undone(edit, call)]
        if call.command is not None and survival.commits(call.command):
            for waiting in correcting:
                for edit in waiting.edits:
                    edit.commits += 1
        # what takes the same correction's edit out again is no edit upon it
        if call.edits and correcting and len(correcting[-1].edits) == before:
            mine = correcting[-1].edits
            mine.extend(watched for edit in call.edits if (watched := survival.watch(edit)))
            del mine[survival.MAX_EDITS :]

    def _tell(self, waiting: Correcting) -> None:
        if waiting.edits and not waiting.told:
            waiting.told = True
            paths = tuple(dict.fromkeys(edit.path for edit in waiting.edits))
            self.found.append(msgspec.structs.replace(waiting.agreement, paths=paths, survived=True))

    def _add(
        self,
        kind: Kind,
        answer: str,
        line: int,
        *,
        question: str,
        options: tuple[str, ...] = (),
        paths: tuple[str, ...] = (),
        command: str | None = None,
    ) -> None:
        self.found.append(
            Agreement(
                kind=kind,
                question=question,
                answer=answer[:MAX_WORDS],
                options=options,
                context=self.state.said[-MAX_CONTEXT:],
                paths=paths,
                command=command,
                line=line,
            )
        )


def _cut(edit: Edit) -> Edit:
    return Edit(edit.path, edit.removed[:_MAX_EDIT], edit.added[:_MAX_EDIT])


def _undone(watched: survival.Watched, call: Pending) -> bool:
    if call.command is not None:
        return survival.undone_by_command(watched, call.command)
    return any(survival.undone_by_edit(watched, edit) for edit in call.edits)
