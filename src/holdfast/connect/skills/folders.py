"""Which folder of skills each agent reads, and how few folders give each exactly one copy.

Read off the programs or their documentation: Claude Code 2.1 reads ``.claude`` alone; Codex 0.169
``.agents`` and ``.codex``, and lists a skill that lies in both twice; OpenCode 1.18 and Copilot CLI 1.0
``.agents`` and ``.claude``; Gemini CLI 0.61 and Qwen Code ``.agents`` and their own; Cursor 2.4 ``.agents``,
``.claude`` and ``.codex``. All do so in the home and in the repository. aider and mini-swe-agent read none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

READ_BY: Mapping[str, frozenset[str]] = {
    ".agents/skills": frozenset({"codex", "gemini", "qwen", "opencode", "copilot", "cursor"}),
    ".claude/skills": frozenset({"claude-code", "opencode", "copilot", "cursor"}),
    ".codex/skills": frozenset({"codex", "cursor"}),
    ".gemini/skills": frozenset({"gemini"}),
    ".qwen/skills": frozenset({"qwen"}),
}
"""The agents that read each folder; those that more of them read come first."""

READERS = frozenset().union(*READ_BY.values())
"""The agents that know skills."""

_MOVED = {
    ".claude": ("CLAUDE_CONFIG_DIR", ""),
    ".codex": ("CODEX_HOME", ""),
    ".gemini": ("GEMINI_CLI_HOME", ".gemini"),
    ".qwen": ("QWEN_HOME", ""),
}
"""The variables by which a user moves an agent's folder out of the home, and what is below them."""


def choose(agents: Iterable[str]) -> tuple[str, ...]:
    """Return the folders that give these agents the skills, with as few copies too many as can be.

    Each agent that knows skills reads at least one of them, and exactly one wherever that can be: only
    Cursor beside Claude Code and an agent that reads no ``.claude`` has to be told twice. Of several
    choices the one with the fewest folders is taken.
    """
    wanted = READERS.intersection(agents)
    if not wanted:
        return ()
    choices = [
        chosen
        for size in range(1, len(READ_BY) + 1)
        for chosen in combinations(READ_BY, size)
        if wanted <= frozenset().union(*(READ_BY[folder] for folder in chosen))
    ]
    return min(choices, key=lambda chosen: (sum(len(READ_BY[one] & wanted) for one in chosen), len(chosen)))


def twice(agents: Iterable[str]) -> tuple[str, ...]:
    """Return the agents that read more than one of the folders chosen for these agents."""
    chosen = choose(agents)
    return tuple(
        agent for agent in sorted(set(agents)) if sum(agent in READ_BY[folder] for folder in chosen) > 1
    )


def in_home(folder: str, home: Path, environ: Mapping[str, str]) -> Path:
    """Return where a folder of skills lies for a user, who may have moved the agent's own folder."""
    top, _, rest = folder.partition("/")
    variable, below = _MOVED.get(top, ("", ""))
    moved = Path(environ.get(variable, ""))
    return moved / below / rest if moved.is_absolute() else home / folder
