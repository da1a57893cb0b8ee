"""What value a statement gives to something: a port, a version, a number of minutes, a weekday."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.hook.patterns import regex
from holdfast.measure.audit.claims import Claim
from holdfast.measure.audit.clauses import CONDITION, DOUBLE, OPEN, PAST, SENTENCE, negates
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.scope import heading_limits, limits
from holdfast.measure.audit.words import NEGATIONS, content, stem

_VALUE = regex(
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
_NUMBERED = regex(
    rf"\b(?P<number>{'|'.join(_SPELLED)})[- ](?=spaces?|minutes?|hours?|days?|seconds?|approv\w+"
    rf"|reviewers?|retries|times"
    r"|attempts|weeks?|replicas?|workers?)", re.IGNORECASE)  # fmt: skip


ATTRIBUTES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, regex(pattern, re.IGNORECASE))
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
        ("line length", r"\b(?:line length|lines?(?! ?[~≈#]?\d)|columns?|line width"
            r"|max(?:imum)? (?:line )?(?:length|width))\b"
            r"[^.\d]{0,40}?(?P<value>\d{2,3})\b(?! ?%)|\b(?P<value2>\d{2,3})[- ](?:characters?"
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
    more than drop fall new file lines dev newer later higher not node.js setup every fail when locally ci
    no keep set
    hard soft postgres
    postgresql
    """.split()
)


def values(memory: Memory, entry: Entry) -> Iterator[Claim]:
    """Yield the values that a statement gives to attributes that have one, such as a port or a version."""
    if not any(char.isdigit() for char in entry.text):
        return
    above = heading_limits(entry)
    for sentence in SENTENCE.split(entry.text.replace("**", "")):
        if PAST.search(sentence) or OPEN.search(_AT_LEAST.sub(" ", sentence)):
            continue
        for name, pattern in ATTRIBUTES:
            match = pattern.search(sentence)
            if match is None or len({_value_of(one) for one in pattern.finditer(sentence)}) > 1:
                continue
            if _forbids(name, sentence, match.start()):
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


_NEAR = 30
"""Characters before a value in which its negation stands."""
_VERSIONED = frozenset("python go java ruby php server test dev ci".split())
_AT_LEAST = regex(
    r"\bor (?:newer|later|higher|above|more|better|greater|less|fewer|below|lower)\b", re.IGNORECASE
)


def _forbids(name: str, sentence: str, start: int) -> bool:
    """Tell whether a value is named only to be ruled out, or for a case; a limit may be told either way."""
    if name == "coverage":
        return False
    before = DOUBLE.sub(" ", sentence[:start])[-_NEAR:]
    limit = re.search(r"\b(?:exceed|longer|more|below)\b", sentence)
    return bool(CONDITION.search(sentence) or (negates(before) and not limit))


def _subject(match: re.Match[str]) -> str:
    return re.sub(r"\d[\d.]*", " ", match.group())


def _value_of(match: re.Match[str]) -> str:
    return next(value for value in match.groups() if value)


def measured(memory: Memory, entry: Entry) -> Iterator[Claim]:
    """Yield sentences that hold one number, by their other words: "sessions expire after 30 minutes"."""
    if not _TELLS_VALUE.search(entry.text):
        return
    above = heading_limits(entry)
    for sentence in SENTENCE.split(_NUMBERED.sub(lambda m: _SPELLED[m["number"].lower()] + " ", entry.text)):
        if PAST.search(sentence) or OPEN.search(sentence):
            continue
        sentence = _piece(sentence)
        yield from _on_day(memory, entry, sentence, above)
        found = list(_VALUE.finditer(sentence))
        if len(found) != 1:
            continue
        match = found[0]
        unit = (match["unit"] or "").lower().rstrip("s") or "number"
        unit = _UNITS.get(unit, unit)
        number = re.match(r"v?[\d.,_]+", match.group())
        before, behind = sentence[: match.start()], sentence[match.end() :]
        if number is None or _COUNTED.search(before) or (_ONE_OF.search(before) and _DOES.match(behind)):
            continue
        about = frozenset(content(f"{before} {behind}"))
        about -= _LIGHT
        if len(about) >= (1 if unit in _TELLING else 2):
            yield Claim(
                memory, entry, "value in time" if unit in _TIMES else f"value in {unit}",
                f"{number.group().strip('.,')} {unit}".removesuffix(" number"), True, about,
                limits(sentence), above, False, False,
            )  # fmt: skip


_TIMES = frozenset("second minute hour day week month year millisecond m".split())


def _piece(sentence: str) -> str:
    """Return the part between commas that holds the number or day of a sentence, when it says enough."""
    pieces = re.split(r",\s", sentence)
    held = [piece for piece in pieces if _TELLS_VALUE.search(piece)]
    return held[0] if len(held) == 1 and len(content(held[0])) > 2 else sentence


_TELLS_VALUE = regex(
    rf"\d|\b(?:{'|'.join(_SPELLED)})[- ]|(?:mon|tues|wednes|thurs|fri|satur|sun)day", re.IGNORECASE
)
_DAY = regex(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.IGNORECASE)


def _on_day(memory: Memory, entry: Entry, sentence: str, above: frozenset[str]) -> Iterator[Claim]:
    """Yield the weekday of a sentence that names one: "we deploy on Tuesdays"."""
    days = _DAY.findall(sentence)
    about = frozenset(content(_DAY.sub(" ", sentence))) - _LIGHT - NEGATIONS
    if len(days) == 1 and about:
        positive = not negates(sentence)
        yield Claim(
            memory, entry, "value in weekday", days[0].lower().removesuffix("s"), positive, about,
            limits(sentence), above, False, False,
        )  # fmt: skip


_LIGHT = frozenset(
    stem(word)
    for word in "happen occur place live take enough last wait least most up max maximum min minimum".split()
)
_TELLING = frozenset(["approval", "reviewer", "weekday"])
_COUNTED = regex(
    r"\b(?:step|phase|task|part|section|chapter|issue|line|figure|table|option|level|tier|stage|sprint"
    r"|week|adr|rule|item"
    r"|pr|no\.|number|note|appendix|question|example|case)s? *[*_:#~≈-]*\Z|#\Z",
    re.IGNORECASE,
)
_ONE_OF = regex(r"^\W*[A-Z][a-z]+ \Z")
_DOES = regex(r"(?:['’]s)?\s+[a-z]")
"""Before and behind a number that tells one of several from the others: "Session 2 adds a file"."""
_UNITS = {
    "sec": "second",
    "s": "second",
    "min": "minute",
    "m": "minute",
    "h": "hour",
    "percent": "%",
    "char": "character",
}
