"""Text from records and documents, made safe to put before an agent or a person: one bounded line of data."""

import re

from .patterns import regex
from .signature import plain

MAX_WORDS = 80
"""Words that are shown of one text."""
MAX_CHARACTERS = 700
"""Characters that are shown of one text, whatever its words."""

# Markup by which agents' own systems speak; a text from a record that bears it is no such system.
_MARKUP = regex(
    r"(?<!\w)<(?=\s*/?\s*(?:system|user|assistant|human|developer|tool|function|invoke|parameter|antml|command|local-command|bash|ide|"
    r"environment|user_instructions|instructions|task|agent|hook|context|important|admin|policy|thinking|result|output"
    r")(?:[-_:][\w:-]*)?[\s/>])",
    re.IGNORECASE,
)
_TURN = regex(
    r"(?:^|(?<=\s))(?:\\n)*(?:Human|Assistant|System|User|Developer)(?=:\s)|<\|(?=\w+\|>)|\[(?=/?INST\])"
)


def quoted(text: str) -> str:
    """Return text as one line without escapes, its markup defused, cut to 80 words and 700 characters."""
    line = " ".join(plain(text[: MAX_CHARACTERS * 8]).split(None, MAX_WORDS)[:MAX_WORDS])
    if len(line) > MAX_CHARACTERS:
        line = line[: MAX_CHARACTERS - 1].rstrip() + "…"
    line = _MARKUP.sub("‹", line)
    return _TURN.sub(_defused, line)


def _defused(match: re.Match[str]) -> str:
    found = match.group()
    return {"<|": "‹|", "[": "("}.get(found, found + " (quoted)")
