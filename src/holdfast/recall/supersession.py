"""Tell whether a later decision takes the place of an earlier one.

Some say so: a revert, "supersedes ADR 7", "instead of polling". Most do not: somebody decides the same matter
anew, in other words and in another place. Such a pair is about the same subject in the same part of the
code, and the later one changes something: it names what was chosen before as given up, states another value
of the same unit, or speaks of change. Likeness alone never suffices: two decisions about neighbouring
matters both stand.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cached_property

import msgspec

from holdfast.hook.patterns import regex
from holdfast.index.documents import Document
from holdfast.recall.decision_form import settles
from holdfast.recall.expansion import Link, related, with_pairs
from holdfast.recall.stems import stem, stems_of, words_of

_DESCRIBED, _FEWEST = 0.75, 2
"""Share of the words after "supersedes" that must be those of the heading meant, and how many at least."""
_SHORT = 20
"""Words below which a decision counts as no shorter."""
ENOUGH = 0.5
"""The chance from which on the later of two decisions is taken to replace the earlier one."""

_CHANGE = regex(
    r"\b(?:no longer|not any ?more|anymore|instead of|rather than|switch(?:ed|ing)? (?:from|to|over|back)|"
    r"replac(?:e[sd]?|ing)|revert(?:s|ed|ing)?|back to|go(?:ing)? back|drop(?:s|ped|ping)?|rais(?:e[sd]?|"
    r"ing)|"
    r"lower(?:s|ed|ing)?|increas(?:e[sd]?|ing)|reduc(?:e[sd]?|ing)|shorten(?:ed|ing)?|extend(?:ed|ing)?|"
    r"bump(?:ed)?|cut to|widen(?:ed)?|relax(?:ed)?|tighten(?:ed)?|loosen(?:ed)?|after all|revisit(?:ed|ing)?|"
    r"reconsider(?:ed)?|was wrong|were wrong|turned out|supersed(?:e[sd]?|ing)|amend(?:s|ed)?|"
    r"overrul(?:e[sd]?)|"
    r"overturn(?:s|ed)?|chang(?:e[sd]?|ing) (?:our|my) mind|used to|previous(?:ly)?|earlier|original(?:ly)?|"
    r"formerly|until now|so far|the old|retir(?:e[sd]?|ing)|undo(?:es|ne|ing)?|stop(?:s|ped)? (?:\w+ing)|"
    r"give up|given up|gave up|mov(?:e[sd]?|ing) (?:\w+ )?(?:away from|off|from|to)|away from|"
    r"remov(?:e[sd]?|ing)|"
    r"forget (?:the|what|about)|scratch|changed? (?:to|from|it)|is now|are now|from now on|now \w+ (?:to|"
    r"at|for)|"
    r"obsolete|outgrew|outgrown|did not (?:hold|work|last)|didn['’]t (?:hold|work|last)|abandon(?:s|ed)?|"
    r"withdraw(?:n|s)?|lift(?:s|ed)? the|new (?:rule|limit|value|policy|cap))\b",
    re.IGNORECASE,
)
_GIVEN_UP = regex(
    r"\b(?:instead of|rather than|not|no longer|never|drop(?:s|ped|ping)?|replac(?:e[sd]?|ing)|away from|off|"
    r"from|remov(?:e[sd]?|ing)|retir(?:e[sd]?|ing)|revert(?:s|ed|ing)?|stop(?:s|ped)?|without|the old|"
    r"used to|"
    r"abandon(?:s|ed)?|undo(?:es|ing)?|outgrew|forget|supersed(?:e[sd]?|ing)|previous(?:ly)?|was|were|had)\s+"
    r"((?:[\w'’./@-]+[ ,]*){1,7})",
    re.IGNORECASE,
)
_NAMED = regex(
    r"\b(?:ADR|decision|record)[-\s#]*0*(\d{1,5})\b|\b0*(\d{2,5})-[a-z][\w-]*\.md\b", re.IGNORECASE
)
_TAKES_PLACE = regex(
    r"\b(?:supersed\w*|replac\w*|amend\w*|overrid\w*|overrul\w*|overturn\w*|obsolet\w*|revers\w*|revert\w*|"
    r"undo\w*|retir\w*|withdraw\w*|instead of|no longer|revis\w*|chang\w*|drop\w*|deviat\w*)\b",
    re.IGNORECASE,
)
_SAYS = regex(
    r"\b(?:supersed(?:es?|ing)|replac(?:es?|ing)|amend(?:s|ing)?|overrul(?:es?|ing)|revers(?:es?|ing)|"
    r"withdraw(?:s|ing)?|takes? the place of)\s+"
    r"(?:(?:the|our|that|old|earlier|previous|decision|rule|of)\s+)*"
    r"([^.;:\n]{4,120})",
    re.IGNORECASE,
)
_DAY = regex(r"\b\d{4}-\d\d-\d\d\b")
_SHA = regex(r"\b[0-9a-f]{7,40}\b")
_QUANTITY = regex(
    r"(?<![\w.])(\d[\d,_.]*|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|"
    r"sixty|ninety)[ -]?(%|percent\b|[a-zA-Z]+\b)?"
)
_NUMBER_WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "sixty": 60, "ninety": 90,
}  # fmt: skip
_UNITS = {
    "ms": "time", "millisecond": "time", "s": "time", "sec": "time", "second": "time", "min": "time",
    "minute": "time", "h": "time", "hour": "time", "day": "time", "week": "time", "month": "time",
    "year": "time",
    "kb": "size", "mb": "size", "gb": "size", "kib": "size", "mib": "size", "gib": "size", "byte": "size",
    "megabyte": "size", "gigabyte": "size", "kilobyte": "size", "%": "share", "percent": "share",
}  # fmt: skip
_SCOPE = regex(r"^(?:\w+\(([\w/.-]+)\)!?|([\w/.-]{2,30})):\s", re.IGNORECASE)
_TYPES = frozenset("feat fix docs chore refactor test tests perf build ci style revert wip".split())
_FOLDERS = frozenset(
    """
    src lib libs app apps pkg packages package services service modules module internal cmd tests test spec
    docs doc main java kotlin python go rust backend frontend server client core common shared web api scripts
    tools migrations config adr decisions components utils
    """.split()
)


class Statement(msgspec.Struct, dict=True):
    """A decision with what is compared of it."""

    document: Document
    idf: Mapping[str, float] = {}

    @cached_property
    def body(self) -> str:
        """Return its whole text, title first."""
        document = self.document
        return f"{document.title}\n{document.text}\n{document.detail[:1500]}"

    @cached_property
    def weights(self) -> dict[str, float]:
        """Return what each stem of its title and text weighs: those of the title twice."""
        found: dict[str, float] = {}
        for text, factor in (
            (f"{self.document.title} {self.document.text}", 1.0),
            (self.document.title, 1.0),
        ):
            for word in with_pairs(words_of(text, 120)):
                found[word] = found.get(word, 0.0) + factor * self.rarity(word)
        return found

    def rarity(self, word: str) -> float:
        """Return how much a stem says: its inverse document frequency, 0 to 1."""
        return self.idf.get(word, 0.6)

    @cached_property
    def _leads_to(self) -> dict[str, tuple[Link, ...]]:
        return related(list(self.weights))

    def kinship(self, word: str) -> float:
        """Return how far a stem is one of its own, or one that these lead to, 0 to 1."""
        if word in self.weights:
            return 1.0
        return self._leads_to[word][0].weight if word in self._leads_to else 0.0

    @cached_property
    def components(self) -> frozenset[str]:
        """Return the parts of the code that it is about: of its paths, and the scope of its subject."""
        found: set[str] = set()
        for path in self.document.paths:
            folders = path.lower().split("/")[:-1]
            found.update([stem(name) for name in folders if name not in _FOLDERS][:2])
        scope = _SCOPE.match(self.document.title)
        if scope:
            name = (scope[1] or scope[2] or "").lower()
            if name not in _TYPES:
                found.add(stem(name.rpartition("/")[2]))
        return frozenset(found)

    @cached_property
    def quantities(self) -> dict[str, set[float]]:
        """Return the numbers that it states by the kind of their unit."""
        found: dict[str, set[float]] = {}
        for number, unit in _QUANTITY.findall(self.body):
            value = _value(number)
            unit = stem(unit) if unit != "%" else unit
            kind = _UNITS.get(unit) or _UNITS.get(unit.lower())
            if value is not None and (kind or (unit and len(unit) > 2)):
                found.setdefault(kind or unit, set()).add(value)
        return found

    @cached_property
    def given_up(self) -> frozenset[str]:
        """Return the stems of what it speaks of as given up."""
        return frozenset(
            word
            for told in _GIVEN_UP.findall(self.body)
            for word in stems_of(told, 12)
            if self.rarity(word) > 0.3
        )


def _value(number: str) -> float | None:
    if number.lower() in _NUMBER_WORDS:
        return float(_NUMBER_WORDS[number.lower()])
    try:
        return float(number.replace(",", "").replace("_", "").rstrip("."))
    except ValueError:
        return None


def day_of(document: Document) -> str:
    """Return the day on which a document was written, as it or its heading says; "" when neither does."""
    found = _DAY.search(document.title)
    return found[0] if found else document.day or ""


def is_later(later: Document, earlier: Document) -> bool:
    """Tell whether a document was written after another: by time, else by day, else by a record's number."""
    if later.at is not None and earlier.at is not None:
        return later.at > earlier.at
    days = day_of(later), day_of(earlier)
    if all(days):
        return days[0] > days[1]
    numbers = _number_of(later), _number_of(earlier)
    folders = [(document.path or "").rpartition("/")[0] for document in (later, earlier)]
    return all(numbers) and folders[0] == folders[1] and int(numbers[0]) > int(numbers[1])


def names(later: Statement, earlier: Statement) -> bool:
    """Tell whether a decision says of itself that it takes the place of that very other one.

    It names it by its id or number, or by the words of its heading: "supersedes the 10 minute TTL".
    """
    if _describes(later, earlier):
        return True
    document = earlier.document
    if document.id.startswith("commit:"):
        sha = document.id[7:]
        marks = [found for found in _SHA.finditer(later.body) if sha.startswith(found[0])]
    else:
        number = _number_of(document)
        marks = [
            found for found in _NAMED.finditer(later.body) if number and (found[1] or found[2]) == number
        ]
    around = (later.body[max(0, mark.start() - 90) : mark.end() + 60] for mark in marks)
    return any(_TAKES_PLACE.search(text) for text in around)


def _describes(later: Statement, earlier: Statement) -> bool:
    document = earlier.document
    heading = set(stems_of(document.title or document.text, 60))
    if later.components and earlier.components and not later.components & earlier.components:
        return False
    for told in _SAYS.findall(later.body):
        words = set(stems_of(told, 12))
        if len(words) >= _FEWEST and len(words & heading) >= _DESCRIBED * len(words):
            return True
    return False


def _number_of(document: Document) -> str:
    name = (document.path or "").rpartition("/")[2]
    found = re.match(r"(?:adr[-_ ]?)?0*(\d{1,6})[-_. ]", name, re.IGNORECASE)
    return found[1] if found else ""


class Signs(msgspec.Struct, frozen=True):
    """What speaks for and against that the later of two decisions replaces the earlier one, each 0 to 1.

    Attributes:
        named: It says so of itself.
        alike: Cosine of their words, by rarity.
        akin: Share of the later one's words that are those of the earlier one, or lead there.
        files: Share of their files that both touch, of the fewer.
        change: It speaks of change.
        given_up: It names what was chosen before as given up.
        value: It states another value of the same unit.
        apart: They are about different parts of the code.
        sure: The chance that it is a decision at all.
    """

    named: float
    alike: float
    akin: float
    files: float
    change: float
    given_up: float
    value: float
    apart: float
    sure: float


def signs(later: Statement, earlier: Statement) -> Signs:
    """Compare two decisions."""
    old_choice = set(earlier.weights) & later.given_up
    mass = sum(sorted((earlier.weights[word] for word in old_choice), reverse=True)[:3])
    shared = later.quantities.keys() & earlier.quantities.keys()
    changed = any(not later.quantities[kind] >= earlier.quantities[kind] for kind in shared)
    files, others = set(later.document.paths), set(earlier.document.paths)
    apart = later.components and earlier.components and not later.components & earlier.components
    return Signs(
        named=float(names(later, earlier)),
        alike=_cosine(later.weights, earlier.weights),
        akin=sum(map(earlier.kinship, later.weights)) / max(_SHORT, len(later.weights)),
        files=len(files & others) / min(len(files), len(others)) if files and others else 0.0,
        change=float(bool(_CHANGE.search(later.body))),
        given_up=min(1.0, mass / 1.5),
        value=float(changed),
        apart=float(bool(apart)),
        sure=settles(later.document),
    )


WEIGHTS = Signs(
    named=14.0,
    alike=8.3,
    akin=9.6,
    files=4.1,
    change=1.2,
    given_up=1.8,
    value=0.8,
    apart=-2.5,
    sure=3.5,
)
"""Of a logistic regression over the chains of ``bench/decisions`` (tuning half), rounded."""
BIAS = -9.9


def chance(found: Signs) -> float:
    """Return the chance that the later decision replaces the earlier one."""
    told = zip(msgspec.structs.astuple(WEIGHTS), msgspec.structs.astuple(found), strict=True)
    odds = BIAS + sum(weight * value for weight, value in told)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def _cosine(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    product = sum(weight * second[word] for word, weight in first.items() if word in second)
    norms = math.sqrt(sum(w * w for w in first.values()) * sum(w * w for w in second.values()))
    return product / norms if norms else 0.0
