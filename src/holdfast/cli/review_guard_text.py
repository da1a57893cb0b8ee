"""What ``holdfast review guard`` prints."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from holdfast.cli.output import bad, count, dim, good, plain, strong, wrapped
from holdfast.learn.guard_files import Guard
from holdfast.measure.guard_proof import Proof
from holdfast.measure.guard_proposals import Proposal
from holdfast.measure.guard_trial import Tested, Trial
from holdfast.recall.guarding import Enforced


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided about one guard.

    Attributes:
        done: ``made``, ``kept on``, ``removed`` or ``set aside``.
        guard: As it stands now; None when it stands no more.
        notes: What else to know: what it needs to be enforced.
    """

    name: str
    done: str
    guard: Guard | None = None
    shared: bool = False
    notes: list[str] = []


class Guarding(msgspec.Struct, frozen=True, kw_only=True):
    """The guards of a repository and those to offer.

    Attributes:
        guards: Those that stand or rest.
        proposals: Rules of the user's own that sessions broke, as guards to accept.
        sessions: Past sessions that they were proven on.
        problems: What of the files of guards could not be read.
        notes: What keeps guards from being enforced.
    """

    guards: list[Enforced]
    proposals: list[Proposal]
    sessions: int
    problems: list[str] = []
    notes: list[str] = []


def guarding_lines(found: Guarding) -> Iterator[str]:
    """Yield the guards, those that rest, and the proposals with their proof."""
    on = [one for one in found.guards if one.standing == "on"]
    rest = [one for one in found.guards if one.standing != "on"]
    if on:
        yield strong("Accepted, and not called yet" if found.notes else "In force")
        for one in on:
            yield from _standing(one)
    if rest:
        yield from ([""] if on else [])
        yield strong("Not enforced")
        for one in rest:
            yield from _standing(one)
            yield wrapped(f"{one.why}; " + _mend(one), indent="      ")
    if found.proposals:
        yield from ([""] if found.guards else [])
        yield strong(f"Rules of yours that agents broke in {count(found.sessions, 'past session')}")
        for offered in found.proposals:
            yield from _proposal(offered)
        yield dim("Hold agents to one: `holdfast review guard accept NAME` · `drop NAME` sets it aside")
    elif not found.guards:
        yield from _nothing(found.sessions)
    for line in [*found.problems, *found.notes]:
        yield wrapped(bad(line) if line in found.problems else line, first="", indent="  ")


def _nothing(sessions: int) -> Iterator[str]:
    if sessions:
        yield f"No rule of your instruction files was broken in three of {count(sessions, 'past session')}."
    else:
        yield "No past session is known here. Read those of your home: `holdfast review guard --yes`"
    yield dim('Write a guard yourself: `holdfast review guard add NAME --command "…" --rule "…"`')


def called(name: str, shared: bool) -> str:
    """Return what a person is shown as a guard's name."""
    return plain(name) + (" (shared)" if shared else "")


def _head(name: str, rule: str, where: str) -> str:
    said = f" ({where})" if where else ""
    return wrapped(f"“{rule}”{said}", first=f"  {strong(name)}  ", indent="      ")


def _standing(one: Enforced) -> Iterator[str]:
    yield _head(called(one.name, one.shared), one.guard.rule, one.guard.source)
    did = []
    if one.figures.stopped:
        sessions = count(one.figures.sessions, "session")
        did.append(f"stopped {count(one.figures.stopped, 'call')} in {sessions}")
    if one.figures.rewritten:
        did.append(f"replaced {one.figures.rewritten}")
    if one.figures.insisted:
        did.append(f"insisted on in {one.figures.insisted}")
    if one.figures.broken:
        did.append(f"broken all the same in {one.figures.broken}")
    until = f"until {one.guard.until}" if one.standing == "on" else ""
    told = [", ".join(did) or "nothing stopped yet", until]
    yield wrapped("; ".join(part for part in told if part), indent="      ")


def _mend(one: Enforced) -> str:
    named = f"{one.name} {'--shared' if one.shared else '--own'}"
    if one.standing == "not accepted":
        if one.shared:
            return "nobody is held to it"
        return f"add it anew: `holdfast review guard add`, or take it away: `remove {named}`"
    if one.standing == "rule gone":
        return f"take it away: `holdfast review guard remove {named}`"
    return f"keep it: `holdfast review guard keep {named}`, or `remove {named}`"


def _proposal(offered: Proposal) -> Iterator[str]:
    yield _head(plain(offered.name), offered.guard.rule, f"{offered.path}:{offered.line}")
    yield wrapped(
        f"broken in {offered.broken} of {count(offered.of, 'session')}; {_proven(offered.proof)}",
        indent="      ",
    )
    for example in offered.proof.examples[:1]:
        yield wrapped(f"such as {_code(example.what)}", indent="      ")
    if offered.rewrite is not None:
        yield wrapped(_replacement(offered), indent="      ")
    for example in offered.proof.wrong[:2]:
        yield wrapped(f"asked for by you: {_code(example.what)}", indent="      ")


def _replacement(offered: Proposal) -> str:
    if offered.rewrite:
        return f"or, by --rewrite: `{offered.rewrite}` runs in its place"
    options = [word for word in offered.guard.commands[0].split() if word.startswith("-")]
    return f"or, by --rewrite: `{' '.join(options)}` is taken away, and the rest runs"


def _code(what: str) -> str:
    return what if what.startswith("edit ") else f"`{what}`"


def _proven(proof: Proof) -> str:
    return f"a guard would have stopped {count(proof.stopped, 'call')}, wrongly {proof.wrongly}"


def decided_lines(done: Decided) -> Iterator[str]:
    """Yield what was decided about one guard."""
    name = called(done.name, done.shared)
    if done.guard is None:
        yield f"{name} {done.done}."
        return
    rewrites = done.guard.rewrite is not None
    how = "replaced where the agent allows it, else stopped once" if rewrites else "stopped once"
    head = f"{good('Guard')} {name} {done.done}"
    yield f"{head}: what breaks it is {how}, until {done.guard.until}."
    if done.shared:
        yield "It is in .holdfast/guards.toml: commit it; each person accepts it once by `holdfast trust`."
    for note in done.notes:
        yield wrapped(plain(note), first="", indent="  ")


def tested_lines(found: Tested) -> Iterator[str]:
    """Yield which guards stand against a command, or what each would have done."""
    if found.command or found.paths:
        if not found.guards:
            yield "No guard stands against it."
        for one in found.guards:
            yield from _trial(one)
        return
    if not found.guards:
        yield "There is no guard to try, and none to propose."
    for one in found.guards:
        yield f"  {strong(called(one.name, one.shared))}  {one.standing}"
        if one.proof is None:
            continue
        sessions = f"in {one.proof.sessions} of {count(one.proof.of, 'session')}"
        yield wrapped(
            f"would have stopped {one.proof.stopped} {sessions}, wrongly {one.proof.wrongly}", "      "
        )
        for example in one.proof.wrong:
            yield wrapped(f"wrongly: {_code(example.what)} ({example.transcript}:{example.line})", "      ")


def _trial(one: Trial) -> Iterator[str]:
    state = "" if one.standing == "on" else f" ({one.standing}: not enforced)"
    by = f"by {called(one.name, one.shared)}{state}"
    if one.becomes:
        yield f"{good('Replaced')} {by}: {plain(one.becomes)}"
    else:
        yield f"{bad('Stopped')} {by}."
    yield wrapped(one.told, indent="  ")
