"""Write a change as a patch that ``git apply`` takes, without any line that holds a secret, changed or not.

A hunk ends where such a line begins; what changes the line itself, or stands right before it, is left out.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.hook.signature import plain
from holdfast.measure.audit.credentials import secrets_in
from holdfast.measure.audit.finding import Finding
from holdfast.measure.audit.mend import CONTEXT, Mended, lines_of
from holdfast.measure.audit.quote import hidden

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n"}
_QUOTED = regex(r'["\\\t\n]')


class Patch(NamedTuple):
    """A patch of one file.

    Attributes:
        text: The patch; empty when nothing of the change can be shown.
        mended: The findings that it mends.
        whole: True when it holds the whole change.
    """

    text: str
    mended: list[Finding]
    whole: bool


class _Edit(NamedTuple):
    """Lines ``start`` to ``end`` of the old text, from 0, and what stands in their place."""

    start: int
    end: int
    after: Sequence[str]


def patch_of(change: Mended) -> Patch:
    """Return as much of a change as can be shown."""
    before, after = lines_of(change.memory.text), lines_of(change.after)
    secret = _unshown(change.memory.text)
    edits = [
        _Edit(start, end, after[first:last])
        for tag, start, end, first, last in difflib.SequenceMatcher(None, before, after, False).get_opcodes()
        if tag != "equal"
    ]
    fit = [one for one in edits if not secret.intersection(range(one.start, one.end + 1))]
    text = _written(change.memory.path, before, fit, secret)
    if hidden(text) != text:
        return Patch("", [], False)
    mended = [one for one in change.findings if len(fit) == len(edits) or _touches(one, change, fit)]
    return Patch(text, mended, len(fit) == len(edits))


def _unshown(text: str) -> set[int]:
    """Return the lines, from 0, that hold a secret or characters that a reader would not see."""
    found: set[int] = set()
    for one in secrets_in(text):
        first = text.count("\n", 0, one.start)
        found.update(range(first, first + text.count("\n", one.start, one.end) + 1))
    for number, line in enumerate(text.split("\n")):
        seen = line.removesuffix("\r").encode("utf-8", "replace").decode()
        if plain(seen) != seen:
            found.add(number)
    return found


def _written(path: str, before: Sequence[str], edits: Sequence[_Edit], secret: Collection[int]) -> str:
    """Return edits as hunks, each with what may be shown around it."""
    hunks: list[list[_Edit]] = []
    for edit in edits:
        last = hunks[-1][-1] if hunks else None
        near = last is not None and edit.start - last.end <= 2 * CONTEXT
        if last is not None and near and not any(at in secret for at in range(last.end, edit.start)):
            hunks[-1].append(edit)
        else:
            hunks.append([edit])
    parts, shift = [], 0
    for hunk in hunks:
        start, end = hunk[0].start, hunk[-1].end
        first = next((at + 1 for at in range(start - 1, start - CONTEXT - 1, -1) if at < 0 or at in secret),
                     start - CONTEXT)  # fmt: skip
        last_line = next((at for at in range(end, end + CONTEXT) if at >= len(before) or at in secret),
                         end + CONTEXT)  # fmt: skip
        body = _body(before, hunk, first, last_line)
        old = last_line - first
        new = old + sum(len(one.after) - (one.end - one.start) for one in hunk)
        parts += [f"@@ -{first + bool(old)},{old} +{first + shift + bool(new)},{new} @@\n", *body]
        shift += new - old
    return "".join([f"--- {_named('a/' + path)}\n+++ {_named('b/' + path)}\n", *parts]) if parts else ""


def _named(path: str) -> str:
    """Return a path as a patch names it: in quotes, with escapes, where it holds what would end it."""
    if not _QUOTED.search(path):
        return path
    return '"' + _QUOTED.sub(lambda match: _ESCAPES[match.group()], path) + '"'


def _body(before: Sequence[str], hunk: Sequence[_Edit], first: int, last: int) -> list[str]:
    lines, at = [], first
    for edit in hunk:
        lines += [f" {line}" for line in before[at : edit.start]]
        lines += [f"-{line}" for line in before[edit.start : edit.end]]
        lines += [f"+{line}" for line in edit.after]
        at = edit.end
    lines += [f" {line}" for line in before[at:last]]
    return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines]


def _touches(finding: Finding, change: Mended, edits: Sequence[_Edit]) -> bool:
    """Tell whether what edits change is what a finding is about."""
    spans = [(one.line, one.end) for one in finding.goes if one.path == change.memory.path]
    return all(
        any(edit.start < end and line <= edit.end for edit in edits)
        for line, end in spans or [(finding.line, finding.end)]
    )
