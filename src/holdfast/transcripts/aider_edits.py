"""Find the edits in a reply that aider's model wrote, in the forms that aider reads.

``diff``: SEARCH/REPLACE blocks; ``udiff``: a fenced unified diff; ``whole``: a fence under a file's name. A
fence is a proposal: what was done with it stands in the lines that aider writes after the reply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.transcripts.events import Edit
from holdfast.transcripts.paths import SessionPaths
from holdfast.transcripts.values import cut

_FENCE = regex(r"(`{3,}|~{3,}|<source>|<code>|<pre>)")
_CLOSES = {"<source>": "</source>", "<code>": "</code>", "<pre>": "</pre>"}
_SEARCH = regex(r"<{5,9} SEARCH>?\s*$")
_DIVIDER = regex(r"={5,9}\s*$")
_REPLACE = regex(r">{5,9} REPLACE\s*$")
_NAME = regex(r"[^\s`*#:<>|\"?][^`*<>|\"?\n]{0,250}")


class Proposal(NamedTuple):
    """A change that a reply proposes to one file; ``kind`` is ``diff``, ``udiff`` or ``whole``."""

    path: str
    edits: tuple[Edit, ...]
    kind: str


class _Block(NamedTuple):
    name: str
    language: str
    lines: list[str]


def read_reply(reply: list[str], paths: SessionPaths) -> tuple[str, list[Proposal]]:
    """Return what a reply says beside its edits, and the changes that it proposes, one a file.

    Args:
        reply: The lines of the reply.
        paths: What paths are made relative to.
    """
    said: list[str] = []
    found: dict[tuple[str, str], list[Edit]] = {}
    for part in _parts(reply):
        if isinstance(part, str):
            said.append(part)
            continue
        kind, edits = _edits(part, paths)
        if not edits:
            said += [f"```{part.language}", *part.lines, "```"]
            continue
        if kind != "udiff" and said and said[-1].strip(" *`:#") == part.name:
            said.pop()
        for edit in edits:
            found.setdefault((kind, edit.path), []).append(edit)
    proposals = [Proposal(path, tuple(edits), kind) for (kind, path), edits in found.items()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(said)).strip(), proposals


def _parts(reply: list[str]) -> Iterator[str | _Block]:
    """Give the lines outside fences, and each fence as one."""
    name = ""
    at = 0
    while at < len(reply):
        line = reply[at]
        opened = _FENCE.match(line)
        if opened is None:
            if line.strip():
                name = line.strip().strip("*`:# ")
            yield line
            at += 1
            continue
        mark = _CLOSES.get(opened[1], opened[1])
        end = next((row for row in range(at + 1, len(reply)) if reply[row].rstrip() == mark), len(reply))
        yield _Block(name, line[opened.end() :].strip(), reply[at + 1 : end])
        at = end + 1


def _edits(block: _Block, paths: SessionPaths) -> tuple[str, list[Edit]]:
    if any(_SEARCH.match(line) for line in block.lines):
        return "diff", list(_replacements(block, paths))
    if block.language == "diff" and any(line.startswith("+++ ") for line in block.lines):
        return "udiff", list(_hunks(block.lines, paths))
    if _NAME.fullmatch(block.name) and ("." in block.name or "/" in block.name) and " " not in block.name:
        return "whole", [Edit(paths.relative(block.name), "", cut("\n".join(block.lines)))]
    return "", []


def _replacements(block: _Block, paths: SessionPaths) -> Iterator[Edit]:
    """Give each SEARCH/REPLACE pair of a fence; the file may be named above the fence or within it."""
    name = block.name
    removed: list[str] = []
    added: list[str] = []
    into: list[str] | None = None
    for line in block.lines:
        if into is None:
            if _SEARCH.match(line):
                removed, added = [], []
                into = removed
            elif line.strip():
                name = line.strip()
        elif into is removed and _DIVIDER.match(line):
            into = added
        elif _REPLACE.match(line):
            if _NAME.fullmatch(name):
                yield Edit(paths.relative(name), cut("\n".join(removed)), cut("\n".join(added)))
            into = None
        else:
            into.append(line)


def _hunks(lines: list[str], paths: SessionPaths) -> Iterator[Edit]:
    path: str | None = None
    removed: list[str] = []
    added: list[str] = []
    for line in [*lines, "@@"]:
        if line.startswith(("@@", "--- ")):
            if path is not None and (removed or added):
                yield Edit(path, cut("\n".join(removed)), cut("\n".join(added)))
            removed, added = [], []
        elif line.startswith("+++ "):
            path = paths.relative(line[4:].strip().removeprefix("b/"))
        elif line.startswith("-"):
            removed.append(line[1:])
        elif line.startswith("+"):
            added.append(line[1:])
