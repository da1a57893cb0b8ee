"""Which guards stand, how they did, and what of them is published for hooks to enforce.

A guard rests, and is not enforced, when its day has come, when the rule it was made from is gone from its
file in the worktree that is worked in, or when it gave false alarms: in at least `ALARMS` sessions, and in
half of those in which it stopped anything, the very call that it had stopped was sent again.
"""

from __future__ import annotations

import datetime
from typing import Any, Literal

import msgspec

from holdfast.evidence import journal
from holdfast.evidence.journal import Entry
from holdfast.hook import clock
from holdfast.hook.quoting import quoted
from holdfast.learn import guards
from holdfast.learn.guard_files import Guard, key_of
from holdfast.learn.guards import Kept
from holdfast.learn.view import View
from holdfast.repo.location import Repository

ALARMS = 3
"""Sessions in which what a guard stopped was insisted on before it rests."""

Standing = Literal["on", "expired", "false alarms", "rule gone", "not accepted"]


class Figures(msgspec.Struct, kw_only=True):
    """What a guard did, by the journals that are there.

    Attributes:
        stopped: Calls that it stopped, in ``sessions`` sessions; ``rewritten`` those that it replaced.
        insisted: Sessions in which the very same call was sent again, and let through.
        broken: Sessions in which another call broke the rule after it had been told.
    """

    stopped: int = 0
    rewritten: int = 0
    sessions: int = 0
    insisted: int = 0
    broken: int = 0


class Enforced(msgspec.Struct, frozen=True, kw_only=True):
    """A guard with how it stands and how it did.

    Attributes:
        standing: Whether it is enforced (``on``), or why not; ``why`` says that in words.
    """

    name: str
    guard: Guard
    shared: bool
    standing: Standing
    why: str = ""
    figures: Figures = msgspec.field(default_factory=Figures)


def enforced(repository: Repository) -> list[Enforced]:
    """Return the guards of a repository, with how each stands.

    Raises:
        EnvironmentProblem: This user may not read the worktree.
    """
    known = guards.read_guards(repository).kept
    if not known:
        return []
    since, told = guards.kept_on(repository), _told_of_guards(repository)
    return [_standing(repository, one, told, since.get(one.key, 0.0)) for one in known]


def published_guards(view: View) -> list[tuple[str, str]]:
    """Return what hooks need to know of the guards that are enforced: pairs of a key and a JSON object.

    Whether the rule of a guard still stands is for the hook to say: another worktree may have it.
    """
    return [
        (data["id"], msgspec.json.encode(data).decode())
        for one in enforced(view.repository)
        if one.standing in ("on", "rule gone")
        for data in [data_of(one.name, one.guard, shared=one.shared)]
    ]


def data_of(name: str, guard: Guard, *, shared: bool = False) -> dict[str, Any]:
    """Return a guard as `hook.guards` reads it."""
    called = f"{'shared ' if shared else ''}guard {quoted(name)}"
    own = "a rule of this project" if shared else "a rule of the user's"
    where = f"{own} ({f'{quoted(guard.source)}, ' if guard.source else ''}{called})"
    rule = quoted(guard.rule).rstrip(".")
    instead = f" Instead: {quoted(guard.instead).rstrip('.')}." if guard.instead else ""
    data: dict[str, Any] = {
        "id": key_of(name, shared=shared),
        "text": f"Stopped once by {where}: “{rule}”.{instead} Only if the user asked for exactly "
        "this, send the same call again: it is then let through.",
        "commands": list(guard.commands),
        "paths": list(guard.paths),
        "unless": list(guard.unless),
        "needles": sorted({*map(_needle, guard.commands), *map(_path_needle, guard.paths)}),
    }
    if guard.source:
        data |= {"source": guard.source, "rule": guard.rule, "cut": guards.is_cut(guard)}
    if guard.until:
        data["until"] = _end_of(guard.until)
    if guard.rewrite is not None:
        data |= {"rewrite": guard.rewrite, "replaced": f"Changed by {where}: “{rule}”."}
    return data


def _end_of(day: str) -> float:
    """Return when a UTC day ends, in seconds since the epoch; never for what is no day."""
    try:
        start = datetime.datetime.fromisoformat(f"{day}T00:00:00+00:00")
    except ValueError:
        return 4e9
    return start.timestamp() + 86_400


def _needle(pattern: str) -> str:
    """Return words that every command line contains which the pattern can fit."""
    words = [word for word in pattern.split() if not word.startswith("-") and "=" not in word]
    return " ".join(found for word in words if (found := _longest(word.rsplit("/", 1)[-1])))


def _path_needle(pattern: str) -> str:
    return _longest(pattern.rstrip("/*").rsplit("/", 1)[-1])


def _longest(text: str) -> str:
    return max(text.replace("?", "*").split("*"), key=len)


def _standing(repository: Repository, kept: Kept, told: list[list[Entry]], since: float) -> Enforced:
    figures = _figures(kept.key, told, since)
    standing: Standing = "on"
    why = ""
    if kept.usable:
        standing, why = "not accepted", kept.usable
    elif kept.guard.until and kept.guard.until < clock.today():
        standing, why = "expired", f"its time ended on {kept.guard.until}"
    elif figures.insisted >= ALARMS and 2 * figures.insisted >= figures.sessions:
        of = f"{figures.insisted} of {figures.sessions} sessions"
        standing, why = "false alarms", f"in {of} what it stopped was wanted all the same"
    elif not guards.rule_stands(repository, kept.guard):
        standing, why = "rule gone", f"{kept.guard.source} does not say so any more in this worktree"
    return Enforced(
        name=kept.name, guard=kept.guard, shared=kept.shared, standing=standing, why=why, figures=figures
    )


def _figures(key: str, told: list[list[Entry]], since: float) -> Figures:
    figures = Figures()
    for entries in told:
        mine = [entry for entry in entries if entry.guard == key and entry.at >= since]
        stopped = {entry.digest for entry in mine if entry.do == "denied"}
        passed = [entry.digest in stopped for entry in mine if entry.do == "passed"]
        figures.stopped += sum(entry.do == "denied" for entry in mine)
        figures.sessions += bool(stopped)
        figures.rewritten += sum(entry.do == "rewritten" for entry in mine)
        figures.insisted += any(passed)
        figures.broken += bool(passed) and not any(passed)
    return figures


def _told_of_guards(repository: Repository) -> list[list[Entry]]:
    """Return what each session's journal says of guards."""
    return [[entry for _, entry in found.entries if entry.guard] for found in journal.read_all(repository)]
