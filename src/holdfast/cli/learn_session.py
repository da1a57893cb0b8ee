"""``holdfast learn --session``: the four questions at a session's end, each answer with how to record it."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from holdfast.cli.output import dim, emit, plain, strong, wrapped

if TYPE_CHECKING:
    from holdfast.transcripts.origin import Origin

Question = Literal["decided", "failed", "pattern", "tripped"]

_ASKED: dict[Question, str] = {
    "decided": "What was decided?",
    "failed": "What failed, and what ended it?",
    "pattern": "What worked again and again?",
    "tripped": "What cost most before it worked?",
}
_COMMANDS: dict[Question, str] = {
    "decided": "holdfast learn --decision",
    "failed": "holdfast learn --failure",
    "pattern": "holdfast learn --pattern",
    "tripped": "holdfast learn --failure --symptoms",  # what to do instead is left to say, in an editor
}


class SessionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to one of the four questions.

    Attributes:
        line: The line of the transcript, or the number of its message, where it is seen.
        private: True when it holds words of a person or prose of an agent: recording it shares them.
        command: What would record it, as a shell line.
    """

    question: Question
    text: str
    line: int
    private: bool
    command: str


class SessionAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """What one session could teach; nothing of it is recorded.

    Attributes:
        others: Sessions at that path that were not looked at, because they are older.
    """

    transcript: str
    answers: list[SessionAnswer]
    others: int = 0


def show(path: Path, as_json: bool) -> int:
    """Print what one session could teach; 1 when it answers nothing."""
    origin, others = _origin(path)
    found = SessionAnswers(transcript=origin.name, answers=list(_answers(origin)), others=others)
    emit(found, "holdfast.learn-session/1", as_json, _lines)
    return 0 if found.answers else 1


def _origin(path: Path) -> tuple[Origin, int]:
    """Return the session at a path, the newest of several, and how many others there are."""
    from holdfast.errors import EnvironmentProblem, UsageError
    from holdfast.transcripts.transcript import expand

    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise EnvironmentProblem(f"Cannot read {path}: {error.strerror}.", "Check the path.") from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UsageError(f"{path} is not a regular file.", "Name the log of a session.")
    origins = sorted(expand([path]), key=lambda origin: (origin.mtime, origin.key))
    if not origins:
        raise UsageError(f"No session was found in {path}.", "Name the log of a session.")
    return origins[-1], len(origins) - 1


def _answers(origin: Origin) -> Iterator[SessionAnswer]:
    from holdfast.learn.four_questions import answers
    from holdfast.learn.neutral import neutral_text
    from holdfast.transcripts.transcript import open_transcript

    transcript = open_transcript(origin)
    found = answers((event, transcript.line) for event in transcript.events())
    root = transcript.session.root
    for question in _ASKED:
        for answer in getattr(found, question):
            text = " ".join(neutral_text(answer.text, root).split())
            yield SessionAnswer(
                question=question,
                text=text,
                line=answer.line,
                private=answer.private,
                command=_command(question, text),
            )


def _command(question: Question, text: str) -> str:
    option = text.startswith("-") and question != "tripped"  # whose text is the value of an option
    return f"{_COMMANDS[question]} {'-- ' if option else ''}{shlex.quote(text)}"


def _lines(found: SessionAnswers) -> Iterator[str]:
    more = f" (the newest of {found.others + 1:,} there)" if found.others else ""
    yield f"{plain(found.transcript)}{more}"
    unanswered = []
    for question, asked in _ASKED.items():
        mine = [answer for answer in found.answers if answer.question == question]
        if not mine:
            unanswered.append(asked.lower().rstrip("?"))
            continue
        yield ""
        yield strong(asked)
        for answer in mine:
            # a break of a line within the quotes is a space again when it is read
            yield wrapped(answer.command, first="  ", indent="    ")
            private = "; quotes a person or an agent: read it before you share it" if answer.private else ""
            yield dim(f"    seen at line {answer.line:,}{private}")
    yield ""
    if unanswered:
        yield wrapped(f"Nothing stands out: {'; '.join(unanswered)}.", first="", indent="")
    if found.answers:
        yield dim("Nothing was recorded. Each command records one answer; word it as you like.")
