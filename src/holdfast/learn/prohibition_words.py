"""The words by which English forbids, narrows, recalls and gives reasons, as `prohibitions` looks for them.

Other languages are known only so far that a line in one of them is never taken for an order to run what it
may forbid.
"""

from __future__ import annotations

import re

from holdfast.hook.patterns import regex

MARK = "\ue001"
"""Stands for a code span in a text that is looked at."""


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_FORBIDS = (
    r"(?P<word>\b(?:never|do not|don['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|may not|avoid|not|no"
    r"|nobody|no one|refrain from|(?:stay|keep) away from|steer clear of|under no circumstances|on no account"
    r"|at no time|instead of|rather than|in place of|forbidden|prohibited|banned|not allowed)"
    r"(?![\w-])|[❌🚫⛔✗✘]\ufe0f?)"
)
_BESIDE = r"[\s*_:\"“‘'(]*"
_FILLER = (
    r"(?:ever|again|manually|directly|just|simply|blindly|may|should|must|runs?|running|us(?:e|es|ing)"
    r"|calls?|calling|execut(?:e|ing)|invok(?:e|ing)|typ(?:e|ing)|do(?:ing)?|try(?:ing)?|pass(?:ing)?"
    r"|add(?:ing)?|to|the|a|an|any|raw|plain|bare|naked|global|system|flags?|options?|commands?|like|such as"
    r"|things like|anything like|with|via|following|either|in this repo(?:sitory)?|here"
    r"|(?:commit|push|merge|rebase|deploy)(?:s|t?ing)?)"
)
_LIST = rf"(?:{MARK}[\s,/*_)\"”]*(?:(?:or|and|nor)\b[\s*_]*)?(?:(?:even|plain|bare)\s+)?)*"

NEVER = regex(rf"{_FORBIDS}{_BESIDE}(?:{_FILLER}\b{_BESIDE})*{_LIST}\Z", re.IGNORECASE)
"""Ends right before the span that is forbidden; spans before it in a list are marks."""

NEVER_BY = regex(
    rf"{_FORBIDS}[\s*_]*(?:[\w-]+[\s*_]+){{1,5}}?(?:with|via|using|by running|through)[\s*_]*{_LIST}\Z",
    re.IGNORECASE,
)
"""The same for a deed and its means: "do not stage with …"."""

NEVER_IN_BRACKETS = regex(rf"{_FORBIDS}[\s*_]*(?:[\w-]+[\s*_]+){{1,4}}\([\s*_]*{_LIST}\Z", re.IGNORECASE)
"""The same for a deed named in words first: "never force push (…"."""

ANY_NEGATION = regex(
    r"\b(?:never|do not|don['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|avoid|cannot|can['’]t|nobody"
    r"|no one|not)\b",
    re.IGNORECASE,
)
TURNED = _pattern(
    r"\b(?:forget|skip(?:ping)?|omit|miss|hesitate|neglect|bypass|without|until|unless|before|afraid)\b"
)
"""Words that make an order of a negation: "do not forget …", "not without …"."""
WHOLE = _pattern(r"\b(?:full|entire|whole|all|every|complete)\b")

NEVER_BEHIND = _pattern(
    r"^[\s*_)\"”]*(?:commands?\s+)?(?:(?:is|are)\s+)?(?:strictly |absolutely |always |explicitly )?"
    r"(?:forbidden|prohibited|banned|not allowed|not permitted|off[- ]limits|disallowed)\b",
    r"^[^.;!?\ue001]{0,40}?\b(?:must|should|may)(?: not| never|n['’]t)\s+(?:ever )?be\s+(?:used|run"
    r"|called|executed"
    r"|invoked)\b",
    r"^[\s*_)\"”]*(?:is|are) (?:never|not) to be (?:used|run|called|executed|invoked)\b",
    r"^[\s*_)\"”]*(?:is|are) (?:only |reserved )?for (?:the )?(?:release |ci )?(?:bot|ci|maintainers?"
    r"|release manager)\b",
    r"^[\s*_)\"”]*(?:is|are) (?:done|run|called|used) (?:only )?by (?:the )?(?:release|ci|pipeline"
    r"|maintainers?|bot)\b",
    r"^[\s*_)\"”]*[:—–-]+\s*(?:never|do not|don['’]t)(?:\s+(?:use|run|do)(?:\s+(?:it|this"
    r"|that))?)?\s*(?:[.!,;*_)]|\Z)",
    r"^[\s*_)\"”]*[\s:—–-]*[❌🚫⛔]",
)
"""Begins right behind the span that is forbidden."""

WEAK = _pattern(r"\b(?:prefer|preferably|try to|try not|ideally|generally|usually|where possible|better)\b")
CASE = _pattern(
    r"\b(?:unless|except|without|outside|until|when|whenever|while|if|before|after|only|on|in|inside|to|from"
    r"|against|during|for|within|but|into|at|with|as root|more than|twice|alone|by itself|between|through"
    r"|standalone|yet|automatically|yourself|unprompted|unasked|blindly|immediately|again|first|by hand)\b"
)
"""Words that narrow a prohibition to a case."""
CASE_FIRST = _pattern(
    r"^\W*(?:if|when|whenever|while|unless|during|on|in|before|after|outside|within)\b",
    r"[,;:(]\s*(?:if|when|whenever|while|unless|during|on|in|before|after|outside|within|for)\b[^,;]*,?\s*\Z",
)
"""A case that is stated before what is forbidden in it."""
NO_CASE = _pattern(
    r"\b(?:in|for|on|at|under) (?:this|the|our) (?:repo|repository|project|codebase|monorepo|workspace"
    r"|code base|checkout|clone|(?:work )?tree)\b",
    r"\b(?:for|under|in) any (?:reason|circumstances?|case|situation)\b|\bat (?:all|any time)\b"
    r"|\bin general\b",
    r"\bto (?:install|run|test|build|add|manage|format|lint|start|check|execute|commit|push|update|upgrade"
    r"|generate|create|edit|read|search|look|view|write|change|inspect|explore|list|find|debug"
    r"|type-?check|get|skip|bypass|undo|stage|discard|fix|throw|clean)\b",
    r"\b(?:when|while|for|if you are) (?:\w+ly )?(?:testing|running|developing|installing|adding|committing"
    r"|working|editing|changing|building|using|managing|writing|making|fixing)\b[^.;]*?,",
    r"\bin (?:local )?development\b|\blocally\b",
    r"\bfor (?:package|dependenc|test|install|running|format|lint|build|type|script|any(?:thing)?\b"
    r"|every)\w*",
    r"\binto (?:this|the) (?:repo|repository|project)\b",
)
"""Phrases that sound so and narrow nothing."""
ANYHOW = _pattern(r",\s*(?:under|for|in|at) (?:any|no)\b[\w ]{1,30},")
REASON = _pattern(r"\b(?:because|since|as it|as they|it|they|this|which|that|so)\b")
AND_THEN = _pattern(r",\s+(?!\s*(?:unless|except|but|only|not|or|and|if|when|without)\b)")
ELSEWHERE = _pattern(r"\belsewhere\b|\bin other (?:repos|repositories|projects|folders|directories)\b")

PAST = _pattern(
    r"\b(?:used to|no longer|formerly|previously|removed in|replaced by|replaced with|obsolete"
    r"|historical(?:ly)?"
    r"|retired|in the past|before the (?:move|migration)|until v?\d|gone)\b",
    r"\b(?:was|were|has been|have been|got) (?:\w+ )?(?:removed|deleted|renamed|replaced|moved|dropped"
    r"|retired"
    r"|migrated|superseded|merged)\b",
    r"\b(?:moved|renamed|migrated|switched|split) from\b|\b(?:we|it|they) (?:had|once)\b",
)
FAILS = _pattern(
    r"^\W*(?:alone |directly )?(?:will )?(?:fails?|failed|breaks?|hangs?|crash(?:es|ed)?|errors? (?:out|with)"
    r"|does(?:n['’]t| not) work)\b"
)
END = _pattern(
    r"[.;!?](?=\s|[*_)\"”]|\Z)|\s[—–→]\s?|\s->\s|\s-\s|[✅✔]|\bbut\b",
    r",\s(?=(?:use|run|always|instead|prefer)\b)|\binstead\b[:,]",
)
"""Where one thing said ends and the next begins."""

HEADS_NEVER = _pattern(
    r"^[\W\d_]*(?:[❌🚫⛔✗✘]\ufe0f?|(?:things (?:to|you must) )?"
    r"(?:never|do not|don['’]?ts?|forbidden|prohibited|avoid|banned|what not to do|not allowed"
    r"|disallowed|must not|wrong|bad)\b)"
    r"(?!.*\b(?:do['’]?s?)\b\s*[/&]|.*\band do\b)"
)
LEADS_NEVER = _pattern(
    r"\b(?:must (?:not|never)|(?:is|are) (?:strictly )?(?:forbidden|prohibited|not allowed|off[- ]limits"
    r"|banned))\W*\Z",
    r"\b(?:you|agents?|we|please|also) (?:do not|don['’]t|never|must (?:not|never))(?: (?:ever )?(?:run"
    r"|use|do|call|touch))"
    r"(?: (?:these|any of these|the following|any of the following))?(?: commands)?\W*\Z",
    r"\b(?:things|commands) (?:to avoid|never to run|not to run|that are (?:forbidden|off[- ]limits))\W*\Z",
)
"""Ends a heading or a line before a list that forbids what stands below it."""
HEADS_OTHERWISE = _pattern(r"\b(?:instead|unless|without|forget|skip|commit|before|until)\b")

_EDIT = r"(?:hand-?)?(?:edit|modif(?:y|ies)|change|touch|alter|write (?:in)?to)(?:s|ing|ed|d)?"
KEPT_OFF = regex(
    r"(?:\b(?:never|do not|don['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|avoid|nobody|no one)\b"
    r"|[❌🚫⛔✗✘]\ufe0f?)[\s*_]*(?:(?:ever|manually|directly|hand-?)[\s*_]*)?"
    rf"(?:{_EDIT}|chang(?:e|ing))[\s*_]*"
    r"(?:(?:the|any|files?|file|anything|code|contents?|generated|in|under|inside|below|of|at|a)\b[\s*_]*)*"
    rf"(?:{MARK}[\s,/*_]*(?:(?:or|and|nor)\b[\s*_]*)?)*\Z",
    re.IGNORECASE,
)
KEPT_OFF_PHRASE = _pattern(
    rf"\b(?:hands off|keep (?:out of|off|away from)"
    rf"|stay out of)[\s*_:]*(?:the\s+)?(?:{MARK}[\s,/]*(?:(?:or|and)\s+)?)*\Z"
)
LEFT_ALONE = _pattern(
    r"^[\s*_]*(?:is|are) (?:off[- ]limits|read-only)\b",
    r"^[\s*_]*(?:alone|untouched|as (?:it|they) (?:is|are))\b",
)
KEPT_OFF_BEHIND = regex(
    r"^(?:(?!\b(?:unless|except|without|only|but)\b).){0,60}?\b(?:never|do not|don['’]?t|must not"
    r"|not to)\s+(?:be\s+)?"
    rf"{_EDIT}\b(?:\s+(?:(?:anything|files?|code) (?:in|under|below) (?:it|there|here)|it|them|this"
    rf"|these|files?|by hand|manually|directly|this file|these files))*"
    r"\s*(?:[.!;,)|]|\Z)",
    re.IGNORECASE,
)
BY_HAND = _pattern(r"\b(?:by hand|directly|manually)\b")
ADDED_TO = _pattern(
    r"\b(?:existing|already|applied|released|published|old|shipped|merged|add(?:ing)? (?:a )?new)\b"
)
"""Where only what is there is to be left, new files are welcome."""

OTHER_TONGUE = _pattern(
    r"\b(?:nie|niemals|nicht|kein(?:e[nmrs]?)?|verboten|statt|nunca|jamais|ne\s+\w+\s+pas|não|nao|evita"
    r"|evite[zr]?|interdit|prohibido|proibido|non(?!-)|niet|nooit|aldrig|inte|ikke|nigdy)\b",
    r"никогда|нельзя|запрещ|\bне\b|不要|不能|禁止|请勿|勿|別|决不|绝不",
    r"しない|禁じ|使わない|금지|마세요|말 것|하지 ?마",
)
