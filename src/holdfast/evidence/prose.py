"""What an agent says, as sentences: code, tables and the small talk in front of a statement left out."""

from __future__ import annotations

import re

from holdfast.hook.patterns import regex

MAX_SAID = 8000
"""Characters of one message that are looked at: its end."""
LONGEST = 400
"""Characters of a sentence; what is longer is no sentence but a list or pasted text."""

_FENCE = regex(r"^[ \t]*(?:```|~~~).*?(?:^[ \t]*(?:```|~~~)[ \t]*$|\Z)", re.MULTILINE | re.DOTALL)
_TABLE = regex(r"^\s*(?:\||[+-]{3,}|#{1,6}\s|[─━┌└│])")
_MARKER = regex(r"^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+|>\s*|[✅❌✓✗⚠️]+\s*)+")
_EMPHASIS = regex(r"\*\*|__(?=\w)|(?<=\w)__(?!\w)")
_END = regex(r"(?<=[.!?])(?<!e\.g\.)(?<!i\.e\.)(?<!vs\.)(?<!etc\.)[\"”)]?\s+(?=[A-Z`\"“(*])")
_DIFF = regex(r"^(?:[+>@$|]|-\S|- {3,}|\s{4,}\S|\S+:\d+:|at \S+\()")
_SMALL_TALK = regex(
    r"(?:(?:you're|that's) (?:absolutely |completely |totally )?(?:right|correct|true|fair|it)"
    r"|(?:that )?makes sense|good (?:catch|point|points|idea|question|call|news|thinking|find)"
    r"|great\b[^,.!?:;–—-]{0,20}"
    r"|(?:ah|oh|hmm+|wait|actually|ok|okay|yes|yeah|yep|no|sure|right|perfect|excellent|interesting|got it"
    r"|fair|exactly|hm+|so|and|but|however|indeed|also|therefore|as expected)"
    r"|(?:now )?i (?:can )?(?:now )?(?:see|found|understand|know)"
    r"(?: (?:the|what|it|that|this|why)[^,.!?:;–—-]{0,50})?"
    r"|found (?:it|the [^,.!?:;–—-]{0,50})|the (?:issue|problem|bug) is (?:now )?clear"
    r"|here's (?:what|the)[^,.!?:;–—-]{0,30})\s*(?:[,.!?:;–—]+|\s-+\s)\s*",
    re.IGNORECASE,
)
_JOINS = regex(r"(?:so|and|but|however|also|therefore|thus|now|then|hence)\b,?\s+(?=\w)", re.IGNORECASE)
_PLANS = regex(
    r"(?:now,? )?(?:(?:so |then |and |but |next,? |first,? |ok,? |okay,? )*"
    r"(?:let(?:'?s| me| us)|i|i'll|i'm|i've|i'd|we'll|we should|want me|would you|shall"
    r"|should (?:i|we)|do you|does (?:this|that)|here|here's|looking at|which|what|how|my|first|next|both"
    r"|remaining|summary|all (?:tests|done)|done)\b|\w+ing (?:the|it|this|that|these|a|my|to|for)\b)",
    re.IGNORECASE,
)
_WILL = regex(
    r"\b(?:i'm going to|i'll|i will|let me|want me to|i've|i just|i agree|i think|i guess|i believe)\b",
    re.IGNORECASE,
)
_STEPS = regex(
    r"(?:add|change|update|remove|fix|replace|use|keep|move|make|create|delete|rename|run|check|set"
    r"|extract|refactor"
    r"|implement|call|return|convert|skip|only shown|added|changed|updated|removed|fixed|replaced"
    r"|moved|renamed)\b",
    re.IGNORECASE,
)
_INTENT = regex(
    r"(?:let me|let's|i'll|i will|i'm going to|i need to|we need to|we should|the (?:simplest )?fix is to"
    r"|the (?:simplest |best )?(?:approach|solution|way) is to|i should)\s+"
    r"(?:now |also |just |first |try to |try |go ahead and )*(?=[a-z])",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Return the sentences of a message in order, without code blocks, tables, headings and list marks."""
    found = []
    for line in _FENCE.sub("\n", _straight(text[-MAX_SAID:])).split("\n"):
        if _TABLE.match(line):
            continue
        said = _EMPHASIS.sub("", _MARKER.sub("", line)).strip()
        for sentence in _END.split(said):
            whole = " ".join(sentence.split())
            if 3 <= len(whole) <= LONGEST:
                found.append(whole)
    return found


def pruned(sentence: str) -> str:
    """Return a sentence without what stands before its statement ("I see the issue - ", "You're right")."""
    rest = sentence
    while True:
        match = _SMALL_TALK.match(rest) or _JOINS.match(rest)
        if match is None or match.end() >= len(rest):
            break
        rest = rest[match.end() :]
    return rest[:1].upper() + rest[1:] if rest[:1].islower() and not _is_code(rest) else rest


def is_step(sentence: str) -> bool:
    """Tell whether a sentence is an item of a list of steps ("Change x to y")."""
    return bool(_STEPS.match(sentence))


def intent(text: str) -> str:
    """Return what the agent said last that it was about to do as a phrase ("add a check before …"), or ""."""
    for sentence in reversed(sentences(text)):
        matches = list(_INTENT.finditer(sentence))
        if matches:
            phrase = sentence[matches[-1].end() :].rstrip(" .:;!…")
            return phrase if phrase.split(" ", 1)[0].isalpha() else ""
    return ""


def spoken(text: str) -> str:
    """Return what a person said in their own words, on one line: no pasted code, diffs or output."""
    lines = _FENCE.sub("\n", _straight(text)).split("\n")
    end = next((i for i, line in enumerate(lines[:-2], 1) if line.rstrip().endswith(":")), len(lines))
    return " ".join(" ".join(line for line in lines[:end] if not _DIFF.match(line)).split())


def words(listed: str, *, at_start: bool = False) -> re.Pattern[str]:
    """Return a pattern of whole words, in any case; ``listed`` separates them by commas."""
    one_of = "|".join(re.split(r",\s+", " ".join(listed.split())))
    return re.compile((r"\A\s*" if at_start else r"(?<![\w'])") + rf"(?:{one_of})(?![\w'])", re.IGNORECASE)


def is_plan(sentence: str) -> bool:
    """Tell whether a sentence says what the agent does or asks, instead of how things are."""
    return bool(_PLANS.match(sentence) or _WILL.search(sentence)) or sentence.rstrip("*_ ").endswith(
        ("?", ":")
    )


def _straight(text: str) -> str:
    return text.replace("’", "'")


def _is_code(text: str) -> bool:
    first = text.split(" ", 1)[0]
    return any(char in first for char in "_./()") or any(char.isupper() for char in first)
