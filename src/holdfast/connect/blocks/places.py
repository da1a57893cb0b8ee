"""Which file each agent reads its instructions from, and the fewest that reach a set of agents.

Read off the programs or their documentation: Codex, OpenCode and Qwen Code read ``AGENTS.md``; Claude Code
reads ``CLAUDE.md`` with what it brings in, and ``AGENTS.md`` only in newer versions and where there is no
``CLAUDE.md``; Gemini CLI reads ``GEMINI.md`` unless its settings name another file; Copilot CLI reads all
three, with what they bring in, and its own; Cursor reads ``AGENTS.md`` and its rules; aider what it is given
by ``--read``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from holdfast.connect.blocks.text import Kind
from holdfast.repo import safe_read

AGENTS = "AGENTS.md"
CLAUDE = "CLAUDE.md"
CLAUDE_FILES = (CLAUDE, ".claude/CLAUDE.md")
GEMINI = "GEMINI.md"
COPILOT = ".github/copilot-instructions.md"
CURSOR = ".cursor/rules/holdfast.mdc"
CONVENTIONS = "CONVENTIONS.md"
EVERY = (AGENTS, *CLAUDE_FILES, GEMINI, "QWEN.md", CONVENTIONS, COPILOT, CURSOR)
"""Every file in which a block may stand."""

HEADS: Mapping[str, bytes] = {
    CURSOR: b"---\ndescription: What earlier sessions learned here\nalwaysApply: true\n---\n"
}
"""What a new file begins with, where its agent wants more than text."""

_OF_AGENTS = frozenset({"codex", "opencode", "qwen"})
_BRINGS_IN = re.compile(r"(?:^|\s)@(?:\./)?AGENTS\.md\b")
_CODE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_OWN_IMPORT = re.compile(r"<!-- holdfast \d{1,4} -->\s*@AGENTS\.md\s*<!-- /holdfast -->")


def choose(root: Path, agents: Iterable[str]) -> dict[str, tuple[Kind, tuple[str, ...]]]:
    """Return the files that need a block so that each of these agents reads it, with the agents it is for.

    A file that is a link to another of the worktree is that other one.

    Args:
        root: The worktree: what stands there decides.
        agents: Their names; one that reads no file is left out.
    """
    chosen: dict[str, tuple[Kind, tuple[str, ...]]] = {}
    for path, (kind, readers) in _choose(root, set(agents)).items():
        real = _real(root, path)
        before = chosen.get(real, (kind, ()))
        chosen[real] = (before[0], tuple(dict.fromkeys((*before[1], *readers))))
    return dict(sorted(chosen.items()))


def _choose(root: Path, wanted: set[str]) -> dict[str, tuple[Kind, tuple[str, ...]]]:
    chosen: dict[str, tuple[Kind, tuple[str, ...]]] = {}
    claude = _claude_file(root)
    shared = wanted & _OF_AGENTS
    if "claude-code" in wanted and claude is None and (shared or (root / AGENTS).exists()):
        if "copilot" not in wanted:  # which follows the import, and reads AGENTS.md besides
            chosen[CLAUDE] = ("import", ("claude-code",))
        shared.add("claude-code")
    elif "claude-code" in wanted and claude is not None and _brings_in_agents(root, claude):
        shared.add("claude-code")
    elif "claude-code" in wanted:
        chosen[claude or CLAUDE] = ("text", ("claude-code",))
    if "gemini" in wanted and _gemini_reads_agents(root):
        shared.add("gemini")
    elif "gemini" in wanted:
        chosen[GEMINI] = ("text", ("gemini",))
    if shared:
        chosen[AGENTS] = ("text", tuple(sorted(shared | wanted & {"cursor", "copilot"})))
    elif "cursor" in wanted:
        chosen[CURSOR] = ("text", ("cursor",))
    if "copilot" in wanted and not {AGENTS, *CLAUDE_FILES, GEMINI} & set(chosen):
        chosen[COPILOT] = ("text", ("copilot",))
    if "aider" in wanted:
        chosen[CONVENTIONS] = ("text", ("aider",))
    return chosen


def _real(root: Path, path: str) -> str:
    """Return the file of the worktree that a link leads to; the path itself where it leads elsewhere."""
    if not (root / path).is_symlink():
        return path
    try:
        real = (root / path).resolve(strict=True)
    except (OSError, RuntimeError):
        return path
    inside = real.is_relative_to(root.resolve()) and real.is_file()
    return real.relative_to(root.resolve()).as_posix() if inside else path


def _claude_file(root: Path) -> str | None:
    """Return the file that Claude Code reads; one that holds nothing but our own import counts as none."""
    for path in CLAUDE_FILES:
        if (root / path).is_symlink():
            return path
        text = safe_read.read_text(root, path)
        if text is not None:
            return path if _OWN_IMPORT.sub("", text).strip() else None
    return None


def _brings_in_agents(root: Path, claude: str) -> bool:
    text = safe_read.read_text(root, _real(root, claude)) or ""
    return bool(_BRINGS_IN.search(_CODE.sub("", text)))


def _gemini_reads_agents(root: Path) -> bool:
    """Tell whether the repository's settings have Gemini CLI read AGENTS.md."""
    try:
        read: Any = json.loads(safe_read.read_text(root, ".gemini/settings.json") or "{}")
        named = read["context"]["fileName"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return False
    return named == AGENTS or (isinstance(named, list) and AGENTS in named)
