"""Whether an item is held out: left untold in a share of sessions, so that what telling does can be measured.

The unit is a family of failures in one session at one surface. Whether it is held out is a pure function of
the repository's seed and of that unit: the same answer however often and wherever it is asked, after a resume
too, and no state is kept. A unit that is held out at one share is held out at every higher one.
"""

from __future__ import annotations

from .trusted import sha256

SURFACES = ("start", "call")
"""Where anything may be held out: hazards at a session's start, and warnings before a call. What fixed a
failure, decisions, guards and what a person stated are always told."""
DEFAULT = 0.1
"""The share that is held out unless another was chosen."""
HIGHEST = 0.5
"""More than half would tell less without measuring better."""
_DIGITS = 13


def is_held_out(seed: str, session: str, family: str, surface: str, share: float) -> bool:
    """Tell whether a unit is held out.

    Args:
        seed: The repository's own, so that two repositories draw apart.
        session: The session's key.
        family: The family of failures that the item is about; the item's id when it is about none.
        surface: ``start``, ``call``, or any other, where nothing ever is.
        share: Of all units, 0 to 1; nothing is held out at 0, nor more than `HIGHEST`.
    """
    if surface not in SURFACES or not share > 0:
        return False
    drawn = sha256(f"{seed}\n{session}\n{family}\n{surface}".encode("utf-8", "replace"))
    return int(drawn[:_DIGITS], 16) < min(share, HIGHEST) * (1 << 4 * _DIGITS)
