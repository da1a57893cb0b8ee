"""Hold-outs: what is left untold in a share of sessions, to measure whether telling helps.

`holdfast.hook.assignment` says which units are; here is whether and how often, as this clone's owner chose,
and what was counted of it so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from holdfast.hook import levels
from holdfast.hook.assignment import SURFACES
from holdfast.repo import config
from holdfast.repo.location import Repository
from holdfast.repo.records import ItemEvidence

Rows = Mapping[str, Iterable[ItemEvidence]]
"""What was told and withheld, by session."""


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """The units that were told, or those that were held out.

    Attributes:
        units: Items at one surface in one session each.
        met: Those in which what the item warns of occurred all the same.
    """

    units: int = 0
    met: int = 0


class HeldOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is held out in a repository, and what was counted so far.

    Attributes:
        share: Of all hazards at a start and warnings before a call; 0 for none.
        told, withheld: The units that were told, and those that were held out.
    """

    share: float
    told: Arm = Arm()
    withheld: Arm = Arm()


def share(repository: Repository) -> float:
    """Return the share that is held out here: what was chosen, from the level on that has hold-outs."""
    settings = config.settings(repository)
    if settings is None or not levels.holds_out(settings.level):
        return 0.0
    return settings.hold_out


def held_out(repository: Repository, rows: Rows) -> HeldOut | None:
    """Return what is held out and what was counted; None when nothing is and nothing ever was."""
    told, withheld = _units(rows)
    now = share(repository)
    if not now and not withheld.units:
        return None
    return HeldOut(share=now, told=told, withheld=withheld)


def warned(rows: Rows) -> dict[str, set[str]]:
    """Return the sessions that were warned of each family of failures."""
    found: dict[str, set[str]] = {}
    for session, items in rows.items():
        for row in items:
            if row.surface in SURFACES and row.shown and row.family:
                found.setdefault(row.family, set()).add(session)
    return found


def _units(rows: Rows) -> tuple[Arm, Arm]:
    """Count units: rows of one session add up, and a unit that was both told and held out is neither."""
    counts = {True: [0, 0], False: [0, 0]}
    for items in rows.values():
        sums: dict[tuple[str, str], list[int]] = {}
        for row in items:
            if row.surface in SURFACES and row.family:
                total = sums.setdefault((row.family, row.surface), [0, 0, 0])
                for place, number in enumerate((row.shown, row.withheld, row.met)):
                    total[place] += number
        for shown, left, met in sums.values():
            if bool(shown) != bool(left):
                arm = counts[bool(shown)]
                arm[0] += 1
                arm[1] += bool(met)
    return Arm(units=counts[True][0], met=counts[True][1]), Arm(units=counts[False][0], met=counts[False][1])
