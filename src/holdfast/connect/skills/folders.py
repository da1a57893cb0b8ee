"""Which folder of skills each agent reads, and how few folders give each exactly one copy.

Seen in what the programs told their models: Claude Code 2.1.330, Codex 0.169.0 (which lists a skill once for
each folder that it lies in; the others list one name once), Copilot CLI 1.0.102, Gemini CLI 0.61.0, Qwen Code
0.15.10 and OpenCode 1.18.33. Of Cursor 2.4 its documentation says so. aider and mini-swe-agent read none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path

ReadBy = Mapping[str, frozenset[str]]

_OWN: ReadBy = {
    ".codex/skills": frozenset({"codex", "cursor"}),
    ".gemini/skills": frozenset({"gemini"}),
    ".qwen/skills": frozenset({"qwen"}),
}
_SHARED = frozenset({"codex", "gemini", "qwen", "opencode", "copilot", "cursor"})
IN_HOME: ReadBy = {
    ".agents/skills": _SHARED,
    ".claude/skills": frozenset({"claude-code", "opencode", "cursor"}),
    **_OWN,
    ".copilot/skills": frozenset({"copilot"}),
}
"""The agents that read each folder of a home; of choices that are as good the first is taken."""
IN_TREE: ReadBy = {
    ".agents/skills": _SHARED,
    ".claude/skills": frozenset({"claude-code", "opencode", "copilot", "cursor"}),
    **_OWN,
}
"""The agents that read each folder of a repository."""

READERS = frozenset().union(*IN_HOME.values())
"""The agents that know skills."""

_MOVED = {
    ".claude": ("CLAUDE_CONFIG_DIR", ""),
    ".codex": ("CODEX_HOME", ""),
    ".copilot": ("COPILOT_HOME", ""),
    ".gemini": ("GEMINI_CLI_HOME", ".gemini"),
    ".qwen": ("QWEN_HOME", ""),
}
"""The variables by which a user moves an agent's folder out of the home, and what is below them."""


def choose(agents: Iterable[str], read_by: ReadBy = IN_HOME) -> tuple[str, ...]:
    """Return the folders that give these agents the skills, with as few copies too many as can be.

    Each agent that knows skills reads at least one of them, and exactly one wherever that can be: only
    Cursor beside Claude Code and Codex has to be told twice. Of several choices the one with the fewest
    folders is taken.

    Args:
        agents: Their names.
        read_by: The folders, with the agents that read each.
    """
    wanted = READERS.intersection(agents)
    if not wanted:
        return ()
    choices = [
        chosen
        for size in range(1, len(read_by) + 1)
        for chosen in combinations(read_by, size)
        if wanted <= frozenset().union(*(read_by[folder] for folder in chosen))
    ]
    return min(choices, key=lambda chosen: (sum(len(read_by[one] & wanted) for one in chosen), len(chosen)))


def twice(agents: Iterable[str], read_by: ReadBy = IN_HOME) -> tuple[str, ...]:
    """Return the agents that read more than one of the folders chosen for these agents."""
    chosen = choose(agents, read_by)
    return tuple(
        agent for agent in sorted(set(agents)) if sum(agent in read_by[folder] for folder in chosen) > 1
    )


def in_home(folder: str, home: Path, environ: Mapping[str, str]) -> Path:
    """Return where a folder of skills lies for a user, who may have moved the agent's own folder."""
    top, _, rest = folder.partition("/")
    variable, below = _MOVED.get(top, ("", ""))
    moved = Path(environ.get(variable, ""))
    return moved / below / rest if moved.is_absolute() else home / folder
