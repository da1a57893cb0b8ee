"""What ended a failure in earlier sessions, and in how many of those that met it.

A fix is brought up by the gate that did best over real sessions: it ended this very failure before, or it
ended its family in two or more sessions, in at least a tenth of those that met it, and twice as often as it
occurs otherwise.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

from holdfast.evidence.fixes import KINDS, Kind, read_fix
from holdfast.hook import commands
from holdfast.index.documents import Occurrence
from holdfast.index.store import Index
from holdfast.index.tokens import scrub

NEEDED = 2
"""Sessions in which a fix must have worked before the family alone brings it up."""
LEAST_SHARE, LEAST_LIFT = 0.1, 2.0
EXACT = 0.3
"""What counts for a fix of this very failure beside its share."""
_KEPT = "fixes/1"
_CURES_NOTHING = frozenset(["pwd", "true", ":", "date", "hostname", "whoami", "id", "uname", "uname -a"])
_NEEDED_EXACT: dict[Kind, int] = {"directive": 1, "path": 1, "command": 1, "line": 2}
"""Sessions in which a fix must have ended this very failure; a line of code is mostly of one session."""


class FixCount(msgspec.Struct, frozen=True, kw_only=True):
    """What ended a failure, and how often.

    Attributes:
        text: What to do: a directive, a path, a command or a line.
        worked: Sessions in which it ended the failure, of ``seen`` that met it: this very failure when
            ``exact``, else its family.
        p: Estimated chance that it ends this one.
    """

    kind: Kind
    text: str
    worked: int
    seen: int
    exact: bool
    p: float

    @property
    def rank(self) -> tuple[float, int, int, str]:
        """Order fixes, the best first."""
        return -self.p - EXACT * self.exact, KINDS.index(self.kind), -self.worked, self.text


class Met(msgspec.Struct, frozen=True):
    """The earlier sessions that met one failure.

    Attributes:
        specific, family: Its signature.
        rows: Its occurrences, and those of its family.
    """

    specific: str
    family: str
    rows: Sequence[Occurrence]

    def sessions(self, *, exact: bool = False) -> set[str]:
        """Return the sessions that met it."""
        return {row.session for row in self.rows if not exact or row.specific == self.specific}


_MET = """
SELECT segment, session, family, specific, count, resolved, steps, learning, fixes FROM occurrences WHERE {}
"""


def met(index: Index, specific: str, family: str, *, without: str = "") -> Met:
    """Return the earlier sessions that met a failure, ``without`` the one that asks."""
    asked, own_family, exactly = scrub(without), scrub(family), scrub(specific)

    def read(connection: sqlite3.Connection) -> list[Occurrence]:
        found = connection.execute(_MET.format("family = ? AND session != ?"), (own_family, asked)).fetchall()
        found += connection.execute(
            _MET.format("specific = ? AND session != ? AND family IS NOT ?"), (exactly, asked, own_family)
        ).fetchall()
        # read as they are: there may be thousands of one family, and a hook waits for them
        return [
            Occurrence(
                segment=segment,
                session=session,
                family=own,
                specific=exact,
                count=int(count or 0),
                resolved=int(resolved or 0),
                steps=steps,
                learning=learning,
                fixes=fixes,
            )
            for segment, session, own, exact, count, resolved, steps, learning, fixes in found
        ]

    return Met(specific, family, index.ask(read, []))


def fix_counts(index: Index, failures: Iterable[Met]) -> list[FixCount]:
    """Return what may be brought up at failures that occurred together, the best first, each once."""
    failures = [failure for failure in failures if any(row.fixes not in (None, "{}") for row in failure.rows)]
    if not failures:
        return []
    total, everywhere = max(1, index.sessions()), _sessions_with(index)
    best: dict[tuple[Kind, str], FixCount] = {}
    for failure in failures:
        for counted in _of(failure, total, everywhere):
            known = best.get((counted.kind, counted.text))
            if known is None or counted.rank < known.rank:
                best[counted.kind, counted.text] = counted
    return sorted(best.values(), key=lambda counted: counted.rank)


def _of(failure: Met, total: int, everywhere: Mapping[str, int]) -> Iterable[FixCount]:
    by_fix: dict[str, set[str]] = defaultdict(set)
    exact: dict[str, set[str]] = defaultdict(set)
    for row in failure.rows:
        for fix in read_fixes(row):
            by_fix[fix].add(row.session)
            if row.specific == failure.specific:
                exact[fix].add(row.session)
    n, n_exact = len(failure.sessions()), len(failure.sessions(exact=True))
    for fix, sessions in by_fix.items():
        known = read_fix(fix)
        if known is None:
            continue
        kind, text = known
        if kind == "command" and (commands.only_views(text) or text in _CURES_NOTHING):
            continue  # that it came before a success is chance
        c, c_exact = len(sessions), len(exact.get(fix, ()))
        is_exact = c_exact >= _NEEDED_EXACT[kind]
        if not is_exact and c < NEEDED:
            continue
        base = everywhere.get(fix, 1) / total
        p, p_exact = (c + base) / (n + 1), (c_exact + base) / (n_exact + 1)
        if is_exact and p_exact >= LEAST_SHARE:
            yield FixCount(
                kind=kind, text=text, worked=c_exact, seen=n_exact, exact=True, p=round(p_exact, 4)
            )
        elif c >= NEEDED and p >= LEAST_SHARE and c / n >= LEAST_LIFT * base:
            yield FixCount(kind=kind, text=text, worked=c, seen=n, exact=False, p=round(p, 4))


def read_fixes(row: Occurrence) -> Mapping[str, int]:
    """Return what ended a failure in one stretch, with how often."""
    return _decoded(row.fixes)


@lru_cache(maxsize=1024)
def _decoded(fixes: str | None) -> Mapping[str, int]:
    try:
        return msgspec.json.decode(fixes, type=dict[str, int]) if fixes else {}
    except msgspec.MsgspecError:
        return {}


def _sessions_with(index: Index) -> dict[str, int]:
    """Return in how many sessions each fix ended anything, for those that did in two or more.

    Computed once for each state of the index.
    """
    kept = index.kept(_KEPT)
    if kept is not None:
        try:
            return msgspec.json.decode(kept, type=dict[str, int])
        except msgspec.MsgspecError:
            pass
    sessions: dict[str, set[str]] = defaultdict(set)
    sql = "SELECT session, fixes FROM occurrences WHERE fixes IS NOT NULL AND fixes != '{}'"

    def read(connection: sqlite3.Connection) -> None:
        for session, fixes in connection.execute(sql):
            for fix in _decoded(fixes):
                sessions[fix].add(session)

    index.ask(read, None)
    counts = {fix: len(met) for fix, met in sorted(sessions.items()) if len(met) >= NEEDED}
    index.keep(_KEPT, msgspec.json.encode(counts))
    return counts
