"""What ended an approach: a person's words, a command's error line, or the agent taking it back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from holdfast.evidence.hunks import Hunk, names_in
from holdfast.evidence.outcomes import FailedCommand, Outcomes
from holdfast.evidence.prose import is_plan, is_step, pruned, sentences, spoken, words
from holdfast.hook.patterns import regex

MAX_CALLS = 15
"""Calls between an error and the edit that answers it."""
LOOKED_BACK = 3
"""Prompts of a person that are looked back at for an objection."""
MAX_TURNS = 3
"""Prompts between an approach and what ended it; what stood longer was not objected to but changed."""
SHORT = 10
"""Words of a sentence that is given with the next one."""
FEWEST_WORDS, MOST_WORDS = 4, 70
"""Words of an objection; what is longer is a pasted review or an order of its own."""

_OBJECTS = words(
    """no, not, don't, doesn't, doesnt, dont, shouldn't, can't, couldn't, wouldn't, isn't, aren't, why,
    instead, rather, wrong, revert, undo, back, remove, drop, hmm, hmmm, but, actually, weird, incorrect,
    better, simply, simpler, without, should, overkill, prefer, feel, library, never, nope, ugh, concern,
    only, idea"""
)
_GO_AHEAD = words(
    """yes, yeah, yep, ok, okay, sure, please, go, do, let's, lets, option, sounds, great, good, perfect,
    agree, agreed, right""",
    at_start=True,
)
_ORDERS = words(
    "fix, commit, update, create, push, run, implement, continue, rebase, merge, open, write, check, apply",
    at_start=True,
)
_TAKES_BACK = words(
    """revert, reverting, reverts, undo, undoing, roll back, rolling back, put it back, back to the, back to
    using, wrong approach, won't work, doesn't work, didn't work, overcomplicated, overcomplicating,
    unnecessary, was actually correct, was correct, was wrong, better approach, different
    approach, simpler approach, no longer need, don't need, isn't needed, not needed, instead of, shouldn't,
    should not, safest approach, full circle"""
)
_ASKS = words("which approach, which aproach, which one, which option, which way, what do you think")
_ITEMS = regex(r"(?:^|\s)\d{1,2}[.)] ")
_NUMBERED = regex(r"\b(?:option|approach|step|task|phase|fix) [#\dA-D]\b|#\d", re.IGNORECASE)
_PROPOSES = words(
    """instead, simpler, cleaner, cleanest, simplest, better, rather, revert, no need, unnecessary, redundant,
    don't need, robust, safer"""
)
_REASONS = words(
    """because, since, so that, should, shouldn't, instead, need, needs, require, requires, only, already,
    correct, simpler, cleaner, safest, cycle, rather than, not, can't, don't, doesn't, won't, isn't, cause,
    causes, issue, problem, must, if, but, approach, would, existing, consistent"""
)
_LOCAL = regex(
    r"\(\w*(?:lint|check|vet|const|dupl|gosec|wrap\w*|usetesting|unused|gocritic|noctx|ireturn)\w*\)$"
    r"|not used|is unused|undefined: |cannot use |mismatched types|arguments in call|assignment mismatch"
    r"|could be sorted|would have printed|TS6133|F401|F841|E501",
    re.IGNORECASE,
)


class Said(msgspec.Struct, frozen=True, gc=False):
    """What was said by whom; ``turn`` counts the person's prompts so far."""

    who: Literal["agent", "person"]
    text: str
    line: int
    turn: int


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """What ended an approach: the words or the error line, and what the agent said on changing over."""

    by: Literal["error", "person", "agent"]
    words: str
    because: str = ""
    line: int = 0
    command: str = ""
    owner: str = ""
    family: str = ""
    specific: str = ""


def find(
    hunk: Hunk, said: list[Said], outcomes: Outcomes, turn: int, *, undone: bool = False
) -> Ending | None:
    """Return what ended a hunk that was now taken out; None when nothing shows why.

    Args:
        hunk: What was taken out.
        said: The latest messages, in order.
        outcomes: The latest commands.
        turn: The turn in which it was taken out.
        undone: True when git took it back: then nothing needs to say so.
    """
    after = [one for one in said if one.line > hunk.line]
    if hunk.turn != turn:
        ending = _by_person(hunk, after, turn)
        if ending is not None:
            return ending
    after = [one for one in after if one.turn == turn and one.who == "agent"]
    names = names_in(hunk.added, hunk.path)
    failure = outcomes.last_failure(hunk.line)
    if failure is not None and _answers(failure, outcomes, after, names):
        because = best([one for one in after if one.line > failure.line] or after[-1:], names)
        if because or undone:
            return Ending(
                by="error",
                words=failure.message,
                because=because,
                line=failure.line,
                command=failure.command,
                owner=failure.owner,
                family=failure.family,
                specific=failure.specific,
            )
    last = after[-1:]
    if last and (undone or _TAKES_BACK.search(last[0].text)):
        because = best(last, names)
        if because and (undone or _TAKES_BACK.search(because) or _REASONS.search(because)):
            return Ending(by="agent", words="", because=because, line=last[0].line)
    return None


def best(said: Iterable[Said], names: Iterable[str]) -> str:
    """Return the sentence that says best why something was changed; empty when none does.

    A short one is given with the statement behind it.
    """
    chosen, most = "", 0.0
    wanted = set(names)
    for one in said:
        statements = [pruned(sentence) for sentence in sentences(one.text)]
        for position, statement in enumerate(statements):
            if not _is_statement(statement) or not _REASONS.search(statement):
                continue
            score = 1.0 + 0.5 * bool(_TAKES_BACK.search(statement)) + 0.3 * ("`" in statement)
            score += min(2, sum(name in statement for name in wanted)) * 0.5
            if score >= most:
                after = statements[position + 1] if position + 1 < len(statements) else ""
                goes_on = len(statement.split()) < SHORT and _is_statement(after)
                chosen, most = f"{statement} {after}" if goes_on else statement, score
    return chosen


def _is_statement(sentence: str) -> bool:
    if is_plan(sentence) or is_step(sentence) or _NUMBERED.search(sentence):
        return False
    return 5 <= len(sentence.split()) <= 50


def _by_person(hunk: Hunk, after: list[Said], turn: int) -> Ending | None:
    """Return the person's words that ended a hunk of an earlier turn, passing over a mere go-ahead."""
    told = [one for one in after if one.who == "person"]
    if not told or told[-1].turn != turn or turn - hunk.turn > MAX_TURNS:
        return None
    ending = _objection(hunk, told)
    start = ending.line if ending else told[max(0, len(told) - 2)].line
    answers = [one for one in after if one.who == "agent" and one.line > start]
    because = best(answers, names_in(hunk.added, hunk.path))
    if ending is not None:
        return Ending(by="person", words=spoken(ending.text), because=because, line=ending.line)
    if because and _is_go_ahead(spoken(told[-1].text)) and _PROPOSES.search(because):
        return Ending(by="agent", words="", because=because, line=told[-1].line)
    return None


def _objection(hunk: Hunk, told: list[Said]) -> Said | None:
    """Return the words that speak against a hunk: the last ones, or before a go-ahead those about it."""
    for number, one in enumerate(reversed(told[-LOOKED_BACK:])):
        text = spoken(one.text)
        if len(_ITEMS.findall(text)) > 1:
            continue  # a list of orders
        if len(one.text) > 2 * len(text) + 40 and not _is_about(text, hunk):
            continue  # most of it is pasted
        if number and not _is_go_ahead(spoken(told[-number].text)) and not _is_about(text, hunk):
            continue
        objects = _OBJECTS.search(text) and not _ASKS.search(text) and not _is_go_ahead(text)
        if objects and FEWEST_WORDS <= len(text.split()) <= MOST_WORDS:
            return one
    return None


def _is_about(text: str, hunk: Hunk) -> bool:
    return hunk.path.rsplit("/", 1)[-1] in text or any(
        name in text for name in names_in(hunk.added, hunk.path)
    )


def _is_go_ahead(text: str) -> bool:
    count = len(text.split())
    return (count <= 6 and bool(_GO_AHEAD.match(text))) or (count <= 14 and bool(_ORDERS.match(text)))


def _answers(failure: FailedCommand, outcomes: Outcomes, after: list[Said], names: list[str]) -> bool:
    """Tell whether taking a hunk out answers an error, not only its own slip of the pen."""
    if failure.generic or _LOCAL.search(failure.message) or outcomes.state.step - failure.step > MAX_CALLS:
        return False
    said = " ".join(one.text for one in after if one.line > failure.line)
    return any(name in said or name in failure.message for name in names) or bool(_TAKES_BACK.search(said))
