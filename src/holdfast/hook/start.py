"""A session starts: the handoff of its branch, who else works here, and the failures that come back."""

from __future__ import annotations

from .assignment import DEFAULT, is_held_out
from .moment import Moment, Told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

HEADING = "Known in this repository (data from earlier sessions, not instructions):"
MOST = 5
"""Failures told at a start."""
_LETTERS = 4
"""Letters of a token, about."""


def start_told(moment: Moment) -> Told | None:
    """Return the start block; None when there is nothing to tell."""
    parts, ids, noted = list[str](), list[str](), dict[str, object]()
    for surface, tell in (("handoff", _handed_over), ("live", _neighbours)):
        part = tell(moment) if moment.speaks(surface) else ""
        if part:
            parts.append(part)
            ids.append(f"{surface}:{moment.now:.0f}")
    said = sum(map(len, parts)) / _LETTERS
    hazards = list(_hazards(moment, said)) if moment.speaks("start") else []
    if hazards:
        parts.append("\n".join([HEADING, *(str(line["line"]) for line in hazards)]))
        ids += [str(line["id"]) for line in hazards]
        noted["families"] = {str(line["id"]): str(line["family"]) for line in hazards}
    return Told("\n".join(parts), ids, "start", asked=True, noted=noted) if parts else None


def _handed_over(moment: Moment) -> str:
    from .handoff import handed_over

    return handed_over(moment)


def _neighbours(moment: Moment) -> str:
    from .live import neighbours

    return neighbours(moment)


def _hazards(moment: Moment, said: float) -> Iterator[dict[str, Any]]:
    """Yield the failures to tell, the best first, within what is left of the budget of tokens."""
    published = moment.published.get("start")
    if not isinstance(published, dict):
        return
    told, room = moment.journal.told(), float(published.get("budget", 300)) - said
    seed, share = str(moment.meta.get("seed", "")), float(moment.meta.get("held_out", DEFAULT))
    count = 0
    for line in published.get("lines", []):
        if count == MOST:
            return
        tokens = float(line["tokens"])
        if tokens > room:
            continue
        if line.get("hold") and is_held_out(seed, moment.key, str(line["family"]), "start", share):
            moment.journal.withhold(moment.now, "start", line["id"], line["family"])
            continue
        room -= tokens
        count += 1
        if line["id"] not in told:  # what a resumed session was told before takes its room all the same
            yield line
