"""Cut a statement into clauses, and tell which order, which forbid and which only speak of a case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.measure.audit.scope import limits
from holdfast.measure.audit.words import content, stem

SENTENCE = regex(r"(?<=[.!?;])\s+(?=[A-Z`*\"'(a-z])|\n+|\s+[—–]\s+|\s+-\s+|\s*→\s*")
"""Where one sentence ends and the next begins."""
CLAUSE = regex(
    r",\s+(?=(?:not|never|no|and never|but|use|always|instead|rather than|do not|don['’]t|we use|so use"
    r"|and not)\b)"
    r"|\s+(?=(?:instead of|rather than|in place of|over)\s)"
    r"|\s+(?=but\b)|:\s+(?=(?:use|never|always|do not|don['’]t)\b)|\s\((?=(?:not|never|no)\b)"
    r"|(?<=\w),\s+no(?=\s)"
)
"""Where one clause ends and the next begins."""
NEGATES = regex(
    r"\b(?:never|do not|don['’]?t|does not|doesn['’]t|must not|mustn['’]?t|should not|shouldn['’]?t|may"
    r" not|cannot"
    r"|can['’]t|is not|isn['’]t|are not|aren['’]t|avoid|not|no|without|forbid\w*|banned|ban|prohibited"
    r"|disallow\w*|stop"
    r"|instead of|rather than|in place of|no longer|refrain)\b|^\s*over\s",
    re.IGNORECASE,
)
"""Words that say that something is not so, or not to be done."""
DOUBLE = regex(
    r"\b(?:do not|don['’]t|never) (?:forget|skip|omit|miss|hesitate|neglect|bypass|ignore|leave out)\b"
    r"|\bnot only\b"
    r"|\bnot (?:required|necessary|needed|enough|yet|sure)\b|\bno (?:need|matter|problem|longer than|more"
    r" than|later than"
    r"|less than|fewer than|earlier)\b|\b(?:not|never) (?:without|before|until|unless)\b",
    re.IGNORECASE,
)
"""Words that negate and yet forbid nothing."""
OPEN = regex(
    r"\b(?:or|either|both|optional(?:ly)?|may|might|can be|sometimes|e\.g\.|for example|such as|depending"
    r"|usually|mostly"
    r"|if you (?:like|prefer|want)|whichever|any of|is fine|also works|work(?:s)? too|equivalent"
    r"|historical\w*)\b",
    re.IGNORECASE,
)
"""Words that leave a choice open."""
PAST = regex(
    r"\b(?:used to|previously|formerly|in the past|was|were|had|until|before \d{4}|back in|originally|once"
    r" (?:was|were|had|used)"
    r"|earlier"
    r"|since then|deprecated|old|legacy|migrat\w+ (?:from|away)|moved (?:from|away|off)|replaced|switched"
    r" from|dropped)\b",
    re.IGNORECASE,
)
"""Words of what was so once."""
CONDITION = regex(
    r"\b(?:unless|except|if|when|whenever|while|during|until|before|after|only (?:for|in|if|when|on)"
    r"|outside|other than"
    r"|apart from|for now|temporar\w+|without)\b",
    re.IGNORECASE,
)
"""Words that limit a statement to a case."""
_VERB = regex(
    r"\b(?:never|do not|don['’]?t|must not|mustn['’]t|should not"
    r"|shouldn['’]t)\s+([A-Za-z-]+)",
    re.IGNORECASE,
)
_SPAN = regex(r"(`[^`]*`)")
_CASE = regex(r"[^\n]*\s(?:→|->|=>)\s[^\n]*")
"""What holds in a case, and the case: "file not there → all of it"."""
_IN_A_CASE = regex(r"\W*(?:if|when|whenever|unless|until|while)\b", re.IGNORECASE)
"""What begins a sentence all of which holds in a case only."""
_CONTRAST = regex(r"\s*(?:over|instead of|rather than|in place of|not|never)\s", re.IGNORECASE)


class Clause(NamedTuple):
    """A part of a sentence: whether it negates, and its telling words in order without the negation."""

    text: str
    positive: bool
    words: tuple[str, ...]
    limits: frozenset[str]
    conditional: bool
    verb: bool
    """True when its first word is what is forbidden to do."""
    contrast: bool
    """True when it names what is not to be taken instead: "over inheritance"."""


def without_code(text: str) -> str:
    """Return a text with its code spans emptied: the words in them are names."""
    return _SPAN.sub("``", text)


def negates(text: str) -> bool:
    """Tell whether a text says that something is not so, or not to be done."""
    return NEGATES.search(without_code(text)) is not None


def without_negation(text: str) -> str:
    """Return a text without the words that negate."""
    return "".join(part if part.startswith("`") else NEGATES.sub(" ", part) for part in _SPAN.split(text))


def clauses(text: str) -> Iterator[Clause]:
    """Yield the clauses of a statement that tell what is so, or is to be done, now."""
    for sentence in SENTENCE.split(_CASE.sub("", text.replace("**", ""))):
        in_a_case = _IN_A_CASE.match(sentence) is not None
        for part in CLAUSE.split(sentence):
            told = without_code(part or "")
            if part is None or not told.strip() or PAST.search(told) or DOUBLE.search(told):
                continue
            words = content(without_negation(part))
            if words:
                verb = _VERB.search(told)
                yield Clause(
                    part,
                    not negates(part),
                    words,
                    limits(part),
                    in_a_case or bool(CONDITION.search(told)),
                    verb is not None and stem(verb.group(1).lower()) == words[0],
                    bool(_CONTRAST.match(part)),
                )
