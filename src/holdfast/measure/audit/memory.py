"""A memory as an audit reads it: files, and the entries that each of them tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from holdfast.hook.patterns import regex
from holdfast.learn.instructions import InstructionLine, read_text_lines

EntryKind = Literal["heading", "item", "paragraph", "row", "code"]
Format = Literal["markdown", "json", "record"]

_ORDER = regex(r"\b(?:do not|don['’]t|never|must|always|should)\b", re.IGNORECASE)
_STEP = regex(r"[*_]*(?:step|phase|task|part|option|stage|milestone) \d+\b", re.IGNORECASE)


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a memory says: a heading, a list item, a paragraph, a row of a table, a line of code.

    Attributes:
        path: The file's name for the person.
        line, end: Where it stands, from 1.
        kind: What it is.
        text: Without list marks; its lines parted by line breaks.
        level: Of a heading 1 to 6, else 0.
        above: The headings above it and the items it lies in, the outermost first.
        lead: The line before its list that ends in a colon, if any.
        field: In JSON, the name of the field that holds it.
        closed: True when it tells of work that is done: its references are history.
        task: True when it is work to do, not knowledge: an issue, or an item with a box that is not ticked.
        numbered: True for an item of a numbered list.
    """

    path: str
    line: int
    end: int
    kind: EntryKind
    text: str
    level: int = 0
    above: tuple[str, ...] = ()
    lead: str = ""
    field: str = ""
    closed: bool = False
    task: bool = False
    numbered: bool = False

    @property
    def is_label(self) -> bool:
        """Tell whether it only names what follows: a line in bold, or one that ends in a colon."""
        bare = self.flat
        whole = (
            len(bare) > 4 and bare[:2] == bare[-2:] and bare[:2] in ("**", "__") and "**" not in bare[2:-2]
        )
        whole = whole and not _ORDER.search(bare)
        return whole or bare.rstrip("*_ ").endswith(":") or bool(_STEP.match(bare))

    @property
    def flat(self) -> str:
        """Return the text on one line."""
        return " ".join(self.text.split())


class Memory(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One file of a memory, or one record.

    Attributes:
        path: Its name for the person.
        file: Where it is; None for a record.
        root: The repository or folder that its references are about.
        place: Its path below ``root``; empty when it lies elsewhere.
        format: How it is written.
        text: Its whole text; of what is not UTF-8 each byte is kept as a surrogate.
        entries: What it tells, in order.
        scope: What part of the tree it is about: a folder or globs; empty for all of it.
        applies: True when ``scope`` is a pattern of files rather than a folder.
    """

    path: str
    file: Path | None
    root: Path
    place: str
    format: Format
    text: str
    entries: Sequence[Entry]
    scope: str = ""
    applies: bool = False

    @cached_property
    def lines(self) -> list[str]:
        """Return the lines, without line ends."""
        return [line.removesuffix("\r") for line in self.text.split("\n")]

    @cached_property
    def instructions(self) -> list[InstructionLine]:
        """Return what its lines tell to run and never to run; of what is no Markdown nothing."""
        return list(read_text_lines(self.place or self.path, self.text)) if self.format == "markdown" else []

    @property
    def count(self) -> int:
        """Return how many lines it has; what follows the last line end is none when empty."""
        return len(self.lines) - (not self.lines[-1])
