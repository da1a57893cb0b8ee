"""Since when a prohibition stands as it does: sessions before that did not read it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from holdfast.learn.instructions import InstructionLine
from holdfast.repo.blame import times_of
from holdfast.repo.location import Repository

MAX_FILES = 20
"""Instruction files whose lines are dated: the first ones."""


def dated(repository: Repository, lines: Sequence[InstructionLine]) -> list[InstructionLine]:
    """Return the lines, the forbidding ones with the time of the commit that gave each its present words.

    A session cannot break a rule that nobody had written yet, but what a line tells to run fails whenever it
    was written. A line that git does not know, or whose history a shallow clone cuts off, keeps None: any
    session counts.

    Args:
        repository: Whose instructions.
        lines: From `read_instructions`.
    """
    paths = list(dict.fromkeys(line.path for line in lines if line.forbidden))[:MAX_FILES]
    times = {path: times_of(repository, path) for path in paths}
    return [
        msgspec.structs.replace(line, since=times[line.path].get(line.line))
        if line.forbidden and line.path in times
        else line
        for line in lines
    ]
