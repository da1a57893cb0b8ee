"""Decisions that documents of the worktree state: architecture decision records and ``decisions.md``.

Records in the forms of Nygard ("## Status", "## Decision") and of MADR ("Chosen option: …, because …") are
read. Of a chain of records that supersede one another only the newest counts; proposals, drafts and what was
rejected or deprecated do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from holdfast.hook.patterns import regex
from holdfast.learn.decisions.judge import judge_decision
from holdfast.learn.documents import items, split_lead
from holdfast.repo.safe_read import list_directory, read_text

FOLDERS = (
    "docs/adr",
    "docs/adrs",
    "docs/ADR",
    "docs/decisions",
    "docs/architecture/decisions",
    "docs/architecture/adr",
    "docs/architecture-decisions",
    "doc/adr",
    "doc/adrs",
    "doc/decisions",
    "doc/architecture/decisions",
    "adr",
    "adrs",
    "decisions",
    ".adr",
)
FILES = ("decisions.md", "DECISIONS.md", "docs/decisions.md", "docs/DECISIONS.md", "doc/decisions.md")
MAX_RECORDS = 500
"""Records that are read."""

_NOT_IN_FORCE = regex(
    r"\b(?:superseded|deprecated|rejected|proposed|draft|pending|withdrawn|obsolete)\b", re.I
)
_TOOK_NO_PLACE = regex(r"\b(?:rejected|proposed|draft|pending|withdrawn)\b", re.I)
_SUPERSEDES = regex(r"\b(?:supersedes|replaces|amends)\b[^\n]{0,200}", re.IGNORECASE)
_NUMBER = regex(r"(?<![\w.-])(?:ADR[- ]?)?0*(\d{1,4})(?=[-\s.,;)\]_:]|\.md|$)", re.IGNORECASE)
_FILE_NUMBER = regex(r"^(?:adr[-_]?)?0*(\d{1,4})[-_. ]", re.IGNORECASE)
_HEADING = regex(r"^(#{1,4})\s+(.*?)\s*#*\s*$")
_TITLE = regex(r"^(?:ADR[- ]?)?\d{1,4}[.:)\s-]+\s*", re.IGNORECASE)
_FIELD = regex(r"^(?:[*_-]*\s*)?(status|date)[*_]*\s*:[*_]*\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_DAY = regex(r"\b(\d{4}-\d\d-\d\d)\b")
_DECISION = regex(r"(?:the )?decision(?: outcome)?$|chosen (?:option|solution)$", re.IGNORECASE)
_PATH = regex(r"`([\w.@-]+(?:/[\w.@*-]+)+/?|[\w-]+\.[a-z]{1,5})`")
_STRUCK = regex(r"^~~|\bsuperseded by\b", re.IGNORECASE)


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """A decision in force that a document states, with where it stands."""

    text: str
    ref: str
    day: str = ""
    paths: tuple[str, ...] = ()


class _Record(msgspec.Struct, frozen=True):
    path: str
    number: str
    status: str
    supersedes: frozenset[str]
    stated: Stated


def stated_in_documents(root: Path) -> Iterator[Stated]:
    """Yield the decisions that the documents below a worktree's top state, in order of path."""
    records = [record for path, text in _files(root) if (record := _read(path, text))]
    replaced = {
        (record.path.rpartition("/")[0], number)
        for record in records
        if not _TOOK_NO_PLACE.search(record.status)
        for number in record.supersedes
    }
    for record in records:
        place = record.path.rpartition("/")[0], record.number
        if not _NOT_IN_FORCE.search(record.status) and place not in replaced:
            yield record.stated
    for path in FILES:
        text = read_text(root, path)
        if text is not None:
            yield from _items(path, text)
            break


def _files(root: Path) -> Iterator[tuple[str, str]]:
    left = MAX_RECORDS
    for folder in FOLDERS:
        for name in list_directory(root, folder):
            if not name.endswith((".md", ".markdown")) or name.lower() in (
                "readme.md",
                "index.md",
                "template.md",
            ):
                continue
            if left == 0:
                return
            left -= 1
            text = read_text(root, f"{folder}/{name}")
            if text is not None:
                yield f"{folder}/{name}", text


def _read(path: str, text: str) -> _Record | None:
    """Return a record out of a file; None when it states no decision."""
    title, sections = _sections(text)
    decision = next((body for heading, body in sections if _DECISION.match(heading)), "")
    if not decision.strip():
        return None
    fields = {name.lower(): value for name, value in _FIELD.findall(text[:3000])}
    status = next(
        (body for heading, body in sections if heading.lower() == "status"), fields.get("status", "")
    )
    day = _DAY.search(fields.get("date", "")) or _DAY.search(status)
    named = _FILE_NUMBER.match(path.rpartition("/")[2])
    number = named[1] if named else ""
    supersedes = frozenset(
        found for line in _SUPERSEDES.findall(f"{status}\n{text[:1500]}") for found in _NUMBER.findall(line)
    ) - {number}
    first = re.split(r"\n[ \t]*\n", decision.strip())[0]
    lead, _ = split_lead(f"{title}: {' '.join(first.split())}" if title else first)
    stated = Stated(
        text=lead,
        ref=path,
        day=day[1] if day else "",
        paths=tuple(dict.fromkeys(_PATH.findall(decision)))[:20],
    )
    return _Record(path, number, status.split("\n\n")[0][:300], supersedes, stated)


def _sections(text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the title of a record and its sections below."""
    title, sections, fenced = "", list[tuple[str, list[str]]](), False
    for line in text.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        heading = None if fenced else _HEADING.match(line)
        if heading is None:
            if sections:
                sections[-1][1].append(line)
        elif not title and len(heading[1]) == 1:
            title = _TITLE.sub("", heading[2])
        else:
            sections.append((heading[2].strip("*_ "), []))
    return title, [(heading, "\n".join(lines).strip()) for heading, lines in sections]


def _items(path: str, text: str) -> Iterator[Stated]:
    """Yield the items of a list of decisions that state one, those struck out left out."""
    for line, heading, item in items(text):
        if _STRUCK.search(item) or _NOT_IN_FORCE.search(heading):
            continue
        judged = judge_decision(item, source="adr")
        if judged is not None:
            day = _DAY.search(heading) or _DAY.search(item)
            yield Stated(
                text=judged.text,
                ref=f"{path}:{line}",
                day=day[1] if day else "",
                paths=tuple(dict.fromkeys(_PATH.findall(item)))[:20],
            )
