"""The sections of each kind of learning: as a template to fill in, and as the text that is recorded.

A learning's first paragraph is what an agent is shown; its sections stand under ``## Details``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from holdfast.hook.patterns import regex
from holdfast.repo.records import Kind


class Section(NamedTuple):
    """One section of a kind: the name of its option, its heading, and what belongs in it."""

    option: str
    heading: str
    ask: str


SECTIONS: dict[Kind, tuple[Section, ...]] = {
    "decision": (
        Section("context", "Context", "What made a decision necessary?"),
        Section("alternatives", "Alternatives", "What else was considered, and why not?"),
        Section("consequences", "Consequences", "What follows from it, good and bad?"),
        Section("revisit", "Revisit when", "What would have to change before this is asked again?"),
    ),
    "failure": (
        Section("tried", "Tried", "What was tried?"),
        Section("why_failed", "Why it failed", "What was the cause?"),
        Section("symptoms", "Symptoms", "How does it show: the error, word for word?"),
        Section("instead", "Instead", "What works instead?"),
        Section("not_caught", "Why not caught", "Which test or check should have caught it?"),
        Section("prevention", "Prevention", "What keeps it from coming back?"),
    ),
    "pattern": (
        Section("where", "Where", "In which files or parts does it apply?"),
        Section("when", "When", "When is it right?"),
        Section("when_not", "When not", "When is it wrong?"),
        Section("gotchas", "Gotchas", "What goes wrong with it?"),
    ),
    "model": (Section("think", "How to think of it", "Which picture explains how it behaves?"),),
}
"""The sections of DESIGN: each kind has its own; the others have none."""

_LEADS: dict[str, str] = {
    "decision": "What was decided, and why: use X because Y.",
    "failure": "What to do, and what failed otherwise: use X, not Y, which failed with Z.",
    "pattern": "What to do, and where: to do X, do Y as in Z.",
    "model": "What to keep in mind: X behaves like Y, so do Z.",
    "gotcha": "What to do, because of what failed otherwise.",
    "convention": "What is done here, and why.",
}
_HEADING = regex(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_COMMENT = regex(r"^[ \t]*<!--", re.MULTILINE)


def template(kind: Kind, lead: str = "", filled: Mapping[str, str] | None = None) -> str:
    """Return what a person fills in: comments say what belongs where, and are dropped again by `read`."""
    filled = filled or {}
    parts = [
        f"<!-- {_LEADS[kind]} -->",
        "<!-- One or two sentences: this is what an agent is shown. -->",
        "<!-- Comments like these are dropped, and so are sections that stay empty. -->",
        "<!-- Leave everything as it is to record nothing. -->",
        lead,
        "",
    ]
    for section in SECTIONS.get(kind, ()):
        parts += [
            f"## {section.heading}", f"<!-- {section.ask} -->", filled.get(section.option, ""), "",
        ]  # fmt: skip
    return "\n".join(parts)


def read(text: str, kind: Kind) -> str:
    """Return what a filled-in template tells, without comments and empty sections; empty when nothing."""
    text = _without_comments(text.replace("\r\n", "\n"))
    names = {section.heading.lower(): section.heading for section in SECTIONS.get(kind, ())}
    first = next((found for found in _HEADING.finditer(text) if found.group(1).lower() in names), None)
    if first is None:
        return text.strip()
    lead, rest = text[: first.start()], text[first.start() :]
    told: list[str] = []
    for found, body in _cut(rest, names):
        if body:
            told.append(f"### {names[found]}\n\n{body}")
    own, _, details = lead.strip().partition("## Details")
    return joined(own.strip(), [details.strip(), *told])


def compose(kind: Kind, lead: str, filled: Mapping[str, str]) -> str:
    """Return a learning from its lead and the sections that were given as options.

    A failure without a lead of its own tells what to do instead, and what failed; a model, the picture.
    """
    told = [
        f"### {section.heading}\n\n{filled[section.option].strip()}"
        for section in SECTIONS.get(kind, ())
        if filled.get(section.option, "").strip()
    ]
    return joined(lead.strip() or _composed_lead(kind, filled), told)


def joined(lead: str, sections: list[str]) -> str:
    """Return a lead with its sections under ``## Details``."""
    kept = [section for section in sections if section]
    return "\n\n".join([part for part in (lead, "## Details" if kept else "", *kept) if part])


def _composed_lead(kind: Kind, filled: Mapping[str, str]) -> str:
    if kind == "model":
        return filled.get("think", "").strip()
    if kind != "failure":
        return ""
    if not filled.get("instead", "").strip():
        return ""  # what failed is no advice yet
    instead, tried = _clause(filled.get("instead", "")), _clause(filled.get("tried", ""))
    why = _clause(filled.get("why_failed", "")) or _clause(filled.get("symptoms", ""))
    failed = f"{tried} failed" + (f": {why}" if why else "") if tried else why
    return ". ".join(part for part in (instead, failed) if part) + "."


def _clause(text: str) -> str:
    return " ".join(text.split()).rstrip(".;, ")


def _without_comments(text: str) -> str:
    """Return a text without the comments that begin a line; what stands behind one on its line stays."""
    kept: list[str] = []
    at = 0
    while (found := _COMMENT.search(text, at)) and (end := text.find("-->", found.end())) >= 0:
        kept.append(text[at : found.start()])
        line, broken, _ = text[end + len("-->") :].partition("\n")
        at = end + len("-->") + (0 if line.strip() else len(line) + len(broken))
    return "".join([*kept, text[at:]])


def _cut(text: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the sections of the names that are known, with what stands under each."""
    found = [match for match in _HEADING.finditer(text) if match.group(1).lower() in names]
    ends = [match.start() for match in found[1:]] + [len(text)]
    return [
        (match.group(1).lower(), text[match.end() : end].strip())
        for match, end in zip(found, ends, strict=True)
    ]
