"""What a line of an instruction file says of the commands in it: run it, never run it, or neither.

Strict on purpose: a command counts as forbidden only where a known word of English forbids running that very
command, so that a sentence about something else ("never commit before `make test` passes") accuses nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from holdfast.learn.instruction_commands import Span

Stance = Literal["run", "never", "mention"]


class Said(NamedTuple):
    """What a line says of one of its code spans.

    Attributes:
        conditional: True when it holds only in a case that the line states, or is a mere preference.
    """

    span: Span
    stance: Stance
    conditional: bool


_MARK = "\ue001"
_FILLER = (
    r"(?:ever|again|manually|directly|just|simply|blindly|run(?:ning)?|us(?:e|ing)|call(?:ing)?"
    r"|execut(?:e|ing)"
    r"|invok(?:e|ing)|typ(?:e|ing)|do(?:ing)?|try(?:ing)?|pass(?:ing)?|add(?:ing)?|the|a|an|any|raw"
    r"|plain|bare"
    r"|naked|global|system|flags?|options?|commands?|like|such as|things like|anything like|with|via"
    r"|following"
    r"|either|in this repo(?:sitory)?|here|(?:commit|push|merge|rebase|deploy)(?:t?ing)?)"
)
_DECORATION = r"[\s*_:\"“‘'(]*"
_NEVER = re.compile(
    r"(?:(?P<word>\b(?:never|do not|don['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|avoid|not|no"
    r"|instead of|rather than|in place of|forbidden|prohibited|banned|not allowed))(?![\w-])"
    r"|[❌🚫⛔✗✘]\ufe0f?)"
    rf"{_DECORATION}(?:{_FILLER}\b{_DECORATION})*(?:{_MARK}[\s,/*_)\"”]*(?:(?:or|and|nor)\b[\s*_]*)?"
    r"(?:(?:even|plain|bare)\s+)?)*\Z",
    re.IGNORECASE,
)
_NEVER_BEHIND = re.compile(
    r"^[\s*_)\"”]*(?:commands?\s+)?(?:(?:(?:is|are)\s+)?(?:strictly |absolutely |always |explicitly )?"
    r"(?:forbidden|prohibited|banned|not allowed|not permitted|off[- ]limits|disallowed)\b"
    r"|(?:must|should)(?: not| never|n['’]t)\s+(?:ever )?be\s+(?:used|run|called|executed|invoked)\b"
    r"|[:—–-]+\s*(?:never|do not|don['’]t)(?:\s+(?:use|run|do)(?:\s+(?:it|this|that))?)?\s*(?:[.!,;*_)]|\Z)"
    r"|[\s:—–-]*[❌🚫⛔])",
    re.IGNORECASE,
)
_WEAK = re.compile(
    r"\b(?:prefer|preferably|try to|ideally|generally|usually|where possible)\b", re.IGNORECASE
)
_CASE = re.compile(
    r"\b(?:unless|except|without|outside|until|when|whenever|while|if|before|after|only|on|in|inside|to|from"
    r"|against|during|for|within|but|into|at|with|as root|more than|twice|alone|by itself|between"
    r"|through|standalone|yet|automatically|yourself|unprompted|unasked|blindly|immediately|again|first"
    r"|during)\b",
    re.IGNORECASE,
)
_NO_CASE = re.compile(
    r"\b(?:in|for|on|at|under) (?:this|the|our) (?:repo|repository|project|codebase|monorepo|workspace"
    r"|code base|checkout|clone|(?:work )?tree)\b"
    r"|\b(?:for|under|in) any (?:reason|circumstances?|case|situation)\b|\bat (?:all|any time)\b"
    r"|\bin general\b"
    r"|\bto (?:install|run|test|build|add|manage|format|lint|start|check|execute|commit|push|update|upgrade"
    r"|generate|create|type-?check|get|skip|bypass|undo|stage|discard|fix|throw|clean)\b"
    r"|\b(?:when|while|for|if you are) (?:\w+ly )?(?:testing|running|developing|installing|adding"
    r"|committing|working|editing"
    r"|changing|building|using|managing|writing|making|fixing)\b[^.;]*?,"
    r"|\bin (?:local )?development\b|\blocally\b"
    r"|\bfor (?:package|dependenc|test|install|running|format|lint|build|type|script|anything|everything)\w*"
    r"|\binto (?:this|the) (?:repo|repository|project)\b",
    re.IGNORECASE,
)
_REASON = re.compile(r"\b(?:because|since|as it|as they|it|they|this|which|that|so)\b", re.IGNORECASE)
_AND_THEN = re.compile(r",\s+(?!\s*(?:unless|except|but|only|not|or|and|if|when|without)\b)", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\belsewhere\b|\bin other (?:repos|repositories|projects|folders|directories)\b", re.IGNORECASE
)
_PAST = re.compile(
    r"\b(?:used to|no longer|formerly|previously|(?:was|were|has been|have been|got) (?:\w+ )?(?:removed"
    r"|deleted"
    r"|renamed|replaced|moved|dropped|retired|migrated|superseded|merged)|removed in|replaced by"
    r"|replaced with|(?:moved|renamed|migrated|switched|split) from"
    r"|obsolete|historical(?:ly)?|retired|(?:we|it|they) (?:had|once)\b|in the past|before the (?:move"
    r"|migration)"
    r"|until v?\d|gone)\b",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\b(?:fails?|failed|breaks?|hangs?|crash(?:es|ed)?|errors? (?:out|with)|does(?:n['’]t| not) work)\b",
    re.I,
)
_END = re.compile(
    r"[.;!?](?=\s|[*_)\"”]|\Z)|\s[—–→]\s?|\s->\s|\s-\s|[✅✔]|\bbut\b|\binstead\b[:,]", re.IGNORECASE
)
_HEADS_NEVER = re.compile(
    r"^[\W\d_]*(?:[❌🚫⛔✗✘]\ufe0f?"
    r"|(?:things (?:to|you must) )?(?:never|do not|don['’]?ts?|forbidden|prohibited"
    r"|avoid|banned|what not to do|not allowed|disallowed|must not|wrong"
    r"|bad)\b)(?!.*\b(?:do['’]?s?)\b\s*[/&]|"
    r".*\band do\b)",
    re.IGNORECASE,
)
_OTHER_TONGUE = re.compile(
    r"\b(?:nie|niemals|nicht|kein(?:e[nmrs]?)?|verboten|statt|nunca|jamais|ne\s+\w+\s+pas|pas|nunca|não"
    r"|nao|evita"
    r"|evite[zr]?|interdit|prohibido|proibido|non|mai|niet|nooit|aldrig|inte|ikke|nigdy|nie wolno)\b"
    r"|никогда|нельзя|запрещ|\bне\b|不要|不能|禁止|请勿|勿|別|决不|绝不|しない|禁じ|使わない"
    r"|금지|마세요|말 것|하지 ?마",
    re.IGNORECASE,
)


_KEEP_OFF = re.compile(
    r"(?:\b(?:never|do not|don['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|avoid)\b"
    r"|[❌🚫⛔✗✘]\ufe0f?)"
    r"[\s*_]*(?:(?:ever|manually|directly|hand-?)[\s*_]*)?"
    r"(?:edit(?:ing)?|modify(?:ing)?|chang(?:e|ing)|touch(?:ing)?|hand-?edit(?:ing)?|alter(?:ing)?)[\s*_]*"
    rf"(?:(?:the|any|files?|file|anything|code|contents?|generated|in|under|inside|below|of|at|a"
    rf"|existing)\b[\s*_]*)*"
    rf"(?:{_MARK}[\s,/*_]*(?:(?:or|and|nor)\b[\s*_]*)?)*\Z",
    re.IGNORECASE,
)


def kept_off(text: str, spans: list[Span]) -> Iterator[tuple[str, bool]]:
    """Yield the paths that a line forbids to change by hand; True where only in a case that it states."""
    for number, span in enumerate(spans):
        if not re.fullmatch(r"(?:\./)?[\w.@*-]+(?:/[\w.@*-]+)*/?", span.text):
            continue
        if "/" not in span.text and "." not in span.text:
            continue
        before = _clause_before(text, spans, number)
        if _KEEP_OFF.search(before[-400:]):
            behind = re.sub(
                r"\b(?:by hand|directly|manually|yourself)\b", "", _clause_behind(text, spans, number)
            )
            yield span.text, bool(_CASE.search(_AND_THEN.split(_REASON.split(behind, maxsplit=1)[0])[0]))


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
        said = _said(span, before, behind, never=never and number == _firsts(text, spans, number))
        if said.stance == "never" and _ELSEWHERE.search(text):
            said = said._replace(conditional=True)
        found.append(said)
    return found


def heads_never(text: str) -> bool:
    """Tell whether a heading, a column or a line before a list forbids what stands below it."""
    return bool(_HEADS_NEVER.match(text)) and not re.search(
        r"\b(?:instead|unless|without|forget|skip|commit|before|until)\b", text, re.IGNORECASE
    )


def in_another_tongue(text: str) -> bool:
    """Tell whether a line may forbid something in words of another language than English."""
    return bool(_OTHER_TONGUE.search(text))


def tells_of_the_past(text: str) -> bool:
    """Tell whether a text says of something that it is gone or was otherwise."""
    return bool(_PAST.search(text))


def _firsts(text: str, spans: list[Span], number: int) -> int:
    """Return ``number`` while the line has not come to what is to be done instead, else -1."""
    gone = text[: spans[number].start]
    for span in spans[:number]:
        gone = gone.replace(text[span.start : span.end], " ", 1)
    turned = re.search(r"[—–→✅✔]|->|\b(?:use|instead|prefer|run)\b", gone, re.IGNORECASE)
    return -1 if turned and number else number


def _said(span: Span, before: str, behind: str, *, never: bool) -> Said:
    match = _NEVER.search(before[-400:])
    # An answer ("never — use `x`") stands behind a mark of its own, so what is left is about this span.
    if match is None and not never and not _NEVER_BEHIND.match(behind):
        if _PAST.search(before) or _PAST.search(behind) or _fails(behind):
            return Said(span, "mention", conditional=True)
        return Said(span, "run", bool(_CASE.search(_NO_CASE.sub("", before))))
    if match is not None and match.group("word") in ("not", "no") and not _means_never(before, match):
        return Said(span, "mention", conditional=True)
    lead = before[: match.start()] if match is not None else before
    stated = _AND_THEN.split(_REASON.split(_NO_CASE.sub("", behind), maxsplit=1)[0].replace(_MARK, ""))[0]
    case = bool(_CASE.search(stated)) or bool(_CASE.search(_NO_CASE.sub("", lead)) and match is not None)
    soft = bool(_WEAK.search(before))
    return Said(span, "never", case or soft)


def _fails(behind: str) -> bool:
    return bool(_EXAMPLE.match(behind.lstrip(" *_)—–-:"))) or bool(
        re.match(r"\W*(?:alone |directly )?(?:will )?(?:fails?|hangs?|breaks?)\b", behind, re.IGNORECASE)
    )


def _means_never(before: str, match: re.Match[str]) -> bool:
    """Tell "use X, not Y" and "no `npm install`" from "this is not Y" and "there is no Y"."""
    lead = before[: match.start()].rstrip()
    if match.group("word") == "no":
        return not lead or lead.endswith((":", "*", "-"))
    return not lead or lead.endswith((",", "(", _MARK, "*", "—", "–", ";"))


def _clause_before(text: str, spans: list[Span], number: int) -> str:
    piece = _marked(text, spans, 0, number, spans[number].start)
    ends = [match.end() for match in _END.finditer(piece)]
    return piece[ends[-1] :] if ends else piece


def _clause_behind(text: str, spans: list[Span], number: int) -> str:
    piece = text[spans[number].end :]
    offset = spans[number].end
    for span in spans[number + 1 :]:
        piece = (
            piece[: span.start - offset]
            + " " * (span.end - span.start - 1)
            + _MARK
            + piece[span.end - offset :]
        )
    end = _END.search(piece, 1) if _END.match(piece) is None else None
    behind = _NEVER_BEHIND.match(piece)
    if behind is not None:
        return piece
    first = _END.search(piece)
    del end
    return piece[: first.start()] if first else piece


def _marked(text: str, spans: list[Span], first: int, last: int, stop: int) -> str:
    """Return the text before ``stop`` with each span up to ``last`` replaced by one mark."""
    pieces, at = [], 0
    for span in spans[first:last]:
        pieces += [text[at : span.start], _MARK]
        at = span.end
    return "".join([*pieces, text[at:stop]])
