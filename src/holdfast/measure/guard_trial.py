"""Try guards before they are needed: on one command, or on all that past sessions did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from holdfast.hook import guards as hook
from holdfast.hook.rewriting import rewritten
from holdfast.learn.guard_files import Guard
from holdfast.learn.guard_history import read_sessions
from holdfast.measure.guard_proof import Proof, prove
from holdfast.measure.guard_proposals import proposals
from holdfast.recall.guarding import data_of, enforced
from holdfast.repo.location import Repository


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One guard that was tried.

    Attributes:
        shared: Whether it is one for everybody.
        standing: ``on``, why it is not enforced, or ``proposed``.
        told: What the agent would be told; empty when tried on past sessions.
        becomes: What would run instead; empty when the call would be stopped.
        proof: What it would have done in past sessions; None when tried on a command.
    """

    name: str
    shared: bool = False
    standing: str
    guard: Guard
    told: str = ""
    becomes: str = ""
    proof: Proof | None = None


class Tested(msgspec.Struct, frozen=True, kw_only=True):
    """What came of trying guards.

    Attributes:
        command: The command they were tried on; empty for past sessions or files.
        paths: The files that would be edited.
        guards: Those that stand against it; all guards when tried on past sessions.
        sessions: Past sessions they were tried on.
    """

    command: str = ""
    paths: tuple[str, ...] = ()
    guards: list[Trial] = []
    sessions: int = 0


def tried(repository: Repository, command: str, paths: Sequence[str]) -> Tested:
    """Return the guards that stand against a command, or an edit of files; nothing is run."""
    root = str(repository.root or repository.git_dir)
    deed = hook.Deed(command, root, list(paths), root)
    found = []
    for one in _all(repository):
        guard, data = one.guard, data_of(one.name, one.guard, shared=one.shared)
        if not hook.stops(data, deed):
            continue
        becomes = ""
        if guard.rewrite is not None and command:
            becomes = rewritten(command, guard.commands, guard.unless, guard.rewrite, root, root)
        told = str(data["replaced" if becomes else "text"])
        found.append(msgspec.structs.replace(one, told=told, becomes=becomes))
    return Tested(command=command, paths=tuple(paths), guards=found)


def on_history(repository: Repository) -> Tested:
    """Return what every guard, in force and proposed, would have done in past sessions."""
    sessions = read_sessions(repository)
    found = [msgspec.structs.replace(one, proof=prove(one.guard, sessions)) for one in _all(repository)]
    return Tested(guards=found, sessions=len(sessions))


def _all(repository: Repository) -> Iterator[Trial]:
    for one in enforced(repository):
        yield Trial(name=one.name, shared=one.shared, standing=one.standing, guard=one.guard)
    for offered in proposals(repository):
        yield Trial(name=offered.name, standing="proposed", guard=offered.guard)
