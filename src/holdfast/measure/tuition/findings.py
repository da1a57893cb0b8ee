"""What one can act on now: at most three findings, each in a sentence, with its cure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from holdfast.learn.instructions import InstructionLine
from holdfast.learn.neutral import neutral_text
from holdfast.measure.asked_twice import AskedTwice
from holdfast.measure.instruction_faults import InstructionFault
from holdfast.measure.stale_lines import StaleLine
from holdfast.measure.tuition.choose import (
    InstructionFile,
    is_denied,
    with_denied,
    with_line,
    with_line_replaced,
)
from holdfast.measure.tuition.cure import Cure
from holdfast.measure.tuition.repeated import Place, RepeatedFailure
from holdfast.measure.tuition.since import begins_with

MOST = 3
"""Findings that a report opens with."""

Kind = Literal[
    "instruction that fails",
    "instruction that is broken",
    "repeated failure",
    "asked again",
    "stale instruction",
]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to act on.

    Attributes:
        kind: What sort of finding.
        text: What happens, how often and at what cost, in plain words.
        command: The command that fails or is forbidden; empty when it is about none.
        family: The family of the failure, when it is one failure.
        cure: What ends it.
        sessions: Sessions that met it, of ``of``.
        minutes_a_week: What it cost, at most; 0 when that is not known.
        weight: By which findings are ordered; higher is first.
        examples: Where it can be seen.
    """

    kind: Kind
    text: str
    cure: Cure
    sessions: int
    of: int
    command: str = ""
    family: str = ""
    minutes_a_week: float = 0.0
    weight: float = 0.0
    examples: tuple[Place, ...] = ()


class Grounds(msgspec.Struct, kw_only=True):
    """What findings are made from.

    Attributes:
        root: The top of the worktree; None outside a repository.
        file: Where a new instruction line would go.
        weeks: Weeks that the sessions span, at least one.
        claude: Whether Claude Code is among the agents, whose settings can refuse a command.
    """

    root: Path | None
    file: InstructionFile | None
    weeks: float
    claude: bool = False
    failures: list[RepeatedFailure] = []
    faults: list[InstructionFault] = []
    stale: list[StaleLine] = []
    asked: list[AskedTwice] = []
    lines: list[InstructionLine] = []


def findings(grounds: Grounds) -> list[Finding]:
    """Return every finding, the weightiest first."""
    accused = {(fault.path, fault.line) for fault in grounds.faults}
    found = [
        *(_fault(grounds, fault) for fault in grounds.faults if not _is_refused(grounds, fault)),
        *_repeated(grounds),
        *(_asked(grounds, asked) for asked in grounds.asked),
        *(_stale(grounds, stale) for stale in grounds.stale if (stale.path, stale.line) not in accused),
    ]
    return sorted(found, key=lambda finding: -finding.weight)


def a_week(minutes: float, weeks: float) -> str:
    """Say what something cost, as an upper bound."""
    each = minutes / weeks
    if each < 1:
        return ""
    if each < 120:
        return f", up to {each:.0f} {'minute' if round(each) == 1 else 'minutes'} a week"
    return f", up to {each / 60:.0f} hours a week"


def _of(sessions: int, ran: int) -> str:
    return f"all {ran}" if sessions == ran else f"{sessions} of {ran}"


def _fault(grounds: Grounds, fault: InstructionFault) -> Finding:
    where, command = f"{fault.path}:{fault.line}", fault.command
    if fault.kind == "read and broken":
        return _broken(grounds, fault, where)
    minutes = fault.seconds / 60
    cost = a_week(minutes, grounds.weeks)
    instead = neutral_text(fault.instead or "")
    worked = f" `{instead}` worked instead." if instead else ""
    of = _of(fault.sessions, fault.of)
    text = f"{where} says `{command}`; it failed in {of} sessions that ran it{cost}.{worked}"
    change = None
    mended = fault.cure_line if instead == (fault.instead or "") else None
    if grounds.root is not None and mended is not None:
        change = with_line_replaced(grounds.root, fault.path, fault.line, fault.text, mended)
    offered = mended is not None and (change is not None or grounds.root is None)
    told = f"Change the line: {mended.strip()}" if mended and offered else f"Mend or remove {where}."
    return Finding(
        kind="instruction that fails",
        text=text,
        command=command,
        cure=Cure(form="instruction line", text=told, change=change),
        sessions=fault.sessions,
        of=fault.of,
        minutes_a_week=round(minutes / grounds.weeks, 1),
        weight=2 * (minutes + 3 * fault.sessions),
        examples=(Place(transcript=fault.example[0], line=fault.example[1]),),
    )


def _broken(grounds: Grounds, fault: InstructionFault, where: str) -> Finding:
    what = f"to edit `{fault.kept_off}`" if fault.kept_off else f"`{fault.command}`"
    text = f"{where} forbids {what}; {fault.sessions} of {fault.of} sessions did it all the same."
    change = None
    cure = "A guard that refuses it before it happens: the line alone did not hold."
    if grounds.claude and grounds.root is not None and not fault.command.startswith("-"):
        change = with_denied(grounds.root, _rules(fault))
        cure = "Let Claude Code refuse it (`permissions.deny`): the line alone did not hold."
    return Finding(
        kind="instruction that is broken",
        text=text,
        command=fault.command,
        cure=Cure(form="guard", text=cure, change=change, denies=tuple(_rules(fault)) if change else ()),
        sessions=fault.sessions,
        of=fault.of,
        weight=4.0 * fault.sessions,
        examples=(Place(transcript=fault.example[0], line=fault.example[1]),),
    )


def _is_refused(grounds: Grounds, fault: InstructionFault) -> bool:
    """Tell whether what a line forbids is refused by now: what broke it ran before that."""
    if fault.kind != "read and broken" or grounds.root is None:
        return False
    return is_denied(grounds.root, _rules(fault))


def _rules(fault: InstructionFault) -> list[str]:
    """Return the rules of Claude Code's settings that refuse what a line forbids."""
    if fault.kept_off is None:
        return [f"Bash({fault.command}:*)"]
    path = f"{fault.kept_off.rstrip('/')}/**" if fault.kept_off.endswith("/") else fault.kept_off
    return [f"Edit({path})", f"Write({path})"]


def _repeated(grounds: Grounds) -> Iterator[Finding]:
    """Yield what a new instruction line would end; what a faulty line causes is a finding already."""
    told = {fault.command for fault in grounds.faults}
    for failure in grounds.failures:
        lesson = failure.instead
        if lesson is None or failure.cure is None or failure.cure.form not in ("instruction line", "script"):
            continue
        if failure.ended:
            continue
        if any(begins_with(failure.failed, command) for command in told):
            continue
        cost = a_week(failure.minutes, grounds.weeks)
        text = (
            f"`{failure.failed}` failed with “{failure.message}” in {_of(failure.sessions, failure.ran)} "
            f"sessions that ran `{failure.command}`{cost}. {_worked(failure)}"
        )
        yield Finding(
            kind="repeated failure",
            text=text,
            command=failure.failed,
            family=failure.family,
            cure=failure.cure,
            sessions=failure.sessions,
            of=failure.ran,
            minutes_a_week=round(failure.minutes / grounds.weeks, 1),
            weight=failure.minutes + 3 * failure.sessions,
            examples=(failure.example,),
        )


def _worked(failure: RepeatedFailure) -> str:
    lesson = failure.instead
    assert lesson is not None
    if lesson.form == "step":
        return f"`{lesson.instead}` first ended it."
    return f"`{lesson.instead}` worked instead."


def _asked(grounds: Grounds, asked: AskedTwice) -> Finding:
    answers = f"the answer was “{asked.answers[-1]}” each time" if asked.agree else "the answers differed"
    number = len(asked.sessions)
    text = f"{number} sessions asked a person “{asked.question}”; {answers}."
    line = " ".join(f"{asked.question.rstrip('?')}: {asked.answers[-1]} (decided by a person)".split())
    change = with_line(grounds.file, line) if asked.agree and grounds.file else None
    told = f"Write the decision down: {line}" if asked.agree else "Decide once, and write it down."
    return Finding(
        kind="asked again",
        text=text,
        cure=Cure(form="instruction line", text=told, change=change, adds=line if change else ""),
        sessions=number,
        of=number,
        weight=2.5 * number,
    )


def _stale(grounds: Grounds, stale: StaleLine) -> Finding:
    renamed = f" (now `{stale.renamed_to}`)" if stale.renamed_to else ""
    text = f"{stale.path}:{stale.line} names `{stale.missing}`, which does not exist{renamed}."
    change = None
    if stale.renamed_to and grounds.root is not None:
        new = stale.text.replace(stale.missing, stale.renamed_to)
        change = with_line_replaced(grounds.root, stale.path, stale.line, stale.text, new)
    told = f"Name `{stale.renamed_to}` instead." if change else f"Mend or remove {stale.path}:{stale.line}."
    return Finding(
        kind="stale instruction",
        text=text,
        command=stale.missing,
        cure=Cure(form="instruction line", text=told, change=change),
        sessions=0,
        of=0,
        weight=1.0 if stale.renamed_to else 0.5,
    )
