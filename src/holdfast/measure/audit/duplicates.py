"""Find places that say the same, in one file or in several, so that one of them can go.

Whether two statements say the same is told by `sameness`. Runs of equal places are told as one block.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

import msgspec

from holdfast.measure.audit import sameness
from holdfast.measure.audit.finding import Finding, Place
from holdfast.measure.audit.memory import Memory
from holdfast.measure.audit.quote import place
from holdfast.measure.audit.sameness import Said
from holdfast.measure.audit.scope import is_document, reader_of

MAX_COMMON = 60
"""A word that more statements hold than this brings none of them together."""
MAX_PAIRS = 200_000


def duplicate_findings(memories: Sequence[Memory]) -> Iterator[Finding]:
    """Yield the groups of places that say the same, each at its first place, blocks told once."""
    read = (sameness.read(memory, entry) for memory in memories for entry in memory.entries)
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
        if one != two and all(
            sameness.same(said[a], said[b]) for a in members[one][:9] for b in members[two][:9]
        ):
            parents[two] = one
            members[one] = sorted(members[one] + members.pop(two))
    found = [tuple(group) for group in members.values() if len(group) > 1]
    for group in _blocks(said, found):
        yield _finding(group)


def _near(said: list[Said]) -> Iterator[tuple[int, int]]:
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
                if len(left & right) >= sameness.LEAST * max(len(left), len(right)):
                    yield pair
        if len(given) > MAX_PAIRS:
            return


def _blocks(said: list[Said], groups: list[tuple[int, ...]]) -> Iterator[list[list[Said]]]:
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


def _adjoins(one: Said, other: Said) -> bool:
    """Tell whether a statement is the next thing in a memory, with nothing but blank lines before it."""
    between = one.memory.lines[one.entry.end : other.entry.line - 1]
    return one.memory is other.memory and not any(line.strip() for line in between)


def _finding(columns: list[list[Said]]) -> Finding:
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


def _place(column: list[Said]) -> Place:
    shown = place(column[0].memory, column[0].entry)
    return msgspec.structs.replace(shown, end=column[-1].entry.end)


def _stands_for(one: list[Said], other: list[Said]) -> bool:
    """Tell whether a place that says as much as another makes it needless: the same agents read it there.

    What holds in one folder makes nothing needless that holds in all, and a document stays as it is written.
    """
    left, right = one[0].memory, other[0].memory
    if (left.file is None) != (right.file is None):
        return False
    if left is not right and (is_document(left.path) or is_document(right.path)):
        return False
    return reader_of(left.path) == reader_of(right.path) and left.scope in ("", right.scope)


def _fullness(column: list[Said]) -> int:
    """Return how much a place says: its telling words."""
    return sum(len(one.words) for one in column)


def _advice(columns: list[list[Said]], kept: list[list[Said]], going: list[list[Said]]) -> str:
    if going:
        names = ", ".join(f"{one[0].memory.path}:{one[0].entry.line}" for one in going[:5])
        more = f" and {len(going) - 5} more" if len(going) > 5 else ""
        rest = "" if len(kept) == 1 else " The others are read by different agents, or are kept as they are."
        return f"{names}{more} can go.{rest}"
    if len({reader_of(one[0].memory.path) for one in columns} - {""}) > 1:
        return "Let one file bring in the other (`@AGENTS.md`), so that every agent reads the one that stays."
    return "Keep one of them."
