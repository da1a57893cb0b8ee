"""What a person's and an agent's words say of work that goes on: its goal, its bounds, what is to come."""

from __future__ import annotations

import re

from holdfast.evidence import plans
from holdfast.evidence.prose import pruned, sentences, spoken, words

LONG = 1500
"""Characters from which on a prompt is taken for something pasted: only its beginning is the person's."""
_BEGINNING = 600
_MOST_WORDS = 40
_NO_ORDER = 3
"""Words of the longest prompt that says nothing by itself."""

_GO_AHEAD = words(
    """yes, yeah, yep, yup, ok, okay, sure, please, go, do it, do that, continue, go on, go ahead, proceed,
    great, good, perfect, nice, thanks, thank you, thx, cool, lgtm, looks good, sounds good, next, commit,
    push, done, hi, hello, hey, retry, try again, resume, keep going, works""",
    at_start=True,
)
_LONGEST_GO_AHEAD = 6

_ADDRESS = r"(?:(?:also|and|but|so|then|please|pls|just|ok|okay|well|note|again|important)\b[,: ]*)*"
_NOT_FORBIDDEN = (
    r"(?!(?:know|think|understand|see|get|remember|have|recall|believe|mind|care|agree|worry|forget|hesitate"
    r"|we|you|i|they)\b)"
)
_REPORTS = (
    r"(?!\w+(?:ed|ing)\b|happen|matter|be (?:a |an )?(?:thing|problem|issue)|(?:we|you|i|it|this|they)\b)"
)
_FORBIDS = re.compile(
    rf"^{_ADDRESS}(?:let'?s )?(?:do not|don'?t|never|avoid|stop)\s+(?:ever |just )?{_NOT_FORBIDDEN}[a-z]"
    r"|(?:[,;:—–-]\s*|\b(?:but|and|also|please|just)\s+)(?:do not|don'?t|never)\s+"
    rf"{_NOT_FORBIDDEN}{_REPORTS}[a-z]"
    rf"|\b(?:(?:must|should|shall)\s+(?:not|never)|mustn't|shouldn't)\s+{_REPORTS}\w+"
    r"|\b(?:i|we)\s+(?:really\s+)?(?:do not|don'?t)\s+(?:want|allow|support|use)\b"
    r"|^(?!(?:i|we|it|this|that|they|the|there)\b).*\bno\s+(?:new|extra|external|third[- ]party)\s+\w+"
    r"|^(?!(?:i|we|it|this|that|they|the|there)\b).*\bwithout\s+"
    r"(?:changing|touching|breaking|modifying|editing|adding|using|introducing)\b"
    r"|\bunder no circumstances\b",
    re.IGNORECASE,
)
_DEMANDS = re.compile(
    rf"^{_ADDRESS}(?:always|only|ensure|make sure|be sure|keep|leave|stick (?:to|with)|remember to)\s+\w"
    rf"|^{_ADDRESS}use\b.{{2,60}}?\b(?:instead|not|rather than)\b"
    rf"|^{_ADDRESS}let'?s\s+(?:only|keep|stick|not|use)\b"
    r"|\b(?:it|this|that|everything|the \w+)\s+must\s+\w+"
    r"|\b(?:keep|stay|remain|must be|preserve|be)\b.{0,30}\bbackwards?[- ]compatib",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"^{_ADDRESS}(?:can|could|would|will) (?:you|we|i)\b|^{_ADDRESS}consider\b", re.IGNORECASE
)
_TALK = re.compile(r"\b(?:wait|hang on|hold on|let'?s (?:discuss|talk)|question)\b", re.IGNORECASE)
_AWAY = re.compile(
    r"^(?:no|nope|stop|not|use|prefer)\b|\b(?:instead|rather|let'?s|should|prefer|avoid|must|don'?t)\b",
    re.IGNORECASE,
)
_DIFF = re.compile(r"^(?:[+-]\s|//|#\s|\|)")
_KEEP_GOING = re.compile(
    rf"^{_ADDRESS}(?:let'?s\s+)?(?:keep\s+(?:going|it up|at it|on)|continue|go on)\b", re.IGNORECASE
)
_HEADING = re.compile(
    r"^[\s#*_>-]*(?:\d+[.)]\s*)?(?:what'?s (?:left|next|missing)|next(?: steps?| up)?|remaining(?: \w+){0,2}"
    r"|still (?:to do|open|missing|left|failing)|to ?do'?s?|not (?:yet )?done|left to do"
    r"|open (?:points|items|questions|issues)|follow[- ]?ups?|outstanding(?: \w+)?"
    r"|known (?:issues|gaps|limitations)|unfinished)\b[^.!?]{0,40}?[\s*_]*:?[\s*_]*$",
    re.IGNORECASE,
)
_INLINE = re.compile(
    r"^(?:the )?(?:next steps?(?: (?:is|are|would be))?|next,? (?:i(?:'ll| will)|we (?:need to|should))"
    r"|remaining|still (?:to do|open|missing|left|failing)|to ?do|not (?:yet )?done|left to do)\b[: ]",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s*(?:```|~~~)\w*\s*$", re.MULTILINE)
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)]|\[[ xX]\])\s+(?:\[(?P<box>[ xX])\]\s+)?(?P<text>\S.*)$")
OFFER = re.compile(
    r"\b(?:let me know|want me to|would you like|shall i|should i|if you (?:want|like))\b", re.IGNORECASE
)
_DONE = re.compile(r"^(?:[✅✓✔☑]|~~)|\b(?:none|nothing)\b[.!]?$", re.IGNORECASE)
_CONFIRMS = re.compile(
    r"\b(?:should i|shall i|want me to|would you like|do you want|ready to|may i|can i|proceed|go ahead"
    r"|continue|is that (?:ok|right|correct)|does (?:this|that) (?:look|sound)|anything else"
    r"|any (?:adjustments|changes|other|further|questions|concerns|feedback))\b",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(r"^no\b|\b(?:not|don'?t|instead|rather|options?|approach|only)\b", re.IGNORECASE)


def is_order(text: str) -> bool:
    """Tell whether a prompt asks for something by itself, and is no mere go-ahead or greeting."""
    said = spoken(text)
    count = len(said.split())
    if count <= _NO_ORDER and not re.search(r"[#/._]\w|\w-\d", said):
        return False
    return not (count <= _LONGEST_GO_AHEAD and _GO_AHEAD.match(said))


def wanted(text: str) -> str:
    """Return what a prompt asks for, on one line; of a pasted plan its title."""
    said = spoken(text)
    lead = said.rstrip()
    if lead.endswith(":"):
        rest = _FENCE.sub("", text.strip().partition("\n")[2]).strip()
        title = plans.title(rest) if rest else ""
        return f"{lead} {title.strip('#*_ ')}".strip()
    return lead or " ".join(text.split())


def bounds(text: str) -> list[str]:
    """Return the sentences of a prompt that forbid or demand something, in the person's words."""
    own = text if len(text) <= LONG else text[:_BEGINNING]
    found = []
    for sentence in sentences(own):
        said = pruned(sentence)
        if said.endswith(("?", ":")) or not 3 <= len(said.split()) <= _MOST_WORDS:
            continue
        if _KEEP_GOING.match(said) or _ASKS.match(said) or _DIFF.match(said):
            continue
        if _FORBIDS.search(said) or _DEMANDS.search(said):
            found.append(said)
    return found


def steers(text: str) -> bool:
    """Tell whether what a person said on stopping or refusing sets the agent right: no mere question."""
    said = spoken(text).strip()
    if "?" in said or not _NO_ORDER <= len(said.split()) <= _MOST_WORDS:
        return False
    if _TALK.search(said) or _KEEP_GOING.match(said):
        return False
    return bool(_AWAY.search(said)) or bool(bounds(text))


def to_come(said: str) -> list[str]:
    """Return what an agent's last message lists as still to be done, in order."""
    found: list[str] = []
    below = False
    for line in said.split("\n"):
        bare = line.strip()
        if not bare:
            continue
        if _HEADING.match(bare):
            below = True
        elif below and (item := _ITEM.match(line)):
            if item["box"] not in ("x", "X"):
                found.append(item["text"])
        elif _INLINE.match(_plain(bare)):
            below = False
            found.append(_plain(bare))
        else:
            below = False
    plain = [_plain(text) for text in found]
    return [text for text in plain if len(text) > 8 and not _DONE.search(text) and not OFFER.search(text)]


def settles(question: str, answer: str) -> bool:
    """Tell whether an answer decides something, and does not merely let the agent go on or ask back."""
    said = answer.strip()
    if said.endswith("?") or (len(said.split()) <= _LONGEST_GO_AHEAD and _GO_AHEAD.match(said)):
        return bool(question) and not said.endswith("?") and not _CONFIRMS.search(question)
    return not _CONFIRMS.search(question) or bool(_OTHERWISE.search(said))


def shortened(text: str, most: int) -> str:
    """Return the first words of a text, with a sign where it goes on."""
    told = text.split()
    return " ".join(told) if len(told) <= most else " ".join(told[:most]).rstrip(",;:.") + " …"


def _plain(text: str) -> str:
    return re.sub(r"\*\*|__", "", text).strip(" -*#>")
