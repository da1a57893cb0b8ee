"""A text, read once for every feature: its words, its sentences, what it names."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.hook.patterns import regex
from holdfast.learn.gate import anchors
from holdfast.learn.gate.features.words import DEEDS, DEEDS_TOLD, MODAL, MUST, PAST, PRESENT
from holdfast.learn.gate.text import Text

_TOKEN = regex(r"□|◇|[a-z][a-z'-]*[a-z]|[a-z]|\d[\d.,:]*|[?!…→:;()—–]")
_SENTENCE = regex(r"(?<=[.!?;])\s+|\n+\s*(?:[-*•]|\d+[.)])?\s*")


@dataclass(frozen=True)
class Reading:
    """Hold what several features need.

    Attributes:
        tokens: Words in lower case, figures, ``□`` code, ``◇`` quotes, and telling punctuation.
        told: The same without an opening such as "no,".
        words: The tokens that are words.
        sentences: Tokens of each sentence or line of more than one word.
        named: What ties the text to one repository.
    """

    text: Text
    tokens: list[str]
    told: list[str]
    words: list[str]
    sentences: list[list[str]]
    named: anchors.Anchors

    @property
    def size(self) -> int:
        """Return the number of words, at least 1."""
        return max(1, len(self.words))

    @property
    def first(self) -> str:
        """Return the first token, "" when there is none."""
        return self.told[0] if self.told else ""


def read(text: Text) -> Reading:
    """Return the reading of a prepared text."""
    tokens = _TOKEN.findall(text.plain)
    pieces = [piece for piece in _SENTENCE.split(text.bare.lower()) if len(piece.split()) > 1]
    return Reading(
        text=text,
        tokens=tokens,
        told=_TOKEN.findall(text.told),
        words=[token for token in tokens if token[0].isalpha()],
        sentences=[found for piece in pieces if (found := _TOKEN.findall(piece))],
        named=anchors.count(text),
    )


def is_past(word: str) -> bool:
    """Tell whether a word looks like a verb in the past tense."""
    return word in PAST or (word.endswith("ed") and len(word) > 4)


def is_deed(word: str) -> bool:
    """Tell whether a word looks like the verb of a task or a report."""
    return word in DEEDS or word in DEEDS_TOLD or (word.endswith("ed") and len(word) > 4)


def tense(word: str) -> str:
    """Return what sort of finite verb a word is: past, must, modal or present; "" for none."""
    if is_past(word):
        return "past"
    if word in MUST:
        return "must"
    if word in MODAL:
        return "modal"
    return "present" if word in PRESENT else ""
