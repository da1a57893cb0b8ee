"""Guards to offer: rules of the user's own that sessions broke all the same, each proven on what is past."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import msgspec

from holdfast.errors import EnvironmentProblem
from holdfast.learn import guards
from holdfast.learn.guard_files import Guard
from holdfast.learn.guard_history import SessionDeeds, read_sessions
from holdfast.learn.instruction_dates import dated
from holdfast.learn.instructions import InstructionLine, read_instructions
from holdfast.measure.broken_lines import broken_lines
from holdfast.measure.guard_patterns import guard_of, name_for, rewrite_of
from holdfast.measure.guard_proof import Proof, prove
from holdfast.measure.line_fault import InstructionFault
from holdfast.measure.line_runs import ordered
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace

SESSIONS = 3
"""Sessions that must have broken a rule before a guard is offered."""
MOST_WRONG = 0.2
"""Share of what a guard would have stopped that the person had asked for; with more it is not offered."""

_OFFERED = "guards-offered.json"


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A guard that is offered.

    Attributes:
        name: What it would be called by.
        guard: As it would be kept.
        path, line: The line of the instruction file.
        broken: Sessions that broke the rule, of ``of`` that knew it.
        rewrite: What could be put in place of the command instead of stopping it; empty to take its options
            away; None where that is not sure to be right.
        proof: What it would have done.
    """

    name: str
    guard: Guard
    path: str
    line: int
    broken: int
    of: int
    rewrite: str | None
    proof: Proof


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a guard that was offered: how often its rule was broken, and where it stands."""

    name: str
    broken: int
    of: int
    path: str
    line: int


def proposals(repository: Repository, *, dropped: bool = False) -> list[Proposal]:
    """Return the guards to offer a person, those of the rules most often broken first.

    Sessions are those that are kept here: see `guard_history.note_sessions`.

    Args:
        repository: Where. What stands there as a guard already is left out.
        dropped: Offer those that were set aside too.
    """
    if repository.root is None:
        return []
    sessions = read_sessions(repository)
    if len(sessions) < SESSIONS:
        return []
    lines = dated(repository, read_instructions(repository.root))
    known = guards.read_guards(repository).kept
    taken = {one.name for one in known} | (frozenset() if dropped else guards.dropped(repository))
    stopped = {(one.guard.commands, one.guard.paths) for one in known}
    found: list[Proposal] = []
    for fault in broken_lines(lines, ordered([one.facts for one in sessions])):
        made = _proposal(fault, lines, sessions) if fault.sessions >= SESSIONS else None
        if made is None or made.name in taken or (made.guard.commands, made.guard.paths) in stopped:
            continue
        taken.add(made.name)
        found.append(made)
    return sorted(found, key=lambda one: (-one.broken, -one.proof.stopped, one.name))


def remember(repository: Repository) -> list[Proposal]:
    """Return what `proposals` does, and keep what `waiting` tells of it without looking again."""
    found = proposals(repository)
    with contextlib.suppress(OSError, EnvironmentProblem):
        path = repository.ensure_state() / _OFFERED
        kept = [
            Offered(name=one.name, broken=one.broken, of=one.of, path=one.path, line=one.line)
            for one in found
        ]
        replace(path, msgspec.json.encode(kept), durable=False)
    return found


def waiting(repository: Repository) -> list[Offered]:
    """Return the guards that wait for a person's word, as they were last looked for: at once."""
    try:
        found = msgspec.json.decode((repository.state_dir / _OFFERED).read_bytes(), type=list[Offered])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return []
    if not found:
        return []
    done = guards.dropped(repository) | {one.name for one in guards.read_guards(repository).kept}
    return [one for one in found if one.name not in done]


def _proposal(
    fault: InstructionFault, lines: Sequence[InstructionLine], sessions: Sequence[SessionDeeds]
) -> Proposal | None:
    guard = guard_of(fault, lines)
    if guard is None:
        return None
    since = next((one.since for one in lines if (one.path, one.line) == (fault.path, fault.line)), None)
    proof = prove(guard, sessions, since)
    right = proof.stopped - proof.wrongly
    if not right or proof.sessions < SESSIONS or proof.wrongly > MOST_WRONG * proof.stopped:
        return None
    guard = msgspec.structs.replace(guard, stopped=proof.stopped, sessions=proof.sessions)
    return Proposal(
        name=guards.name_of(fault.kept_off or name_for(guard)),
        guard=guard,
        path=fault.path,
        line=fault.line,
        broken=fault.sessions,
        of=fault.of,
        rewrite=rewrite_of(fault, guard),
        proof=proof,
    )
