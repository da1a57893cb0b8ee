"""Cut a Markdown memory into entries, each with its lines, and with what stands above it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from holdfast.hook.patterns import regex
from holdfast.learn.markdown import without_comments
from holdfast.measure.audit.memory import Entry, EntryKind

MAX_ENTRIES = 20_000
"""Entries of one file."""
MAX_LINE = 4_000
"""Characters of a line that are looked at."""

_HEADING = regex(r"^ {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*#*[ \t]*$")
_ITEM = regex(r"^([ \t]*)(?:[-*+•]|(\d{1,4})[.)])(?:[ \t]+|$)(?:\[([ xX-])\][ \t]+)?(.*)$")
_FENCE = regex(r"^[ \t>]*(?:[-*+][ \t]+|\d{1,3}[.)][ \t]+)?(`{3,}|~{3,})")
_RULE = regex(r"^\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}|={3,})$")
_TABLE_RULE = regex(r"^\s*\|?(?:\s*:?-{2,}:?\s*\|)+\s*(?::?-{2,}:?)?\s*\|?\s*$")
_ENDED = regex(r"[.!?][*_`\")]*\s*$")
_BEGUN = regex(r"^[*_`\"]*[A-ZÀ-Þ]")
_ALONE = regex(r"^\s*(?:<[^<>]+>|\[[^\[\]]+\]|\{[^{}]+\})\s*$")
"""A line that is a placeholder, a tag or a mark and nothing else."""
_SHORT = 50
"""Characters of a line that may be followed by another order in the same paragraph, with no stop between."""
_ORDERS = regex(
    r"^[*_`\"]*(?:Always|Never|Use|Run|Avoid|Prefer|Don['’]t|Do not|Keep|Make sure|Write|Put|Set|Add"
    r"|See|Read)\b"
)
_QUOTE = regex(r"^[ \t]{0,3}>[ \t]?")


def read_page(path: str, text: str) -> Iterator[Entry]:
    """Yield the entries of a Markdown text in order, at most `MAX_ENTRIES`."""
    for number, entry in enumerate(_Page(path, text).entries()):
        if number >= MAX_ENTRIES:
            return
        yield entry


class _Page:
    def __init__(self, path: str, text: str) -> None:
        self._path = path
        plain = without_comments(text.replace("\r\n", "\n"))
        self._lines = [line[:MAX_LINE] for line in plain.split("\n")]
        self._headings: list[tuple[int, str]] = []
        self._items: list[tuple[int, str]] = []
        self._lead = ""

    def entries(self) -> Iterator[Entry]:
        at = front_matter_end(self._lines)
        while at < len(self._lines):
            line = self._lines[at]
            fence, heading = _FENCE.match(line), _HEADING.match(line)
            if not line.strip() or _RULE.match(line) or _TABLE_RULE.match(line):
                at += 1
            elif fence:
                end = _fence_end(self._lines, at, fence.group(1))
                yield from self._code(at + 1, end)
                at = end + 1
            elif heading:
                yield self._heading(at, len(heading.group(1)), (heading.group(2) or "").strip())
                at += 1
            elif line.lstrip().startswith("|"):
                head = at + 1 < len(self._lines) and bool(_TABLE_RULE.match(self._lines[at + 1]))
                if not head:
                    yield self._entry(at, at + 1, "row", line.strip().strip("|").strip())
                at += 1
            else:
                end = self._end(at)
                yield self._told(at, end)
                at = end

    def _entry(self, start: int, end: int, kind: EntryKind, text: str, level: int = 0) -> Entry:
        return Entry(
            path=self._path,
            line=start + 1,
            end=end,
            kind=kind,
            text=text,
            level=level,
            above=(*(name for _, name in self._headings), *(name for _, name in self._items)),
            lead=self._lead,
        )

    def _heading(self, at: int, level: int, text: str) -> Entry:
        self._headings = [(depth, name) for depth, name in self._headings if depth < level]
        self._items, self._lead = [], ""
        made = self._entry(at, at + 1, "heading", text, level)
        self._headings.append((level, text))
        return made

    def _code(self, start: int, end: int) -> Iterator[Entry]:
        for at in range(start, end):
            if self._lines[at].strip():
                yield self._entry(at, at + 1, "code", self._lines[at].strip())

    def _told(self, start: int, end: int) -> Entry:
        """Return a list item or a paragraph, with the lines that go on with it."""
        item = _ITEM.match(self._lines[start])
        first = item.group(4) if item else self._lines[start]
        lines = [_QUOTE.sub("", line).strip() for line in (first, *self._lines[start + 1 : end])]
        text = "\n".join(lines)
        if item is None:
            if not self._lines[start].startswith((" ", "\t")):
                self._items, self._lead = [], ""
            made = self._entry(start, end, "paragraph", text)
            if text.rstrip().rstrip("*_").endswith(":"):
                self._lead = text
            return made
        indent = len(item.group(1).expandtabs(4))
        self._items = [(depth, name) for depth, name in self._items if depth < indent]
        made = msgspec.structs.replace(
            self._entry(start, end, "item", text), numbered=bool(item.group(2)), task=item.group(3) == " "
        )
        self._items.append((indent, text))
        return made

    def _end(self, start: int) -> int:
        """Return where the paragraph or item that begins at a line ends."""
        item = _ITEM.match(self._lines[start])
        for at in range(start + 1, len(self._lines)):
            line = self._lines[at]
            if not line.strip() or _RULE.match(line) or line.lstrip().startswith("|"):
                return at
            if _ITEM.match(line) or _HEADING.match(line) or _FENCE.match(line):
                return at
            if not item and _parts(self._lines[at - 1], line):
                return at  # one sentence a line
        return len(self._lines)


def _parts(before: str, line: str) -> bool:
    """Tell whether two lines of one paragraph say two things."""
    if _ALONE.match(before) or _ALONE.match(line):
        return True
    if _ENDED.search(before) and _BEGUN.match(line):
        return True
    return len(before) <= _SHORT and bool(_ORDERS.match(line))


def front_matter_end(lines: list[str]) -> int:
    """Return the number of lines of the front matter; 0 without any."""
    if lines and lines[0].strip().removeprefix("\ufeff") == "---":
        for at, line in enumerate(lines[1:200], 1):
            if line.strip() in ("---", "..."):
                return at + 1
    return 0


def _fence_end(lines: list[str], start: int, mark: str) -> int:
    for at in range(start + 1, len(lines)):
        bare = lines[at].strip()
        if bare.startswith(mark) and not bare.strip(mark[0]):
            return at
    return len(lines)
