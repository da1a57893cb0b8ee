"""Cut Markdown into what it tells: list items and paragraphs, or one piece for each structured entry.

An entry is a heading with parts that say what is what: ``## Decision``, ``## Why it failed``,
``**Symptom:** …``. Its pieces belong together, so it becomes one piece whose lead is the part that says what
to do. Where there are no such parts each list item and each paragraph stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from holdfast.hook.patterns import regex

MAX_ITEMS = 2000
"""Items of one file."""
MAX_DETAIL = 8000
"""Characters of a piece's detail."""

_ITEM = regex(r"^\s{0,3}(?:[-*+]|\d{1,3}[.)])\s+")
_BOX = regex(r"^\[([ xX-])\]\s+")
_HEADING = regex(r"^(#{1,6})\s+(.*)")
_FENCE = regex(r"^\s*(?:```|~~~)")
_RULE = regex(r"^\s*(?:-{3,}|\*{3,}|_{3,}|={3,})\s*$")
_LABEL = regex(r"^(?:\*\*|__)([^*_\n]{2,40}?):?(?:\*\*|__):?\s*(.*)", re.DOTALL)
_PLAIN_LABEL = regex(r"^(status|date|deciders|tags|category|severity):\s*(.*)", re.IGNORECASE | re.DOTALL)
_NUMBERED = regex(
    r"^(?:(?:ADR|decision|failure|learning|lesson|error|pattern|anti-pattern|gotcha)\b(?:[\s#-]*[A-Z]{0,3}-?\d[\w.-]{0,11})?"
    r"\s*[:\u2013\u2014-]\s+"
    r"|\[?\d{1,4}\]?[.):]\s+(?=\S))",
    re.IGNORECASE,
)
_FIELD = regex(r"^([A-Za-z][\w-]{0,40}):\s*(.*)$")
_MAX_HEAD = 200
"""Lines of front matter that are looked at."""

_TO_DO = (
    "decision", "decision outcome", "outcome", "what we learned", "what i learned", "lesson",
    "lesson learned", "lessons learned", "learning", "key takeaway", "takeaway", "rule", "solution",
    "the fix", "fix", "resolution", "instead", "what to do instead", "do instead", "correct approach",
    "the right way", "better alternative", "better approach", "recommendation", "how to apply",
    "prevention", "never do", "what to avoid", "best practice", "how to think of it", "pattern",
    "summary", "tl;dr",
)  # fmt: skip
"""Parts that say what to do, the best first: what an agent is shown begins with the first that is there."""
_PARTS = frozenset((
    *_TO_DO, "context", "context and problem statement", "problem", "problem statement", "background",
    "considered options", "options", "options considered", "alternatives", "alternatives considered",
    "decision drivers", "pros and cons of the options", "consequences", "positive consequences",
    "negative consequences", "positive", "negative", "status", "date", "owner", "stakeholders",
    "participants", "deciders", "tags", "category", "confidence", "source", "severity", "impact",
    "evidence", "id", "rationale", "reasoning", "implications", "action", "why", "why it matters",
    "why it works", "why this works", "why it failed", "why it fails", "why not caught", "root cause",
    "cause", "symptom", "symptoms", "tried", "what we tried", "what i tried", "what was attempted",
    "approach", "what happened", "what failed", "what worked", "what didn't work", "when", "when not",
    "when to use", "where", "gotchas", "revisit when", "references", "related", "links", "notes",
    "more information", "confirmation", "validation", "compliance", "files affected", "first seen",
    "occurrences", "details", "example", "examples",
))  # fmt: skip
_ABOUT = frozenset(
    "status date owner stakeholders participants deciders tags category confidence source severity id related"
    " links references evidence occurrences impact".split()
) | {"first seen", "files affected", "more information"}
"""Parts that say something about the entry, nothing of what it tells."""

_WEAK = frozenset(
    "notes details example examples links references related gotchas pattern summary evidence when where"
    " approach options tags source rule fix id impact".split()
) | {"lessons learned", "lesson learned", "best practice", "recommendation", "prevention", "more information"}
"""Parts whose names are also those of chapters; alone they make no entry."""


class Front(NamedTuple):
    """The front matter of a file, as far as it is understood, and the text after it."""

    fields: dict[str, str]
    body: str
    """The text, with as many lines before it as the front matter had."""


class Piece(NamedTuple):
    """One thing that a Markdown text tells."""

    line: int
    heading: str
    text: str
    detail: str = ""
    done: bool = False
    """True for an item whose box is ticked."""
    parts: Mapping[str, str] = MappingProxyType({})
    """The named parts of an entry, by their names in small letters."""


class _Section(NamedTuple):
    line: int
    level: int
    heading: str
    lines: list[tuple[int, str]]


def front_matter(text: str) -> Front:
    """Return the plain ``name: value`` lines of front matter, and the text with that part blanked.

    Anything goes, as other tools write it: what is no such line is passed over. Fields of a nested mapping
    count as its own (``metadata: type: feedback`` gives ``type``).
    """
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[0].strip() != "---":
        return Front({}, text)
    end = next((at for at, line in enumerate(lines[1:_MAX_HEAD], 1) if line.strip() in ("---", "...")), 0)
    if not end:
        return Front({}, text)
    fields: dict[str, str] = {}
    for line in lines[1:end]:
        found = _FIELD.match(line.strip())
        if found and found.group(2):
            fields.setdefault(found.group(1).lower(), found.group(2).strip().strip("\"'"))
    return Front(fields, "\n".join([*[""] * (end + 1), *lines[end + 1 :]]))


def without_comments(text: str) -> str:
    """Return Markdown without HTML comments, in linear time; the lines keep their numbers."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    return "".join([*kept, text[at:]])


def items(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the items of a Markdown text: line, heading above, and the item's own text."""
    for section in _sections(text):
        for piece in _loose(section):
            yield piece.line, piece.heading, piece.text


def pieces(text: str, *, whole: bool = False, most: int = MAX_ITEMS) -> Iterator[Piece]:
    """Yield what a Markdown text tells.

    Args:
        text: Without front matter.
        whole: The text is one entry, whatever its headings.
        most: Pieces at most.
    """
    given = 0
    for entry in _entries(list(_sections(text)), whole=whole):
        found = _structured(entry, whole=whole)
        for piece in [found] if found else (piece for section in entry for piece in _loose(section)):
            if not piece.text.strip():  # a list item that nobody has filled in yet
                continue
            yield piece
            given += 1
            if given >= most:
                return


def title_of(heading: str) -> str:
    """Return a heading without its number or kind: ``ADR-0003: Use X`` and ``3. Use X`` are ``Use X``."""
    text = heading.strip().rstrip("#").strip()
    return _NUMBERED.sub("", text, count=1).strip() or text


def part_name(heading: str) -> str:
    """Return a heading as the name of a part, or empty when it is none."""
    name = " ".join(heading.strip().rstrip("#: ").strip("*_ ").lower().replace("\u2019", "'").split())
    return name if name in _PARTS else ""


def _labelled(text: str) -> tuple[str, str]:
    """Return the part that a text says it is, ``**Symptom:** …``, and the text; no part when it says none."""
    found = _LABEL.match(text) or _PLAIN_LABEL.match(text)
    name = part_name(found.group(1)) if found else ""
    return (name, found.group(2).strip()) if found and name else ("", text)


def _sections(text: str) -> Iterator[_Section]:
    section, fenced = _Section(0, 0, "", []), False
    for number, line in enumerate(text.split("\n"), 1):
        fence = bool(_FENCE.match(line))
        found = None if fenced or fence else _HEADING.match(line)
        fenced ^= fence
        if found:
            yield section
            section = _Section(number, len(found.group(1)), found.group(2).strip(), [])
        else:
            section.lines.append((number, line))
    yield section


def _loose(section: _Section) -> Iterator[Piece]:
    """Yield the list items and paragraphs of a section; of a table each row."""
    for piece in _blocks(section):
        rows = piece.text.split("\n")
        if len(rows) > 1 and rows[0].startswith("|") and "-" in rows[1] and not rows[1].strip("|:- \t"):
            yield from _rows(piece, rows)
        else:
            yield piece


def _rows(table: Piece, lines: list[str]) -> Iterator[Piece]:
    """Yield the rows of a table, each as what to do, if a column says it, and the other cells named."""
    names, *rows = [
        [cell.strip().strip("*_") for cell in line.strip().strip("|").split("|")] for line in lines
    ]
    for number, cells in enumerate(rows[1:], 2):
        told = [
            (name, cell)
            for name, cell in zip(names, cells, strict=False)
            if len(cell.strip("-\u2013\u2014")) > 0
        ]
        lead = next((cell for part in _TO_DO for name, cell in told if name.lower() == part), "")
        rest = "; ".join(f"{name}: {cell}" if name else cell for name, cell in told if cell != lead)
        text = f"{lead} ({rest})" if lead and rest else lead or rest
        if text:
            yield table._replace(line=table.line + number, text=text)


def _blocks(section: _Section) -> Iterator[Piece]:
    start, held, fenced, done = 0, list[str](), False, False
    for number, line in [*section.lines, (0, "")]:
        fence = bool(_FENCE.match(line))
        fenced ^= fence
        begins = None if fenced or fence else _ITEM.match(line)
        ends = number == 0 or (not fenced and (not line.strip() or bool(_labelled(line.strip())[0])))
        if held and (begins or ends):
            yield Piece(start, section.heading, "\n".join(held), done=done)
            held, done = [], False
        if not line.strip() or (not fenced and _RULE.match(line)):
            continue
        start = start if held else number
        own = line[begins.end() :] if begins else line.strip()
        box = _BOX.match(own) if begins else None
        done = done if not box else box.group(1) in "xX"
        held.append(own[box.end() :] if box else own)


def _entries(sections: list[_Section], *, whole: bool) -> Iterator[list[_Section]]:
    """Gather sections with the sections below them that may be their parts."""
    entry: list[_Section] = []
    for section in sections:
        below = bool(entry) and section.level > entry[0].level
        of_part = len(entry) > 1 and section.level > max(entry[1].level, entry[0].level)
        if entry and (whole or (below and (part_name(section.heading) or of_part))):
            entry.append(section)
            continue
        if entry:
            yield entry
        entry = [section]
    if entry:
        yield entry


def _structured(entry: list[_Section], *, whole: bool) -> Piece | None:
    """Return an entry as one piece; None when it has no parts and may be cut further."""
    parts: dict[str, list[str]] = {}
    opening: list[str] = []
    labels: list[str] = []
    title, line = "", 0
    for place, section in enumerate(entry):
        into = opening
        name = part_name(section.heading) if place else ""
        if name:
            into = parts.setdefault(name, [])
        elif section.heading and title:
            into = parts.setdefault("details", [])
            into.append(section.heading)
        elif section.heading:
            title, line = title_of(section.heading), section.line
        for piece in _loose(section):
            line = line or piece.line
            label, text = _labelled(piece.text)
            if label:
                labels.append(label)
                parts.setdefault(label, []).append(text)
                into = into if label in _ABOUT else parts[label]
            else:
                into.append(text)
    if not whole and not _is_entry(entry, labels):
        return None
    parts = {name: texts for name, texts in parts.items() if any(texts)}
    return _piece(line, title, opening, parts) if title or opening or parts else None


def _is_entry(entry: list[_Section], labels: list[str]) -> bool:
    """Tell whether sections are one thing with parts: by headings, or by labels that come once each.

    A list in which every item begins with ``**Fix:**`` is a list of things.
    """
    if {part_name(section.heading) for section in entry[1:]} - {"", *_WEAK}:
        return True
    return len(labels) > 1 and len(set(labels)) == len(labels) and not set(labels) <= _ABOUT


def _piece(line: int, title: str, opening: list[str], parts: dict[str, list[str]]) -> Piece:
    first = next((name for name in _TO_DO if name in parts), "")
    if first:
        lead, more = parts[first][0], parts[first][1:]
    elif opening:
        lead, more = opening[0], []
    else:
        name = next((name for name in parts if name not in _ABOUT), next(iter(parts), ""))
        lead, more, first = (parts[name][0] if name else ""), (parts[name][1:] if name else []), name
    lead = " ".join(lead.split())
    said = lead if not title or title.lower() in lead.lower() else f"{title}: {lead}" if lead else title
    rest = [text for text in (opening if first else opening[1:]) if text]
    rest += more
    for name, texts in parts.items():
        if name != first:
            rest.append(f"{name.capitalize()}: " + "\n".join(texts))
    named = {name: "\n".join(texts) for name, texts in parts.items()}
    return Piece(line, title, said, "\n\n".join(rest)[:MAX_DETAIL], parts=named)
