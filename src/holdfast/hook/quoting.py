"""Text from records and documents, made safe to put before an agent or a person: one bounded line of data."""

import re

from .patterns import regex
from .signature import plain

MAX_WORDS = 80
"""Words that are shown of one text."""
MAX_CHARACTERS = 700
"""Characters that are shown of one text, whatever its words."""

_OPENING = r"[<\uff1c\ufe64](?=\s?/?\s?"
_NAME_BEFORE, _NAME_AFTER = r"(?:[^\W_]+[-_:])*", r"s?(?:[-_:.][\w:.-]*)?(?:[\s/>\uff1e\ufe65…]|$))"
# Markup by which agents' own systems speak; a text from a record that bears it is no such system.
_MARKUP = regex(
    _OPENING
    + _NAME_BEFORE
    + "(?:sys|system|user|assistant|human|developer|model|tool|function|invoke|parameter|antml|instruction"
    + "|reminder|permission|thinking|think|transcript|(?:start|end)_of_turn)"
    + _NAME_AFTER,
    re.IGNORECASE,
)
_SOFTER = "command|bash|ide|environment|task|agent|subagent|hook|context|important|admin|policy|result|output"
# Words that code has types of: `Promise<Result>` stays, `stop<result>` and `</Result>` do not.
_SOFT_MARKUP = regex(
    rf"(?![<\uff1c\ufe64](?<=\w.)(?-i:[A-Z][a-z]+)>){_OPENING}{_NAME_BEFORE}(?:{_SOFTER}){_NAME_AFTER}",
    re.IGNORECASE,
)
_TURN = regex(
    r"(?<![\w.-])(?:(?:\\n)*(?:Human|Assistant|System|User|Developer|HUMAN|ASSISTANT|SYSTEM|USER|DEVELOPER)"
    r"(?=:(?:\s|$)))|<(?=[|\uff5c])|\[(?=\s*/?\s*INST\s*\])",
)


def quoted(text: str) -> str:
    """Return text as one line without escapes, its markup defused, cut to 80 words and 700 characters."""
    line = " ".join(plain(text[: MAX_CHARACTERS * 8]).split(None, MAX_WORDS)[:MAX_WORDS])
    if len(line) > MAX_CHARACTERS:
        line = line[: MAX_CHARACTERS - 1].rstrip() + "…"
    line = _SOFT_MARKUP.sub("‹", _MARKUP.sub("‹", line))
    return _TURN.sub(_defused, line)


def _defused(match: re.Match[str]) -> str:
    found = match.group()
    return {"<": "‹", "[": "("}.get(found, found + " (quoted)")
