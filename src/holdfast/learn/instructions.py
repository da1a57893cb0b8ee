"""The instruction files of a worktree, line by line: which commands each tells to run, and which never to.

Code spans, fenced shell blocks, lists and tables of Markdown are read. A line that names one command to use
and another to leave gives two entries. Commands are read in files of any language; prohibitions only where
the words that forbid are known (see `prohibitions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from holdfast.hook.patterns import regex
from holdfast.learn.instruction_commands import as_command
from holdfast.learn.instruction_files import instruction_files
from holdfast.learn.instruction_prose import Told, told
from holdfast.learn.prohibitions import heads_never, tells_of_the_past

MAX_LINES = 5000
"""Lines of all instruction files together that are read."""
MAX_TEXT = 600
"""Characters of a line that are looked at; a longer one is left out."""
MAX_TOGETHER = 12
"""Lines of one paragraph or list item that are read together."""
MAX_ROW = MAX_TEXT * MAX_TOGETHER
"""Characters of a row of a table, or of a line of a block, that are looked at; a longer one is left out."""


class InstructionLine(msgspec.Struct, frozen=True, gc=False):
    """One line of an instruction file.

    Attributes:
        path: Relative to the root.
        line: Counted from 1.
        text: The line as it stands.
        commands: What it tells to run, or not to run when ``forbidden``; flags such as ``--no-verify`` too.
        forbidden: True when it forbids these commands.
        conditional: True when it holds only in a case that it states.
        since: When it came to read so, in seconds since the epoch, when that is known (see
            `instruction_dates`).
        kept_off: Paths that it forbids to change by hand, when ``forbidden``.
        heading: The heading above it.
        folder: The folder that an earlier line of its code block changed to.
    """

    path: str
    line: int
    text: str
    commands: tuple[str, ...] = ()
    forbidden: bool = False
    conditional: bool = False
    heading: str = ""
    folder: str = ""
    kept_off: tuple[str, ...] = ()
    since: float | None = None


def read_instructions(root: Path) -> list[InstructionLine]:
    """Return the lines of the instruction files of a worktree, those without commands too.

    Absent, linked, unreadable and too large files are left out.
    """
    found: list[InstructionLine] = []
    for path, text in instruction_files(root):
        found.extend(read_text_lines(path, text))
        if len(found) >= MAX_LINES:
            break
    return found[:MAX_LINES]


def read_text_lines(path: str, text: str) -> Iterator[InstructionLine]:
    """Yield the lines of one instruction file that hold text.

    Args:
        path: Where it stands, relative to the root.
        text: Its Markdown.
    """
    return _Reader(path).read(text)


_FENCE = regex(r"^\s*(?:[-*+]\s+|\d{1,3}[.)]\s+)?(`{3,}|~{3,})\s*([\w+-]*)")
_HEADING = regex(r"^#{1,6}\s+(.*)")
_ITEM = regex(r"^(\s*)(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_SHELLS = frozenset(
    "bash sh shell zsh fish console shell-session terminal cmd powershell ps1 shellscript".split()
)
_TABLE_RULE = regex(r"^\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*(?::?-{2,}:?)?\s*\|?\s*$")
_PROMPTED = regex(r"^\s*(?:\$|❯|➜)\s+\S")
_CHANGES_FOLDER = regex(r"cd\s+([\w./-]+)\s*\Z")
_COMMENT = regex(r"^\s*(?:#|//)\s*(.*)")


class _Reader:
    """Read one file: the heading, block and table that a line stands in decide what it says."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._heading = ""
        self._below_never = False  # below a heading that forbids
        self._led_never = False  # in the list or block behind a line that forbids
        self._columns: list[bool] = []
        self._number = 0
        self._text = ""
        self._folder = ""

    def read(self, text: str) -> Iterator[InstructionLine]:
        lines = text.replace("\r\n", "\n").split("\n")
        at = _behind_front_matter(lines)
        while at < len(lines):
            self._number, self._text = at + 1, lines[at]
            fence = _FENCE.match(lines[at])
            if fence:
                end = _end_of_fence(lines, at, fence.group(1))
                yield from self._block(lines, at + 1, end, fence.group(2).lower())
                at = end + 1
                continue
            if lines[at].lstrip().startswith("|"):
                if len(lines[at]) <= MAX_ROW:
                    yield from self._row(lines[at], lines[at + 1 : at + 2])
                at += 1
                continue
            end = _end_of_paragraph(lines, at)
            yield from self._paragraph(lines, at, end)
            at = end

    def _made(
        self, found: list[str], *, forbidden: bool = False, conditional: bool = False
    ) -> InstructionLine:
        commands = tuple(dict.fromkeys(found))
        return InstructionLine(
            self._path,
            self._number,
            self._text,
            commands,
            forbidden,
            conditional,
            self._heading,
            self._folder,
        )

    def _paragraph(self, lines: list[str], start: int, end: int) -> Iterator[InstructionLine]:
        """Read a heading, a paragraph or a list item with the lines that go on with it."""
        first = lines[start]
        if not first.strip() or len(first) > MAX_TEXT:
            self._columns = []
            return
        heading, item = _HEADING.match(first), _ITEM.match(first)
        if heading:
            self._heading = heading.group(1).strip()
            self._below_never, self._led_never = heads_never(self._heading), False
        if item is None and not first.startswith((" ", "\t")):
            self._led_never = False
        mark = item.end() if item else 0
        text = "\n".join([first[mark:], *lines[start + 1 : end]])
        said = list(told(text, never=bool(item) and (self._below_never or self._led_never)))
        at = 0
        for number in range(start, end):
            self._number, self._text = number + 1, lines[number]
            length = len(lines[number]) - (mark if number == start else 0)
            yield from self._lines_of([one for one in said if at <= one.at < at + length])
            at += length + 1
        if lines[end - 1].rstrip().rstrip("*_").endswith(":") and heading is None:
            self._led_never = heads_never(text) or (bool(item) and self._led_never)

    def _row(self, line: str, following: list[str]) -> Iterator[InstructionLine]:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if following and _TABLE_RULE.match(following[0]):
            self._columns = [heads_never(cell) or cell.lower().startswith("instead of") for cell in cells]
            yield self._made([])
        elif not _TABLE_RULE.match(line):
            flags = [*self._columns, *([False] * len(cells))]
            pairs = zip(cells, flags, strict=False)
            yield from self._lines_of([one for cell, never in pairs for one in told(cell, never=never)])

    def _lines_of(self, said: list[Told]) -> Iterator[InstructionLine]:
        """Yield the current line once with what it says to run, and once for each way in which it forbids."""
        run = [one for one in said if one.kind == "run"]
        yield self._made([one.what for one in run], conditional=any(one.conditional for one in run))
        for conditional in (False, True):
            never = [one.what for one in said if one.kind == "never" and one.conditional is conditional]
            if never:
                yield self._made(never, forbidden=True, conditional=conditional)
        alone = tuple(one.what for one in said if one.kind == "alone" and not one.conditional)
        if alone:
            yield msgspec.structs.replace(self._made([], forbidden=True), kept_off=alone)

    def _block(self, lines: list[str], start: int, end: int, language: str) -> Iterator[InstructionLine]:
        shell = language in _SHELLS
        if not shell and language:
            return
        prompted = any(_PROMPTED.match(line) for line in lines[start:end])
        never = noted = self._led_never
        at = start
        while at < end:
            self._number, self._text = at + 1, lines[at]
            whole, at = _joined(lines, at, end)
            if len(whole) > MAX_ROW:
                continue
            comment = _COMMENT.match(whole)
            if comment:
                noted = heads_never(comment.group(1)) or (never and not comment.group(1))
            elif not whole.strip():
                noted = never
            if comment or not whole.strip() or (prompted and not _PROMPTED.match(whole)):
                continue
            command = as_command(whole, in_shell=shell)
            if command is None:
                continue
            behind = whole.split(command, 1)[-1] if command in whole else ""
            wrong = noted or heads_never(behind.strip(" #"))
            yield self._made([command], forbidden=wrong, conditional=tells_of_the_past(behind))
            changed = _CHANGES_FOLDER.match(command)
            if changed:
                self._folder = "" if changed.group(1) in ("-", "..") else changed.group(1)
        self._led_never, self._folder = False, ""


def _end_of_paragraph(lines: list[str], start: int) -> int:
    """Return where the paragraph or list item that begins at a line ends."""
    if not lines[start].strip() or _HEADING.match(lines[start]):
        return start + 1
    for at in range(start + 1, min(len(lines), start + MAX_TOGETHER)):
        line = lines[at]
        begins = (
            _ITEM.match(line) or _HEADING.match(line) or _FENCE.match(line) or line.lstrip().startswith("|")
        )
        if begins or not line.strip() or len(line) > MAX_TEXT:
            return at
    return min(len(lines), start + MAX_TOGETHER)


def _behind_front_matter(lines: list[str]) -> int:
    if lines and lines[0].strip() == "---":
        for at, line in enumerate(lines[1:60], 1):
            if line.strip() == "---":
                return at + 1
    return 0


def _end_of_fence(lines: list[str], start: int, mark: str) -> int:
    for at in range(start + 1, len(lines)):
        bare = lines[at].strip()
        if bare.startswith(mark) and not bare.strip(mark[0]):
            return at
    return len(lines)


def _joined(lines: list[str], at: int, end: int) -> tuple[str, int]:
    """Return the line with those that a backslash or a here-document adds, and where the next one begins."""
    whole, at = lines[at], at + 1
    while whole.rstrip().endswith("\\") and at < end and len(whole) <= MAX_ROW:
        whole, at = whole.rstrip()[:-1] + " " + lines[at].strip(), at + 1
    opened = re.search(r"<<-?\s*['\"]?([A-Za-z_]\w*)['\"]?", whole)
    if opened:
        for close in range(at, end):
            if lines[close].strip() == opened.group(1):
                return whole, close + 1
    return whole, at
