"""The five levels: what each one installs, lists in ``--help`` and says unasked.

A level has all that the ones before it have. It decides nothing else: a command that is called by name works
at every level, and what was learned at a higher one stays when one goes down.

Only the standard library is imported here, since ``holdfast --help`` reads it.
"""

from __future__ import annotations

from typing import NamedTuple

from holdfast.hook.levels import DEFAULT, NAMES, known, spoken


class Level(NamedTuple):
    """What one level adds to those before it.

    Attributes:
        name: What it is called in ``holdfast init --level NAME``.
        brings: What it is good for, in a few words.
        commands: The commands that it lists in ``--help``; some may not exist in this version.
        names: Commands of later levels that its own output may name, because they act on what it made.
        events: The events at which it calls the hook, by the hook's names. An agent that lacks one is given
            the nearest that it has: ``result`` for ``failure``, ``stop`` for ``end``; for ``compact`` there
            is none, and what was told counts as told until the session ends.
        parts: What else it installs: ``status-line``, ``mcp``, ``skills``, ``blocks``.
    """

    name: str
    brings: str
    commands: tuple[str, ...]
    names: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


LEVELS = (
    Level(
        "quickstart",
        "what keeps failing and what it costs; notes in a learnings.md; nothing installed",
        ("tuition", "init", "status", "doctor", "learn", "recall", "audit"),
    ),
    Level(
        "foundation",
        "records in git; agents are told what is known at their start, at a prompt and when a command fails",
        ("trust", "ingest", "brief", "why", "sync", "ledger", "cite"),
        names=("review", "run"),
        events=("start", "prompt", "failure", "compact", "end"),
    ),
    Level(
        "flow",
        "a session starts with what the last one left open, and is told when its context fills up",
        ("issue", "check", "pr"),
        events=("result",),
        parts=("status-line",),
    ),
    Level(
        "knowledge",
        "rules that hold: warnings before a call, guards, skills, tools by MCP; what helps is measured",
        ("review", "goals", "report", "mcp"),
        events=("call",),
        parts=("mcp", "skills", "blocks"),
    ),
    Level(
        "scale",
        "several sessions at once, each in a worktree of its own",
        ("run", "inbox", "web"),
    ),
)
"""The levels in their order."""

FOR_PROGRAMS = ("hook",)
"""Commands that programs call: listed by ``holdfast --help --all`` alone."""


def up_to(name: str) -> tuple[Level, ...]:
    """Return a level and those before it; those of the default for a name that is none."""
    return LEVELS[: NAMES.index(known(name)) + 1]


def commands(name: str = DEFAULT) -> tuple[str, ...]:
    """Return the commands that a level lists, whether they exist in this version or not."""
    return tuple(command for level in up_to(name) for command in level.commands)


def may_name(name: str = DEFAULT) -> frozenset[str]:
    """Return the commands that may be named to somebody at a level who did not ask for them."""
    return frozenset((*commands(name), *(command for level in up_to(name) for command in level.names)))


def events(name: str = DEFAULT) -> tuple[str, ...]:
    """Return the events at which a level calls the hook."""
    return tuple(event for level in up_to(name) for event in level.events)


def surfaces(name: str = DEFAULT) -> tuple[str, ...]:
    """Return what a level may say unasked, by the module of the hook that says it."""
    return spoken(name)


def parts(name: str = DEFAULT) -> tuple[str, ...]:
    """Return what a level installs into agents besides hooks."""
    return tuple(part for level in up_to(name) for part in level.parts)


def first_with(command: str) -> str | None:
    """Return the name of the first level that lists a command; None when none does."""
    return next((level.name for level in LEVELS if command in level.commands), None)
