"""Measure the shape of sentences: who acts, in what tense, how surely, and whether they name what they mean.

What lasts is said in the present, of things that are named, by words of duty or of all cases. A remark on one
moment speaks of me and you, of now and again, in the past or in doubt. These are words of grammar; turns of
phrase that belong to one project are left out, as they did not carry over to passages nobody had read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from holdfast.hook.patterns import regex
from holdfast.learn.decisions import patterns
from holdfast.learn.gate.features.words import DEEDS, DEEDS_TOLD


def _any(*parts: str) -> re.Pattern[str]:
    return regex("|".join(parts), re.IGNORECASE | re.DOTALL)


POINTING_SUBJECT = _any(
    r"^(?:it|its|it's|this|that|that's|these|those|they|they're|there|there's|here|he|she|both|same|them)\b"
    r"(?! (?:repo|repository|project|code ?base|package|service|team)\b)"
)
"""A subject that has its sense from what was said before, or from what both look at."""
PRONOUN = _any(
    r"^(?:it|it's|they|they're|he|she|that's|them|both)\b",
    r"^(?:this|that|these|those) (?:is|are|was|were|isn't|aren't|has|have|had|does|doesn't|do|don't|did"
    r"|didn't|can|can't|cannot|will|would|should|must|may|might|could|needs?|means|way|one|just|also|only|seems?"
    r"|looks?|makes?|works?|feels?)\b",
)
"""A subject that names nothing at all; "this table" at least says what kind of thing."""
TAG = _any(
    r"(?<!the )(?<!all )(?<!is )(?<!be )(?<!not )(?<!are )\bright\b(?=\s*[?.!,]*\s*$| which| so| and| but)",
    r"\b(?:yeah|no|correct|ok|isn't it|aren't they|don't we|doesn't it)\s*\?",
)
"""A question in the form of a statement: "deletion is done elsewhere, right"."""
SHAPES: dict[str, re.Pattern[str]] = {
    "must": _any(
        r"\b(?:must|mustn't|shall|has to|have to|had to|needs? to|required?|requires|may (?:not|only)|cannot"
        r"|can't|can only|not allowed|forbidden)\b"
    ),
    "should": _any(r"\b(?:should|shouldn't|ought)\b"),
    "ever": _any(
        r"\b(?:always|never|only|every|each|all|any|none|nothing|whenever|wherever|everywhere|no longer"
        r"|alone|at most|at least|exactly)\b"
    ),
    "held": _any(
        r"\b(?:stays?|remains?|keeps?|kept|belongs?|lives?|by default|on purpose|deliberate\w*|convention"
        r"|policy|rule|contract|invariant)\b"
    ),
    "contrast": _any(
        r"\b(?:instead of|instead|rather than|not just|but not|and not|over|as opposed to|except|unlike)\b",
        r"[,:] not\b|^not?\b|^don'?t\b|^do not\b|^never\b",
    ),
    "reason": _any(
        r"\b(?:because|since|so that|otherwise|to avoid|to prevent|to keep|in order to|due to|therefore"
        r"|which (?:means|breaks)|as (?:the|it|they|we))\b|, so\b"
    ),
    "condition": _any(r"\b(?:if|unless|until|when|while|after|before|without)\b"),
    "doubt": _any(
        r"\b(?:maybe|perhaps|probably|likely|i (?:think|guess|feel|believe|assume)|would|could|might|may be"
        r"|seems?|looks? like|wonder\w*|not sure|kind of|sort of|quite|a bit|if (?:we|you) can|ideally"
        r"|consider|in theory|feels?|hopefully|apparently|for now)\b"
    ),
    "past": _any(
        r"\b(?:was|were|wasn't|weren't|had|did|didn't|used to|broke|went|came|got|ran|left|made|lost|said"
        r"|saw|found|told)\b",
        r"(?<!\bis )(?<!\bare )(?<!\bbe )(?<!\bget )(?<!\bgets )(?<!\bthe )(?<!\ba )(?<!\bnot )"
        r"\b(?!need|feed|seed|speed|embed|shed|exceed|proceed|based|named|unused|shared|nested|fixed|unified"
        r"|used)\w{3,}ed\b(?= [a-z])",
    ),
    "present": _any(
        r"\b(?:is|are|isn't|aren't|has|have|does|doesn't|do|don't|means|gets?|comes?|takes?|needs?|uses?"
        r"|runs?|reads?|writes?|goes|returns?|expects?|holds?|owns?|supports?|starts?|creates?)\b"
    ),
    "passive": _any(r"\b(?:is|are|be) (?:\w+ly |not |never |always |only )?\w+(?:ed|en|lt|nt|wn|pt|ut)\b"),
    "going": _any(r"\b(?:i'm|we're|you're|is|are|am) (?:\w+ly |not |now |still )?\w+ing\b"),
    "will": _any(r"\b(?:will|won't|i'll|we'll|gonna|going to)\b"),
    "i": _any(r"\b(?:i|i'm|i've|i'd|i'll|me|my)\b"),
    "we": _any(r"\b(?:we|we're|we've|our|us)\b"),
    "you": _any(r"\b(?:you|you're|your|u)\b"),
    "want": _any(r"\b(?:want|wants|like|prefer|rather)\b"),
    "pointing": _any(
        r"\b(?:this|that one|these|those|above|below|here|there|following|same|other one|the one)\b"
        r"(?! (?:repo|repository|project|code ?base|package|service|team|is|are)\b)"
    ),
    "moment": _any(
        r"\b(?:now|today|tomorrow|yesterday|again|still|yet|already|just|currently|later|next|first|second"
        r"|last|recently|so far|once|earlier)\b"
    ),
    "talk": _any(
        r"[!😅🤔🙈😭🤯😬]|\blol\b|\.\.\.|…|\bhmm+\b|\bugh\b|\barg+h",
        r"\b(?:ok|okay|yes|yeah|yep|please|pls|thanks|sorry|great|nice|hey|cool|perfect|btw|erm|oh)\b",
    ),
    "work": _any(
        r"\b(?:prs?|pull request|commits?|branch(?:es)?|issues?|tickets?|reviews?|review(?:er)?|comments?"
        r"|worktrees?|diff|merge[ds]?|rebase|push(?:ed)?|plan|task|step|phase|tests?|lines?|files?)\b"
    ),
    "wrong": _any(
        r"\b(?:fail(?:s|ed|ing|ure)?|errors?|bugs?|broken|wrong|incorrect\w*|missing|crash\w*|issue|problem"
        r"|unused|misleading|inconsistent\w*|stale|severity|not work\w*|doesn'?t work)\b"
    ),
    "count": _any(
        r"~?\b\d+(?:\s*-\s*\d+)? (?:\w+ )?(?:tests?|lines?|files?|cases|places|times|commits)\b"
        r"|\blines? ~?\d+"
    ),
    "tag": TAG,
}
"""What may be said in a sentence, by the words that say it."""
OPENINGS: dict[str, re.Pattern[str]] = {
    "it": POINTING_SUBJECT,
    "i": _any(r"^(?:i|i'[mdlv]\w*|my|me)\b"),
    "we": _any(r"^(?:we|we'\w+|our|us|let'?s)\b"),
    "order": _any(
        rf"^(?:{patterns.NOW}|{'|'.join(sorted(DEEDS | DEEDS_TOLD))})\b(?!{patterns.SUBJECT})",
    ),
}
"""Who acts, by the first words of a sentence."""
_DUTY = ("must", "should", "ever", "held", "contrast")
_LOOSE = ("doubt", "tag", "i", "pointing")
_MARK = regex(r"^\s*(?:[-*+•]|\d{1,2}[.)]|#{1,6})\s", re.MULTILINE)


def measure(text: str, sentences: Sequence[str]) -> dict[str, float]:
    """Return the shape of a passage: by what is in a sentence, the share of its sentences that have it.

    ``plain`` is 1 when a sentence states what is or has to be without pointing, doubt or a person acting,
    ``duty`` when it has a word of duty besides and nothing of the moment. ``list`` is the share of its lines
    that begin with a mark of a list or a heading.

    Args:
        text: The passage.
        sentences: Its sentences, as `sentences.split` gives them.
    """
    told = [patterns.OPENER.sub("", sentence).strip() or sentence for sentence in sentences]
    number = max(1, len(told))
    met = {name: [bool(shape.search(one)) for one in told] for name, shape in SHAPES.items()}
    opens = {name: [bool(shape.match(one)) for one in told] for name, shape in OPENINGS.items()}
    opens["order"] = [
        hit and not patterns.HELD.match(one) for hit, one in zip(opens["order"], told, strict=True)
    ]
    asked = [is_question(one) for one in told]
    plain = duty = False
    for at in range(len(told)):
        loose = asked[at] or opens["it"][at] or any(met[name][at] for name in _LOOSE)
        bid = any(met[name][at] for name in _DUTY)
        plain |= not loose and (bid or (met["present"][at] and not met["past"][at]))
        duty |= not loose and bid and not met["moment"][at]
    lines = sum(bool(line.strip()) for line in text.split("\n"))
    return {
        **{f"has.{name}": sum(hits) / number for name, hits in met.items()},
        **{f"opens.{name}": sum(hits) / number for name, hits in opens.items()},
        "asks": sum(asked) / number,
        "plain": float(plain),
        "duty": float(duty),
        "list": len(_MARK.findall(text)) / max(1, lines),
    }


def points(sentence: str) -> bool:
    """Tell whether a sentence is about what it does not name: "it doesn't need any code"."""
    return bool(PRONOUN.match(patterns.OPENER.sub("", sentence).strip() or sentence))


def is_question(sentence: str) -> bool:
    """Tell whether a sentence asks; "this is done elsewhere, right" does too."""
    ends = sentence.rstrip("\"')*_ ").endswith("?")
    return ends or bool(patterns.ASKS.match(sentence)) or bool(TAG.search(sentence))
