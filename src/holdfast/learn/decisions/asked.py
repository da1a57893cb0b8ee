"""Tell a question about the project from one about how to go on: only an answer to the first lasts."""

from __future__ import annotations

import re

from holdfast.hook.patterns import regex

_GOING_ON = regex(
    r"(?:^|[.!?,:] )(?:do|did|would) you want\b"
    r"|\b(?:want me to|would you like(?: me)?|shall (?:i|we)|should (?:i|we)(?! (?:support|keep|store"
    r"|allow|use"
    r"|treat))|ready|proceed|next|look(?:s|ing)? (?:right|good|correct|ok)|feel right|make sense"
    r"|sounds? (?:good|right)|match (?:your|what)|capture (?:it|this|that)|what do you (?:think|want)"
    r"|what would you|any(?:thing)? (?:preferences?|tweaks|concerns|questions|adjustments|else|thoughts)"
    r"|which (?:one|of (?:these|those|the)|approach|option|style)"
    r"|(?:your|a) (?:preference|instinct|take|call|use case)|prefer\b|correct\?|right\?"
    r"|is (?:this|that|it) (?:what|the|ok)|worth \w+ing|first|now|then|commit|push|merge|rebase|conflicts?"
    r"|prs?|pull request|issue|ticket|branch|run|re-?run|retry|fix|failing|flaky|typo|start|begin|go ahead"
    r"|implement|review|open|create|update|tackle|investigat\w+|happen(?:ed)?|remember|access"
    r"|do you (?:have|see|know|remember)|did (?:you|the)|have you|can you|could you|something (?:else"
    r"|specific)"
    r"|your side|running|for this \w+|you (?:are|were) talking|keep going|continue|work on|help"
    r"|plan ready)\b",
    re.IGNORECASE,
)
_VAGUE = regex(r"\b(?:this|that|these|those|it|here|above|below)\b", re.IGNORECASE)
_UNNAMED = regex(
    r"\b(?:this|that|these|those) (?!(?:repo|repository|project|code ?base|package|service|team)\b)\w+",
    re.IGNORECASE,
)
"""What only both of them see: "this tooling"."""
_TALKING = regex(
    r"\b(?:i|i'm|i'll|i've|me|you're|you've|your (?:mind|head|view|plan))\b|^want\b|[.!?,] want (?:to|me)\b"
    r"|\b(?:feel|useful|think(?:ing)?|mind|any files)\b",
    re.IGNORECASE,
)
"""A question about the two who talk, not about the project."""
_SETTLING = regex(
    r"^(?:which|what|where|how|should|is|are|does|do|must|may|can|who|when)\b|\bor\b|\?", re.IGNORECASE
)


def settles(question: str) -> bool:
    """Tell whether the answer to a question settles something of the project.

    "Which wire format should workers and broker speak?" does. "Want me to commit this?" and "Which approach
    do you prefer?" do not: their answers say how to go on, or need what stood before.
    """
    question = question.strip()
    if not question or not _SETTLING.search(question):
        return False
    if _GOING_ON.search(question) or _TALKING.search(question):
        return False
    words = len(question.split())
    return words > 3 and not (_VAGUE.search(question) and (words < 9 or _UNNAMED.search(question)))
