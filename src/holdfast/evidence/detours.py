"""Detours: a command that did not work and was given up for another one that did the same."""

from __future__ import annotations

import msgspec

from holdfast.evidence import resolution
from holdfast.evidence.outcomes import FailedCommand, Outcome, is_failure, signed
from holdfast.hook import commands

MAX_OPEN = 12
"""Commands that failed and wait for another way, at one time."""
MAX_STEPS = 25
"""Calls after which another command is no answer any more."""


class GivenUp(msgspec.Struct, kw_only=True):
    """A command that failed; ``instead`` is the one that then did the same to the same file."""

    outcome: Outcome
    family: str
    targets: list[str]
    instead: str = ""
    end_line: int = 0


class Detours:
    """Watch commands that failed for another one that does the same to the same file."""

    def __init__(self, open_ones: list[GivenUp]) -> None:
        self.open = open_ones

    def failed(self, outcome: Outcome) -> None:
        """Take a command that may have failed."""
        family = commands.family(outcome.command) if outcome.failed else ""
        if not family or not is_failure(outcome):
            return
        targets = sorted(_files(outcome.command, family))
        known = any(one.family == family and set(one.targets) & set(targets) for one in self.open)
        if targets and not known:
            self.open.append(GivenUp(outcome=outcome, family=family, targets=targets))
            del self.open[:-MAX_OPEN]

    def worked(self, command: str, line: int, step: int) -> None:
        """Take a command that succeeded: it ends what is open of its family, and may stand for another."""
        if not self.open or commands.only_views(command):
            return
        parts = [commands.unwrapped(words) for words in commands.mains(command)]
        for name in [name for words in parts if (name := commands.family_of(words))]:
            files = _files(command, name)
            self.open[:] = [one for one in self.open if not (_same(one, name) and set(one.targets) & files)]
            for one in self.open:
                if not one.instead and step - one.outcome.step <= MAX_STEPS and _stands_for(one, name, files):
                    one.instead, one.end_line = commands.main_text(command, name), line

    def take(self) -> list[tuple[GivenUp, FailedCommand]]:
        """Return what was given up for another command, with its failure, and watch it no longer."""
        over = [one for one in self.open if one.instead]
        self.open[:] = [one for one in self.open if not one.instead]
        return [(one, signed(one.outcome)) for one in over]


_HANDLING = frozenset("git rm mv cp chmod touch mkdir open code".split())
"""Programs that move files about: they do nothing that the failed command was to do."""


def _same(one: GivenUp, family: str) -> bool:
    return one.family == family or commands.same_family(one.family, family)


def _stands_for(one: GivenUp, family: str, files: set[str]) -> bool:
    program = family.split()[0]
    if program in _HANDLING or not set(one.targets) & files:
        return False
    return program == one.family.split()[0] or set(one.targets) == files


def _files(command: str, family: str) -> set[str]:
    return {
        word for word in resolution.targets(command, family) if "." in word[1:-1] and not word.endswith("...")
    }
