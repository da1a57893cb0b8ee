"""Who wrote a line of a file last: a commit, or nobody yet."""

from __future__ import annotations

import os
import posixpath
import re
from difflib import SequenceMatcher
from pathlib import Path

import msgspec

from holdfast.errors import EnvironmentProblem, UsageError
from holdfast.hook.patterns import regex
from holdfast.repo import safe_read
from holdfast.repo.location import Repository

_PLACE = regex(r"(?P<path>.+):(?P<line>\d{1,7})")
_HEADER = re.compile(rb"[0-9a-f]{40,64} \d+ (\d+)")
_ID = regex(r"[0-9a-f]{40,64}")
AROUND = 3
"""Lines before and after a line that are given with it."""
MOST_CHANGED = 20_000
"""Lines from the first change of a file to its last that are compared one by one; more take too long."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a file of the worktree.

    Attributes:
        path: Relative to the top of the worktree.
        line: Its number, from 1.
        text: What it says.
        around: The lines next to it, without it.
    """

    path: str
    line: int
    text: str
    around: tuple[str, ...]


class LineCommit(msgspec.Struct, frozen=True, kw_only=True):
    """The commit that wrote a line last.

    Attributes:
        id: Its whole id.
        at: When it was authored, in seconds since the epoch.
        author: The author's name.
        subject, body: Its message.
        trailers: The trailers of the message, by name.
    """

    id: str
    at: float
    author: str
    subject: str
    body: str
    trailers: dict[str, str]


def line_at(repository: Repository, place: str, start: Path) -> Line | None:
    """Return the line that ``FILE:LINE`` names; None when it names none, as an id does.

    Args:
        repository: Where.
        place: File and line; the file as seen from ``start``, else from the top.
        start: The directory that the command was started in.

    Raises:
        UsageError: The file has no such line.
    """
    match = _PLACE.fullmatch(place)
    root = repository.root
    if match is None or root is None:
        return None
    path = _relative(root, match["path"], start)
    text = _text(root, path) if path else None
    if text is None or path is None:
        there = os.path.lexists(start / match["path"]) or os.path.lexists(root / match["path"])
        told = f"{match['path']} is not read" if there else f"There is no file {match['path']} here"
        raise UsageError(f"{told}.", "Give a regular file of the worktree that you may read: FILE:LINE")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    number = int(match["line"])
    if not 0 < number <= len(lines):
        raise UsageError(f"{path} has {len(lines)} lines; there is no line {number}.", "Give FILE:LINE.")
    first = max(0, number - 1 - AROUND)
    around = [*lines[first : number - 1], *lines[number : number + AROUND]]
    return Line(path=path, line=number, text=lines[number - 1], around=tuple(around))


def _relative(root: Path, name: str, start: Path) -> str | None:
    for base in (start, root):
        whole = posixpath.normpath(posixpath.join(str(base), name))
        for top in dict.fromkeys((str(root), str(root.resolve()))):
            if whole.startswith(top.rstrip("/") + "/"):
                path = whole[len(top.rstrip("/")) + 1 :]
                if _text(root, path) is not None:
                    return path
    return None


def _text(root: Path, path: str) -> str | None:
    try:
        return safe_read.read_text(root, path, limit=8 << 20)
    except EnvironmentProblem:
        return None


def _in_head(repository: Repository, path: str) -> list[int | None]:
    """Return for each line of a file of the worktree its number in HEAD; None for one that is not there."""
    held = repository.git("cat-file", "blob", f"HEAD:{path}", check=False).decode("utf-8", "replace")
    here = _text(repository.directory, path) or ""
    before, after = ([_folded(text) for text in whole.split("\n")] for whole in (held, here))
    least = min(len(before), len(after))
    start = next((place for place in range(least) if before[place] != after[place]), least)
    end = next(
        (back for back in range(least - start) if before[-1 - back] != after[-1 - back]), least - start
    )
    numbers: list[int | None] = [*range(1, start + 1), *[None] * (len(after) - start)]
    for back in range(end):
        numbers[-1 - back] = len(before) - back
    changed = before[start : len(before) - end], after[start : len(after) - end]
    matcher = SequenceMatcher(None, *(changed if max(map(len, changed)) <= MOST_CHANGED else ("", "")))
    for first, there, size in matcher.get_matching_blocks():
        for place in range(size):
            numbers[start + there + place] = start + first + place + 1
    return numbers


def times_of(repository: Repository, path: str) -> dict[int, float]:
    """Return when each line of a file of the worktree was committed as it stands, by its number.

    Lines that are not committed, and those beyond the end of a shallow history, are left out.
    """
    shallow = repository.git("rev-parse", "--is-shallow-repository", check=False).strip() == b"true"
    whole = [] if shallow else ["--root"]  # else the lines of the first commit count as cut off
    told = repository.git(
        "blame", *whole, "-w", "--no-textconv", "--line-porcelain", "HEAD", "--", path, check=False
    )  # fmt: skip
    times: dict[int, float] = {}
    number, at, cut_off = 0, 0.0, False
    for row in told.split(b"\n"):
        if header := _HEADER.match(row):
            number, at, cut_off = int(header[1]), 0.0, False
        elif row.startswith(b"committer-time "):
            at = float(row.split()[1])
        elif row == b"boundary":
            cut_off = True
        elif row.startswith(b"\t") and number and not cut_off:
            times[number] = at
    numbers = enumerate(_in_head(repository, path), 1)
    return {line: times[known] for line, known in numbers if known is not None and known in times}


def _folded(text: str) -> str:
    return " ".join(text.split())


def commit_of(repository: Repository, line: Line) -> LineCommit | None:
    """Return the commit that wrote a line last; None while it is not committed.

    White space alone does not make a commit the author of a line, and moved lines are followed. The file of
    the worktree is compared here, not by git, which would run the filters that a clone configures.
    """
    numbers = _in_head(repository, line.path)
    number = numbers[line.line - 1] if line.line <= len(numbers) else None
    if number is None:
        return None
    out = repository.git(
        "blame", "-w", "-M", "--no-textconv", "--porcelain", "-L", f"{number},{number}", "HEAD", "--",
        line.path, check=False,
    )  # fmt: skip
    id_ = out.partition(b" ")[0].decode("ascii", "replace")
    if not _ID.fullmatch(id_) or not id_.strip("0"):
        return None
    shown = repository.git(
        "show", "--no-patch", "--no-show-signature",
        "--format=%at%x00%an%x00%s%x00%b%x00%(trailers:only,unfold)", id_, check=False,
    )  # fmt: skip
    fields = shown.decode("utf-8", "replace").split("\0")
    if len(fields) != 5 or not fields[0].isdigit():
        return None
    at, author, subject, body, told = fields
    trailers = dict(part.split(": ", 1) for part in told.strip().split("\n") if ": " in part)
    return LineCommit(
        id=id_, at=float(at), author=author, subject=subject, body=body.strip(), trailers=trailers
    )
