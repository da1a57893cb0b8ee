"""Sort the sentences of a passage: question, order for now, deed, story, fault found, rule, fact.

What lasts is a rule ("never edit generated/") or a fact ("GITHUB_TOKEN-pushed tags start no workflow"). The
others are about one moment or one change, whatever words of rule they hold.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from holdfast.hook.patterns import regex
from holdfast.learn.decisions import patterns
from holdfast.learn.gate.text import clean

Sort = Literal["question", "order", "deed", "story", "fault", "rule", "fact", "scrap"]

MAX_SENTENCES = 60
"""Sentences of a passage that are read: the first ones."""
MAX_LENGTH = 1200
"""Characters of a sentence that are read."""

_FENCE = regex(r"^ *```.*?(?:^ *```[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_SPLIT = regex(
    r"(?<=[.!?])(?<!\b\d\.)(?<!\b\d\d\.)[\"')*_`]*\s+(?=[\"'(*_`@A-Za-z0-9/#<-])"
    r"|(?<=\"):\s+|\n+\s*|;\s+|\s+[–—]\s+|\s+->\s+"
    r"|,\s+(?=(?:(?:and |but )?(?:note that|remember that|mind that|we (?:always|never|don't|only))"
    r"|this is an?)\b)"
)
_ABBREVIATED = regex(r"\b(?:e\.g|i\.e|etc|vs|cf|al|approx|resp|incl|ca)\.$", re.IGNORECASE)
_MARK = regex(r"^(?:[-*+•]\s+|\d{1,2}[.)]\s+|[A-Ha-h][.)]\s+|>\s*|#{1,6}\s+|\[[ x]\]\s+)+")


class Sentence(NamedTuple):
    """One sentence.

    Attributes:
        text: Its words, list mark left out.
        rule: How much of a rule it is, 0 to 1.
        reasoned: True when it gives a reason.
        bound: True when it points at the thing in hand: this, now, the last one, a pull request.
    """

    text: str
    sort: Sort
    rule: float
    reasoned: bool
    bound: bool


def split(text: str) -> list[str]:
    """Return the sentences of a passage as they stand; code blocks are left out."""
    text = _FENCE.sub("\n", clean(text[:20_000]))
    found: list[str] = []
    for part in _SPLIT.split(_unwrapped(text)):
        part = part.strip()
        if not part:
            continue
        if found and _ABBREVIATED.search(found[-1]):
            found[-1] += f" {part}"
        else:
            found.append(part[:MAX_LENGTH])
        if len(found) > MAX_SENTENCES:
            break
    return found[:MAX_SENTENCES]


def sort(text: str) -> Sentence:
    """Return one sentence of `split`, sorted."""
    bare = _MARK.sub("", text).strip(" *_")
    told = patterns.OPENER.sub("", bare).strip() or bare
    rule = max((worth for worth, pattern in patterns.RULES if pattern.search(told)), default=0.0)
    bound = bool(patterns.BOUND.search(told))
    reasoned = bool(patterns.REASON.search(told))
    return Sentence(bare, _sort(bare, told, rule, bound=bound, reasoned=reasoned), rule, reasoned, bound)


def _sort(bare: str, told: str, rule: float, *, bound: bool, reasoned: bool) -> Sort:
    if bare.rstrip("\"')*_ ").endswith("?") or patterns.ASKS.match(told):
        return "question"
    if patterns.PASTED.search(bare) or len(told.split()) < 2:
        return "scrap"
    if patterns.ALWAYS_ORDER.match(told) and not reasoned:
        return "order"
    held = bool(patterns.HELD.match(told))
    if patterns.ITEM_DEED.match(told):
        return "deed"
    if patterns.DEED.match(told) and not held and not (rule >= 1.0 and reasoned):
        return "deed" if rule < 1.0 else ("order" if bound else "rule")
    if patterns.GUESS.search(told):
        return "story"
    if patterns.SURE_FAULT.search(told):
        return "fault"
    if patterns.MOSTLY_ORDER.match(told) and ((bound and not reasoned) or rule < 0.8):
        return "order"
    if rule >= 1.0:
        sure = reasoned or bool(patterns.SURE_RULE.search(told))
        if patterns.TALK.search(told) or (not sure and patterns.PAST.search(told)):
            return "story"
        return "rule" if sure or not bound else "order"
    return _weak_sort(told, rule, held=held and not bound, past=not reasoned)


def _weak_sort(told: str, rule: float, *, held: bool, past: bool) -> Sort:
    """Sort a sentence without a sure word of rule; ``past``: what it tells in the past tense is a story."""
    if patterns.FAULT.search(told):
        return "fault"
    if held:
        return "rule"
    if patterns.ORDER.match(told):
        return "order"
    if patterns.STORY.search(told) or (past and patterns.PAST.search(told)):
        return "story"
    if rule:
        return "rule"
    if patterns.TAIL_ORDER.search(told):
        return "order"
    return "fact" if patterns.FACT.match(told) else "scrap"


def _unwrapped(text: str) -> str:
    """Join lines that only break a sentence, as commit messages are wrapped."""
    joined: list[str] = []
    for line in text.split("\n"):
        goes_on = joined and joined[-1] and line.strip() and not _MARK.match(line.strip())
        if goes_on and len(joined[-1]) > 50 and not joined[-1].rstrip().endswith((":", ".", "!", "?")):
            joined[-1] = f"{joined[-1].rstrip()} {line.strip()}"
        else:
            joined.append(line.rstrip())
    return "\n".join(joined)
