"""Which files of a worktree tell agents what to do, and their texts.

They are found by name, in the root and in the folders that git tracks or does not ignore, and read without
following links, since a clone is untrusted. A file that another brings in (``@docs/rules.md``) is read too.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from holdfast.errors import HoldfastError
from holdfast.hook.patterns import regex
from holdfast.repo import git
from holdfast.repo.safe_read import list_directory, read_text

NAMES = (
    "CLAUDE.md",
    "CLAUDE.local.md",
    "AGENTS.md",
    "AGENTS.override.md",
    "GEMINI.md",
    "QWEN.md",
    "MEMORY.md",
    "CONVENTIONS.md",
    ".cursorrules",
    ".windsurfrules",
)
"""Files that are read in the root and in every folder."""
ROOT_FILES = (".github/copilot-instructions.md", ".claude/CLAUDE.md")
FOLDERS = {
    ".github/instructions": (".md",),
    ".cursor/rules": (".mdc", ".md"),
    ".claude/rules": (".md",),
    ".windsurf/rules": (".md",),
}
"""Folders whose files are read, with the endings of their names."""
MAX_FILES = 60
"""Instruction files that are read, the root's first."""
MAX_DEPTH = 5
"""How many files may bring in one another in a row."""
LIMIT = 256 * 1024
"""Bytes of one instruction file; a longer one is no text that an agent is told."""

_IMPORT = regex(r"(?:^|(?<=\s))@([\w.-]+(?:/[\w.-]+)*\.(?:mdc?|txt))\b", re.MULTILINE)
_CODE = regex(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def instruction_files(root: Path) -> Iterator[tuple[str, str]]:
    """Yield path and text of each instruction file of a worktree, each path once.

    Absent, linked, unreadable and too large files are left out.
    """
    seen: dict[str, None] = {}
    for path in _named(root):
        yield from _with_imports(root, path, seen, 0)


def _with_imports(root: Path, path: str, seen: dict[str, None], depth: int) -> Iterator[tuple[str, str]]:
    if path in seen or len(seen) >= MAX_FILES:
        return
    text = _text(root, path)
    if text is None:
        return
    seen[path] = None
    yield path, text
    if depth >= MAX_DEPTH:
        return
    for match in _IMPORT.finditer(_CODE.sub("", text)):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match.group(1)))
        if not target.startswith(".."):
            yield from _with_imports(root, target, seen, depth + 1)


def _text(root: Path, path: str) -> str | None:
    try:
        return read_text(root, path, LIMIT)
    except HoldfastError:
        return None


def _named(root: Path) -> Iterator[str]:
    yield from NAMES
    yield from ROOT_FILES
    for folder, endings in FOLDERS.items():
        yield from _below(root, folder, endings, 2)
    for path in files_of(root, [f":(glob)**/{name}" for name in NAMES]):
        if "/" in path:
            yield path


def _below(root: Path, folder: str, endings: tuple[str, ...], depth: int) -> Iterator[str]:
    for name in list_directory(root, folder)[:MAX_FILES]:
        if name.endswith(endings):
            yield f"{folder}/{name}"
        elif depth and "." not in name:
            yield from _below(root, f"{folder}/{name}", endings, depth - 1)


def files_of(root: Path, patterns: list[str] | None = None) -> list[str]:
    """Return the files of a worktree that git tracks or does not ignore, sorted; none outside a repository.

    Args:
        root: The worktree.
        patterns: Git path patterns that limit them.
    """
    arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *(patterns or [])]
    try:
        listed = git.run(arguments, cwd=root)
    except HoldfastError:
        return []
    return sorted({path for path in listed.decode("utf-8", "surrogateescape").split("\0") if path})
