"""How likely a failure is to come back: a rate for each family, calibrated over sessions.

Sessions are ordered by their start; a session's weight halves every `HALF_LIFE` sessions since. The first
session that met a family is no repeat and counts neither as one nor as a chance for one. With r the weight of
the other sessions that met it and z that of all sessions since the first::

    rate = (r + 30 m) / (z + 30)        m = (Σ r' + 100 μ) / (Σ z' + 100)  over families of the same tool
                                        μ = (Σ r' + 0.05) / (Σ z' + 5)     over all families

where r' and z' are the same without weights. That is the mean of a beta prior; a family that came back far
oftener than it allows is judged by its own sessions (`_chance`). Counting the first sighting would make each
new family look certain to come back. Sessions that were warned of a family are counted apart, or a warning
that helps would look like a failure that died out.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from holdfast.evidence.findings import TOOL as LINT
from holdfast.evidence.resolution import is_usage
from holdfast.hook.signature import is_generic
from holdfast.index.documents import Occurrence
from holdfast.recall.fix_counts import read_fixes

HALF_LIFE = 80.0
PRIOR, CLASS_PRIOR = 30.0, 100.0
OFTEN = 0.0005
"""Share of families that may come back at any rate, whatever others do: a few sessions in a row show it."""
MOST_STEPS, PRIOR_STEPS, PRIOR_RESOLVED = 8.0, 3.0, 2


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one family of failures.

    Attributes:
        command: The command family that failed, or the tool.
        sessions: Sessions that met it.
        rate: Chance that the next session meets it.
        steps: Calls that it takes to get past it.
        repeated: Digests of the exact failures that occurred in two sessions or more.
        fixes: What ended it, as `holdfast.evidence.fixes` writes it, with the sessions in which it did.
        ours: Whether a session of this clone or of an accepted person met it, so that its words may be told.
    """

    family: str
    command: str
    sessions: int
    rate: float
    steps: float
    repeated: tuple[str, ...] = ()
    fixes: dict[str, int] = {}
    ours: bool = False


class _Family:
    def __init__(self) -> None:
        self.command = ""
        self.ours = False
        self.sessions: set[str] = set()
        self.steps: list[float] = []
        self.exact: dict[str, set[str]] = defaultdict(set)
        self.fixes: dict[str, set[str]] = defaultdict(set)


def rates_of(
    rows: Iterable[Occurrence],
    order: Sequence[str] = (),
    *,
    without: str = "",
    warned: Mapping[str, Collection[str]] | None = None,
) -> list[Rate]:
    """Return the rates of the failures that blame the environment or how a tool was used, likeliest first.

    Args:
        rows: Occurrences of failures, in the order of sessions.
        order: All sessions in order, those without a failure too; empty takes the order of ``rows``.
        without: The session that asks.
        warned: Sessions that were warned of a family, by family; they count for nothing.
    """
    families: dict[str, _Family] = defaultdict(_Family)
    seen: dict[str, None] = {}
    for row in rows:
        if row.session == without and without:
            continue
        seen[row.session] = None
        if row.family and row.count and (row.learning or is_hazard(row.family, row.command or "")):
            _add(families[row.family], row)
    places = {session: place for place, session in enumerate(s for s in (order or seen) if s != without)}
    for session in seen:
        places.setdefault(session, len(places))
    return _rated(families, places, warned or {})


def is_hazard(family: str, command: str) -> bool:
    """Tell whether a family blames the environment or how a tool was used, not the code under work."""
    owner, _, message = family.partition(": ")
    if owner == LINT or is_generic(message):
        return False
    return is_tool(command or owner) or is_usage(message)


def is_tool(command: str) -> bool:
    """Tell whether what failed is an agent's own tool, such as ``Read``, and no shell command."""
    return command[:1].isupper() and " " not in command


def _add(family: _Family, row: Occurrence) -> None:
    family.command = row.command or family.command
    family.ours = family.ours or row.fixes is not None
    family.sessions.add(row.session)
    if row.specific:
        family.exact[row.specific].add(row.session)
    if row.resolved and row.steps:
        family.steps += [min(MOST_STEPS, row.steps / row.resolved)] * min(row.resolved, 5)
    for fix in read_fixes(row):
        family.fixes[fix].add(row.session)


def _rated(
    families: Mapping[str, _Family], places: Mapping[str, int], warned: Mapping[str, Collection[str]]
) -> list[Rate]:
    last = len(places) - 1
    weights = [0.5 ** ((last - place) / HALF_LIFE) for place in range(len(places))]
    later = [0.0] * (len(places) + 1)  # the weight of the sessions from a place on
    for place in range(last, -1, -1):
        later[place] = later[place + 1] + weights[place]
    counted: dict[str, tuple[float, float, int, int]] = {}
    for name, family in families.items():
        birth = min(places[session] for session in family.sessions)
        apart = {places[session] for session in warned.get(name, ()) if places.get(session, -1) > birth}
        repeats = {places[session] for session in family.sessions} - {birth} - apart
        z = later[birth + 1] - sum(weights[place] for place in apart)
        r = sum(weights[place] for place in repeats)
        counted[name] = r, z, len(repeats), last - birth - len(apart)
    means = _means({name: family.command for name, family in families.items()}, counted)
    rates = [
        _rate(name, family, counted[name], means[_class(family.command)]) for name, family in families.items()
    ]
    return sorted(rates, key=lambda rate: (-rate.rate, -rate.sessions, rate.family))


def _means(
    commands: Mapping[str, str], counted: Mapping[str, tuple[float, float, int, int]]
) -> dict[str, float]:
    """Return the mean rate of each class of tools, drawn towards that of all.

    One mean for a whole class, each family's own repeats among them: a mean of the others alone is lower for
    those that come back most, and would rank them last where families are few.
    """
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for name, (_, _, repeats, chances) in counted.items():
        of = sums[_class(commands[name])]
        of[0] += repeats
        of[1] += chances
    mean = (sum(of[0] for of in sums.values()) + 0.05) / (sum(of[1] for of in sums.values()) + 5)
    return {name: (of[0] + CLASS_PRIOR * mean) / (of[1] + CLASS_PRIOR) for name, of in sums.items()}


def _class(command: str) -> str:
    return command if is_tool(command) else "sh:" + command.partition(" ")[0]


def _rate(name: str, family: _Family, counted: tuple[float, float, int, int], mean: float) -> Rate:
    r, z, _, _ = counted
    steps = sorted(family.steps)
    median = steps[len(steps) // 2] if steps else PRIOR_STEPS
    n = len(steps)
    return Rate(
        family=name,
        command=family.command,
        sessions=len(family.sessions),
        rate=round(_chance(r, z, mean), 4),
        steps=round(min(MOST_STEPS, (n * median + PRIOR_RESOLVED * PRIOR_STEPS) / (n + PRIOR_RESOLVED)), 2),
        repeated=tuple(sorted(one for one, sessions in family.exact.items() if len(sessions) > 1)),
        fixes={fix: len(sessions) for fix, sessions in sorted(family.fixes.items())},
        ours=family.ours,
    )


def _chance(r: float, z: float, mean: float) -> float:
    """Return the chance of one more repeat after r in z sessions, ``mean`` being that of its class.

    A mixture of two beta priors: that of its class, and, for the share `OFTEN` of families, any rate alike.
    """
    repeats, others = min(r, z), max(0.0, z - r)
    a, b = PRIOR * mean, PRIOR * (1 - mean)
    rare = _log_beta(a + repeats, b + others) - _log_beta(a, b)
    often = _log_beta(1 + repeats, 1 + others)
    odds = OFTEN / (1 - OFTEN) * math.exp(min(50.0, often - rare))
    share = odds / (1 + odds)
    return min(1.0, share * (1 + repeats) / (2 + z) + (1 - share) * (a + repeats) / (PRIOR + z))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
