"""Since when an instruction line stands as it does: sessions before that did not read it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from holdfast.errors import HoldfastError
from holdfast.learn.instructions import InstructionLine
from holdfast.repo import git

MAX_FILES = 20
"""Instruction files whose lines are dated: the first ones."""

_LINE = re.compile(rb"[0-9a-f]{40,64} \d+ (\d+)")


def dated(root: Path, lines: Sequence[InstructionLine]) -> list[InstructionLine]:
    """Return the lines with the time of the commit that gave each its present words.

    A line that git does not know, or whose history a shallow clone cuts off, keeps None: any session counts.

    Args:
        root: The worktree.
        lines: From `read_instructions`.
    """
    paths = list(dict.fromkeys(line.path for line in lines if line.commands or line.kept_off))
    times = {path: _times(root, path) for path in paths[:MAX_FILES]}
    return [msgspec.structs.replace(line, since=times.get(line.path, {}).get(line.line)) for line in lines]


def _times(root: Path, path: str) -> dict[int, float]:
    """Return the commit time of each line of a file, as `git blame --line-porcelain` tells it."""
    try:
        told = git.run(["blame", "-w", "--line-porcelain", "--", path], cwd=root)
    except HoldfastError:
        return {}
    found: dict[int, float] = {}
    number, time, cut_off = 0, 0.0, False
    for line in told.split(b"\n"):
        header = _LINE.match(line)
        if header:
            number, time, cut_off = int(header.group(1)), 0.0, False
        elif line.startswith(b"committer-time "):
            time = float(line.split()[1])
        elif line == b"boundary":
            cut_off = True
        elif line.startswith(b"\t") and number and not cut_off:
            found[number] = time
    return found
