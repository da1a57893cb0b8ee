"""The worktree's own documents, indexed live and never rewritten: notes, failures, decisions, guidance.

Which files these are says `holdfast.repo.live_documents`; how a text is cut, `holdfast.learn.markdown`.
Everything is redacted before it is indexed, and read without following links, since a clone is untrusted.
"""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.hook.patterns import regex
from holdfast.hook.signature import plain
from holdfast.index.documents import Document
from holdfast.learn import decision_records, exported, markdown
from holdfast.learn.markdown import Piece
from holdfast.learn.markdown import items as items
from holdfast.learn.redact import redact
from holdfast.repo import safe_read
from holdfast.repo.live_documents import LiveEntry, kind_in, list_documents

MAX_ITEMS_BELOW = 300
"""Things that one file in a folder tells; one at the top may tell `markdown.MAX_ITEMS`."""
MAX_WORDS = 80
"""Words of a text that an agent is shown."""
MAX_LEAD = 1000
"""Characters of a text that an agent is shown, however few words they make."""
UNTOLD = frozenset(["todo", "plan"])
"""Kinds that are found when asked for and never told unasked: what is to be done is no knowledge."""

_CODE = regex(r"`([^`\n]{1,200})`")
_PATH = regex(r"^[\w.@-]+(?:/[\w.@*-]+)+/?$|^[\w-]+\.[a-z]{1,5}$")
_DAY = regex(r"\b(\d{4}-\d\d-\d\d)\b")
_KINDS = frozenset("failure decision pattern convention gotcha model research rule note todo plan".split())
_SYNONYMS = {"learning": "note", "anti-pattern": "failure", "postmortem": "failure", "adr": "decision"}
_HIDDEN = {"superseded": "superseded", "deprecated": "retired"}


class LiveFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the worktree, or a folder of decision records, as documents.

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


class LiveSource(msgspec.Struct, frozen=True, kw_only=True):
    """What a `LiveFile` is made from, before anything was read.

    Attributes:
        path: The file; the folder, for a chain of decision records.
        source: Kind and worktree, such as ``document:1a2b3c``.
        entries: The files.
        stamp: What the file system says of them.
        changed: When one of them changed last, in nanoseconds since 1970.
    """

    path: str
    source: str
    worktree: str
    entries: tuple[LiveEntry, ...]
    stamp: str
    changed: int


def live_sources(root: Path, worktree: str) -> list[LiveSource]:
    """Return what holds documents in a worktree, without opening any of it."""
    by_path: dict[str, list[LiveEntry]] = {}
    for entry in list_documents(root).entries:
        by_path.setdefault(entry.chain or entry.path, []).append(entry)
    return [_source(path, worktree, tuple(entries)) for path, entries in by_path.items()]


def _source(path: str, worktree: str, entries: tuple[LiveEntry, ...]) -> LiveSource:
    listed = "\n".join(f"{entry.path}:{entry.stamp}" for entry in entries)
    kind = "guidance" if entries[0].kind == "guidance" else "document"
    return LiveSource(
        path=path,
        source=f"{kind}:{worktree}",
        worktree=worktree,
        entries=entries,
        stamp=entries[0].stamp if len(entries) == 1 else hashlib.sha256(listed.encode()).hexdigest()[:16],
        changed=max(entry.changed for entry in entries),
    )


def read_documents(root: Path, worktree: str) -> Iterator[LiveFile]:
    """Yield the live files of a worktree; absent, linked or unreadable ones are left out."""
    for source in live_sources(root, worktree):
        file = read_source(root, source)
        if file is not None:
            yield file


def read_source(root: Path, source: LiveSource) -> LiveFile | None:
    """Return the documents of a source; None when nothing of it can be read."""
    texts: dict[LiveEntry, str] = {}
    for entry in source.entries:
        text = read_document(root, entry.path)
        if text is not None:
            texts[entry] = redact(plain(text))
    if not texts:
        return None
    prefix = f"{source.path}@{source.worktree}#"
    cut = {entry: read_pieces(text, entry.path, entry.kind) for entry, text in texts.items()}
    states = _states(cut) if source.entries[0].chain else {}
    documents = []
    for entry, page in cut.items():
        below = entry.path.removeprefix(source.path).lstrip("/")
        state = states.get(entry.path, page.status)
        documents += [
            _document(f"{prefix}{below}{':' if below else ''}{piece.line}", source.source, page, piece, state)
            for piece in page.pieces
        ]
    whole = "\0".join(f"{entry.path}\0{text}" for entry, text in texts.items())
    digest = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()[:16]
    return LiveFile(path=source.path, source=source.source, prefix=prefix, digest=digest, documents=documents)


def text_of(data: bytes) -> str | None:
    """Return what a file holds as text; None when it holds none. UTF-16 is known by its first two bytes."""
    text = data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8", "replace")
    return None if "\0" in text[:8192] else text


def read_document(root: Path, path: str) -> str | None:
    """Return the text of a file of the worktree; None when it cannot be opened or holds none."""
    try:
        data = safe_read.read(root, path)
    except EnvironmentProblem:
        return None
    return None if data is None else text_of(data)


def is_cut_short(text: str, path: str) -> bool:
    """Tell whether a file holds more things than are read of it."""
    _, body = markdown.front_matter(markdown.without_comments(text))
    most = _most(path)
    return sum(1 for _ in markdown.pieces(body, most=most + 1)) > most


def _most(path: str) -> int:
    return MAX_ITEMS_BELOW if "/" in path else markdown.MAX_ITEMS


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One file, cut.

    Attributes:
        status: Of a decision: what it says of itself (see `decision_records`).
    """

    path: str
    kind: str
    day: str | None
    tags: tuple[str, ...]
    applies: tuple[str, ...]
    pieces: list[Piece]
    status: str = ""
    standing: decision_records.Standing | None = None


def read_pieces(text: str, path: str, kind: str = "") -> Page:
    """Cut the text of a file; one that another program exported from these records gives plain items.

    Args:
        text: Redacted.
        path: Where it stands, relative to the worktree; its folders tell the kind when ``kind`` does not.
        kind: What it holds, unless its front matter says so.
    """
    fields, body = markdown.front_matter(markdown.without_comments(text))
    kind = _kind(kind or kind_in(path), fields)
    whole = kind == "decision" and path.lower().rpartition("/")[2] != "decisions.md"
    whole = whole or (kind == "memory" and bool({"name", "description"} & set(fields)))
    cut = markdown.pieces(body, whole=whole, most=_most(path))
    pieces = [piece for piece in cut if not piece.done or kind != "todo"]
    if exported.is_export(text):
        own = (piece for piece in pieces if piece.text != exported.INTRODUCTION)
        pieces = [piece._replace(text=exported.without_origin(piece.text)) for piece in own]
    parts: Mapping[str, str] = {}
    if whole and pieces:
        parts = pieces[0].parts
        told = fields.get("description", "")
        if told.lower() not in pieces[0].text.lower():
            pieces[0] = pieces[0]._replace(detail=f"{told}\n\n{pieces[0].detail}".strip())
    standing = None
    if whole and kind == "decision":
        standing = decision_records.standing(fields.get("status") or parts.get("status", ""), text)
    dated = _DAY.search(" ".join((fields.get("date", ""), fields.get("created", ""), parts.get("date", ""))))
    return Page(
        path=path,
        kind=kind,
        day=dated.group(1) if dated else None,
        tags=_listed(fields.get("tags", "")),
        applies=_listed(fields.get("globs", fields.get("paths", ""))),
        pieces=pieces,
        status=standing.status if standing else "",
        standing=standing,
    )


def _kind(kind: str, fields: Mapping[str, str]) -> str:
    """Return the kind that a file's front matter gives it, when that is one, else the one of its place."""
    named = fields.get("kind", fields.get("type", "")).lower()
    named = _SYNONYMS.get(named, named)
    return named if named in _KINDS and kind not in ("todo", "guidance") else kind


def _states(cut: dict[LiveEntry, Page]) -> dict[str, str]:
    names = {entry.path.rpartition("/")[2]: entry.path for entry in cut}
    told = {entry.path.rpartition("/")[2]: page.standing for entry, page in cut.items()}
    chain = decision_records.standing_of_chain({name: found for name, found in told.items() if found})
    return {names[name]: status for name, status in chain.items()}


def _document(id: str, source: str, page: Page, piece: Piece, status: str) -> Document:  # noqa: A002
    said = f"{status.capitalize()}: {piece.text}" if status in ("proposed", "rejected") else piece.text
    lead, more = split_lead(said)
    commands_, paths = _named(f"{lead}\n{piece.detail}" if piece.parts else lead)
    return Document(
        id=id,
        source=source,
        kind=page.kind,
        title=piece.heading,
        text=lead,
        detail="\n\n".join(part for part in (more, piece.detail) if part),
        path=f"{page.path}:{piece.line}",
        day=page.day,
        trusted=page.kind not in UNTOLD and status != "proposed",
        commands=commands_,
        paths=tuple(dict.fromkeys((*page.applies, *paths)))[:10],
        tags=page.tags,
        state=_HIDDEN.get(status, ""),
    )


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
    families = [commands.family(span) for span in spans[:50] if span not in paths and " " in span]
    return tuple(dict.fromkeys(name for name in families if name))[:10], paths


def _listed(value: str) -> tuple[str, ...]:
    """Return the values of a list in front matter, ``[a, b]`` or ``a, b``."""
    parts: Iterable[str] = value.strip("[] ").split(",") if value else ()
    return tuple(part for part in (each.strip().strip("\"'") for each in parts) if part)[:10]
