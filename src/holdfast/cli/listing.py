"""Which commands ``holdfast --help`` lists: those of the level chosen here, or all of them by level."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from holdfast.connect import levels
from holdfast.hook import place, trusted
from holdfast.hook.levels import DEFAULT, known

EXAMPLES = {
    "tuition": ("tuition", "what your agents keep paying for; nothing to set up"),
    "init": ("init", "set up this repository"),
    "ingest": ("ingest", "read your agents' sessions of this repository"),
    "recall": ('recall "go test"', "what is known about it"),
}
"""The lines of the example under the commands, by the command that each calls."""

Section = tuple[str, list[tuple[str, str]]]


def level_here() -> str:
    """Return the level chosen for the repository that the program runs in; the default where none is trusted.

    It is read without git, since help must come at once and must never fail.
    """
    try:
        found = place.find(str(Path.cwd()))
        is_ours = found is not None and trusted.accepted(found) is not None
        told = json.loads(place.read_text(f"{found.state}/settings.json")) if found and is_ours else {}
    except (OSError, ValueError, RecursionError):
        return DEFAULT
    return known(told.get("level") if isinstance(told, dict) else None)


def of_level(commands: Mapping[str, str], level: str) -> Section:
    """Return the commands that a level lists, with their lines, in their own order."""
    listed = levels.commands(level)
    return "Commands", [(name, line) for name, line in commands.items() if name in listed]


def by_level(commands: Mapping[str, str]) -> Iterator[Section]:
    """Yield every command under the level that lists it first, then those that programs call."""
    for level in levels.LEVELS:
        rows = [(name, line) for name, line in commands.items() if name in level.commands]
        if rows:
            yield f"Level {level.name}", rows
    placed = levels.commands(levels.LEVELS[-1].name)
    rest = [(name, line) for name, line in commands.items() if name not in placed]
    if rest:
        yield "For programs", rest


def example(level: str | None) -> str:
    """Return the example under the commands: lines of a level, of all for None."""
    listed = levels.commands(level) if level else tuple(EXAMPLES)
    rows = [(f"holdfast {call}", line) for name, (call, line) in EXAMPLES.items() if name in listed]
    width = max(len(call) for call, _ in rows)
    return "\n".join(["Example:", *(f"  {call:{width}}  {line}" for call, line in rows)])
