"""Find statements that cannot both be followed: other choice, other value, or the contrary of one another.

Two claims contradict only within one scope: the same part of the tree, the same environment, the same
subject; what states an exception, a choice or the past claims nothing. Told are pairs of different entries.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from holdfast.learn.instructions import InstructionLine
from holdfast.measure.audit import claims, purposes, valued
from holdfast.measure.audit.choices import CHOICES
from holdfast.measure.audit.claims import Claim
from holdfast.measure.audit.clauses import Clause, clauses, without_code
from holdfast.measure.audit.finding import Finding
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.quote import place
from holdfast.measure.audit.scope import heading_limits, limits, shares_scope
from holdfast.measure.audit.words import stem

_TRIED = re.compile(
    r"\W*(?:tried|failed|what (?:was|we|i) tried|did not work|symptom|before|old|was)\b", re.IGNORECASE
)
MAX_ON_TOPIC = 60
"""Claims on one topic, or with one word in common, that are compared each with each."""
ALIKE = 0.75
"""Share of telling words that two sentences with other values have in common."""

_GENERIC = frozenset(
    stem(word) for word in "write add require have need put make want expect include provide must".split()
)
_USES = re.compile(r"\W*(?:always |we |please )*(?:use|uses|prefer)\b", re.IGNORECASE)
_USES_NOT = re.compile(
    r"\W*(?:please |we )*(?:avoid(?: using)?|(?:do not|don['’]t|never) use|no)\b", re.IGNORECASE
)
_SAYS_NO_DEED = re.compile(
    r"\b(?:it|them|this|that|these|those)\s*[.,;:!)]*\s*$|^\W*(?:what|why|how|who|which|where)\b",
    re.IGNORECASE,
)
"""A clause whose deed is on something that another clause names, or that asks."""
_FORBIDS = re.compile(
    r"^\W*(?:we |you |please |and |but )*(?:no|not|without|over|instead of|rather than|in place of)\b"
    r"|\b(?:never|do not|don['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|may not|cannot|can['’]t"
    r"|avoid|refrain|stop|forbid\w*|ban(?:ned)?|prohibited|disallow\w*|no longer"
    r"|(?:is|are) (?:not|never) (?:allowed|permitted|accepted|wanted|used|welcome|ok(?:ay)?|to be)"
    r"|(?:isn|aren)['’]t (?:allowed|permitted|accepted|wanted|used|welcome|ok(?:ay)?|to be))\b",
    re.IGNORECASE,
)
"""What forbids; "verify no test breaks" and "a map, not just a list" tell what is so."""
_ASKS = re.compile(r"\W*(?:what|why|how|who|which|where)\b", re.IGNORECASE)
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


Told = tuple[Memory, Entry]


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
    yield from _forbidden_commands(memories)
    yield from _opposites(told)


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
    return _above_agree(one.above, other.above, named=named)


_UNNAMED = frozenset(choice.name for choice in CHOICES if choice.whole)
"""Topics of which a statement need not say what it is about."""


def _above_agree(one: frozenset[str], other: frozenset[str], *, named: bool) -> bool:
    """Tell whether headings leave two statements in one scope.

    Args:
        one: What stands above a statement.
        other: What stands above another.
        named: True when both name what they are about; else unknown words part them when both have any.
    """
    sure, titles, maybe = ((_marked(one, mark), _marked(other, mark)) for mark in ("", "~", "?"))
    if sure[0] != sure[1] or (titles[0] and titles[1] and titles[0] != titles[1]):
        return False
    return named or not (maybe[0] and maybe[1]) or bool(maybe[0] & maybe[1])


def _marked(words: frozenset[str], mark: str) -> set[str]:
    """Return the words that begin with a mark; with an empty one those without any."""
    return {word for word in words if (word[0] if word[0] in "~?" else "") == mark}


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


def _forbidden_commands(memories: Sequence[Memory]) -> Iterator[tuple[Told, Told, str]]:
    """Yield a command that one line tells to run and another never to."""
    run: dict[str, list[tuple[Memory, InstructionLine]]] = defaultdict(list)
    never: dict[str, list[tuple[Memory, InstructionLine]]] = defaultdict(list)
    for memory in memories:
        for line in memory.instructions:
            if not line.conditional and not _TRIED.match(line.text):
                for command in line.commands:
                    (never if line.forbidden else run)[" ".join(command.split())].append((memory, line))
    for command in sorted(set(run) & set(never)):
        for memory, line in run[command]:
            for other, forbids in never[command]:
                one, two = _entry_at(memory, line.line), _entry_at(other, forbids.line)
                if one is None or two is None or one is two or not shares_scope(memory, other):
                    continue
                if limits(one.flat) - limits(command) != limits(two.flat) - limits(command):
                    continue
                if _above_agree(heading_limits(one), heading_limits(two), named=True):
                    yield (memory, one), (other, two), f"One says to run `{command}`, the other never to."


def _entry_at(memory: Memory, line: int) -> Entry | None:
    return next((entry for entry in memory.entries if entry.line <= line <= entry.end), None)


def _opposites(told: Sequence[Told]) -> Iterator[tuple[Told, Told, str]]:
    """Yield clauses of which one orders what the other forbids."""
    forbids: list[tuple[Told, Clause]] = []
    orders: dict[str, list[tuple[Told, Clause]]] = defaultdict(list)
    for one in told:
        if one[1].kind == "row" or len(one[1].flat.split()) > claims.MAX_WORDS:
            continue
        for clause in clauses(one[1].text):
            if clause.positive:
                for word in dict.fromkeys(clause.words):
                    orders[word].append((one, clause))
            elif _FORBIDS.search(without_code(clause.text)):
                forbids.append((one, clause))
    for one, clause in forbids:
        rarest = min(clause.words, key=lambda word: len(orders.get(word, ())) or MAX_ON_TOPIC)
        for other, order in orders.get(rarest, ())[:MAX_ON_TOPIC]:
            if one[1] is not other[1] and _is_opposite(clause, order) and _told_of_one(one, other):
                yield other, one, "One tells to do what the other forbids."


def _is_opposite(never: Clause, order: Clause) -> bool:
    """Tell whether a clause forbids just what another orders: the same deed on the same thing."""
    if never.limits != order.limits or _SAYS_NO_DEED.search(never.text) or _ASKS.match(order.text):
        return False
    head, rest, said = never.words[0], set(never.words[1:]), set(order.words[1:])
    named = set(order.words) - _LOOSE
    if never.contrast and set(never.words) - _LOOSE == named and (len(named) > 1 or _USES.match(order.text)):
        return not order.conditional
    if _USES.match(order.text) and _USES_NOT.match(never.text):
        named, used = set(never.words) - {"use"}, [word for word in order.words if word != "use"]
        if named and used and used[0] in named and named <= set(used) and len(used) <= len(named) + 2:
            return not order.conditional
    plain = set(never.words) - _GENERIC, set(order.words) - _GENERIC
    if len(plain[0]) > 1 and plain[0] == plain[1] and never.conditional == order.conditional:
        return True
    if never.conditional:
        return False
    if head != order.words[0]:
        return False
    if never.verb or len(rest) > 1:
        if not rest:
            return head not in _LOOSE
        common = rest & said
        return len(common) >= 0.75 * len(rest) and len(common) >= 0.5 * len(said) and bool(common)
    return False


_LOOSE = frozenset(
    stem(word)
    for word in "use run commit write add edit test change put set create check keep update call".split()
)


def _told_of_one(one: Told, other: Told) -> bool:
    if not shares_scope(one[0], other[0]):
        return False
    return _above_agree(heading_limits(one[1]), heading_limits(other[1]), named=True)


def _finding(memory: Memory, entry: Entry, second: Memory, against: Entry, why: str) -> Finding:
    first, other = place(memory, entry), place(second, against)
    return Finding(
        kind="contradiction", path=first.path, line=first.line, end=first.end, text=first.text,
        others=(other,),
        why=f"It contradicts {other.path}:{other.line}. {why}",
        do="Decide which holds, and remove or correct the other.",
    )  # fmt: skip
