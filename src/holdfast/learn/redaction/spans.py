"""Findings, and the views of a text in which a secret may be hidden."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable
from typing import NamedTuple

from holdfast.hook.patterns import regex


class Finding(NamedTuple):
    """Say where in a text something private stands, without repeating it.

    ``start`` and ``end`` are offsets in characters, ``end`` exclusive; ``kind`` is the word that a
    replacement shows, such as ``aws-key`` or ``home``.
    """

    kind: str
    start: int
    end: int


class View:
    """A text derived from another by replacements, which can tell where each of its parts came from.

    Args:
        source: The text the view is derived from.
        replacements: (start, end, replacement) in ``source``, sorted and without overlap.
    """

    def __init__(self, source: str, replacements: Iterable[tuple[int, int, str]]) -> None:
        parts: list[str] = []
        self._starts: list[int] = [0]
        # One row a segment: where it stands in the source, and whether it was copied or replaced.
        self._origins: list[tuple[int, int, bool]] = []
        done = position = 0
        for start, end, new in replacements:
            if start > done:
                parts.append(source[done:start])
                position += start - done
                self._origins.append((done, start, True))
                self._starts.append(position)
            if new:
                parts.append(new)
                position += len(new)
                self._origins.append((start, end, False))
                self._starts.append(position)
            done = end
        parts.append(source[done:])
        self._origins.append((done, len(source), True))
        self.text = "".join(parts)

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the source that ``text[start:end]`` came from; replaced parts whole."""
        first = bisect.bisect_right(self._starts, start) - 1
        last = bisect.bisect_left(self._starts, end, lo=first + 1) - 1
        left, _, copied = self._origins[first]
        begin = left + start - self._starts[first] if copied else left
        left, right, copied = self._origins[last]
        return begin, left + end - self._starts[last] if copied else right


_SGR = r"\[[0-9;:?]{0,32}[A-Za-z]"
# A run of backslashes is entered at its first only, or a long run would be read once for each of its parts.
_RUN = r"\\(?<!\\\\)\\*"
_COLOUR = rf"\x1b{_SGR}|{_RUN}(?:u001[bB]|x1[bB]|033|e){_SGR}"
_ESCAPED = regex(_COLOUR + rf"|{_RUN}(?:[nrt\"'/]|u[0-9a-fA-F]{{4}})")
_COLOURS = regex(_COLOUR)
_PLAIN = {"n": "\n", "r": "\r", "t": "\t"}


def _decode(match: re.Match[str]) -> str:
    """Return what one escape stands for; a colour code stands for nothing."""
    body = match.group().lstrip("\\")
    if body[-1] not in "nrt\"'/" or "[" in body:
        if body[0] != "u" or "[" in body:
            return ""
        return chr(int(body[1:], 16))
    if body[0] == "u":
        return chr(int(body[1:], 16))
    return _PLAIN.get(body, body)


def decoded(text: str) -> View:
    """View a text with string escapes (of any nesting) decoded and colour codes taken out."""
    return View(text, ((m.start(), m.end(), _decode(m)) for m in _ESCAPED.finditer(text)))


def separated(text: str) -> View:
    """View a text with each colour code read as a space, for secrets that begin right after one."""
    return View(text, ((m.start(), m.end(), " ") for m in _COLOURS.finditer(text)))


def merge(findings: Iterable[Finding], rank: dict[str, int]) -> list[Finding]:
    """Return findings in order, overlapping ones as one, under the kind that ranks lowest."""
    merged: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.start, f.end)):
        if merged and finding.start < merged[-1].end:
            last = merged[-1]
            kind = min(last.kind, finding.kind, key=lambda k: rank.get(k, 50))
            merged[-1] = Finding(kind, last.start, max(last.end, finding.end))
        else:
            merged.append(finding)
    return merged


def without(findings: Iterable[Finding], holes: list[tuple[int, int]]) -> list[Finding]:
    """Return findings with some spans (sorted, without overlap) cut out of them, in as many pieces."""
    ends = [end for _, end in holes]
    left: list[Finding] = []
    for kind, start, end in findings:
        for hole in range(bisect.bisect_right(ends, start), len(holes)):
            begin, stop = holes[hole]
            if begin >= end:
                break
            if begin > start:
                left.append(Finding(kind, start, begin))
            start = max(start, stop)
        if start < end:
            left.append(Finding(kind, start, end))
    return left
