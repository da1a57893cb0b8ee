"""A sign: what its pattern finds in a text takes from one criterion and says how to mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from holdfast.learn.gate.text import Text

Words = tuple[str, str]
"""What is wrong, and how to mend it: a sentence each."""

DEEDS = (
    "add|implement|refactor|rename|fix|address|update|reorder|remove|delete|create|introduce|bump"
    "|merge|move|extract|migrate|improve|clean ?up|support"
    "|handle|convert|replace|write|simplify|document|revert|release|wire|integrate|finish"
    "|complete|investigate|review|draft|determine|identify"
    "|analy[sz]e|polish|tweak|drop|enable|expose|allow|split|unify|consolidate|rework|restructure"
    "|reformat|clarify|show|display|propagate|skip|detect|return|apply|verify|tidy|upgrade|adjust"
    "|correct|resolve|optimi[sz]e|hide|print|sort|highlight|collapse|expand|align|restrict"
    "|speed up|lower|raise|increase|decrease|reduce|describe|decide|extend|schedule|discuss"
    "|verify that|double-check|initial"
)
"""Verbs that begin a commit subject or a task."""


@dataclass(frozen=True)
class Sign:
    """Take `cost` from a criterion where `pattern` is found in one form of the text.

    Attributes:
        form: The attribute of `Text` that is searched: `told` and `plain` are lower case with code and quotes
            masked, `bare` keeps case, `lead` is everything.
    """

    criterion: str
    cost: float
    form: str
    pattern: re.Pattern[str]
    words: Words

    def found(self, text: Text) -> bool:
        """Tell whether the text shows this sign."""
        return self.pattern.search(getattr(text, self.form)) is not None


def sign(criterion: str, cost: float, form: str, pattern: str, words: Words, flags: int = 0) -> Sign:
    """Return a sign with its pattern compiled."""
    return Sign(criterion, cost, form, re.compile(pattern, flags), words)
