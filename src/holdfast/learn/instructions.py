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

from holdfast.learn.instruction_commands import Span, as_command, prose_of, spans
from holdfast.learn.instruction_files import instruction_files
from holdfast.learn.prohibitions import (
    heads_never,
    in_another_tongue,
    kept_off,
    stances,
    tells_of_the_past,
)

MAX_LINES = 5000
"""Lines of all instruction files together that are read."""
MAX_TEXT = 600
"""Characters of a line that are looked at; a longer one is left out."""


class InstructionLine(msgspec.Struct, frozen=True, gc=False):
    """One line of an instruction file.

    Attributes:
        path: Relative to the root.
        line: Counted from 1.
        text: The line as it stands.
        commands: What it tells to run, or not to run when ``forbidden``; flags such as ``--no-verify`` too.
        forbidden: True when it forbids these commands.
        conditional: True when it holds only in a case that it states.
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


_FENCE = re.compile(r"^\s*(?:[-*+]\s+|\d{1,3}[.)]\s+)?(`{3,}|~{3,})\s*([\w+-]*)")
_HEADING = re.compile(r"^#{1,6}\s+(.*)")
_ITEM = re.compile(r"^(\s*)(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_SHELLS = frozenset(
    "bash sh shell zsh fish console shell-session terminal cmd powershell ps1 shellscript".split()
)
_TABLE_RULE = re.compile(r"^\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*(?::?-{2,}:?)?\s*\|?\s*$")
_FLAG = re.compile(r"--?[A-Za-z][\w-]*(?:=\S+)?\Z")
_PROMPTED = re.compile(r"^\s*(?:\$|❯|➜)\s+\S")
_VERB = re.compile(
    r"\b(?:run|runs|running|execute|call|with|via|use|using|invoke)\b[\s:*_]*\Z", re.IGNORECASE
)
_CHANGES_FOLDER = re.compile(r"cd\s+([\w./-]+)\s*\Z")
_COMMENT = re.compile(r"^\s*(?:#|//)\s*(.*)")


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
            if lines[at].strip() and len(lines[at]) <= MAX_TEXT:
                yield from self._line(lines[at], lines[at + 1 : at + 2])
            elif not lines[at].strip():
                self._columns = []
            at += 1

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

    def _line(self, line: str, following: list[str]) -> Iterator[InstructionLine]:
        heading = _HEADING.match(line)
        if heading:
            self._heading = heading.group(1).strip()
            self._below_never, self._led_never = heads_never(self._heading), False
        elif line.lstrip().startswith("|"):
            yield from self._row(line, following)
            return
        item = _ITEM.match(line)
        bare = line[item.end() :] if item else line
        if item is None and not line.startswith((" ", "\t")):
            self._led_never = False
        never = bool(item) and (self._below_never or self._led_never)
        yield from self._prose(bare, never=never)
        if line.rstrip().rstrip("*_").endswith(":") and heading is None:
            self._led_never = heads_never(bare) or (bool(item) and self._led_never)

    def _row(self, line: str, following: list[str]) -> Iterator[InstructionLine]:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if following and _TABLE_RULE.match(following[0]):
            self._columns = [heads_never(cell) or cell.lower().startswith("instead of") for cell in cells]
            yield self._made([])
            return
        if _TABLE_RULE.match(line):
            return
        flags = [*self._columns, *([False] * len(cells))]
        made = [
            made for cell, never in zip(cells, flags, strict=False) for made in self._prose(cell, never=never)
        ]
        yield from _merged(made)

    def _prose(self, text: str, *, never: bool) -> Iterator[InstructionLine]:
        found = list(spans(text))
        run: list[str] = []
        shunned: dict[bool, list[str]] = {False: [], True: []}
        words = prose_of(text)
        foreign, case = in_another_tongue(words), tells_of_the_past(words)
        for said in stances(text, found, never=never):
            if said.stance == "never":
                command = as_command(said.span.text, in_shell=True) or _flag(said.span.text)
                if command:
                    shunned[said.conditional].append(command)
            elif said.stance == "run" and not foreign:
                command = as_command(said.span.text)
                if command and (" " in command or _is_told(text, said.span)):
                    run.append(command)
                    case = case or said.conditional
        yield self._made(run, conditional=case)
        for conditional, commands in shunned.items():
            if commands:
                yield self._made(commands, forbidden=True, conditional=conditional)
        paths = tuple(path for path, conditional in kept_off(text, found) if not conditional)
        if paths:
            yield msgspec.structs.replace(self._made([], forbidden=True), kept_off=paths)

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


def _merged(made: list[InstructionLine]) -> Iterator[InstructionLine]:
    """Join the entries of a table's cells that say the same."""
    kinds = {(one.forbidden, one.conditional) for one in made if one.commands} or {(False, False)}
    for forbidden, conditional in sorted(kinds):
        mine = [one for one in made if (one.forbidden, one.conditional) == (forbidden, conditional)]
        commands = tuple(dict.fromkeys(command for one in mine for command in one.commands))
        if mine:
            yield msgspec.structs.replace(mine[0], commands=commands)


def _is_told(text: str, span: Span) -> bool:
    """Tell whether a program's bare name stands there to be run, not only to be named."""
    before, behind = text[: span.start], text[span.end :]
    if not before.strip(" *_"):
        return bool(re.match(r"[*_\s]*(?:[-—–:|(→]|$)", behind))
    return bool(_VERB.search(before)) or (before.rstrip().endswith(":") and not behind.strip(" .*_"))


def _flag(text: str) -> str | None:
    return text if _FLAG.match(text) else None


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
    while whole.rstrip().endswith("\\") and at < end:
        whole, at = whole.rstrip()[:-1] + " " + lines[at].strip(), at + 1
    opened = re.search(r"<<-?\s*['\"]?([A-Za-z_]\w*)['\"]?", whole)
    if opened:
        for close in range(at, end):
            if lines[close].strip() == opened.group(1):
                return whole, close + 1
    return whole, at
