"""What a statement says to use for a purpose, what a thing is, and where it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.hook.patterns import regex
from holdfast.measure.audit.claims import Claim
from holdfast.measure.audit.clauses import CLAUSE, CONDITION, NEGATES, OPEN, PAST, SENTENCE
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.scope import heading_limits, limits
from holdfast.measure.audit.words import content

_FOR = regex(
    r"^\W*(?:always |please |only |we |prefer to |all \w+ )*(?:use|uses|prefer|run|go through|rely on)\s+"
    r"(?:the |a |an |our )?(?P<what>`[^`]+`|[A-Za-z][\w.+/-]*)(?:\s+\w+)?\s+(?:for|to"
    r"|when)\s+(?P<purpose>[^.;,:(]{3,80})",
    re.IGNORECASE,
)
_WITH = regex(
    r"^\W*(?P<purpose>[A-Za-z][^.;,:(`]{3,60}?)\s+(?:with|using|via|through|by running|are handled by|is"
    r" handled by|is done (?:with|by))\s+"
    r"(?P<what>`[^`]+`|[A-Z][\w.+/-]*)(?=\W*$|[.,;]|\s+\()",
)


def purposes(memory: Memory, entry: Entry) -> Iterator[Claim]:
    """Yield what a statement says to use for a purpose: "use httpx for HTTP calls"."""
    above = heading_limits(entry)
    for sentence in SENTENCE.split(entry.text.replace("**", "")):
        part = CLAUSE.split(sentence)[0] or ""
        match = _FOR.match(part) or _WITH.match(part)
        if match is None or any(one.search(part) for one in (PAST, OPEN, CONDITION, NEGATES)):
            continue
        if re.match(r",\s*`", part[match.end() :]):
            continue  # the first of a list
        purpose = frozenset(content(match["purpose"])) - {"all", "new"}
        if purpose:
            yield Claim(
                memory, entry, "what is used", match["what"].strip("`").lower(), True, purpose,
                limits(match["purpose"]), above, False, False,
            )  # fmt: skip


_IS = regex(
    r"^\W*(?:the |our |all )?(?P<subject>[A-Za-z][^.;,:(`]{3,60}?)\s+(?P<verb>is|are|lives?|live in|are"
    r" kept in|is kept in"
    r"|are stored in|is stored in|are defined in|is defined in|go in|goes in|is called)\s+(?:in |at |the )?"
    r"(?P<value>`[^`]+`|(?:the )?[A-Z`][\w.`/-]*(?: \w+)?)\W*$"
)


def places(memory: Memory, entry: Entry) -> Iterator[Claim]:
    """Yield what a statement says a thing is, or where it is kept: "the base path is `/api/v1`"."""
    above = heading_limits(entry)
    for sentence in SENTENCE.split(entry.text.replace("**", "")):
        match = _IS.match(CLAUSE.split(sentence)[0] or "")
        if match is None or any(one.search(match.group()) for one in (PAST, OPEN, NEGATES)):
            continue
        about = frozenset(content(match["subject"]))
        if len(about) >= 2:
            yield Claim(
                memory, entry, f"what it {match['verb'].split()[0]}", match["value"].lower(), True, about,
                limits(match["subject"]), above, False, False,
            )  # fmt: skip
