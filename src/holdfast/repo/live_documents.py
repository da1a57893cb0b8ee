"""Where a worktree keeps documents of its user's own: notes, failures, decisions, rules, agents' memories.

They are listed by their names and by what the file system says of them, never opened here, so that asking
whether anything changed costs a few calls a folder. No link is followed, since a clone is untrusted.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from holdfast.repo.safe_read import LIMIT

MOST_FILES = 500
"""Files that are listed; further ones are left out, those of the last places first."""
MOST_BYTES = 16 << 20
"""Bytes of all of them together."""
MOST_ENTRIES = 5000
"""Entries of folders that are looked at: at the top, in guidance, and in all others together."""

_DEEPEST = 5
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_SUFFIXES = (".md", ".mdc")

FILES = {
    "learnings.md": "note",
    "failures.md": "failure",
    "decisions.md": "decision",
    "session-notes.md": "note",
    "todo.md": "todo",
    "memory.md": "memory",
    ".cursorrules": "rule",
}
"""Files at the top, written in small letters or not, with the kind of what they hold."""
RESEARCH = "research-"
"""How the names of research notes at the top begin."""
ADR = (
    "docs/adr",
    "docs/adrs",
    "doc/adr",
    "docs/decisions",
    "docs/architecture/decisions",
    "adr",
)
"""Folders of architecture decision records."""
GUIDANCE = ".holdfast/guidance"
AGENTS = ".agents"
FOLDERS = {
    "learnings": "note",
    "docs/learnings": "note",
    "failures": "failure",
    **dict.fromkeys(ADR, "decision"),
    "memory": "memory",
    ".cursor/rules": "rule",
    AGENTS: "",
}
"""Folders, with the kind of what they hold; that of `AGENTS` is told by the folders in it."""
_IN_AGENTS = {
    "learnings": "note", "lessons": "note", "findings": "note", "knowledge": "note", "gotchas": "note",
    "failures": "failure", "decisions": "decision", "adr": "decision", "patterns": "pattern",
    "conventions": "rule", "rules": "rule", "memory": "memory", "memories": "memory", "research": "research",
}  # fmt: skip
_FLAT = ("memory",)
_NO_DOCUMENT = frozenset(
    "readme template skill agents claude gemini qwen copilot-instructions changelog contributing index"
    " _template 0000-template adr-template".split()
)
"""Names, without ending, of files that explain a folder or instruct an agent, and hold no knowledge."""


class LiveEntry(NamedTuple):
    """One file that holds documents.

    Attributes:
        path: Relative to the worktree, with ``/``.
        kind: ``note``, ``failure``, ``decision``, ``todo``, ``research``, ``rule``, ``memory``, ``pattern``,
            ``guidance``, or ``plan`` for what else an ``.agents`` tree holds.
        chain: The folder, when its files supersede each other; else empty.
        stamp: What the file system says of it; it changes with the content.
        changed: When it changed last, in nanoseconds since 1970.
        size: Bytes.
    """

    path: str
    kind: str
    chain: str
    stamp: str
    changed: int
    size: int


class Listing(NamedTuple):
    """What `list_documents` found, and how many files were left out because of the bounds."""

    entries: list[LiveEntry]
    left_out: int


def list_documents(top: Path) -> Listing:
    """Return the files of a worktree that hold documents, in a fixed order, within the bounds."""
    kept: list[LiveEntry] = []
    left_out = size = 0
    for entry in _entries(top):
        if len(kept) == MOST_FILES or size + entry.size > MOST_BYTES:
            left_out += 1
            continue
        kept.append(entry)
        size += entry.size if entry.size <= LIMIT else 0  # a larger one is never read
    return Listing(kept, left_out)


def present(top: Path) -> tuple[str, ...]:
    """Return the files and folders that hold documents, or are links in their place; guidance left out."""
    found = {_place(entry.path): None for entry in list_documents(top).entries if entry.kind != "guidance"}
    links = [name for name in (*_names(top), *FOLDERS) if (name in FOLDERS or _kind_at_top(name))]
    return tuple(dict.fromkeys([*found, *(name for name in links if (top / name).is_symlink())]))


def kind_in(path: str) -> str:
    """Return the kind of a file by the folders that it lies in; ``note`` when they do not say."""
    for part in reversed(path.split("/")[:-1]):
        kind = _IN_AGENTS.get(part.lower())
        if kind:
            return kind
    return _kind_at_top(path.rpartition("/")[2]) or "note"


def is_document(name: str) -> bool:
    """Tell whether a file's name is that of Markdown that may hold knowledge."""
    stem, dot, ending = name.lower().rpartition(".")
    return f"{dot}{ending}" in _SUFFIXES and stem not in _NO_DOCUMENT


def _entries(top: Path) -> Iterator[LiveEntry]:
    budget = [MOST_ENTRIES]
    for name, state in _listed(top, "", [MOST_ENTRIES]):
        kind = _kind_at_top(name)
        if kind and stat.S_ISREG(state.st_mode):
            yield _entry(name, kind, "", state)
    for folder in ("docs", "doc"):
        for name, state in _listed(top, folder, budget):
            if name.lower() == "decisions.md" and stat.S_ISREG(state.st_mode):
                yield _entry(f"{folder}/{name}", "decision", "", state)
    for path, state in _below(top, GUIDANCE, 0, [MOST_ENTRIES]):
        if path.endswith(".md"):
            yield _entry(path, "guidance", "", state)
    for folder, kind in FOLDERS.items():
        depth = 0 if folder in _FLAT else _DEEPEST
        for path, state in _below(top, folder, depth, budget):
            if is_document(path.rpartition("/")[2]):
                yield _entry(path, kind or _kind_of_agents(path), folder if folder in ADR else "", state)


def _place(path: str) -> str:
    return next((folder for folder in FOLDERS if path.startswith(f"{folder}/")), path)


def _kind_at_top(name: str) -> str:
    folded = name.lower()
    if folded.startswith(RESEARCH) and folded.endswith(".md"):
        return "research"
    return FILES.get(folded, "")


def _kind_of_agents(path: str) -> str:
    for part in path.split("/")[1:-1]:
        if part in _IN_AGENTS:
            return _IN_AGENTS[part]
    return "plan" if path.count("/") > 1 else "note"


def _entry(path: str, kind: str, chain: str, state: os.stat_result) -> LiveEntry:
    stamp = f"{state.st_ino}:{state.st_size}:{state.st_mtime_ns}:{state.st_ctime_ns}"
    return LiveEntry(path, kind, chain, stamp, max(state.st_mtime_ns, state.st_ctime_ns), state.st_size)


def _below(top: Path, folder: str, depth: int, budget: list[int]) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the regular files below a folder; a folder that holds a skill is one, and left out."""
    found = _listed(top, folder, budget)
    if any(name.lower() == "skill.md" for name, _ in found):
        return
    for name, state in found:
        path = f"{folder}/{name}"
        if stat.S_ISREG(state.st_mode):
            yield path, state
        elif stat.S_ISDIR(state.st_mode) and depth > 0 and not name.startswith(".") and name != "skills":
            yield from _below(top, path, depth - 1, budget)


def _listed(top: Path, folder: str, budget: list[int]) -> list[tuple[str, os.stat_result]]:
    """Return the entries of a folder with their state, sorted by name; none behind a link."""
    try:
        descriptor = _open(top, folder)
    except OSError:
        return []
    found = []
    try:
        with os.scandir(descriptor) as entries:
            for entry in entries:
                if budget[0] <= 0:
                    break
                budget[0] -= 1
                if not folder and not _kind_at_top(entry.name):
                    continue
                try:
                    found.append((entry.name, entry.stat(follow_symlinks=False)))
                except OSError:
                    continue
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return sorted(found, key=lambda item: item[0])


def _open(top: Path, folder: str) -> int:
    """Open a folder one component at a time, following no link below ``top``."""
    descriptor = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in folder.split("/") if folder else ():
        try:
            following = os.open(part, _FOLDER, dir_fd=descriptor)
        finally:
            os.close(descriptor)
        descriptor = following
    return descriptor


def _names(top: Path) -> list[str]:
    try:
        return [path.name for path in top.iterdir()]
    except OSError:
        return []
