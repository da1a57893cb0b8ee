"""Which level speaks what unasked: a hook says nothing that belongs to a later level than the one chosen."""

from __future__ import annotations

NAMES = ("quickstart", "foundation", "flow", "knowledge", "scale")
"""The levels, each with all that the ones before it have."""

DEFAULT = "foundation"

SURFACES = {
    "start": "foundation",
    "prompt": "foundation",
    "failure": "foundation",
    "live": "foundation",
    "handoff": "flow",
    "meter": "flow",
    "call": "knowledge",
    "guards": "knowledge",
}
"""What may be said unasked, by the module of the hook that says it, with the first level that says it."""


def known(level: object) -> str:
    """Return a level's name; the default for what is none, as a newer version may have written."""
    return level if isinstance(level, str) and level in NAMES else DEFAULT


def speaks(level: object, surface: str) -> bool:
    """Tell whether a level says what a surface would say."""
    first = SURFACES.get(surface, NAMES[-1])
    return NAMES.index(known(level)) >= NAMES.index(first)


def spoken(level: object) -> tuple[str, ...]:
    """Return the surfaces that a level speaks."""
    return tuple(surface for surface in SURFACES if speaks(level, surface))


def holds_out(level: object) -> bool:
    """Tell whether a level leaves a share untold, so that what telling does can be measured."""
    return NAMES.index(known(level)) >= NAMES.index("knowledge")
