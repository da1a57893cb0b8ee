"""Find places that say the same, in one file or in several, so that one of them can go.

Two statements are the same when nearly all their telling words are, and what differs names nothing: no
number, path, code, place or condition, and no negation. Runs of equal places are told as one block.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import msgspec

from holdfast.learn.gate import substance
from holdfast.learn.instruction_commands import prose_of, spans
from holdfast.measure.audit.finding import Finding, Place
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.quote import place
from holdfast.measure.audit.scope import NAMED, is_document, limits, reader_of, shares_scope
from holdfast.measure.audit.words import IMPERATIVES, NEGATIONS, content, stem, tokens

SAME = 0.72
"""Share of the telling words of two statements that must be common to both."""
LEAST = 0.6
"""The same where one statement is the other with some words more."""
FULL = 5
"""Telling words of a statement that means the same wherever it stands; a shorter one hangs on its place."""
FEWEST = 3
"""Telling words of a statement that is compared other than letter by letter."""
MAX_COMMON = 60
"""A word that more statements hold than this brings none of them together."""
MAX_PAIRS = 200_000

_CONDITIONS = frozenset(
    """
    if unless except when before after until while during instead without once per between against under
    over within outside inside nor but not never no first last above below
    """.split()
)
_STEP = re.compile(
    r"\W*(?:again |then )?(?:re-?)?(?:run|execute|restart|wait|check|verify|commit|push|build)\b", re.I
)
"""What a procedure may tell to do twice."""
_NUMBER = re.compile(r"\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|zero)\b")
_ABOVE = re.compile(r"\b(?:over(?! \d)|instead of|rather than|not|than)\b|→|->", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,80}>")
_NAME = re.compile(r"[\d/_.@*]|[a-z][A-Z]")


class _Said(msgspec.Struct, frozen=True, eq=False):
    memory: Memory
    entry: Entry
    words: frozenset[str]
    exact: str
    spans: frozenset[str]
    numbers: frozenset[str]
    order: tuple[frozenset[str], frozenset[str]] | None
    negative: bool
    conditions: frozenset[str]
    limits: frozenset[str]

    @property
    def holds(self) -> tuple[object, ...]:
        """Return what must be equal in two statements that say the same: amounts, order, cases, limits."""
        return self.numbers, self.order, self.conditions, self.limits


def duplicate_findings(memories: Sequence[Memory]) -> Iterator[Finding]:
    """Yield the groups of places that say the same, each at its first place, blocks told once."""
    read = (_said(memory, entry) for memory in memories for entry in memory.entries)
    said = [one for one in read if one is not None]
    parents = list(range(len(said)))
    members = {at: [at] for at in range(len(said))}

    def root(at: int) -> int:  # of its group
        while parents[at] != at:
            parents[at] = parents[parents[at]]
            at = parents[at]
        return at

    for left, right in _near(said):
        one, two = sorted((root(left), root(right)))
        if one != two and all(_same(said[a], said[b]) for a in members[one][:9] for b in members[two][:9]):
            parents[two] = one
            members[one] = sorted(members[one] + members.pop(two))
    found = [tuple(group) for group in members.values() if len(group) > 1]
    for group in _blocks(said, found):
        yield _finding(group)


def _said(memory: Memory, entry: Entry) -> _Said | None:
    if entry.kind in ("heading", "code"):
        return None
    flat = _TAG.sub(" ", entry.flat)
    exact = " ".join(re.findall(r"\w+|[^\w\s.,;:!?*_\"'()`-]+", flat.lower()))
    words = [word for word in content(flat) if word not in NEGATIONS]
    if len(exact) < 8 or len(exact.split()) < 2 or entry.is_label:
        return None
    if entry.kind == "paragraph" and _spans(flat) and len(prose_of(flat).split()) <= FEWEST + 2:
        return None  # a command within a procedure
    plain = frozenset(tokens(flat))
    return _Said(
        memory,
        entry,
        frozenset(words),
        exact,
        _spans(flat),
        _numbers(flat),
        _order(flat),
        bool(plain & NEGATIONS),
        frozenset(stem(word) for word in plain & _CONDITIONS - NEGATIONS),
        limits(flat),
    )


def _spans(text: str) -> frozenset[str]:
    return frozenset(" ".join(span.text.split()) for span in spans(text))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(_NUMBER.findall(text.lower()))


def _order(text: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """Return the words on either side of what sets one thing above another; None where nothing does."""
    match = _ABOVE.search(text)
    if match is None:
        return None
    return frozenset(content(text[: match.start()])), frozenset(content(text[match.end() :]))


def _near(said: list[_Said]) -> Iterator[tuple[int, int]]:
    """Yield pairs that may be the same: equal letter by letter, or with a rare word in common."""
    exact: dict[str, int] = {}
    holding: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(said):
        if one.exact in exact:
            yield exact[one.exact], at
        else:
            exact[one.exact] = at
            for word in one.words:
                holding[word].append(at)
    given: set[tuple[int, int]] = set()
    for places in sorted(holding.values(), key=len):
        if len(places) > MAX_COMMON:
            break
        for pair in combinations(places, 2):
            if pair not in given:
                given.add(pair)
                left, right = (said[at].words for at in pair)
                if len(left & right) >= LEAST * max(len(left), len(right)):
                    yield pair
        if len(given) > MAX_PAIRS:
            return


def _same(one: _Said, other: _Said) -> bool:
    """Tell whether two statements say the same of the same."""
    if not shares_scope(one.memory, other.memory, nested=True):
        return False
    if one.entry.lead != other.entry.lead and (limits(one.entry.lead) != limits(other.entry.lead)):
        return False
    if one.exact == other.exact:
        repeats = one.entry.numbered and _STEP.match(one.entry.flat) and _beside(one, other)
        return not repeats and _apart(one, other)
    if one.entry.kind == "row" or (one.entry.numbered and not _rules(one) and not _beside(one, other)):
        return False  # a case of a table, a step of another procedure
    if min(len(one.words), len(other.words)) < FEWEST or one.negative != other.negative:
        return False
    common = len(one.words & other.words)
    if common < SAME * max(len(one.words), len(other.words)) and not _adds_little(one, other, common):
        return False
    if one.holds != other.holds or one.entry.task:
        return False
    if one.spans != other.spans and (one.spans or other.spans) and _names_otherwise(one, other):
        return False
    left, right = one.words - other.words, other.words - one.words
    if any(_NAME.search(word) or word in NAMED for word in left | right):
        return False
    if left and right and not all(any(_akin(a, b) for b in right) for a in left):
        return False
    return _apart(one, other)


def _beside(one: _Said, other: _Said) -> bool:
    """Tell whether two statements stand in one section of a file, below the same line."""
    return one.memory is other.memory and (one.entry.above, one.entry.lead) == (
        other.entry.above,
        other.entry.lead,
    )


def _names_otherwise(one: _Said, other: _Said) -> bool:
    """Tell whether two statements put different things into code."""
    return bool(one.spans and other.spans) or not {
        word for span in one.spans | other.spans for word in content(span)
    } <= (one.words & other.words)


def _adds_little(one: _Said, other: _Said, common: int) -> bool:
    """Tell whether one statement is the other with some words more."""
    least, most = sorted((len(one.words), len(other.words)))
    return common == least and least >= 4 and common >= LEAST * most


def _akin(one: str, other: str) -> bool:
    """Tell whether two words are forms of one: concatenate, concatenation."""
    return len(one) > 4 and one[:5] == other[:5]


def _apart(one: _Said, other: _Said) -> bool:
    """Tell whether nothing above two equal statements makes them mean different things."""
    if (
        len(one.words) < FULL
        and not _rules(one)
        and (one.entry.above[1:], one.entry.lead)
        != (
            other.entry.above[1:],
            other.entry.lead,
        )
    ):
        return False
    if one.memory is other.memory or one.entry.kind == "row":
        above, below = one.entry.above[-1:], other.entry.above[-1:]
        if above != below and limits(" ".join(above)) != limits(" ".join(below)):
            return False
    return not (one.entry.line == other.entry.line and one.memory is other.memory)


def _rules(one: _Said) -> bool:
    """Tell whether a statement tells to do something, and so means the same wherever it stands."""
    plain = one.entry.flat.lower().lstrip("*_` ")
    first = plain.split()[:1]
    return bool(
        set(first) & IMPERATIVES or substance.RULE.search(plain) or substance.IMPERATIVE.search(plain)
    )


Block = list[tuple[_Said, _Said]]


def _blocks(said: list[_Said], groups: list[tuple[int, ...]]) -> Iterator[list[list[_Said]]]:
    """Yield groups as columns: each place a run of entries, so that a pasted section is told once."""
    used = [False] * len(groups)
    by_members = {group: number for number, group in enumerate(groups)}
    for number, group in enumerate(groups):
        if used[number]:
            continue
        used[number] = True
        columns = [[said[at]] for at in group]
        following = tuple(at + 1 for at in group)
        while following in by_members and all(
            _adjoins(column[-1], said[at]) for at, column in zip(following, columns, strict=True)
        ):
            used[by_members[following]] = True
            for at, column in zip(following, columns, strict=True):
                column.append(said[at])
            following = tuple(at + 1 for at in following)
        yield columns


def _adjoins(one: _Said, other: _Said) -> bool:
    """Tell whether a statement is the next thing in a memory, with nothing but blank lines before it."""
    between = one.memory.lines[one.entry.end : other.entry.line - 1]
    return one.memory is other.memory and not any(line.strip() for line in between)


def _finding(columns: list[list[_Said]]) -> Finding:
    places = [_place(column) for column in columns]
    first, *others = places
    names = ", ".join(f"{one.path}:{one.line}" for one in others[:5])
    more = f" and {len(others) - 5} more" if len(others) > 5 else ""
    equal = all(column[0].exact == columns[0][0].exact for column in columns)
    ranked = sorted(columns, key=lambda one: (-_fullness(one), bool(one[0].memory.scope)))
    kept = [one for at, one in enumerate(ranked) if not any(_stands_for(other, one) for other in ranked[:at])]
    going = [column for column in columns if column not in kept]
    return Finding(
        kind="duplicate", path=first.path, line=first.line, end=first.end, text=first.text,
        others=tuple(others), goes=tuple(_place(column) for column in going),
        why=f"It says {'the same' if equal else 'nearly the same'} as {names}{more}.",
        do=_advice(columns, kept, going),
    )  # fmt: skip


def _place(column: list[_Said]) -> Place:
    shown = place(column[0].memory, column[0].entry)
    return msgspec.structs.replace(shown, end=column[-1].entry.end)


def _stands_for(one: list[_Said], other: list[_Said]) -> bool:
    """Tell whether a place that says as much as another makes it needless: the same agents read it there.

    What holds in one folder makes nothing needless that holds in all, and a document stays as it is written.
    """
    left, right = one[0].memory, other[0].memory
    if (left.file is None) != (right.file is None):
        return False
    if left is not right and (is_document(left.path) or is_document(right.path)):
        return False
    return reader_of(left.path) == reader_of(right.path) and left.scope in ("", right.scope)


def _fullness(column: list[_Said]) -> int:
    """Return how much a place says: its telling words."""
    return sum(len(one.words) for one in column)


def _advice(columns: list[list[_Said]], kept: list[list[_Said]], going: list[list[_Said]]) -> str:
    if going:
        names = ", ".join(f"{one[0].memory.path}:{one[0].entry.line}" for one in going[:5])
        more = f" and {len(going) - 5} more" if len(going) > 5 else ""
        rest = "" if len(kept) == 1 else " The others are read by different agents, or are kept as they are."
        return f"{names}{more} can go.{rest}"
    if len({reader_of(one[0].memory.path) for one in columns} - {""}) > 1:
        return "Let one file bring in the other (`@AGENTS.md`), so that every agent reads the one that stays."
    return "Keep one of them."
