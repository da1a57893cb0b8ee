"""What is measured in a passage to tell a decision from what holds for one moment only."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from holdfast.hook.patterns import regex
from holdfast.learn.decisions import shape
from holdfast.learn.decisions.asked import settles
from holdfast.learn.decisions.sentences import Sentence
from holdfast.learn.gate import anchors, features, model
from holdfast.learn.gate.text import prepare

GROUPS = {
    "said": ("prompt", "answer", "rejected", "corrected"),
    "told": ("commit", "plan", "review"),
    "stated": ("adr", "revert"),
}
"""Where a passage may stand, by who speaks: a person to an agent, work about itself, or why it is so."""
SOURCES = tuple(source for sources in GROUPS.values() for source in sources)
_TELLING = ("plan", "revert", "commit", "adr")

DEFERRING = regex(
    r"\b(?:whatever|not sure|no idea|don't (?:know|care|mind)|up to you|you (?:choose|decide|pick)|either"
    r"|skip|what (?:would|do) you|quick(?:er|est)|for now|this (?:pr|time|one)|both|all|later|none|explain"
    r"|show me|discuss)\b"
    r"|^(?:yes|no|yep|yeah|sure|ok|okay|go|do it|start|proceed|continue|commit|push|option \w|the \w+ one"
    r"|[a-h\d](?:\s*(?:,|and|&|\+)\s*[a-h\d])*|maybe .*)\W*$",
    re.IGNORECASE,
)
"""Answers that choose nothing, or only how to go on."""


def group(source: str) -> str:
    """Return the group of a source; one that is not known counts as said."""
    return next((name for name, sources in GROUPS.items() if source in sources), "said")


def measure(
    text: str, found: Sequence[Sentence], *, source: str, question: str = "", options: Sequence[str] = ()
) -> dict[str, float]:
    """Return the features of a passage: 0 or 1, a share, or a small number.

    Args:
        text: The passage.
        found: Its sentences.
        source: One of `SOURCES`; any other counts as a prompt.
        question: What it answers.
        options: The answers that were offered.
    """
    if source == "answer" and not settles(question):
        source = "prompt"
    said = float(source not in _TELLING)
    formal = len(found) > 1 and text[:1].isupper() and source != "rejected"
    words = len(text.split())
    prepared = prepare(text[:3000])
    named = anchors.count(prepared)
    odds = model.weigh(features.measure(prepared)).odds
    return {
        **shape.measure(text, [sentence.text for sentence in found]),
        "rule": float(any(sentence.sort == "rule" and not sentence.bound for sentence in found)),
        "named": math.log1p(min(named.strong, 8)) / 2,
        "unnamed": float("`" not in text and not named.strong + named.medium + named.weak),
        "length": math.log1p(words) / 5,
        "long.said": said * max(0.0, math.log(max(1, words) / 25)),
        "short.said": said * (words < 6),
        "formal.said": said * (formal and named.strong > 1),
        **{f"gate.{name}": max(-4.0, min(4.0, value)) / 4 for name, value in odds.items()},
        **{f"source.{name}": float(source == name) for name in SOURCES[1:]},
        **_answer(text, question, options),
    }


def _answer(text: str, question: str, options: Sequence[str]) -> dict[str, float]:
    """Return what the question says of its answer: a short answer has its sense from there."""
    asked = settles(question)
    short = asked and len(text.split()) <= 12
    deferring = bool(DEFERRING.search(text))
    chosen = any(text.strip() and option.startswith(text.strip()[:60]) for option in options)
    return {
        "answer": float(asked),
        "answer.short": float(short),
        "answer.settles": float(short and not deferring),
        "answer.going_on": float(bool(question) and not asked),
        "answer.deferring": float(asked and deferring),
        "answer.chosen": float(asked and chosen),
    }
