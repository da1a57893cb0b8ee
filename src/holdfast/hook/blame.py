"""Which command of a line its output blames: ``a && b`` failed, but which of the two?"""

from __future__ import annotations

import re

from . import commands
from .patterns import regex

_TASK = regex(
    r"^\[([\w:.-]+)\] ERROR task failed"
    r"|script \"([\w:.-]+)\" exited with code"
    r"|^make(?:\[\d+\])?: \*\*\* \[(?:[^\]:\s]{1,200}:\d+: )?([\w./-]+)\]"
    r"|^error: Recipe `([\w-]+)` failed",
    re.MULTILINE,
)
_PROGRAM = regex(r"(?:[\w./-]*/)?([A-Za-z][\w.+-]*): ")
_SAID_BY = {"fatal": "git", "hint": "git", "go": "go"}
_TESTED = regex(r"^\s*--- FAIL|^FAILED |^FAIL\b|_test\.go:\d+: ", re.MULTILINE)


def blamed(command: str, line: str, output: str) -> str:
    """Return the family of the part of ``command`` that failed; empty when it holds no command.

    The program that the error line begins with decides, else the task that a runner names, else a failed
    test blames a test command, else it is the last part: those before it had to succeed.

    Args:
        command: A command line.
        line: The error line.
        output: What the command printed, or as much of it as is to be looked at.
    """
    named = (commands.family_of(commands.unwrapped(words)) for words in commands.mains(command))
    families = [family for family in named if family]
    if not families:
        return ""
    return (
        _by_program(families, command, line)
        or (families[0] if len(set(families)) < 2 else "")
        or _by_task(families, output)
        or _by_test(families, output)
        or families[-1]
    )


def _by_task(families: list[str], output: str) -> str:
    for match in _TASK.finditer(output):
        task = next(name for name in match.groups() if name)
        for family in families:
            if task in family.split():
                return family
    return ""


def _by_program(families: list[str], command: str, line: str) -> str:
    match = _PROGRAM.match(line)
    if match is None:
        return ""
    program = _SAID_BY.get(match.group(1), match.group(1))
    others = (commands.family_of(commands.unwrapped(words)) for _, words in commands.split(command))
    for family in [*reversed(families), *others]:
        if family.split()[:1] == [program]:
            return family
    return ""


def _by_test(families: list[str], output: str) -> str:
    tests = [family for family in families if "test" in family]
    return tests[-1] if tests and _TESTED.search(output) else ""
