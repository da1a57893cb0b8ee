"""What a line of an instruction file says of the commands in it: run it, never run it, or neither.

Strict on purpose: a command counts as forbidden only where a known word of English forbids running that very
command, so that a sentence about something else ("never commit before `make test` passes") accuses nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from holdfast.hook.patterns import regex
from holdfast.learn import prohibition_words as words
from holdfast.learn.instruction_commands import Span

Stance = Literal["run", "never", "mention"]

_PATH = regex(r"(?:\./)?[\w.@*-]+(?:/[\w.@*-]+)*/?")
_LOOKED_AT = 400
"""Characters before a span, and behind it, that are looked at."""
_SUBJECT = 60
"""Characters before a path that may name what lies in it: "the snapshots in …"."""


class Said(NamedTuple):
    """What a line says of one of its code spans.

    Attributes:
        conditional: True when it holds only in a case that the line states, or is a mere preference.
    """

    span: Span
    stance: Stance
    conditional: bool


def stances(text: str, spans: list[Span], *, never: bool = False) -> list[Said]:
    """Return what a line says of each of its code spans.

    Args:
        text: The line, without the mark of its list item.
        spans: Its code spans, in order.
        never: True below a heading or in a column that forbids what stands there.
    """
    found = []
    for number, span in enumerate(spans):
        before = _clause_before(text, spans, number)
        behind = _clause_behind(text, spans, number)
        said = _said(span, before, behind, never=never and not _has_turned(text, spans, number))
        if said.stance == "never" and words.ELSEWHERE.search(text):
            said = said._replace(conditional=True)
        found.append(said)
    return found


def kept_off(text: str, spans: list[Span]) -> Iterator[tuple[str, bool]]:
    """Yield the paths that a line forbids to change; True where only in a case that it states."""
    added_to = bool(words.ADDED_TO.search(text))
    for number, span in enumerate(spans):
        if not _PATH.fullmatch(span.text) or not re.search(r"[/.]", span.text):
            continue
        before = _clause_before(text, spans, number)[-_LOOKED_AT:]
        behind = _clause_behind(text, spans, number)
        if words.KEPT_OFF.search(before) or words.KEPT_OFF_PHRASE.search(before):
            case = words.CASE.search(_stated(words.BY_HAND.sub("", behind)))
            yield span.text, added_to or bool(case)
        elif words.LEFT_ALONE.match(behind) and (
            behind.lstrip(" *_")[:1] in "ir" or before.lower().endswith("leave ")
        ):
            yield span.text, added_to or bool(words.CASE.search(_stated(words.LEFT_ALONE.sub("", behind))))
        elif number == 0 and len(before) <= _SUBJECT and words.KEPT_OFF_BEHIND.match(text[span.end :]):
            yield span.text, added_to or bool(words.ANY_NEGATION.search(before))


def heads_never(text: str) -> bool:
    """Tell whether a heading, a column or a line before a list forbids what stands below it."""
    forbids = words.HEADS_NEVER.match(text) or words.LEADS_NEVER.search(text)
    return bool(forbids) and not words.HEADS_OTHERWISE.search(text)


def in_another_tongue(text: str) -> bool:
    """Tell whether a line may forbid something in words of another language than English."""
    return bool(words.OTHER_TONGUE.search(text))


def tells_of_the_past(text: str) -> bool:
    """Tell whether a text says of something that it is gone or was otherwise."""
    return bool(words.PAST.search(text))


def _has_turned(text: str, spans: list[Span], number: int) -> bool:
    """Tell whether the line has come to what is to be done instead ("`x` → use `y`")."""
    if number == 0:
        return False
    gone = _marked(text, spans[:number], spans[number].start)
    return bool(re.search(r"[—–→✅✔]|->|\b(?:use|instead|prefer|run)\b", gone, re.IGNORECASE))


def _said(span: Span, before: str, behind: str, *, never: bool) -> Said:
    before = before[-_LOOKED_AT:]
    match, soft = _forbidding(span, before)
    if match is None and not never and not words.NEVER_BEHIND.match(behind):
        return _not_forbidden(span, before, behind)
    if match is not None and not _means_never(before, match):
        return Said(span, "mention", conditional=True)
    lead = words.NO_CASE.sub("", before[: match.start()]) if match is not None else ""
    behind = words.NEVER_BEHIND.sub("", behind)
    case = bool(words.CASE.search(_stated(behind))) or bool(words.CASE_FIRST.search(lead))
    return Said(span, "never", case or soft or bool(words.WEAK.search(before)))


def _forbidding(span: Span, before: str) -> tuple[re.Match[str] | None, bool]:
    """Return what forbids a span from before it, and whether it forbids only a part of what the span does."""
    match = words.NEVER.search(before)
    if match is not None:
        return match, False
    match = words.NEVER_BY.search(before)
    if match is not None and not words.TURNED.search(match.group()):
        return match, bool(words.WHOLE.search(match.group()))
    match = words.NEVER_IN_BRACKETS.search(before)
    if match is not None and (span.text.startswith("-") or not words.TURNED.search(match.group())):
        return match, False
    return None, False


def _not_forbidden(span: Span, before: str, behind: str) -> Said:
    told_of = words.PAST.search(before) or words.PAST.search(behind) or words.FAILS.match(behind)
    if told_of or (words.ANY_NEGATION.search(before) and not words.TURNED.search(before)):
        return Said(span, "mention", conditional=True)
    return Said(
        span, "run", bool(re.search(r"\b(?:if|when|unless|only|optional\w*)\b", before, re.IGNORECASE))
    )


def _means_never(before: str, match: re.Match[str]) -> bool:
    """Tell "use X, not Y" and "no `npm install`" from "this is not Y" and "there is no Y"."""
    word = (match.group("word") or "").lower()
    lead = before[: match.start()].rstrip()
    if word == "no":
        return not lead or lead.endswith((":", "*", "-", ","))
    return (
        word != "not" or not lead or lead.endswith((",", "(", words.MARK, "*", "—", "–", ";", " and", " but"))
    )


def _stated(behind: str) -> str:
    """Return what is said right behind a span, without reasons, further clauses and what narrows nothing."""
    plain = words.REASON.split(words.NO_CASE.sub("", behind), maxsplit=1)[0]
    return words.AND_THEN.split(plain.replace(words.MARK, ""))[0].partition(":")[0]


def _clause_before(text: str, spans: list[Span], number: int) -> str:
    piece = words.ANYHOW.sub(" ", _marked(text, spans[:number], spans[number].start))
    ends = [match.end() for match in words.END.finditer(piece)]
    return piece[ends[-1] :] if ends else piece


def _clause_behind(text: str, spans: list[Span], number: int) -> str:
    start = spans[number].end
    later = [Span(span.start - start, span.end - start, span.text) for span in spans[number + 1 :]]
    piece = _marked(text[start:], later, len(text) - start)
    end = None if words.NEVER_BEHIND.match(piece) else words.END.search(piece)
    return (piece[: end.start()] if end else piece)[:_LOOKED_AT]


def _marked(text: str, spans: list[Span], stop: int) -> str:
    """Return the text before ``stop`` with each span replaced by one mark."""
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], words.MARK]
        at = span.end
    return "".join([*pieces, text[at:stop]])
