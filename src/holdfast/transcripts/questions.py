"""Read what a call asks a person, and the answers in its result, in the forms of several agents.

Claude Code (``AskUserQuestion``), Codex (``request_user_input``), OpenCode (``question``) and Gemini
(``ask_user``) give a list of questions with options; Copilot (``ask_user``) gives one question with choices.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from holdfast.hook.patterns import regex
from holdfast.transcripts.events import Question
from holdfast.transcripts.values import items, some_text, table, text_of

MAX_QUESTIONS = 10
MAX_OPTIONS = 12
MAX_LENGTH = 2000
"""Characters of a question, of an option and of an answer that are kept."""

_AFTER = regex(r"\"(?:, \"|\. You can now|\.?\s*$| user notes: | selected (?:preview|markdown):)", re.DOTALL)
_NOTES = regex(r"^ user notes: (.*?)(?=, \"|\. You can now|$)", re.DOTALL)
_SELECTED = regex(r"\s*User (?:selected|responded|answered)(?: with)?: *(.+)", re.DOTALL)
_UNANSWERED = regex(r"\(?(?:no answer|not answered|unanswered|skipped|no preference)\b", re.IGNORECASE)


def read_questions(fields: dict[str, Any]) -> tuple[Question, ...]:
    """Return what a call's arguments ask a person; empty for a call that asks nothing."""
    if "questions" not in fields and "question" not in fields:
        return ()
    given = [table(entry) for entry in items(fields.get("questions"))[:MAX_QUESTIONS]]
    if not given and some_text(fields.get("question")) and ("choices" in fields or "options" in fields):
        given = [fields]
    found = (_question(entry) for entry in given)
    return tuple(question for question in found if question is not None)


def _question(entry: dict[str, Any]) -> Question | None:
    text = some_text(entry.get("question"))
    if text is None:
        return None
    options = [_option(value) for value in items(entry.get("options") or entry.get("choices"))[:MAX_OPTIONS]]
    return Question(
        text=text[:MAX_LENGTH], options=tuple(filter(None, options)), id=text_of(entry.get("id"))[:200]
    )


def _option(value: Any) -> str:
    if isinstance(value, str):
        return value[:MAX_LENGTH]
    label, described = text_of(table(value).get("label")), text_of(table(value).get("description"))
    return (f"{label}: {described}" if label and described else label or described)[:MAX_LENGTH]


def read_answers(questions: Sequence[Question], text: str) -> list[str]:
    """Return the answer to each question out of a call's result; "" where none is found.

    Args:
        questions: What the call asked.
        text: The text of its result.
    """
    text = text.strip()
    found = _from_object(questions, text) if text.startswith("{") else None
    if found is None:
        found = [_quoted(question.text, text) for question in questions]
        chosen = _SELECTED.match(text)
        if chosen and len(questions) == 1 and not found[0]:
            found = [chosen[1].strip()]
    return ["" if _UNANSWERED.match(answer) else answer[:MAX_LENGTH] for answer in found]


def _quoted(question: str, text: str) -> str:
    """Return the answer out of ``"question"="answer"``, with the person's notes to it."""
    start = text.find(f'"{question}"="')
    if start < 0:
        return ""
    start += len(question) + 4
    end = _AFTER.search(text, start)
    if end is None:
        return text[start:].strip()
    answer = text[start : end.start()].strip()
    notes = _NOTES.match(text[end.start() + 1 :])
    return f"{answer}. {notes[1].strip()}" if notes and notes[1].strip() else answer


def _from_object(questions: Sequence[Question], text: str) -> list[str] | None:
    """Return the answers of a JSON object ``{"answers": {id, question or number: answer}}``."""
    try:
        answers = table(table(msgspec.json.decode(text)).get("answers"))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not answers:
        return None
    return [
        _answer(
            next((answers[key] for key in (question.id, question.text, str(number)) if key in answers), "")
        )
        for number, question in enumerate(questions)
    ]


def _answer(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("answers", value.get("answer", ""))
    words = [value] if isinstance(value, str) else [word for word in items(value) if isinstance(word, str)]
    return ". ".join(word.removeprefix("user_note: ").strip() for word in words if word.strip())
