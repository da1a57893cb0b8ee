"""Lines that sessions follow and that fail, because of the line and not because of the code.

A run counts against a line when its error line blames the call or its set-up, with a word of the line (see
`call_faults`), or when the line's command never worked at all and another command for the same purpose did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from holdfast.evidence.session_facts import CommandRun
from holdfast.learn.instruction_commands import PLACE, parts
from holdfast.learn.instructions import InstructionLine
from holdfast.measure.following import asked, follows, sets_more, words_of
from holdfast.measure.line_cures import Cure, is_safe, mended_line
from holdfast.measure.line_fault import MAX_EVIDENCE, MIN_SESSIONS, FaultEvidence, InstructionFault
from holdfast.measure.line_runs import Ordered, Trial, since, trials

_Words = tuple[str, ...]
_SHARE = 0.5
"""Share of the sessions that ran the command which must have met the fault."""
_LATEST = 2
"""When this many of the latest sessions ran it at once, what was wrong has been mended."""


class _Asked(msgspec.Struct, frozen=True):
    line: InstructionLine
    command: str
    words: _Words


def failed_lines(lines: Sequence[InstructionLine], known: Ordered) -> Iterator[InstructionFault]:
    """Yield the lines whose command failed because of the line, each once."""
    told = [
        _Asked(line, command, words)
        for line in lines
        if not line.forbidden
        for command in line.commands
        for words in asked(command)
    ]
    by_program: dict[str, list[_Asked]] = {}
    for one in told:
        by_program.setdefault(one.words[0], []).append(one)
    done: set[tuple[str, int]] = set()
    for one in told:
        if (one.line.path, one.line.line) in done:
            continue
        fault = _fault(one, known, by_program[one.words[0]])
        if fault is not None:
            done.add((one.line.path, one.line.line))
            yield fault


def _fault(one: _Asked, known: Ordered, told: list[_Asked]) -> InstructionFault | None:
    longer = [
        other.words
        for other in told
        if other.line.line != one.line.line
        and len(other.words) > len(one.words)
        and follows(other.words, one.words)
    ]
    tried = []
    for runs in since(known, one.line.since):
        mine = [run for run in runs.by_program.get(one.words[0], []) if _is_of(run, one, longer)]
        trial = trials(runs, mine, one.words, one.command, one.line.folder) if mine else None
        if trial is not None:
            tried.append(trial)
    at_fault = _at_fault(
        tried, leaves_open=PLACE in " ".join(words for part in parts(one.command) for words in part)
    )
    if not at_fault:
        return None
    cure = _cure(at_fault)
    first = at_fault[0]
    return InstructionFault(
        path=one.line.path,
        line=one.line.line,
        text=one.line.text,
        kind="followed and failed",
        command=one.command,
        sessions=len(at_fault),
        of=len(tried),
        times=sum(len(trial.failed) for trial in at_fault),
        seconds=sum(trial.seconds for trial in at_fault),
        tokens=sum(trial.tokens for trial in at_fault),
        example=(first.session, first.failed[0].line),
        instead=cure.worded(one.words) if cure else None,
        cure_line=mended_line(one.line.text, one.words, cure) if cure else None,
        evidence=tuple(_evidence(trial, one.words) for trial in at_fault[:MAX_EVIDENCE]),
    )


def _is_of(run: CommandRun, one: _Asked, longer: list[_Words]) -> bool:
    """Tell whether a run follows the line, and no line that says more."""
    words = words_of(run.text)
    if not follows(words, one.words) or sets_more(run.text, one.command):
        return False
    return not any(follows(words, other) for other in longer)


def _at_fault(tried: list[Trial], *, leaves_open: bool) -> list[Trial]:
    """Return the sessions that speak against the line; none when they do not convict it.

    Args:
        tried: What became of its command in each session.
        leaves_open: True when the session had to put a word in: that word may be what was wrong.
    """
    blamed = [trial for trial in tried if trial.blames]
    if len(blamed) >= MIN_SESSIONS and len(blamed) >= _SHARE * len(tried):
        sure = [trial for trial in blamed if trial.sure]
        causes = Counter(trial.named or trial.signature for trial in blamed)
        del causes[""]
        repeated = max(causes.values(), default=0) >= max(MIN_SESSIONS, 0.6 * len(blamed))
        if (2 * len(sure) >= len(blamed) or repeated) and not _mended_since(tried):
            return blamed
        return []
    if leaves_open or any(trial.worked for trial in tried):
        return []
    passed_by = [trial for trial in tried if trial.blames or trial.passed_by]
    ways = Counter(trial.cure for trial in passed_by if trial.cure)
    same = ways.most_common(1)[0][1] if ways else 0
    if same < MIN_SESSIONS:
        return []
    alike = _alike(tried)
    if alike:
        return alike
    at_once = sum(trial.at_once for trial in passed_by)
    convicted = 2 * at_once >= len(passed_by) or same > MIN_SESSIONS
    return passed_by if convicted and len(passed_by) >= 0.6 * len(tried) else []


def _alike(tried: list[Trial]) -> list[Trial]:
    """Return the sessions when nearly all of them failed with one and the same error line."""
    signatures = Counter(trial.signature for trial in tried if trial.signature)
    signature, count = signatures.most_common(1)[0] if signatures else ("", 0)
    if count <= MIN_SESSIONS or count < 0.8 * len(tried):
        return []
    return [trial for trial in tried if trial.signature == signature]


def _mended_since(tried: list[Trial]) -> bool:
    latest = tried[-_LATEST:]
    return len(tried) > _LATEST and all(trial.worked_at_once for trial in latest)


def _cure(at_fault: list[Trial]) -> Cure | None:
    """Return what worked instead in most sessions."""
    ways = Counter(trial.cure for trial in at_fault if trial.cure is not None and is_safe(trial.cure))
    if not ways:
        return None
    cure, count = ways.most_common(1)[0]
    return cure if count >= MIN_SESSIONS and 2 * count >= len(at_fault) else None


def _evidence(trial: Trial, words: _Words) -> FaultEvidence:
    run = trial.failed[0]
    instead = trial.cure.worded(words) if trial.cure else None
    return FaultEvidence(trial.session, run.line, run.text, trial.message, instead)
