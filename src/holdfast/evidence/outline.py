"""The outline of a session: what people said in it, and which files were edited upon that.

Nothing in it is redacted; whoever stores it does that first.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from holdfast.evidence.asking import asked_in_prose
from holdfast.transcripts.events import AnyEvent, Call, Prompt, Question, Result, Say
from holdfast.transcripts.questions import read_answers

MAX_TURNS = 200
"""Things said in one stretch that are kept: the first ones."""
MAX_WORDS = 3000
"""Characters of what was said that are kept here: its beginning."""
MAX_FILES = 500
"""Edited files of one stretch that are kept: the first ones."""
MAX_CALLS = 200
"""Calls without a result that are remembered: the last ones."""
_MAX_SAID = 1000

Kind = Literal["", "prompt", "answer", "rejection"]


class Turn(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Hold one thing that a person said, and the files edited from then to the next.

    Attributes:
        kind: Empty for what was edited before anything was said in this stretch: it belongs to what was
            said last before it.
        text: What was said.
        asked: The question that it answers, when it answers one.
        at: When, in seconds since the epoch; None when the log does not say.
        line: The line of the transcript where it stands.
        edited: The files, in the order of their first edit.
    """

    kind: Kind = ""
    text: str = ""
    asked: str = ""
    at: float | None = None
    line: int = 0
    edited: list[str] = []


class Awaited(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A call whose result tells whether its edits were made, or what its questions were answered."""

    paths: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()


class OutlineState(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What must be carried over when a transcript is read on; ``said`` ends what the agent said last."""

    calls: dict[str, Awaited] = {}
    said: str = ""


class OutlineTracker:
    """Collect the outline of one stretch of a session from its events, in order.

    Attributes:
        turns: What was said, and edited upon it.
        edited: The files edited in the stretch, with the time of the first edit.
        by_subagent: True when all of it is a subagent's: then its prompts are an agent's words.
        state: What must be carried over.
    """

    def __init__(self, state: OutlineState | None = None) -> None:
        self.state = state or OutlineState()
        self.turns: list[Turn] = []
        self.edited: dict[str, float | None] = {}
        self._of_main = self._of_subagent = False

    @property
    def by_subagent(self) -> bool:
        """Tell whether nothing of the stretch stands in a main conversation."""
        return self._of_subagent and not self._of_main

    def feed(self, event: AnyEvent, line: int = 0) -> None:
        """Take the next event, which stands at ``line``."""
        if isinstance(event, Call):
            self._note_place(event)
            self._call(event)
        elif isinstance(event, Result):
            self._result(event, line)
        elif isinstance(event, Say):
            if event.subagent is None:
                self.state.said = event.text[-_MAX_SAID:]
        elif isinstance(event, Prompt):
            self._note_place(event)
            if event.subagent is None and not event.injected:
                self._prompt(event, line)

    def _note_place(self, event: Call | Prompt) -> None:
        if event.subagent is None:
            self._of_main = True
        else:
            self._of_subagent = True

    def _call(self, call: Call) -> None:
        if not (call.edits or call.questions):
            return
        calls = self.state.calls
        paths = tuple(dict.fromkeys(edit.path for edit in call.edits))[:MAX_FILES]
        calls[call.id] = Awaited(paths=paths, questions=call.questions)
        if len(calls) > MAX_CALLS:
            del calls[next(iter(calls))]

    def _result(self, result: Result, line: int) -> None:
        call = self.state.calls.pop(result.call_id, None)
        if result.status == "rejected":
            if result.words and result.subagent is None:
                asked = call.questions[0].text if call and call.questions else ""
                kind: Kind = "answer" if asked else "rejection"
                self._say(kind, result.words, asked, result.at, line)
        elif call is not None and result.status == "ok":
            if call.questions and result.subagent is None:
                answers = read_answers(call.questions, result.text)
                for question, answer in zip(call.questions, answers, strict=True):
                    self._say("answer", answer, question.text, result.at, line)
            self._edit(call.paths, result.at)

    def _prompt(self, prompt: Prompt, line: int) -> None:
        asked = asked_in_prose(self.state.said)
        self.state.said = ""
        self._say("prompt", prompt.text, asked.text if asked else "", prompt.at, line)

    def _say(self, kind: Kind, text: str, asked: str, at: float | None, line: int) -> None:
        text = text[:MAX_WORDS].strip()
        if text and len(self.turns) < MAX_TURNS:
            self.turns.append(Turn(kind=kind, text=text, asked=asked, at=at, line=line))

    def _edit(self, paths: tuple[str, ...], at: float | None) -> None:
        if paths and not self.turns:
            self.turns.append(Turn(at=at))
        for path in paths:
            if path in self.edited or len(self.edited) < MAX_FILES:
                self.edited.setdefault(path, at)
                if path not in self.turns[-1].edited:
                    self.turns[-1].edited.append(path)
