"""Find what one place orders and another forbids: a command, or a deed in a clause."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from holdfast.hook.patterns import regex
from holdfast.learn.instructions import InstructionLine
from holdfast.measure.audit.claims import MAX_WORDS
from holdfast.measure.audit.clauses import Clause, clauses, without_code
from holdfast.measure.audit.memory import Entry, Memory
from holdfast.measure.audit.scope import above_agree, heading_limits, limits, shares_scope
from holdfast.measure.audit.words import stem

MAX_COMPARED = 60
"""Clauses with one word in common, or lines with one command, that are compared with one another."""
_TRIED = regex(
    r"\W*(?:tried|failed|what (?:was|we|i) tried|did not work|symptom|before|old|was)\b", re.IGNORECASE
)
_GENERIC = frozenset(
    stem(word) for word in "write add require have need put make want expect include provide must".split()
)
_LOOSE = frozenset(
    stem(word)
    for word in "use run commit write add edit test change put set create check keep update call".split()
)
_USES = regex(r"\W*(?:always |we |please )*(?:use|uses|prefer)\b", re.IGNORECASE)
_USES_NOT = regex(
    r"\W*(?:please |we )*(?:avoid(?: using)?|(?:do not|don['’]t|never) use|no)\b", re.IGNORECASE
)
_SAYS_NO_DEED = regex(
    r"\b(?:it|them|this|that|these|those)\s*[.,;:!)]*\s*$|^\W*(?:what|why|how|who|which|where)\b",
    re.IGNORECASE,
)
"""A clause whose deed is on something that another clause names, or that asks."""
_FORBIDS = regex(
    r"^\W*(?:we |you |please |and |but )*(?:no|not|without|over|instead of|rather than|in place of)\b"
    r"|\b(?:never|do not|don['’]?t|must not|mustn['’]?t|should not|shouldn['’]?t|may not|cannot|can['’]t"
    r"|avoid|refrain|stop|forbid\w*|ban(?:ned)?|prohibited|disallow\w*|no longer"
    r"|(?:is|are) (?:not|never) (?:allowed|permitted|accepted|wanted|used|welcome|ok(?:ay)?|to be)"
    r"|(?:isn|aren)['’]t (?:allowed|permitted|accepted|wanted|used|welcome|ok(?:ay)?|to be))\b",
    re.IGNORECASE,
)
"""What forbids; "verify no test breaks" and "a map, not just a list" tell what is so."""
_ASKS = regex(r"\W*(?:what|why|how|who|which|where)\b", re.IGNORECASE)
Told = tuple[Memory, Entry]
"""An entry with the memory that it stands in."""


def forbidden_commands(memories: Sequence[Memory]) -> Iterator[tuple[Told, Told, str]]:
    """Yield a command that one line tells to run and another never to."""
    run: dict[str, list[tuple[Memory, InstructionLine]]] = defaultdict(list)
    never: dict[str, list[tuple[Memory, InstructionLine]]] = defaultdict(list)
    for memory in memories:
        for line in memory.instructions:
            if not line.conditional and not _TRIED.match(line.text):
                for command in line.commands:
                    (never if line.forbidden else run)[" ".join(command.split())].append((memory, line))
    for command in sorted(set(run) & set(never)):
        forbidding = list(_entries(never[command][:MAX_COMPARED]))
        for one in _entries(run[command][:MAX_COMPARED]):
            for two in forbidding:
                differ = limits(one[1].flat) ^ limits(two[1].flat)
                if one[1] is not two[1] and differ <= limits(command) and _told_of_one(one, two):
                    yield one, two, f"One says to run `{command}`, the other never to."


def _entries(lines: Sequence[tuple[Memory, InstructionLine]]) -> Iterator[Told]:
    """Yield the entries that lines stand in, with their memory."""
    for memory, line in lines:
        entry = next((each for each in memory.entries if each.line <= line.line <= each.end), None)
        if entry is not None:
            yield memory, entry


def opposites(told: Sequence[Told]) -> Iterator[tuple[Told, Told, str]]:
    """Yield clauses of which one orders what the other forbids."""
    forbids: list[tuple[Told, Clause]] = []
    orders: dict[str, list[tuple[Told, Clause]]] = defaultdict(list)
    for one in told:
        if one[1].kind == "row" or len(one[1].flat.split()) > MAX_WORDS:
            continue
        for clause in clauses(one[1].text):
            if clause.positive:
                for word in dict.fromkeys(clause.words):
                    orders[word].append((one, clause))
            elif _FORBIDS.search(without_code(clause.text)):
                forbids.append((one, clause))
    for one, clause in forbids:
        rarest = min(clause.words, key=lambda word: len(orders.get(word, ())) or MAX_COMPARED)
        for other, order in orders.get(rarest, ())[:MAX_COMPARED]:
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


def _told_of_one(one: Told, other: Told) -> bool:
    if not shares_scope(one[0], other[0]):
        return False
    return above_agree(heading_limits(one[1]), heading_limits(other[1]), named=True)
