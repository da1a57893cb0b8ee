"""How many tokens a model reads at most: its context window.

What the log or the client itself states comes first (Codex writes it beside every usage), then what a person
set, then this table by the beginning of the model's name. The figures for Claude are those that Claude Code
2.1.330 states for each model, the others those of the vendors' public model pages. Codex keeps 5 % of a
window back for itself; what it states is without them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

WINDOWS = {
    "claude": 1_000_000,
    "claude-2": 200_000,
    "claude-3": 200_000,
    "claude-haiku-4": 200_000,
    "claude-opus-4": 200_000,
    "claude-opus-4-7": 1_000_000,
    "claude-opus-4-8": 1_000_000,
    "claude-sonnet-4": 200_000,
    "codex-mini": 200_000,
    "deepseek": 128_000,
    "gemini": 1_048_576,
    "glm-4": 200_000,
    "glm-5": 200_000,
    "gpt-4.1": 1_047_576,
    "gpt-4o": 128_000,
    "gpt-5": 272_000,
    "gpt-5.3-codex-spark": 128_000,
    "grok-4": 256_000,
    "grok-code": 256_000,
    "kimi-k2": 262_144,
    "o3": 200_000,
    "o4": 200_000,
    "qwen3": 262_144,
    "qwen3-coder-flash": 1_000_000,
    "qwen3-coder-plus": 1_000_000,
}
"""Tokens by the beginning of a model's name; the longest beginning counts."""
_LARGE = ("[1m]", "-1m")
_LARGER = (400_000, 1_000_000, 2_000_000)


def window_of(model: str, chosen: Mapping[str, int] | None = None) -> int:
    """Return the context window of a model in tokens; 0 when it is not known.

    Args:
        model: Its name as the agent has it, also with a provider before it (``anthropic/…``).
        chosen: What a person set, by the name or the beginning of a name; ``*`` for every model.
    """
    name = model.lower().strip()
    bare = name.rpartition("/")[2].partition("anthropic.")[2] or name.rpartition("/")[2]
    if bare.startswith("claude"):
        bare = bare.replace(".", "-")
    for table, spellings in ((chosen or {}, (name, bare)), (WINDOWS, (bare,))):
        fitting = [start for start in table if any(each.startswith(start.lower()) for each in spellings)]
        if fitting:
            found = table[max(fitting, key=len)]
            return max(found, 1_000_000) if table is WINDOWS and bare.endswith(_LARGE) else found
        if "*" in table:
            return table["*"]
    return 0


def at_least(window: int, used: int) -> int:
    """Return a window that holds what was seen in it: models are sold with larger ones under one name."""
    if not window or used <= window:
        return window
    sold = _LARGER[1:] if window == 200_000 else _LARGER
    return next((step for step in sold if used <= step), used)
