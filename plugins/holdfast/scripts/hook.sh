#!/bin/sh
# Calls Holdfast's hook with the agent's name and the event; silent where Holdfast is not installed.
launcher="${XDG_DATA_HOME:-$HOME/.local/share}/holdfast/hook"
[ -x "$launcher" ] && exec "$launcher" "$@"
command -v holdfast-hook >/dev/null 2>&1 && holdfast-hook "$@" 2>/dev/null
exit 0
