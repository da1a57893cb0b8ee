"""What is measured in a passage to tell a decision from what holds for one moment only."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import get_args

from holdfast.learn.decisions.asked import settles
from holdfast.learn.decisions.sentences import Sentence, Sort
from holdfast.learn.gate import anchors, features, model
from holdfast.learn.gate.text import prepare

SOURCES = ("answer", "plan", "rejected", "corrected", "prompt", "revert", "commit", "adr", "review")
"""Where a passage may stand."""
TELLING = ("plan", "revert", "commit", "adr")
"""Sources that tell what is so; in the others a person talks to somebody."""
_SORTS: tuple[Sort, ...] = get_args(Sort)

DEFERRING = re.compile(
    r"\b(?:whatever|not sure|no idea|don't (?:know|care|mind)|up to you|you (?:choose|decide|pick)|either"
    r"|skip|what (?:would|do) you|quick(?:er|est)|for now|this (?:pr|time|one)|both|all|later|none|explain"
    r"|show me|discuss)\b"
    r"|^(?:yes|no|yep|yeah|sure|ok|okay|go|do it|start|proceed|continue|commit|push|option \w|the \w+ one"
    r"|[a-h\d](?:\s*(?:,|and|&|\+)\s*[a-h\d])*|maybe .*)\W*$",
    re.IGNORECASE,
)
"""Answers that choose nothing, or only how to go on."""
_NEGATION = re.compile(
    r"\b(?:not|no|never|don't|doesn't|cannot|can't|won't|isn't|without|nothing|none)\b", re.I
)
_NUMBER = re.compile(r"\b\d")
_SHOUT = re.compile(r"[!😅🤔🙈😭🤯😬]|\blol\b|\.\.\.|…|\bhmm+\b|\bugh\b|\barg+h", re.IGNORECASE)


def measure(
    text: str, found: Sequence[Sentence], *, source: str, question: str = "", options: Sequence[str] = ()
) -> dict[str, float]:
    """Return the features of a passage: 0 or 1, a share, or a small number.

    Args:
        text: The passage.
        found: Its sentences, sorted.
        source: One of `SOURCES`; any other counts as a prompt.
        question: What it answers.
        options: The answers that were offered.
    """
    if source == "answer" and not settles(question):
        source = "prompt"
    telling = source in TELLING
    counts = Counter(sentence.sort for sentence in found)
    rules = [sentence for sentence in found if sentence.sort == "rule" and not sentence.bound]
    words = len(text.split())
    number = max(1, len(found))
    first = found[0].sort if found else "scrap"
    prepared = prepare(text[:3000])
    odds = model.weigh(features.measure(prepared)).odds
    named = anchors.count(prepared)
    facts = counts["fact"] > 0
    return {
        **{f"sort.{sort}": min(counts[sort], 3) / 3 for sort in _SORTS},
        **{f"share.{sort}": counts[sort] / number for sort in _SORTS},
        **{f"first.{sort}": float(first == sort) for sort in _SORTS},
        "rule.best": max((sentence.rule for sentence in rules), default=0.0),
        "rule.free": float(bool(rules)),
        "rule.share": len(rules) / number,
        "rule.bound": float(counts["rule"] > len(rules)),
        "rule.strong": float(any(sentence.rule >= 1.0 for sentence in rules)),
        "rule.reasoned": float(any(sentence.reasoned for sentence in rules)),
        "fact.told": float(telling and facts),
        "fact.said": float(not telling and facts),
        "fact.reasoned": float(any(s.sort == "fact" and s.reasoned for s in found)),
        "lasting": float(bool(rules) or facts),
        "lasting.person": float(not telling and (bool(rules) or facts)),
        "fault.said": float(not telling and bool(counts["fault"])),
        "fault.share_said": float(not telling) * (counts["fault"] + counts["fact"]) / number,
        "long.said": float(not telling) * max(0.0, math.log(max(1, words) / 25)),
        "formal.said": float(not telling and number > 1 and text[:1].isupper() and named.strong > 1),
        "short.said": float(not telling and words < 6),
        "bound": sum(sentence.bound for sentence in found) / number,
        "negation": float(bool(_NEGATION.search(text))),
        "number": float(bool(_NUMBER.search(text))),
        "talk": float(bool(_SHOUT.search(text))),
        "asked": text.count("?") / number,
        **{f"gate.{name}": max(-4.0, min(4.0, value)) / 4 for name, value in odds.items()},
        "named": math.log1p(min(named.strong, 8)) / 2,
        "length": math.log1p(words) / 5,
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
