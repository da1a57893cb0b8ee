"""What a statement claims, in a form in which two claims can be compared: what is chosen, told or valued."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from holdfast.measure.audit.choices import CHOICES, MENTIONS, Choice
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.scope import heading_limits, limits
from holdfast.measure.audit.words import content, stem

_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z`*\"'(a-z])|\n+|\s+[—–]\s+|\s+-\s+|\s*→\s*")
_CLAUSE = re.compile(
    r",\s+(?=(?:not|never|no|and never|but|use|always|instead|rather than|do not|don['’]t|we use|so use"
    r"|and not)\b)"
    r"|\s+(?=(?:instead of|rather than|not (?!only|be|use|run|commit|allowed)|never|in place of|over)\s)"
    r"|\s+(?=but\b)|:\s+(?=(?:use|never|always|do not|don['’]t)\b)|\s\((?=(?:not|never|no)\b)"
    r"|(?<=\w),\s+no(?=\s)"
)
_NEGATES = re.compile(
    r"\b(?:never|do not|don['’]?t|does not|doesn['’]t|must not|mustn['’]?t|should not|shouldn['’]?t|may"
    r" not|cannot"
    r"|can['’]t|is not|isn['’]t|are not|aren['’]t|avoid|not|no|without|forbid\w*|banned|ban|prohibited"
    r"|disallow\w*|stop"
    r"|instead of|rather than|in place of|no longer|refrain)\b|^\s*over\s",
    re.IGNORECASE,
)
_DOUBLE = re.compile(
    r"\b(?:do not|don['’]t|never) (?:forget|skip|omit|miss|hesitate|neglect|bypass|ignore|leave out)\b"
    r"|\bnot only\b"
    r"|\bnot (?:required|necessary|needed|enough|yet|sure)\b|\bno (?:need|matter|problem|longer than|more"
    r" than|later than"
    r"|less than|fewer than|earlier)\b|\b(?:not|never) (?:without|before|until|unless)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:or|either|both|optional(?:ly)?|may|might|can be|sometimes|e\.g\.|for example|such as|depending"
    r"|usually|mostly"
    r"|if you (?:like|prefer|want)|whichever|any of|is fine|also works|work(?:s)? too|equivalent"
    r"|historical\w*)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:used to|previously|formerly|in the past|was|were|had|until|before \d{4}|back in|originally|once"
    r"|earlier"
    r"|since then|deprecated|old|legacy|migrat\w+ (?:from|away)|moved (?:from|away|off)|replaced|switched"
    r" from|dropped)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:unless|except|if|when|whenever|while|during|until|before|after|only (?:for|in|if|when|on)"
    r"|outside|other than"
    r"|apart from|for now|temporar\w+|without)\b",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"(?<![\w./:-])(?:v?\d+(?:\.\d+)+(?!\w)|\d[\d,_]*)(?:\s?(?P<unit>%(?!\w)|(?:percent|ms|milliseconds?|s"
    r"|secs?"
    r"|seconds?|m|mins?"
    r"|minutes?|h|hours?|days?|weeks?|months?|years?|[KMG]i?B|bytes|lines?|characters?|chars?|columns?"
    r"|spaces?|times"
    r"|retries|attempts|workers?|threads?|replicas?|approvals?|reviewers?|items?|rows?|pages?|requests?"
    r"|connections?)\b))?"
    r"(?![\w/-]|\.\d)",
    re.IGNORECASE,
)
_SPELLED = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "twelve": "12", "fifteen": "15", "twenty": "20", "thirty": "30",
}  # fmt: skip
_NUMBERED = re.compile(
    rf"\b(?P<number>{'|'.join(_SPELLED)})[- ](?=spaces?|minutes?|hours?|days?|seconds?|approv\w+"
    rf"|reviewers?|retries|times"
    r"|attempts|weeks?|replicas?|workers?)", re.IGNORECASE)  # fmt: skip

ATTRIBUTES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("port", r"\bports?\b[^.\d]{0,30}?(?P<value>\d{2,5})\b|\b(?:localhost|127\.0\.0\.1"
            r"|0\.0\.0\.0):(?P<value2>\d{2,5})\b|(?<![\w:]):(?P<value3>\d{4,5})\b"),
        ("Python version", r"\bpython\s*(?:version)?\s*(?:is |>=|==|:|=|to be"
            r" )?\s*`?v?(?P<value>[23]\.\d{1,2})\b"),
        ("Node version", r"\bnode(?:\.?js)?\s*(?:version)?\s*(?:is |>=|==|:"
            r"|=)?\s*`?v?(?P<value>\d{2})(?:\.\d+|\.x)*\b"),
        ("Go version", r"\bgo(?:lang)?\s*(?:version)?\s*(?:is |>=|:|=)?\s*`?v?(?P<value>1\.\d{1,2})\b"),
        ("Java version", r"\b(?:java|jdk)\s*(?:version)?\s*(?:is |>=|:|=)?\s*`?(?P<value>\d{1,2})\b"),
        ("Ruby version", r"\bruby\s*(?:version)?\s*(?:is |>=|:|=)?\s*`?(?P<value>\d\.\d)\b"),
        ("PostgreSQL version", r"\bpostgres(?:ql)?\s*(?:version)?\s*(?:is |>=|:|=)?\s*`?(?P<value>\d{2})\b"),
        ("line length", r"\b(?:line length|lines?|columns?|line width|max(?:imum)? (?:line )?(?:length"
            r"|width))\b[^.\d]{0,40}?(?P<value>\d{2,3})\b(?! ?%)|\b(?P<value2>\d{2,3})[- ](?:characters?"
            r"|chars?|columns?)\b[^.]{0,20}\blines?\b|\b(?:wrap|limit)\w* (?:\w+ ){0,3}at"
            r" (?P<value3>\d{2,3})\b"),
        ("coverage", r"\bcoverage\b[^.\d]{0,40}?(?P<value>\d{2,3})\s?(?:%|percent)"
            r"|(?P<value2>\d{2,3})\s?(?:%|percent)[^.]{0,25}\bcoverage\b"),
        ("indentation width", r"\bindent\w*[^.\d]{0,30}?(?P<value>[248])\b|\b(?P<value2>[248])[- ]spaces?\b"),
    )
)  # fmt: skip
_OF_ATTRIBUTE = frozenset(
    stem(word)
    for word in """
    port localhost http https listen serve server run start local version python node nodejs go java jdk
    ruby require
    requires target support min minimum least most max maximum line length long longer character char
    column width wrap
    limit coverage test percent indent indentation space code use project everything url address open
    available
    reach reachable default develop app application service up expose bound bind on stay below above under
    over
    more than drop fall new file lines dev newer later higher not node.js keep set hard soft postgres
    postgresql
    """.split()
)


_VERB = re.compile(
    r"\b(?:never|do not|don['’]?t|must not|mustn['’]t|should not"
    r"|shouldn['’]t)\s+([A-Za-z-]+)",
    re.IGNORECASE,
)
_CONTRAST = re.compile(r"\s*(?:over|instead of|rather than|in place of|not|never)\s", re.IGNORECASE)


class Claim(NamedTuple):
    """One claim.

    Attributes:
        topic: What it is about; only claims on one topic are compared.
        value: What it says of it.
        positive: False when it says that this is not so.
        about: Telling words of the sentence beside topic and value.
        limits: What it is limited to.
        above: What the headings above limit it to; words beginning with ``?`` may only be topics.
        conditional: True when it holds in a case that it states.
        whole: True when the topic has one answer for a whole project.
    """

    memory: Memory
    entry: Entry
    topic: str
    value: str
    positive: bool
    about: frozenset[str]
    limits: frozenset[str]
    above: frozenset[str]
    conditional: bool
    whole: bool


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


def clauses(text: str) -> Iterator[Clause]:
    """Yield the clauses of a statement that tell what is so, or is to be done, now."""
    for sentence in _SENTENCE.split(text.replace("**", "")):
        for part in _CLAUSE.split(sentence):
            if part is None or not part.strip() or _PAST.search(part) or _DOUBLE.search(part):
                continue
            negated = _NEGATES.search(part) is not None
            plain = _NEGATES.sub(" ", part)
            words = content(plain)
            if words:
                verb = _VERB.search(part)
                yield Clause(
                    part,
                    not negated,
                    words,
                    limits(part),
                    bool(_CONDITION.search(part)),
                    verb is not None and stem(verb.group(1).lower()) == words[0],
                    bool(_CONTRAST.match(part)),
                )


def choices(memory: Memory, entry: Entry) -> Iterator[Claim]:
    """Yield what a statement chooses of the sets in `CHOICES`."""
    flat = entry.text
    low = flat.lower()
    if not any(mention in low for mention in MENTIONS):
        return
    above = heading_limits(entry)
    for choice in CHOICES:
        if not any(pattern.search(flat) for pattern in choice.options.values()):
            continue
        yield from _chosen(memory, entry, choice, above)


def _each_named(choice: Choice, part: str) -> Iterator[tuple[str, bool, str]]:
    """Yield what each piece between commas chooses: "install with pnpm, npm is not allowed"."""
    for piece in part.split(","):
        for option, pattern in choice.options.items():
            if pattern.search(piece):
                yield option, not _NEGATES.search(piece), piece


def _chosen(memory: Memory, entry: Entry, choice: Choice, above: frozenset[str]) -> Iterator[Claim]:
    text = entry.text.replace("**", "")
    if choice.asked is not None and not choice.asked.search(text):
        return
    if _CONDITION.search(text) and not re.search(r"\b(?:before|after|when)\b", text):
        return
    found: list[tuple[str, bool, str]] = []
    for sentence in _SENTENCE.split(text):
        for part in _CLAUSE.split(sentence):
            if part is None or _PAST.search(part):
                continue
            named = [option for option, pattern in choice.options.items() if pattern.search(part)]
            if len(named) > 1 and "," in part and not _OPEN.search(part):
                found += _each_named(choice, part)
                continue
            if len(named) > 1 or (named and _OPEN.search(part)):
                return
            if named and not _DOUBLE.search(part):
                positive = not _NEGATES.search(part) or choice.name == "semicolons"
                found.append((named[0], positive, part))
    if len({option for option, positive, _ in found if positive}) > 1:
        return
    for option, positive, part in found:
        about = frozenset(
            word
            for word in content(choice.options[option].sub(" ", _NEGATES.sub(" ", part)))
            if word not in _PLAIN
        )
        yield Claim(
            memory, entry, choice.name, option, positive, about, limits(choice.options[option].sub(' ',
            part)) - choice.implied,
            above, False, choice.whole,
        )  # fmt: skip


_PLAIN = frozenset(
    stem(word)
    for word in """
    use run prefer install add manage package manager dependency all everything project repository here
    only standard
    default switch stick new code style it format formatter lint linter framework runner test library
    choice tool
    """.split()
)


def values(memory: Memory, entry: Entry) -> Iterator[Claim]:
    """Yield the values that a statement gives to attributes that have one, such as a port or a version."""
    if not any(char.isdigit() for char in entry.text):
        return
    above = heading_limits(entry)
    for sentence in _SENTENCE.split(entry.text.replace("**", "")):
        if (
            _PAST.search(sentence)
            or _CONDITION.search(sentence)
            or _OPEN.search(_AT_LEAST.sub(" ", sentence))
        ):
            continue
        if _NEGATES.search(_DOUBLE.sub(" ", sentence)) and not re.search(
            r"\b(?:exceed|longer|more|below)\b", sentence
        ):
            continue
        for name, pattern in ATTRIBUTES:
            match = pattern.search(sentence)
            if match is None or len({_value_of(one) for one in pattern.finditer(sentence)}) > 1:
                continue
            rest = sentence[: match.start()] + " " + sentence[match.end() :]
            about = frozenset(
                word for word in content(f"{rest} {_subject(match)}") if word not in _OF_ATTRIBUTE
            )
            about = frozenset(word for word in about if not word.isdigit())
            yield Claim(
                memory,
                entry,
                name,
                _value_of(match),
                True,
                about,
                limits(rest) - _VERSIONED,
                above,
                False,
                False,
            )


_VERSIONED = frozenset("python go java ruby php server test".split())
_AT_LEAST = re.compile(
    r"\bor (?:newer|later|higher|above|more|better|greater|less|fewer|below|lower)\b", re.IGNORECASE
)


def _subject(match: re.Match[str]) -> str:
    return re.sub(r"\d[\d.]*", " ", match.group())


def _value_of(match: re.Match[str]) -> str:
    return next(value for value in match.groups() if value)


def measured(memory: Memory, entry: Entry) -> Iterator[Claim]:
    """Yield sentences that hold one number, by their other words: "sessions expire after 30 minutes"."""
    if not _TELLS_VALUE.search(entry.text):
        return
    above = heading_limits(entry)
    for sentence in _SENTENCE.split(_NUMBERED.sub(lambda m: _SPELLED[m["number"].lower()] + " ", entry.text)):
        if _PAST.search(sentence) or _OPEN.search(sentence):
            continue
        yield from _on_day(memory, entry, sentence, above)
        found = list(_VALUE.finditer(sentence))
        if len(found) != 1:
            continue
        match = found[0]
        unit = (match["unit"] or "").lower().rstrip("s") or "number"
        number = re.match(r"v?[\d.,_]+", match.group())
        if number is None or _COUNTED.search(sentence[: match.start()]):
            continue
        about = frozenset(content(sentence[: match.start()] + " " + sentence[match.end() :]))
        about -= _LIGHT
        if len(about) >= (1 if unit in _TELLING else 2):
            yield Claim(
                memory, entry, f"value in {_UNITS.get(unit, unit)}", number.group().strip(".,"), True, about,
                limits(sentence), above, False, False,
            )  # fmt: skip


_TELLS_VALUE = re.compile(
    rf"\d|\b(?:{'|'.join(_SPELLED)})[- ]|(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE
)
_DAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)


def _on_day(memory: Memory, entry: Entry, sentence: str, above: frozenset[str]) -> Iterator[Claim]:
    """Yield the weekday of a sentence that names one: "we deploy on Tuesdays"."""
    days = _DAY.findall(sentence)
    about = frozenset(content(_DAY.sub(" ", sentence))) - _LIGHT
    if len(days) == 1 and about and not _NEGATES.search(sentence):
        yield Claim(
            memory, entry, "value in weekday", days[0].lower().removesuffix("s"), True, about,
            limits(sentence), above, False, False,
        )  # fmt: skip


_LIGHT = frozenset(
    stem(word)
    for word in "happen occur place live take enough last wait least most up max maximum min minimum".split()
)
_TELLING = frozenset(["approval", "reviewer", "weekday"])
_COUNTED = re.compile(
    r"\b(?:step|phase|task|part|section|chapter|issue|line|figure|table|option|level|tier|stage|sprint"
    r"|week|adr|rule|item"
    r"|pr|no\.|number|note|appendix|question|example|case)s? *[*_:#-]*\Z|#\Z",
    re.IGNORECASE,
)
_UNITS = {
    "sec": "second",
    "s": "second",
    "min": "minute",
    "m": "minute",
    "h": "hour",
    "percent": "%",
    "char": "character",
}

_FOR = re.compile(
    r"^\W*(?:always |please |only |we |prefer to |all \w+ )*(?:use|uses|prefer|run|go through|rely on)\s+"
    r"(?:the |a |an |our )?(?P<what>`[^`]+`|[A-Za-z][\w.+/-]*)(?:\s+\w+)?\s+(?:for|to"
    r"|when)\s+(?P<purpose>[^.;,:(]{3,80})",
    re.IGNORECASE,
)
_WITH = re.compile(
    r"^\W*(?P<purpose>[A-Za-z][^.;,:(`]{3,60}?)\s+(?:with|using|via|through|by running|are handled by|is"
    r" handled by|is done (?:with|by))\s+"
    r"(?P<what>`[^`]+`|[A-Z][\w.+/-]*)(?=\W*$|[.,;]|\s+\()",
)


def purposes(memory: Memory, entry: Entry) -> Iterator[Claim]:
    """Yield what a statement says to use for a purpose: "use httpx for HTTP calls"."""
    above = heading_limits(entry)
    for sentence in _SENTENCE.split(entry.text.replace("**", "")):
        part = _CLAUSE.split(sentence)[0] or ""
        match = _FOR.match(part) or _WITH.match(part)
        if match is None or any(one.search(part) for one in (_PAST, _OPEN, _CONDITION, _NEGATES)):
            continue
        purpose = frozenset(content(match["purpose"])) - {"all", "new"}
        if purpose:
            yield Claim(
                memory, entry, "what is used", match["what"].strip("`").lower(), True, purpose,
                limits(match["purpose"]), above, False, False,
            )  # fmt: skip


_IS = re.compile(
    r"^\W*(?:the |our |all )?(?P<subject>[A-Za-z][^.;,:(`]{3,60}?)\s+(?P<verb>is|are|lives?|live in|are"
    r" kept in|is kept in"
    r"|are stored in|is stored in|are defined in|is defined in|go in|goes in|is called)\s+(?:in |at |the )?"
    r"(?P<value>`[^`]+`|(?:the )?[A-Z`][\w.`/-]*(?: \w+)?)\W*$"
)


def places(memory: Memory, entry: Entry) -> Iterator[Claim]:
    """Yield what a statement says a thing is, or where it is kept: "the base path is `/api/v1`"."""
    above = heading_limits(entry)
    for sentence in _SENTENCE.split(entry.text.replace("**", "")):
        match = _IS.match(sentence)
        if match is None or _PAST.search(sentence) or _OPEN.search(sentence) or _NEGATES.search(sentence):
            continue
        about = frozenset(content(match["subject"]))
        if len(about) >= 2:
            yield Claim(
                memory, entry, f"what it {match['verb'].split()[0]}", match["value"].lower(), True, about,
                limits(match["subject"]), above, False, False,
            )  # fmt: skip
