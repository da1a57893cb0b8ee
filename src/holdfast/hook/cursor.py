"""Whether Cursor calls us by hooks of its own; it runs Claude Code's too, where its settings allow that.

It says its version at every event, and Claude Code never does. Where Cursor has a hook of ours, that one
answers; where it has none, the hook that was meant for Claude Code answers as Cursor's would.
"""

from __future__ import annotations

import os

from .place import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_LARGEST = 1 << 20
_FILE = ".cursor/hooks.json"


def calls_itself(told: dict[str, Any], event: str) -> bool:
    """Tell whether Cursor has a hook of ours for an event: in the user's settings, or in its workspace's."""
    if _is_called(os.path.expanduser("~"), f'/hook\\" cursor {event}'):
        return True
    roots = told.get("workspace_roots")
    for root in (*(roots if isinstance(roots, list) else ()), told.get("cwd")):
        if isinstance(root, str) and _is_called(root, f"holdfast-hook cursor {event}"):
            return _is_installed()
    return False


def _is_called(folder: str, call: str) -> bool:
    """Tell whether Cursor's hooks below a folder hold a call of ours."""
    return os.path.isabs(folder) and "\0" not in folder and call in read_text(f"{folder}/{_FILE}", _LARGEST)


def _is_installed() -> bool:
    """Tell whether the program that files for colleagues call is there; without it they are silent."""
    return any(os.access(os.path.join(each, "holdfast-hook"), os.X_OK) for each in os.get_exec_path())
