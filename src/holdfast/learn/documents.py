"""The worktree's own documents, indexed live and never rewritten: ``learnings.md`` and guidance.

A Markdown list item, or a paragraph under a heading, becomes one document. Everything is redacted before it
is indexed, and read without following links, since a clone is untrusted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from holdfast.hook.signature import plain
from holdfast.index.documents import Document
from holdfast.learn.redact import redact
from holdfast.repo.safe_read import list_directory, read_text

LEARNINGS = ("learnings.md", "LEARNINGS.md")
GUIDANCE = ".holdfast/guidance"
MAX_ITEMS = 2000
"""Items of one file that are indexed."""
MAX_WORDS = 80
"""Words of a text that an agent is shown."""
MAX_LEAD = 1000
"""Characters of a text that an agent is shown, however few words they make."""

_ITEM = re.compile(r"^\s{0,3}(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?")
_HEADING = re.compile(r"^#{1,6}\s+(.*)")
_CODE = re.compile(r"`([^`\n]{1,200})`")
_PATH = re.compile(r"^[\w.@-]+(?:/[\w.@*-]+)+/?$|^[\w-]+\.[a-z]{1,5}$")


class LiveFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the worktree as documents.

    Attributes:
        source: Kind and worktree, such as ``document:1a2b3c``.
        prefix: What the ids of its documents begin with.
        digest: Of its text.
    """

    path: str
    source: str
    prefix: str
    digest: str
    documents: list[Document]


def read_documents(root: Path, worktree: str) -> Iterator[LiveFile]:
    """Yield the live files of a worktree; absent, linked or unreadable ones are left out."""
    for name in LEARNINGS:
        text = read_text(root, name)
        if text is not None:
            yield _live(name, text, f"document:{worktree}", worktree)
            break
    for name in sorted(list_directory(root, GUIDANCE)):
        text = read_text(root, f"{GUIDANCE}/{name}") if name.endswith(".md") else None
        if text is not None:
            yield _live(f"{GUIDANCE}/{name}", text, f"guidance:{worktree}", worktree)


def _live(path: str, text: str, source: str, worktree: str) -> LiveFile:
    clean = redact(plain(text))
    prefix = f"{path}@{worktree}#"
    documents = []
    for line, heading, item in items(clean):
        lead, more = split_lead(item)
        commands_, paths = _named(lead)
        documents.append(
            Document(
                id=f"{prefix}{line}",
                source=source,
                kind="guidance" if source.startswith("guidance") else "note",
                title=heading,
                text=lead,
                detail=more,
                path=f"{path}:{line}",
                commands=commands_,
                paths=paths,
            )
        )
    digest = hashlib.sha256(clean.encode("utf-8", "replace")).hexdigest()[:16]
    return LiveFile(path=path, source=source, prefix=prefix, digest=digest, documents=documents)


def items(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the items of a Markdown text: line, heading above, and the item's own text."""
    heading, start, held, fenced, count = "", 0, list[str](), False, 0
    for number, line in enumerate([*text.split("\n"), ""], 1):
        fenced ^= line.lstrip().startswith("```")
        found = None if fenced else _HEADING.match(line)
        begins = not fenced and bool(_ITEM.match(line))
        if held and (found or begins or (not line.strip() and not fenced)):
            yield start, heading, "\n".join(held)
            count, held = count + 1, []
            if count >= MAX_ITEMS:
                return
        if found:
            heading = found.group(1).strip()
        elif line.strip():
            start = start if held else number
            held.append(_ITEM.sub("", line) if begins else line.strip())


def split_lead(text: str) -> tuple[str, str]:
    """Return what an agent is shown of a text, on one line, and the rest.

    A long text is cut at the end of a sentence where that leaves at least half of it.
    """
    words = text.split()
    lead = " ".join(words[:MAX_WORDS])[:MAX_LEAD]
    whole = " ".join(words)
    if len(lead) == len(whole):
        return lead, ""
    end = max(lead.rfind(mark) for mark in (". ", "; ", "! ", "? "))
    lead = lead[: end + 1] if end > len(lead) // 2 else lead.rstrip()
    return lead if end > len(lead) // 2 else lead + " …", whole[len(lead) :].strip()


def _named(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    from holdfast.hook import commands

    spans = _CODE.findall(text)
    paths = tuple(dict.fromkeys(span for span in spans if _PATH.match(span)))[:10]
    families = [commands.family(span) for span in spans if span not in paths and " " in span]
    return tuple(dict.fromkeys(name for name in families if name))[:10], paths
