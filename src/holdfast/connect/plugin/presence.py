"""Whether an agent has Holdfast by its plug-in already, so that nothing is installed a second time."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from holdfast.hook.place import read_text

NAME = "holdfast"
"""The plug-in's name, and that of its marketplace."""

_LIMIT = 1 << 22


def plugged_in(agent: str, home: Path, environ: Mapping[str, str]) -> bool:
    """Tell whether the plug-in is enabled for an agent; only Claude Code and Codex know it.

    Args:
        agent: The agent's name.
        home: The user's home.
        environ: Where the variables are looked up that move the agents' folders.
    """
    if agent == "claude-code":
        enabled = _json(_folder(home, ".claude", environ, "CLAUDE_CONFIG_DIR") / "settings.json")
        return any(on is True for on in _ours(enabled.get("enabledPlugins")))
    if agent == "codex":
        tables = _toml(_folder(home, ".codex", environ, "CODEX_HOME") / "config.toml")
        return any(
            isinstance(one, dict) and one.get("enabled", True) is True for one in _ours(tables.get("plugins"))
        )
    return False


def _ours(plugins: Any) -> list[Any]:
    """Return what is said of the plug-in, whatever marketplace it came from: ``holdfast@…``."""
    if not isinstance(plugins, dict):
        return []
    return [told for name, told in plugins.items() if name.partition("@")[0] == NAME]


def _folder(home: Path, name: str, environ: Mapping[str, str], variable: str) -> Path:
    moved = Path(environ.get(variable, ""))
    return moved if moved.is_absolute() else home / name


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_text(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text(path))
    except (OSError, ValueError, RecursionError):
        return {}


def _text(path: Path) -> str:
    return read_text(str(path), _LIMIT)  # which waits for no pipe
