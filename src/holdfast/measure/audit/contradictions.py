"""Find statements that cannot both be followed: other choice, other value, or the contrary of one another.

Two claims contradict only within one scope: the same part of the tree, the same environment, the same
subject; what states an exception, a choice or the past claims nothing. Told are pairs of different entries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from holdfast.measure.audit import claims, purposes, valued
from holdfast.measure.audit.choices import CHOICES
from holdfast.measure.audit.claims import Claim
from holdfast.measure.audit.finding import Finding
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.opposites import Told, forbidden_commands, opposites
from holdfast.measure.audit.quote import place
from holdfast.measure.audit.scope import above_agree, shares_scope

MAX_ON_TOPIC = 60
"""Claims on one topic that are compared each with each."""
ALIKE = 0.75
"""Share of telling words that two sentences with other values have in common."""

Pair = tuple[Claim, Claim]


def contradiction_findings(memories: Sequence[Memory]) -> Iterator[Finding]:
    """Yield the pairs of statements that contradict each other, each pair of places once."""
    told = [
        (memory, entry)
        for memory in memories
        for entry in memory.entries
        if entry.kind in ("item", "paragraph", "row") and not (entry.task or entry.closed or entry.is_label)
    ]
    given: set[frozenset[tuple[str, int]]] = set()
    for one, other, why in _pairs(memories, told):
        (memory, entry), (second, against) = one, other
        key = frozenset([(entry.path, entry.line), (against.path, against.line)])
        if len(key) == 2 and key not in given:
            given.add(key)
            yield _finding(memory, entry, second, against, why)


def _pairs(memories: Sequence[Memory], told: Sequence[Told]) -> Iterator[tuple[Told, Told, str]]:
    compared: tuple[
        tuple[Callable[[Memory, Entry], Iterator[Claim]], Callable[[Claim, Claim], bool]], ...
    ] = (
        (claims.choices, _choose_otherwise),
        (valued.values, _value_otherwise),
        (valued.measured, _measure_otherwise),
        (purposes.purposes, _serve_otherwise),
        (purposes.places, _is_otherwise),
    )
    for read, contrary in compared:
        topics: dict[str, list[Claim]] = defaultdict(list)
        for memory, entry in told:
            for claim in read(memory, entry):
                topics[claim.topic].append(claim)
        for topic, found in topics.items():
            for one, other in _couples(found):
                if contrary(one, other) and _one_scope(one, other):
                    yield (one.memory, one.entry), (other.memory, other.entry), _words(topic, one, other)
    yield from forbidden_commands(memories)
    yield from opposites(told)


def _couples(found: list[Claim]) -> Iterator[Pair]:
    """Yield the claims on one topic in pairs; of many those that have a word in common that few have."""
    if len(found) <= MAX_ON_TOPIC:
        yield from combinations(found, 2)
        return
    holding: dict[str, list[int]] = defaultdict(list)
    for number, claim in enumerate(found):
        for word in claim.about or {""}:
            holding[word].append(number)
    given: set[tuple[int, int]] = set()
    for numbers in holding.values():
        for pair in combinations(numbers[:MAX_ON_TOPIC], 2):
            if pair not in given:
                given.add(pair)
                yield found[pair[0]], found[pair[1]]


def _one_scope(one: Claim, other: Claim) -> bool:
    if one.entry is other.entry or not shares_scope(one.memory, other.memory):
        return False
    if one.limits != other.limits:
        return False
    named = bool(one.about & other.about) and one.topic not in _UNNAMED
    return above_agree(one.above, other.above, named=named)


_UNNAMED = frozenset(choice.name for choice in CHOICES if choice.whole)
"""Topics of which a statement need not say what it is about."""


def _choose_otherwise(one: Claim, other: Claim) -> bool:
    if one.positive and other.positive:
        clash = one.value != other.value
    elif one.positive != other.positive:
        clash = one.value == other.value
    else:
        return False
    return clash and (one.whole or one.about == other.about or _overlap(one.about, other.about) >= 0.5
                      or not (one.about and other.about))  # fmt: skip


def _value_otherwise(one: Claim, other: Claim) -> bool:
    if one.value == other.value:
        return False
    if one.topic == "port":
        return bool(one.about & other.about) or not (one.about or other.about)
    common = bool(one.about & other.about)
    return common or not (one.about and other.about)


def _measure_otherwise(one: Claim, other: Claim) -> bool:
    both = one.positive and other.positive
    if (one.value == other.value) if both else (one.positive == other.positive or one.value != other.value):
        return False
    return _overlap(one.about, other.about) >= ALIKE or _holds_nearly(one.about, other.about)


def _holds_nearly(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether one set of words is the other with one more."""
    least, most = sorted((one, other), key=len)
    return least <= most and len(most) - len(least) <= 1 and len(least) > (len(most) > 2)


def _serve_otherwise(one: Claim, other: Claim) -> bool:
    if one.value == other.value or one.value in other.value or other.value in one.value:
        return False
    return one.about == other.about or (
        min(len(one.about), len(other.about)) > 1 and _overlap(one.about, other.about) >= 0.67
    )


def _is_otherwise(one: Claim, other: Claim) -> bool:
    return one.value != other.value and one.about == other.about


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 1.0


def _amount(value: str) -> str:
    """Return a number with its unit as one says it: ``30 minutes``."""
    number, _, unit = value.partition(" ")
    return value if not unit.isalpha() or number == "1" else f"{value}s"


def _words(topic: str, one: Claim, other: Claim) -> str:
    if topic.startswith("value in "):
        return f"One says {_amount(one.value)}, the other {_amount(other.value)}."
    if topic.startswith("what it "):
        return f"One says {one.value}, the other {other.value}."
    if topic == "what is used":
        return f"One says to use {one.value}, the other {other.value}, for the same."
    if one.positive == other.positive:
        return f"They disagree on {topic}: {one.value} and {other.value}."
    return f"They disagree on {topic}: {one.value} is told in one place and ruled out in the other."


def _finding(memory: Memory, entry: Entry, second: Memory, against: Entry, why: str) -> Finding:
    first, other = place(memory, entry), place(second, against)
    return Finding(
        kind="contradiction", path=first.path, line=first.line, end=first.end, text=first.text,
        others=(other,),
        why=f"It contradicts {other.path}:{other.line}. {why}",
        do="Decide which holds, and remove or correct the other.",
    )  # fmt: skip
