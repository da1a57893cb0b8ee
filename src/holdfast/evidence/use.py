"""How one item was used: in how many sessions it was told, held out and followed, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from holdfast.repo.records import ItemEvidence

SURFACES = ("start", "prompt", "failure", "call", "guard", "meter")
"""Surfaces in the order in which a session meets them."""
_SUMMED = "shown withheld followed cited met rejected reverted resolved steps".split()


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an item at one surface; all counts but the last two are of sessions.

    Attributes:
        told, withheld: Sessions in which it was told, and from which it was held out.
        followed, cited: Of those in which it was told: what it says was done, and it was named.
        met: Of those in which it was told: what it warns of occurred after that.
        met_without: The same of those from which it was held out.
        refused: Of those in which it was told: a person refused what it says, or it was taken out again.
        resolved: Failures at which it was told and which were got past, with ``steps`` calls in all.
    """

    surface: str
    told: int = 0
    withheld: int = 0
    followed: int = 0
    cited: int = 0
    met: int = 0
    met_without: int = 0
    refused: int = 0
    resolved: int = 0
    steps: int = 0


def uses(rows: Mapping[str, Iterable[ItemEvidence]], item: str) -> list[Use]:
    """Return how an item was used, by surface; rows of one session add up.

    Args:
        rows: What was told in sessions, by session.
        item: The item, as segments name it.
    """
    found: dict[str, dict[str, int]] = {}
    for each in rows.values():
        sums: dict[str, dict[str, int]] = {}
        for row in each:
            if row.item == item:
                _add(sums.setdefault(row.surface, {}), row)
        for surface, total in sums.items():
            _count(found.setdefault(surface, {}), total)
    order = [*SURFACES, *sorted(found.keys() - set(SURFACES))]
    return [
        Use(surface=surface, **found[surface]) for surface in order if any(found.get(surface, {}).values())
    ]


def _add(total: dict[str, int], row: ItemEvidence) -> None:
    for name in _SUMMED:
        total[name] = total.get(name, 0) + getattr(row, name)


def _count(found: dict[str, int], total: dict[str, int]) -> None:
    """Count one session."""
    told = total["shown"] > 0
    counts = {
        "told": told,
        "withheld": not told and total["withheld"] > 0,
        "followed": told and total["followed"] > 0,
        "cited": told and total["cited"] > 0,
        "met": told and total["met"] > 0,
        "met_without": not told and total["withheld"] > 0 and total["met"] > 0,
        "refused": told and total["rejected"] + total["reverted"] > 0,
        "resolved": total["resolved"] if told else 0,
        "steps": total["steps"] if told else 0,
    }
    for name, number in counts.items():
        found[name] = found.get(name, 0) + int(number)
