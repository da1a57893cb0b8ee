"""Fold a session's journal into its segment: what was told and withheld, and what came of it.

Each item, surface and family has one row. Rows of a session's segments add up: a row may hold only an
outcome, of what was told in an earlier stretch. What an outcome is depends on the surface:

- ``start``: the family of failures occurred after the item was first eligible (`met`).
- ``call``: the command that was warned of failed all the same (`met`).
- ``failure``: successes that ended the failure (`resolved`), with the calls and fresh tokens from the failure
  to there (`steps`, `tokens`); the same family again afterwards (`met`).
- ``prompt``: what it says to use was added or run (`followed`), refused by a person (`rejected`), added and
  taken out again (`reverted`). The first three surfaces have `followed` too.
- ``guard``: calls stopped (`denied`) and let through the second time (`passed`).

What is withheld has the same outcomes, which is what the others are compared with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from holdfast.evidence.episodes import Episode
from holdfast.evidence.happenings import Happening
from holdfast.evidence.journal import Entry, Journal
from holdfast.repo import ids
from holdfast.repo.records import ItemEvidence

SLACK = 60.0
"""Seconds by which a log's times and a journal's may differ: the same failure is told by either."""
_GIVEN = frozenset(["eligible", "told", "withheld"])
_GUARDED = frozenset(["denied", "passed"])
_MAX_ROWS = 100
"""Rows of one segment: those given first."""


class About(NamedTuple):
    """What is known of items.

    Attributes:
        name: Return what an item is called in shared records; empty when it is not named there.
        codes: Return the texts by which following an item is seen: a command, a path, a line of code.
    """

    name: Callable[[str], str]
    codes: Callable[[str], Sequence[str]]


class _Unit:
    """What the journal holds of one item at one surface, as a matter of one family."""

    def __init__(self, name: str, family: str) -> None:
        self.name, self.family = name, family
        self.codes: dict[str, None] = {}
        self.times: list[float] = []
        self.counts: dict[str, int] = defaultdict(int)

    @property
    def first(self) -> float:
        return min(self.times, default=0.0)


def evidence_of(
    journal: Journal,
    since: int,
    happenings: Sequence[Happening],
    closed: Iterable[Episode],
    about: About,
) -> tuple[ItemEvidence, ...]:
    """Return the rows of one stretch of a session.

    Args:
        journal: The session's journal.
        since: The offset from which on it was not folded yet; what was told before has outcomes all the same.
        happenings: What happened in the stretch.
        closed: The failures that were got past in the stretch.
        about: What is known of the items.
    """
    units = _units(journal, since, about)
    rows = []
    for (name, surface, family), unit in list(units.items())[:_MAX_ROWS]:
        counts = dict(unit.counts)
        given = counts.get("shown", 0) + counts.get("withheld", 0)
        counts["eligible"] = max(counts.get("eligible", 0), given)
        for outcome, number in _outcome(surface, unit, happenings, closed).items():
            counts[outcome] = max(counts.get(outcome, 0), number)  # the journal may say it too
        row = ItemEvidence(
            item=name, surface=surface, family=family, **{key: n for key, n in counts.items() if n}
        )
        if any(counts.values()):
            rows.append(row)
    return tuple(rows)


def has_evidence(journal: Journal) -> bool:
    """Tell whether a journal says anything of an item."""
    return any(entry.do in _GIVEN or entry.do in _GUARDED for _, entry in journal.entries)


def _units(journal: Journal, since: int, about: About) -> dict[tuple[str, str, str], _Unit]:
    units: dict[tuple[str, str, str], _Unit] = {}
    for offset, entry in journal.entries:
        for id_ in _items(entry):
            name = about.name(id_)
            surface = "guard" if entry.do in _GUARDED else entry.surface
            if entry.do in ("cited", "followed"):
                for (known, *_), unit in units.items():
                    if known == name and offset >= since:
                        unit.counts[entry.do] += 1
                continue
            if not name or not surface:
                continue
            family = entry.families.get(id_, "") or entry.family
            unit = units.setdefault((name, surface, family), _Unit(name, family))
            unit.codes.update(dict.fromkeys(entry.codes if len(entry.ids) == 1 else ()))
            unit.codes.update(dict.fromkeys(about.codes(id_)))
            if entry.do in _GIVEN:
                unit.times.append(entry.at)
            if offset >= since:
                unit.counts["shown" if entry.do == "told" else entry.do] += 1
    return units


def _items(entry: Entry) -> Iterable[str]:
    if entry.do in _GUARDED:
        return (f"guard:{entry.guard}",) if entry.guard else ()
    return entry.ids if entry.do in _GIVEN or entry.do in ("cited", "followed") else ()


def _outcome(
    surface: str, unit: _Unit, happenings: Sequence[Happening], closed: Iterable[Episode]
) -> dict[str, int]:
    if not unit.times:
        return {}
    later = [each for each in happenings if each.at is None or each.at >= unit.first]
    found = {
        "cited": sum(each.kind == "cited" and _is_named(unit, each) for each in later),
        "followed": int(any(_follows(unit, each) for each in later)),
    }
    if surface == "start":
        found["met"] = sum(each.kind == "failed" and each.family == unit.family != "" for each in later)
    elif surface == "call":
        found["met"] = _failed_all_the_same(unit, happenings)
    elif surface == "failure":
        found |= _after_failure(unit, happenings, closed)
    elif surface == "prompt":
        found |= _kept_to(unit, later)
    return found


def _is_named(unit: _Unit, happening: Happening) -> bool:
    """Tell whether a record is named; what is none has no id that a word of prose could be."""
    return ids.is_id(unit.name) and any(unit.name.startswith(said) for said in happening.names)


def _follows(unit: _Unit, happening: Happening) -> bool:
    if happening.kind == "ran":
        ran = " ".join(happening.text.split())
        return any(" ".join(code.split()) in ran for code in unit.codes)
    if happening.kind == "edited":
        return any(code in happening.text or code in happening.names for code in unit.codes)
    return False


def _failed_all_the_same(unit: _Unit, happenings: Sequence[Happening]) -> int:
    """Count the warnings behind which the next call of that command failed."""
    times = sorted(unit.times)
    met = 0
    for at, until in zip(times, [*times[1:], float("inf")], strict=True):
        for each in happenings:
            of_it = each.kind in ("ran", "failed") and unit.family in each.owners
            if of_it and each.at is not None and at <= each.at < until:
                met += each.kind == "failed"
                break
    return met


def _after_failure(unit: _Unit, happenings: Sequence[Happening], closed: Iterable[Episode]) -> dict[str, int]:
    """Return what it took from the failure to its end, and how often it came again."""
    found = {"resolved": 0, "steps": 0, "tokens": 0}
    for episode in closed:
        fix, at = episode.fix, episode.failure.at
        if fix is None or episode.failure.family != unit.family:
            continue
        if at is None or any(at - SLACK <= time <= at + fix.seconds + SLACK for time in unit.times):
            found["resolved"] += 1
            found["steps"] += fix.steps
            found["tokens"] += fix.tokens
    failed = [each.at for each in happenings if each.kind == "failed" and each.family == unit.family]
    times = [at for at in failed if at is not None]
    told_of = min((abs(at - unit.first), at) for at in times)[1] if times else 0.0
    if times and abs(told_of - unit.first) > SLACK:  # it failed in an earlier stretch
        told_of = unit.first
    found["met"] = sum(at > told_of for at in times)
    return found


def _kept_to(unit: _Unit, later: Sequence[Happening]) -> dict[str, int]:
    """Return how often what a decision says to use was refused, and how often it was taken out again."""
    rejected = reverted = 0
    added: set[str] = set()
    for each in later:
        for code in unit.codes:
            rejected += each.kind == "rejected" and code in each.text
            if each.kind == "edited":
                reverted += code in added and code in each.removed and code not in each.text
                if code in each.text:
                    added.add(code)
    return {"rejected": rejected, "reverted": reverted}
