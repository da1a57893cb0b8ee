"""Say how sure it is that a document states a decision: a choice, rule, rejection, another value.

Records and documents say what they are. A commit or a person's words have to be read: most commits only tell
what they did. Two readings are put together: forms of speech, which cost nothing, and the judge that also
decides what is learnt from a session (`holdfast.learn.decisions`).
"""

from __future__ import annotations

import functools
import math
import re
from typing import Literal

from holdfast.hook.patterns import regex
from holdfast.index.documents import Document

_REASON = regex(
    r"\b(?:because|since|so that|so (?:the|we|it|that|a|an|no|every)|otherwise|due to|in order to|"
    r"which (?:would|means|meant|is why)|that is why|the reason|as (?:it|they|we|the)|given that|costs?|"
    r"risk(?:s|y)?|trade-?off)\b",
    re.IGNORECASE,
)
_CONTRAST = regex(
    r"\b(?:instead of|rather than|over|not|never|no longer|but not|only|without|prefer(?:red)?|in favou?r of|"
    r"as opposed to|anymore|any more|after all)\b",
    re.IGNORECASE,
)
_RULE = regex(
    r"\b(?:must(?: not)?|never|always|do not|don['’]t|may not|has to|have to|only|every|from now on|"
    r"by default|"
    r"required?|mandatory|forbid(?:den|s)?|ban(?:ned|s)?|no more|at most|at least|up to|cap(?:ped)?|"
    r"limit(?:ed)?|"
    r"should|shall|policy|rule|stays?|keeps?|needs? to)\b",
    re.IGNORECASE,
)
_CHOICE = regex(
    r"\b(?:decid(?:e|ed|ing)|decision|choos(?:e|ing)|chose|chosen|we (?:use|keep|want|will|went|agreed|"
    r"settled|"
    r"store|do|don['’]t|need|considered|tried|looked)|considered|rejected|ruled out|settle[d]? on|"
    r"agreed|go(?:ing)? with|went with|tried|stick (?:with|to)|"
    r"evaluated|compared|weighed|alternative|option|standardi[sz]e)\b",
    re.IGNORECASE,
)
_SUBJECT_CHOICE = regex(
    r"^(?:[\w()/.-]+:\s*)?(?:use|keep|stop|never|always|prefer|switch|move|drop|replace|store|make|let|allow|"
    r"forbid|require|limit|cap|raise|lower|set|do not|don't|no|only|treat|default|adopt|reject|return|"
    r"hold|put|give|take|run|write|read|send|go back|revert|reverse|retire|freeze|pin|round|count|serve|"
    r"ban|abandon|standardi[sz]e|decide|choose|settle|cut|shorten|extend|relax|tighten)\b",
    re.IGNORECASE,
)
_ROUTINE = regex(
    r"^(?:[\w()/.-]+:\s*)?(?:fix(?:es|ed)? (?:a )?typo|bump|typo|merge|format|reformat|lint|rename|tidy|"
    r"clean|"
    r"refactor|extract|wip|update|add (?:a )?tests?|cover|release|regenerate|upgrade|polish|reword|tweak|"
    r"minor|"
    r"small|simplify|document|write docs)\b",
    re.IGNORECASE,
)
_TELLS = regex(
    r"\b(?:this (?:commit|change|adds|fixes)|no (?:behaviou?r|functional) change)\b", re.IGNORECASE
)
_ASKS = regex(r"\?\s*$|^(?:can|could|would|please|what|why|how|where|when|is|are|does|do) ", re.IGNORECASE)

_ASKS_ONLY = regex(r"^[^.!;]*\?[\s\"')]*$")
_REVERT = regex(r'^Revert "(?P<subject>.+)"\W*$')
_REVERTED = regex(r"\bThis reverts (?:merge )?commits? [0-9a-f]{7,40}\b[^\n.]{0,200}\.?")
TELLS_COMMIT, TELLS_SAID = 0.03, 0.5
"""The chance from which on a commit, and a person's words, may be told as a decision."""

NOT_DECISIONS = frozenset(["todo", "plan", "failure"])
"""Kinds that settle nothing."""

_GIVEN = {"decision": 0.95, "guidance": 0.9, "convention": 0.85, "gotcha": 0.75, "pattern": 0.7, "model": 0.7}
"""By kind of a record, candidate or document: the chance that it settles a matter."""
_OTHER = 0.5


def settles(document: Document, *, read: bool = True) -> float:
    """Return the chance, 0 to 1, that a document states a decision.

    Args:
        document: The document.
        read: Whether the judge reads it too, which takes about a millisecond a paragraph.
    """
    source = document.source.partition(":")[0]
    if source not in ("commit", "statement"):
        return _GIVEN.get(document.kind, _OTHER)
    said = source == "statement"
    return _settles(document.title, f"{document.text}\n\n{document.detail}", said=said, read=read)


def may_be_told(document: Document, sure: float) -> bool:
    """Tell whether a document may be told as a decision, by how sure it is that it states one.

    A question or request is none, nor is chat that settles nothing: what a person said needs a choice, a rule
    or a reason.
    """
    if document.source == "commit":
        return sure >= TELLS_COMMIT
    if document.source == "statement":
        return sure >= TELLS_SAID and is_decided(document.text)
    return not (document.source == "candidate" and asks_only(document.text))


def is_decided(text: str) -> bool:
    """Tell whether some sentence of what a person said states a choice, rule or reason, and asks nothing."""
    from holdfast.learn.decisions import sentences

    return any(
        not _ASKS.search(part) and any(form.search(part) for form in (_REASON, _RULE, _CHOICE, _CONTRAST))
        for part in sentences.split(text[:3000])
    )


def asks_only(text: str) -> bool:
    """Tell whether a text holds nothing but questions."""
    from holdfast.learn.decisions import sentences

    parts = [part for part in sentences.split(text[:3000]) if part.strip()]
    return bool(parts) and all(_ASKS_ONLY.match(part.strip()) for part in parts)


def without_revert(document: Document) -> str:
    """Return the message of a commit that reverts another as its reason; other messages as they are.

    A revert without a reason is told by what it took back.
    """
    whole = f"{document.text}\n\n{document.detail}".strip()
    found = _REVERT.match(document.title.strip())
    if not found:
        return whole
    body = whole.removeprefix(document.title.strip()).lstrip(' ."')
    reason = " ".join(_REVERTED.sub(" ", body).split())
    return f"Taken back: {found['subject']}. {reason}".strip()


@functools.lru_cache(maxsize=4096)
def _settles(title: str, told: str, *, said: bool, read: bool) -> float:
    body = told.strip()
    if not said and body.startswith(title):
        body = body[len(title) :].strip(" .\n")
    odds = _odds_of_form("" if said else title, body, said=said)
    if read:
        odds += 1.1 * _odds_of_judge(f"{title}.\n\n{body}" if not said else body, said=said)
    return 1 / (1 + math.exp(-max(-20.0, min(20.0, odds))))


def _odds_of_form(title: str, body: str, *, said: bool) -> float:
    whole = f"{title}. {body}"
    odds = -2.2
    odds += 1.2 * min(2, len(_REASON.findall(whole)))
    odds += 0.6 * min(2, len(_CONTRAST.findall(whole)))
    odds += 0.6 * min(2, len(_RULE.findall(whole)))
    odds += 0.9 * min(2, len(_CHOICE.findall(whole)))
    if title:
        odds += 0.7 * bool(_SUBJECT_CHOICE.match(title)) - 1.3 * bool(_ROUTINE.match(title))
        odds -= 1.0 * (len(body.split()) < 4)
    odds -= 0.8 * bool(_TELLS.search(body))
    if said:
        odds -= 1.2 * bool(_ASKS.search(body))
    return odds


def _odds_of_judge(text: str, *, said: bool) -> float:
    source: Literal["prompt", "commit"] = "prompt" if said else "commit"
    from holdfast.learn.decisions import features, judge, sentences  # most prompts need none of them

    best = -4.0
    for part in re.split(r"\n[ \t]*\n", text[:3000])[:4]:
        found = [sentences.sort(sentence) for sentence in sentences.split(part)]
        if found:
            chance = judge.weigh(features.measure(part, found, source=source))
            best = max(best, math.log(chance / (1 - chance)) if 0 < chance < 1 else 4.0)
    return max(-4.0, min(4.0, best))
