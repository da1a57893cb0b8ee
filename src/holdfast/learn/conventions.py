"""Conventions: what sessions do together far more often than chance, told as a rule with its counts.

Three kinds: after editing files of a place a command is run; with a file another one is edited; a purpose is
served by one way of calling a program (``uv run pytest``) and not by another. A rule needs `MIN_SESSIONS`
sessions, a lift of `MIN_LIFT`, and a lower bound of the lift above 1.

The lift of Q after P is P(Q | P) / P(Q). Its lower bound is that of a ratio of two shares (Katz et al. 1978):
exp(ln lift - z * sqrt(1/n_PQ - 1/n_P + 1/n_Q - 1/n)). Since many pairs are looked at, one must also be
unlikely by chance: its binomial tail probability times the number of pairs is at most `MAX_CHANCE`. Of two
ways to call a program the bound is the lower one of the one's share of successes by the upper one of the
other's.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from holdfast.evidence.session_facts import SessionFacts
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.learn.candidates import Candidate
from holdfast.repo.records import Applies, Segment

MIN_SESSIONS = 4
MIN_WAY_SESSIONS = 2
"""Sessions that must have called a program in one way for it to be compared with another."""
MIN_LIFT = 2.0
MIN_SHARE = 0.6
"""Share of the sessions that edit a place which must also do what the convention says."""
MAX_PATTERNS = 3000
"""Places and files that are looked at: those that most sessions edited."""
MAX_FOUND = 30
MAX_CHANCE = 0.05
_Z = 1.96

_IS_TEST = regex(r"(?:^|[/_.-])(?:tests?|spec)[_.-]|[_.](?:test|spec)\.\w+$|/test_")
_IS_TEXT = regex(r"\.(?:md|mdx|txt|rst|adoc)$")

_RUNNERS = frozenset(
    "uv uvx run poetry pipenv pdm hatch rye bundle exec mise direnv dotenv pnpm pnpx yarn npm npx bun bunx"
    " dlx".split()
)
"""Words by which a program is run: others before it (``sudo -u NAME``, ``timeout 30``) are of one session."""

ConventionKind = Literal["run after editing", "edit together", "way to run"]


class ConventionRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one session did, as far as conventions are made of it.

    Attributes:
        session: Its key; several rows of one session are taken together.
        author, day: Who and when, when known: what one person did on one day is no convention.
        edited: Files changed.
        commands: Families of the commands that succeeded.
        order: ``edit`` and a path, or ``run`` and a family, in the order they happened in, when known.
        ways: Each way to call a program (``uv run pytest``): its family, how often it succeeded and failed.
    """

    session: str
    author: str = ""
    day: str = ""
    edited: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    order: tuple[tuple[str, str], ...] = ()
    ways: tuple[tuple[str, str, int, int], ...] = ()


class Convention(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that sessions keep.

    Attributes:
        when: The place that is edited (``src/api/*.py``), a file, or what a program is run for.
        then: The command to run, the file to edit, or the way to call the program.
        sessions: Sessions that did both; ``of`` those that did the first.
        others: Of the ``rest`` other sessions those that did the second.
        lift, least: The lift, and its lower bound.
        text: The rule in words, with its counts.
    """

    kind: ConventionKind
    when: str
    then: str
    sessions: int
    of: int
    others: int
    rest: int
    lift: float
    least: float
    text: str


def conventions(rows: Iterable[ConventionRow]) -> list[Convention]:
    """Return the conventions of a repository, the surest first; at most `MAX_FOUND`."""
    table = _Table(list(rows))
    found = [*_runs_after_edits(table), *_edited_together(table), *_ways(table)]
    # the place that most sessions vouch for stands for those within it
    found.sort(key=lambda one: (-one.sessions, -one.least, -one.when.count("/"), one.when, one.then))
    kept = _pruned(found)
    kept.sort(key=lambda one: (-one.least, one.when, one.then))
    return kept[:MAX_FOUND]


def candidate(convention: Convention) -> Candidate:
    """Return a convention as a candidate: names of files and commands, and counts."""
    is_file = convention.kind == "edit together"
    paths = () if convention.kind == "way to run" else (convention.when.removesuffix("*"),)
    return Candidate(
        kind="convention",
        text=convention.text,
        same=("convention", convention.when, convention.then),
        applies=Applies(paths=paths, commands=() if is_file else (convention.then,)),
        proven=True,
    )


def row_of(facts: SessionFacts, *, author: str = "", day: str = "") -> ConventionRow:
    """Return the row of one session's facts."""
    ways: dict[tuple[str, str], list[int]] = {}
    for run in facts.runs:
        if run.status != "rejected":
            way = _way(run.text, run.family)
            ways.setdefault((way, run.family), [0, 0])[run.status == "failed"] += 1
    return ConventionRow(
        session=facts.key,
        author=author,
        day=day,
        edited=tuple(path for path in facts.edited if not path.startswith(("/", "~", ".."))),
        commands=tuple(dict.fromkeys(run.family for run in facts.runs if run.status == "ok")),
        ways=tuple((way, family, ok, failed) for (way, family), (ok, failed) in ways.items()),
    )


def row_of_segment(segment: Segment) -> ConventionRow:
    """Return the row of one segment, which holds families alone."""
    return ConventionRow(
        session=segment.session,
        day=segment.day,
        edited=tuple(path for path in segment.edited if not path.startswith(("/", "~", ".."))),
        commands=tuple(family for family, (ok, _) in segment.commands.items() if ok),
    )


def _way(text: str, family: str) -> str:
    """Return how a program is called: what runs it, and its family, without arguments and options."""
    words = [word for _, part in commands.split(text)[:1] for word in part]
    bare = commands.unwrapped(words)
    return " ".join([*(word for word in words[: len(words) - len(bare)] if word in _RUNNERS), family])


class _Table:
    """Sessions as bits of whole numbers: who edited what, who ran what."""

    def __init__(self, rows: Sequence[ConventionRow]) -> None:
        merged: dict[str, list[ConventionRow]] = defaultdict(list)
        for row in rows:
            merged[row.session].append(row)
        self.sessions = list(merged.values())
        self.count = len(self.sessions)
        self.places: dict[str, int] = defaultdict(int)
        self.files: dict[str, int] = defaultdict(int)
        self.families: dict[str, int] = defaultdict(int)
        self.before: dict[tuple[str, str], int] = defaultdict(int)
        for number, parts in enumerate(self.sessions):
            bit = 1 << number
            for path in {path for row in parts for path in row.edited}:
                self.files[path] |= bit
                for place in places_of(path):
                    self.places[place] |= bit
            for family in {family for row in parts for family in row.commands}:
                if family and not _only_looks(family):
                    self.families[family] |= bit
            for place, family in {pair for row in parts for pair in _too_early(row)}:
                self.before[place, family] |= bit

    def common(self, found: dict[str, int]) -> dict[str, int]:
        """Return those that enough sessions did, the commonest first."""
        kept = [(name, bits) for name, bits in found.items() if bits.bit_count() >= MIN_SESSIONS]
        kept.sort(key=lambda item: (-item[1].bit_count(), item[0]))
        return dict(kept[:MAX_PATTERNS])

    def spread(self, bits: int) -> bool:
        """Tell whether the sessions are not all of one person on one day, where there are several days."""
        days = {row.day for parts in self.sessions for row in parts if row.day}
        if len(days) < 2:
            return True
        mine = {
            (row.author, row.day)
            for number, parts in enumerate(self.sessions)
            if bits >> number & 1
            for row in parts
        }
        return len(mine) > 1


def places_of(path: str) -> list[str]:
    """Return the places that a file lies in: each folder above it, with the file's ending."""
    folder, _, name = path.rpartition("/")
    suffix = "." + name.rsplit(".", 1)[1] if "." in name.lstrip(".") else ""
    parts = folder.split("/") if folder else []
    found = ["/".join(parts[:depth]) + f"/*{suffix}" for depth in range(1, min(len(parts), 6) + 1)]
    return [*found, f"*{suffix}"] if suffix else found


def _too_early(row: ConventionRow) -> set[tuple[str, str]]:
    """Return the pairs of place and family where the command never ran after the edit, by the known order."""
    if not row.order:
        return set()
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for position, (what, name) in enumerate(row.order):
        if what == "run":
            last[name] = position
        else:
            for place in (name, *places_of(name)):
                first.setdefault(place, position)
    return {(place, family) for place, at in first.items() for family, end in last.items() if end < at}


def _runs_after_edits(table: _Table) -> Iterable[Convention]:
    families = table.common(table.families)
    places = table.common({**table.places, **table.files})
    for place, edited in places.items():
        if _IS_TEXT.search(place):
            continue  # what was run beside plans and notes was not run for them
        for family, ran in families.items():
            both = edited & ran & ~table.before.get((place, family), 0)
            counts = _measured(both, edited, ran, table, len(places) * len(families))
            if counts is not None:
                sessions, of, others, rest, lift, least = counts
                yield Convention(
                    kind="run after editing", when=place, then=family, sessions=sessions, of=of,
                    others=others, rest=rest, lift=lift, least=least,
                    text=f"After editing `{place}`, run `{family}`: {sessions} of {of} sessions that"
                    f" edited it did, and {others} of {rest} others.",
                )  # fmt: skip


def _edited_together(table: _Table) -> Iterable[Convention]:
    files = table.common(table.files)
    for one, edited in files.items():
        for other, also in files.items():
            if one == other:
                continue
            both = edited & also
            counts = _measured(both, edited, also, table, len(files) * len(files))
            if counts is not None and not _IS_TEST.search(one):
                sessions, of, others, rest, lift, least = counts
                yield Convention(
                    kind="edit together", when=one, then=other, sessions=sessions, of=of, others=others,
                    rest=rest, lift=lift, least=least,
                    text=f"When editing `{one}`, edit `{other}` too: {sessions} of {of} sessions that changed"
                    f" the first changed both, and {others} of {rest} others changed the second.",
                )  # fmt: skip


def _measured(
    both: int, first: int, second: int, table: _Table, pairs: int
) -> tuple[int, int, int, int, float, float] | None:
    """Return counts, lift and its lower bound when they make a convention."""
    sessions = both.bit_count()
    if sessions < MIN_SESSIONS:
        return None
    of, all_second, count = first.bit_count(), second.bit_count(), table.count
    lift = sessions * count / (of * all_second)
    if sessions < MIN_SHARE * of or lift < MIN_LIFT:
        return None
    spread = 1 / sessions - 1 / of + 1 / all_second - 1 / count
    least = math.exp(math.log(lift) - _Z * math.sqrt(max(0.0, spread)))
    chance = _tail(sessions, of, all_second / count) * pairs
    if least <= 1 or chance > MAX_CHANCE or not table.spread(both):
        return None
    return sessions, of, (second & ~first).bit_count(), count - of, round(lift, 2), round(least, 2)


def _tail(hits: int, tries: int, share: float) -> float:
    """Return the probability of at least so many hits by chance (binomial)."""
    if not 0 < share < 1:
        return share
    log_all = math.lgamma(tries + 1)
    return math.fsum(
        math.exp(
            log_all - math.lgamma(k + 1) - math.lgamma(tries - k + 1)
            + k * math.log(share) + (tries - k) * math.log1p(-share)
        )
        for k in range(hits, tries + 1)
    )  # fmt: skip


def _ways(table: _Table) -> Iterable[Convention]:
    """Yield where one way to call a program works and another one does not."""
    ok: Counter[tuple[str, str]] = Counter()
    failed: Counter[tuple[str, str]] = Counter()
    used: dict[tuple[str, str], int] = defaultdict(int)
    for number, parts in enumerate(table.sessions):
        for way, family, succeeded, broke in (item for row in parts for item in row.ways):
            ok[family, way] += succeeded
            failed[family, way] += broke
            used[family, way] |= 1 << number
    by_family: dict[str, list[str]] = defaultdict(list)
    for (family, way), sessions in used.items():
        if sessions.bit_count() >= MIN_WAY_SESSIONS:
            by_family[family].append(way)
    for family, ways in by_family.items():
        for good in ways:
            for bad in ways:
                made = good != bad and _better(family, good, bad, ok, failed, used, table)
                if isinstance(made, Convention):
                    yield made


def _better(
    family: str,
    good: str,
    bad: str,
    ok: Counter[tuple[str, str]],
    failed: Counter[tuple[str, str]],
    used: dict[tuple[str, str], int],
    table: _Table,
) -> Convention | None:
    mine, other = (family, good), (family, bad)
    n, m = ok[mine] + failed[mine], ok[other] + failed[other]
    sessions = used[mine].bit_count()
    if sessions < MIN_SESSIONS or m < MIN_SESSIONS or not ok[mine]:
        return None
    # half a success more, so that a way that never worked has a share too
    lift = ok[mine] / n / ((ok[other] + 0.5) / (m + 1))
    least = _bounds(ok[mine], n)[0] / _bounds(ok[other], m)[1]
    if lift < MIN_LIFT or least <= 1 or not table.spread(used[mine]):
        return None
    return Convention(
        kind="way to run", when=family, then=good, sessions=sessions, of=table.count,
        others=used[other].bit_count(), rest=table.count, lift=round(lift, 2), least=round(least, 2),
        text=f"Use `{good}`, not `{bad}`: the first succeeded in {ok[mine]} of {n} runs in {sessions}"
        f" sessions, the second in {ok[other]} of {m}.",
    )  # fmt: skip


def _bounds(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share (Wilson 1927)."""
    share, spread = part / whole, _Z * _Z / whole
    centre = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / whole + spread / (4 * whole))
    return centre - half, centre + half


def _only_looks(family: str) -> bool:
    return family.startswith(("git", "gh", "cd")) or commands.only_views(family)


def _pruned(found: list[Convention]) -> list[Convention]:
    """Keep one place for each command, and one direction for each pair of files."""
    kept: list[Convention] = []
    seen: set[tuple[str, ...]] = set()
    for one in found:
        key = (
            (one.kind, one.then)
            if one.kind == "run after editing"
            else (one.kind, *sorted((one.when, one.then)))
        )
        partners = (one.kind, one.when) if one.kind == "edit together" else key
        if key in seen or partners in seen:
            continue
        seen.update({key, partners})
        kept.append(one)
    return kept
