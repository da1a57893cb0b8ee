"""Mend what an audit found, as changes of files that a person looks at before they are made.

Mended is what needs no judgement: junk and repeated lines go, a path that git knows to be renamed gets its
new name, a secret gives way to a placeholder. Contradictions, and references whose cure is unknown, are left
to the person. Everything else in a file stays as it is, byte for byte: line ends, encoding, front matter;
the items of a numbered list are counted anew.
"""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Collection, Iterator, Sequence

import msgspec

from holdfast.hook.patterns import regex
from holdfast.measure.audit.credentials import without_secrets
from holdfast.measure.audit.exports import is_lines
from holdfast.measure.audit.finding import Finding, Place
from holdfast.measure.audit.memory import Memory

CONTEXT = 3
"""Unchanged lines that a diff shows on either side."""

_ITEM = regex(r"^([ \t]*)(?:[-*+•]|\d{1,4}[.)])[ \t]")
_NUMBERED = regex(r"^([ \t]*)(\d{1,4})([.)][ \t])")
_HEADING = regex(r"^ {0,3}(#{1,6})(?:\s|$)")
_UNDERLINE = regex(r"^ {0,3}(?:=+|-+)\s*$")
_FENCE = regex(r"^\s*(`{3,}|~{3,})")
_BY_NUMBER = regex(r"\b(?:steps?|rules?|items?|points?|number|no\.)[ #]{1,2}\d", re.IGNORECASE)


class Mended(msgspec.Struct, frozen=True, kw_only=True):
    """A change of one file.

    Attributes:
        memory: The file as it was read.
        after: Its new text, in the form of `Memory.text`.
        findings: What the change mends.
    """

    memory: Memory
    after: str
    findings: list[Finding]

    @property
    def diff(self) -> str:
        """Return the change as a unified diff, as ``git apply`` takes it."""
        name = self.memory.path
        before, after = lines_of(self.memory.text), lines_of(self.after)
        whole = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}", n=CONTEXT)
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in whole
        )

    @property
    def rotates(self) -> list[str]:
        """Return the kinds of the secrets that the change takes out."""
        return [one.what for one in self.findings if one.kind == "secret"]


def mend(
    memories: Sequence[Memory], findings: Sequence[Finding], *, secrets: bool = True
) -> Iterator[Mended]:
    """Yield a change for each file in which something can be mended.

    Args:
        memories: What was audited.
        findings: What was found in it.
        secrets: Whether secrets are taken out.
    """
    edits = {memory.path: _Edits(memory) for memory in memories if memory.file is not None}
    for finding in sorted(findings, key=lambda one: one.kind == "duplicate"):
        edit = edits.get(finding.path)
        if finding.goes:
            _drop(edits, finding)
        elif edit is None:
            continue
        elif finding.kind == "stale" and finding.now:
            edit.rename(finding, finding.what, finding.now)
        elif finding.kind == "secret" and secrets:
            edit.hide(finding)
    for edit in edits.values():
        after = edit.text()
        if after != edit.memory.text:
            yield Mended(memory=edit.memory, after=after, findings=list(edit.done.values()))


def _drop(edits: dict[str, _Edits], finding: Finding) -> None:
    """Take out what can go, unless what was to stay of it has gone for another reason."""
    kept = [one for one in (_place_of(finding), *finding.others) if one not in finding.goes]
    if kept and all(one.path in edits and edits[one.path].lacks(one) for one in kept):
        return
    for one in finding.goes:
        if one.path in edits:
            edits[one.path].remove(finding, one.line, one.end)


def _place_of(finding: Finding) -> Place:
    return Place(path=finding.path, line=finding.line, end=finding.end, text=finding.text)


class _Edits:
    """The changes of one file, gathered by line."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.done: dict[int, Finding] = {}
        self._lines = memory.text.split("\n")
        self._removed: set[int] = set()
        self._hides = False
        self._names_items = bool(_BY_NUMBER.search(memory.text))

    def remove(self, finding: Finding, first: int, last: int) -> None:
        """Take lines out, unless something hangs on them."""
        if self.memory.format == "json" and not self._is_whole(first):
            return
        if self.memory.format == "markdown" and (self._bears(first, last) or self._is_counted(first)):
            return
        self._removed.update(range(first, last + 1))
        self._note(finding)

    def lacks(self, place: Place) -> bool:
        """Tell whether lines were taken out."""
        return self._removed.issuperset(range(place.line, place.end + 1))

    def _is_whole(self, line: int) -> bool:
        """Tell whether a line of JSON lines holds one entry and nothing else that is told."""
        return is_lines(self.memory.text) and sum(one.line == line for one in self.memory.entries) == 1

    def _bears(self, first: int, last: int) -> bool:
        """Tell whether what stands below a list item or a heading belongs to it, or underlines it."""
        if last < len(self._lines) and _UNDERLINE.match(self._lines[last]):
            return True
        below_it = (self._lines[at] for at in range(last, len(self._lines)))
        following = next(filter(str.strip, below_it), "")
        below, heading = _HEADING.match(following), _HEADING.match(self._lines[first - 1])
        if heading is not None:
            return bool(following) and (below is None or len(below.group(1)) > len(heading.group(1)))
        item = _ITEM.match(self._lines[first - 1])
        if item is None or below is not None:
            return False
        return len(following) - len(following.lstrip()) > len(item.group(1))

    def _is_counted(self, line: int) -> bool:
        """Tell whether it is an item of a numbered list and the file speaks of items by their numbers."""
        return bool(_NUMBERED.match(self._lines[line - 1])) and self._names_items

    def rename(self, finding: Finding, old: str, new: str) -> None:
        """Write the new name of a path on the line of a finding."""
        at = finding.line - 1
        written = old.removeprefix("./")
        if f"]({old}" in self._lines[at] or f"](./{old}" in self._lines[at]:
            new = posixpath.relpath(new, posixpath.dirname(self.memory.place) or ".")
        pattern = re.compile(rf"(?<![\w/.-])(\./)?{re.escape(written)}(?![\w-]|/\w|\.\w)")
        changed = pattern.sub(lambda match: (match.group(1) or "") + new, self._lines[at])
        if changed != self._lines[at]:
            self._lines[at] = changed
            self._note(finding)

    def hide(self, finding: Finding) -> None:
        """Have every secret replaced when the text is put together."""
        self._hides = True
        self._note(finding)

    def _note(self, finding: Finding) -> None:
        self.done[id(finding)] = finding

    def text(self) -> str:
        """Return the whole text with all changes."""
        kept: list[str] = []
        last = 0
        for number, line in enumerate(_renumbered(self._lines, self._removed), 1):
            if number in self._removed:
                continue
            gap, last = number - last > 1, number
            if gap and not line.strip() and (not kept or not kept[-1].strip()):
                if number < len(self._lines):
                    continue  # the blank line behind what went, where one stands before it
                del kept[-1:]  # at the end the one before it, so that the last line ends as it did
            kept.append(line)
        text = "\n".join(kept)
        return without_secrets(text) if self._hides else text


def _renumbered(lines: Sequence[str], removed: Collection[int]) -> list[str]:
    """Return the lines, those taken out too, with the items counted on of each list that loses one.

    Only an item whose number is the next one in its list counts: other numbers are as the author wants them.
    """
    found: list[str] = []
    told: dict[str, int] = {}
    lost: dict[str, int] = {}
    fence = ""
    for at, line in enumerate(lines, 1):
        mark = _FENCE.match(line)
        if mark is not None and (not fence or mark.group(1).startswith(fence)):
            fence = "" if fence else mark.group(1)
        match = _NUMBERED.match(line) if not fence else None
        if match is None:
            if not fence and _HEADING.match(line):
                told, lost = {}, {}
            found.append(line)
            continue
        indent, number = match.group(1), int(match.group(2))
        told = {one: last for one, last in told.items() if len(one) <= len(indent)}
        if told.get(indent) != number - 1:
            lost[indent] = 0
        told[indent] = number
        found.append(f"{indent}{number - lost[indent]}{match.group(3)}{line[match.end() :]}")
        lost[indent] += at in removed
    return found


def lines_of(text: str) -> list[str]:
    """Return the lines of a text with their ends; the last may have none."""
    lines = [f"{line}\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
