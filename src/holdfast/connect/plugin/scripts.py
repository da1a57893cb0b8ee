"""How the plug-in finds the program: by the launcher that `holdfast init` wrote, or by its name."""

from __future__ import annotations

HOOK = """\
#!/bin/sh
# Calls Holdfast's hook with the agent's name and the event; silent where Holdfast is not installed.
launcher="${XDG_DATA_HOME:-$HOME/.local/share}/holdfast/hook"
[ -x "$launcher" ] && exec "$launcher" "$@"
command -v holdfast-hook >/dev/null 2>&1 && holdfast-hook "$@" 2>/dev/null
exit 0
"""

SERVER = """\
command -v holdfast >/dev/null 2>&1 && exec holdfast mcp
data=$XDG_DATA_HOME; [ -n "$data" ] || data=$HOME/.local/share
PYTHON=; [ -r "$data/holdfast/hook" ] && eval "$(sed -n '/^PYTHON=/p' "$data/holdfast/hook")"
[ -x "$PYTHON" ] && exec "$PYTHON" -P -m holdfast mcp
echo "Holdfast is not installed: pip install 'holdfast[mcp]', then holdfast init" >&2
exit 1
"""
"""Starts the tools. It stands in the settings themselves, since Codex names no folder to a server; and it has
no braces, within which Claude Code would put values of its own.
"""
