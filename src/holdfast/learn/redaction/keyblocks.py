"""Private key blocks, whole or cut short, on real lines or within one string."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.hook.patterns import regex
from holdfast.learn.redaction.spans import Finding

_MARK = regex(
    r"-{2,5}[ ]?(?P<side>BEGIN|END) [A-Z0-9 ]{0,32}"
    r"(?:PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)[ ]?-{2,5}",
    re.IGNORECASE,
)
_PUTTY = regex(r"Private-Lines: \d{1,3}\r?\n")
_HEADER = regex(r"(?:Proc-Type|DEK-Info|Version|Comment|Hash):")
_DENSE = regex(r"[A-Za-z0-9+/]{16,}")
_BASE64 = regex(r"[A-Za-z0-9+/=]{4,}\Z")
# What quoting, a diff or a numbered listing puts around a line.
_AROUND = " \t\r\"'`\\,;+>|→()[]"


def find_key_blocks(text: str) -> Iterator[Finding]:
    """Yield private key blocks, from BEGIN to END; of a block cut short, all lines that belong to it.

    A BEGIN line without anything behind it is how programs and documents speak of keys: it stays.
    """
    bodies = list(_PUTTY.finditer(text))
    for number, lines in enumerate(bodies, start=1):
        limit = bodies[number].start() if number < len(bodies) else len(text)
        if (end := _body_end(text, lines.end(), limit)) > lines.end():
            yield Finding("private-key", lines.end(), end)
    marks = list(_MARK.finditer(text))
    previous = 0
    opened: re.Match[str] | None = None
    for number, mark in enumerate(marks):
        following = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        if mark["side"].upper() == "END":
            if opened and _DENSE.search(text, opened.end(), mark.start()):
                yield Finding("private-key", opened.start(), mark.end())
            elif not opened and (start := _tail_start(text, previous, mark.start())) < mark.start():
                yield Finding("private-key", start, mark.end())
            opened = None
        elif number + 1 < len(marks) and marks[number + 1]["side"].upper() == "END":
            opened = mark
        elif (end := _body_end(text, mark.end(), following)) > mark.end():
            yield Finding("private-key", mark.start(), end)
        previous = mark.end()


def _bare(line: str) -> str:
    """Return a line without what quoting or a listing puts around it."""
    return line.strip(_AROUND)


def _is_key_line(line: str) -> bool:
    """Say whether a line is nothing but base64; a listing's number before it is passed over."""
    bare = _bare(line)
    if "→" in bare:
        bare = _bare(bare.partition("→")[2])
    return _BASE64.match(bare) is not None


def _body_end(text: str, start: int, limit: int) -> int:
    """Return where a block without END line stops: after its last line that is base64."""
    end = position = start
    first = True
    while position < limit:
        stop = text.find("\n", position, limit)
        stop = limit if stop < 0 else stop
        line = text[position:stop]
        bare = _bare(line)
        dense = _DENSE.search(bare) if first else None
        if dense or _is_key_line(line) or _HEADER.match(bare):
            end = (
                position + len(line.rstrip(_AROUND))
                if not dense
                else position + line.find(dense.group()) + len(dense.group())
            )
        elif bare:
            break
        position = stop + 1
        first = False
    return end if _DENSE.search(text, start, end) else start


def _tail_start(text: str, floor: int, end: int) -> int:
    """Return where a block begins whose BEGIN line was cut away, ``end`` when there is none."""
    start = position = end
    while position > floor:
        begin = max(text.rfind("\n", floor, position) + 1, floor)
        line = text[begin:position]
        if _is_key_line(line):
            start = begin
        elif _bare(line):
            break
        position = begin - 1
    return start if _DENSE.search(text, start, end) else end
