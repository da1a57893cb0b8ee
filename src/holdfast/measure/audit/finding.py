"""What an audit of a memory finds, and where."""

from __future__ import annotations

from typing import Literal

import msgspec

Class = Literal["junk", "duplicate", "contradiction", "secret", "stale"]
CLASSES: tuple[Class, ...] = ("secret", "contradiction", "stale", "duplicate", "junk")
"""The classes, the gravest first."""


class Place(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Lines of a memory.

    Attributes:
        path: As the person would name it from where the audit was started.
        line: The first line, from 1; in a file of JSON the line on which the text stands.
        end: The last line.
        text: What stands there, on one line, without secrets and cut to `MAX_TEXT` characters.
    """

    path: str
    line: int
    end: int
    text: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a memory.

    Attributes:
        kind: Its class.
        path, line, end, text: Where it stands, as in `Place`.
        why: What is wrong, in a sentence.
        do: What to do about it, in a sentence.
        others: The other places that it is about: those that say the same, or the contrary.
        goes: Junk and duplicates that can be taken out with nothing lost; what needs judgement is not in it.
        what: What is gone, or what looks like a secret of which kind.
        now: What a stale path is called today, when git knows.
    """

    kind: Class = msgspec.field(name="class")
    path: str
    line: int
    end: int
    text: str
    why: str
    do: str
    others: tuple[Place, ...] = ()
    goes: tuple[Place, ...] = ()
    what: str = ""
    now: str | None = None


class NotRead(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was named or met and is not read, and why."""

    path: str
    reason: str


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of an audit.

    Attributes:
        files: Files and records that were read.
        lines: Lines in them.
        findings: In the order of files and lines.
        not_read: What was left out, and why.
    """

    files: int
    lines: int
    findings: list[Finding]
    not_read: list[NotRead] = []


MAX_TEXT = 300
"""Characters of a line that are quoted."""
