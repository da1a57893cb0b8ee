"""Find the question that ends what an agent said, and the answers it offers there.

Agents ask in prose far more often than by a tool for it: "Which one do you want? A. … B. …".
"""

from __future__ import annotations

import re

from holdfast.hook.patterns import regex
from holdfast.transcripts.events import Question

_REACH = 400
"""Characters before the end within which the question must end."""
_MAX_QUESTION = 400
_MAX_OPTIONS = 8
_SENTENCE_END = regex(r"(?<=[.!?:;])\s+|\n+")
_OPTION = regex(
    r"^\s*(?:[-*]\s+)?(?:\*\*)?(?:Option\s+)?(?:[A-H]|\d{1,2})(?:\*\*)?[.):](?:\*\*)?\s+(?P<text>\S.*)$",
    re.MULTILINE,
)
_CHOICE = regex(
    r"\b(?:which|prefer|preference|options?|approach|or|choose|pick|what do you think)\b", re.IGNORECASE
)
"""Words of a question that asks to choose; the list above any other question explains, and offers nothing."""
_LABEL = regex(r"^\s*(?:[-*]\s+)?(?:\*\*)?(?:Option\s+)?(?P<label>[A-H]|\d{1,2})")


def asked_in_prose(said: str) -> Question | None:
    """Return the question that a text ends with; None when it does not end with one.

    Args:
        said: What the agent said, or its end.
    """
    end = said.rfind("?")
    if end < 0 or len(said) - end > _REACH:
        return None
    parts = [part for part in _SENTENCE_END.split(said[: end + 1]) if part.strip()]
    question = parts[-1].strip(" *-\t")[-_MAX_QUESTION:]
    if len(question.split()) < 2:
        return None
    return Question(text=question, options=_options(said) if _CHOICE.search(question) else ())


def _options(said: str) -> tuple[str, ...]:
    """Return the last list of lettered or numbered answers, in order: "A. In memory"."""
    found: list[tuple[str, str]] = []
    for match in _OPTION.finditer(said):
        label = _LABEL.match(match.group())
        assert label is not None
        if label["label"] in ("A", "1"):
            found = []
        found.append((label["label"], match["text"].replace("**", "").strip()))
    expected = [(str(number), chr(64 + number)) for number in range(1, len(found) + 1)]
    if not all(label in pair for (label, _), pair in zip(found, expected, strict=True)):
        return ()
    return tuple(f"{label}. {text[:300]}" for label, text in found[:_MAX_OPTIONS])
