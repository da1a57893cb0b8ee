"""The tuition report: what sessions keep paying for, the findings first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from holdfast.learn.instruction_commands import as_command
from holdfast.learn.instruction_dates import dated
from holdfast.learn.instructions import read_instructions, read_text_lines
from holdfast.learn.redact import redact
from holdfast.measure.approaches import ApproachRate, success_by_approach
from holdfast.measure.asked_twice import AskedTwice, asked_twice
from holdfast.measure.instruction_faults import instruction_faults
from holdfast.measure.orientation import Orientation, orientation
from holdfast.measure.stale_lines import StaleLine, stale_lines
from holdfast.measure.tuition import since
from holdfast.measure.tuition.choose import InstructionFile, cure_of, instruction_file, not_changed
from holdfast.measure.tuition.documents import stale_documents
from holdfast.measure.tuition.findings import Finding, Grounds, findings
from holdfast.measure.tuition.history import History, history
from holdfast.measure.tuition.merge import merged
from holdfast.measure.tuition.repeated import (
    Cost,
    RepeatedFailure,
    TimeToRepeat,
    cost,
    repeated_failures,
    time_to_repeat,
)
from holdfast.measure.tuition.sessions import GivenUp, Read, ReadSession, Unreadable
from holdfast.measure.tuition.unpaired import pair_with_other_ways
from holdfast.measure.tuition.weeks import EARLIEST, LATEST, Week, weeks
from holdfast.repo.chain import day_of
from holdfast.repo.location import Repository
from holdfast.transcripts.retention import Retention
from holdfast.transcripts.walking import Skipped

THIN = 5
"""Sessions below which there is too little to tell what repeats."""
WEEK = 7 * 86_400.0
LISTED = 100
"""Findings, and repeated failures, that a report holds; a screen shows fewer."""


class Tuition(msgspec.Struct, kw_only=True):
    """What sessions keep paying for.

    Attributes:
        repository: The name of the repository's folder; None outside one.
        sessions: Sessions that were read; ``agents`` counts them by agent.
        first, last: UTC days of the first and the last session with a time.
        hours: Hours of agent work in them, pauses left out.
        thin: True with fewer than `THIN` sessions: what repeats cannot be told yet.
        healthy: True when there is enough history and nothing to act on.
        findings: What one can act on now, the weightiest first; a screen shows the first three.
        cost: What failures cost in all.
        repeated: Failures that came back, the dearest first.
        time_to_repeat: How soon they come back.
        weeks: Sessions and repeats, week by week.
        approaches: What sessions tried and gave up, the latest first.
        asked: Questions that a person was asked in several sessions.
        ways: How often each of several ways to do the same work succeeded.
        orientation: What sessions spend before their first edit.
        history: What git alone tells of work done twice.
        stale_documents: Lines of the README and the documents that name what is gone.
        ended: What became of failures whose cause was mended; only when asked for.
        advice: What else would help, a sentence each.
        elsewhere: Sessions that ran in other folders than the repository's.
        older: Sessions that were read and left out, since they ended before the time asked for.
        records: Records read; ``malformed`` and ``unknown`` ones were not understood.
        unreadable: Instruction files and transcripts that were not read.
    """

    repository: str | None
    sessions: int
    agents: dict[str, int]
    first: str | None
    last: str | None
    hours: float
    thin: bool
    healthy: bool
    findings: list[Finding]
    cost: Cost
    repeated: list[RepeatedFailure]
    time_to_repeat: TimeToRepeat | None
    weeks: list[Week]
    approaches: list[GivenUp]
    asked: list[AskedTwice]
    ways: list[ApproachRate]
    orientation: Orientation | None
    history: History | None
    stale_documents: list[StaleLine]
    ended: list[since.Ended]
    advice: list[str]
    elsewhere: int
    older: int
    records: int
    malformed: int
    unknown: int
    unreadable: list[Unreadable]


def tuition(
    reads: Iterable[Read],
    repository: Repository | None = None,
    *,
    after: float | None = None,
    since_fix: bool = False,
    skipped: Iterable[Skipped] = (),
    kept_for: Sequence[Retention] = (),
) -> Tuition:
    """Return the report over what was read.

    Args:
        reads: From `sessions.read_sessions`.
        repository: Where instruction files, history and patches belong; None outside one.
        after: Only sessions that ended after this time count, in seconds since the epoch.
        since_fix: Also say what ended since it was mended.
        skipped: What was not looked at when the logs were looked for.
        kept_for: The agents here that delete their logs.
    """
    whole = Read()
    for read in reads:
        _join(whole, read)
    sessions = merged(session for session in whole.sessions if _is_after(session, after))
    root = repository.root if repository else None
    agents = Counter(session.facts.agent for session in sessions)
    file = instruction_file(root, agents) if root else None
    failures = repeated_failures(sessions)
    paired = pair_with_other_ways(failures, sessions)
    grounds = _grounds(repository, file, sessions, failures, agents)
    became = _ended(repository, sessions, grounds) if repository else []
    for failure in failures:
        failure.ended = _ended_on(failure, became)
        failure.cure = None if failure.ended else cure_of(failure, file, grounds.faults, grounds.lines)
    found = findings(grounds)
    thin = len(sessions) < THIN
    return Tuition(
        repository=root.name if root else None,
        sessions=len(sessions),
        agents=dict(agents.most_common()),
        first=_day(min(_times(sessions), default=None)),
        last=_day(max(_times(sessions), default=None)),
        hours=round(sum(session.facts.seconds for session in sessions) / 3600, 1),
        thin=thin,
        healthy=not thin and not found,
        findings=found[:LISTED],
        cost=_with_paired(cost(sessions), paired),
        repeated=failures[:LISTED],
        time_to_repeat=time_to_repeat(sessions),
        weeks=weeks(sessions),
        approaches=[one for session in reversed(sessions) for one in session.approaches][:LISTED],
        asked=grounds.asked,
        ways=success_by_approach([session.facts for session in sessions]),
        orientation=orientation([session.facts for session in sessions]) if sessions else None,
        history=history(repository) if repository else None,
        stale_documents=stale_documents(repository)[:LISTED] if repository else [],
        ended=became if since_fix else [],
        advice=_advice(sessions, failures, file, kept_for),
        elsewhere=_elsewhere(sessions, repository) if repository and root else 0,
        older=sum(not _is_after(session, after) for session in whole.sessions),
        records=whole.records,
        malformed=whole.malformed,
        unknown=whole.unknown,
        unreadable=[
            *(Unreadable(name=path, reason=why) for path, why in (not_changed(root) if root else ())),
            *whole.unreadable,
            *(Unreadable(name=place, reason=why) for place, why in skipped),
        ],
    )


def _join(whole: Read, read: Read) -> None:
    whole.sessions += read.sessions
    whole.unreadable += read.unreadable
    whole.records += read.records
    whole.malformed += read.malformed
    whole.unknown += read.unknown
    whole.size += read.size


def _is_after(session: ReadSession, after: float | None) -> bool:
    ended = session.facts.ended
    return after is None or (ended is not None and ended >= after)


def _grounds(
    repository: Repository | None,
    file: InstructionFile | None,
    sessions: Sequence[ReadSession],
    failures: list[RepeatedFailure],
    agents: Counter[str],
) -> Grounds:
    root = repository.root if repository else None
    lines = dated(repository, read_instructions(root)) if repository and root else []
    facts = [session.facts for session in sessions]
    times = _times(sessions)
    span = max(times) - min(times) if times else 0.0
    asked = asked_twice(
        (session.facts.key, session.facts.started, session.agreements) for session in sessions
    )
    return Grounds(
        root=root,
        file=file,
        weeks=max(1.0, span / WEEK),
        claude=bool(agents.get("claude-code")),
        failures=failures,
        faults=instruction_faults(lines, facts),
        stale=stale_lines(root, lines) if root else [],
        asked=[_redacted(one) for one in asked],
        lines=lines,
    )


def _with_paired(known: Cost, paired: list[RepeatedFailure]) -> Cost:
    """Add what failures cost whose success was another command: their stretches were open till then."""
    minutes = sum(failure.minutes for failure in paired if not failure.resolved)
    tokens = sum(failure.tokens for failure in paired if not failure.resolved)
    return msgspec.structs.replace(
        known,
        minutes=round(known.minutes + minutes, 1),
        tokens=known.tokens + tokens,
        repeated_minutes=round(known.repeated_minutes + minutes, 1),
        repeated_tokens=known.repeated_tokens + tokens,
    )


def _advice(
    sessions: Sequence[ReadSession],
    failures: list[RepeatedFailure],
    file: InstructionFile | None,
    kept_for: Sequence[Retention],
) -> list[str]:
    """Return what else would help, the weightiest first."""
    advice = []
    hints = [one for one in failures if one.instead and one.cure and one.cure.form == "hint"]
    if hints:
        known = f"{len(hints)} of these failures have" if len(hints) > 1 else "One of these failures has"
        advice.append(
            f"{known} a known fix that is best told the moment it fails again: `holdfast init`, then "
            "`holdfast ingest`."
        )
    if kept_for:
        agents = ", ".join(f"{one.agent} after {one.days} days" for one in kept_for)
        advice.append(
            f"Logs are deleted ({agents}). To keep a copy of them on this machine: `holdfast init`, then "
            "`holdfast ingest --archive`."
        )
    if file is not None and file.text is None and sessions:
        advice.append(
            f"Agents here read no instructions: a few lines in {file.path} with the commands that work "
            "spare each session the search."
        )
    return advice


def _redacted(asked: AskedTwice) -> AskedTwice:
    answers = tuple(redact(answer) for answer in asked.answers)
    return msgspec.structs.replace(asked, question=redact(asked.question), answers=answers)


def _ended(repository: Repository, sessions: Sequence[ReadSession], grounds: Grounds) -> list[since.Ended]:
    standing = [command for line in grounds.lines for command in line.commands if not line.forbidden]
    paths = sorted({line.path for line in grounds.lines})
    mended = [*since.notes(repository)]
    if paths:
        mended += since.mended_in_history(repository, paths, _commands_named, standing)
    return since.ended(sessions, mended)


def _ended_on(failure: RepeatedFailure, became: Sequence[since.Ended]) -> str | None:
    """Return the day of the change that ended a failure; None while it goes on."""
    ended = (one for one in became if one.verdict == "ended")
    return next((one.day for one in ended if since.begins_with(failure.failed, one.command)), None)


def _elsewhere(sessions: Sequence[ReadSession], repository: Repository) -> int:
    """Count the sessions that are known to have run in other folders than the repository's."""
    tops = {str(top) for top in repository.worktrees()}
    return sum(bool(session.facts.root) and session.facts.root not in tops for session in sessions)


def _commands_named(line: str) -> list[str]:
    """Return the commands that one line tells to run, in prose or in a block of commands."""
    told = [line_ for line_ in read_text_lines("", line) if not line_.forbidden]
    bare = as_command(line.strip(), in_shell=True) if line[:1] in (" ", "\t") or line[:1].islower() else None
    return [*(command for line_ in told for command in line_.commands), *([bare] if bare else [])]


def _times(sessions: Sequence[ReadSession]) -> list[float]:
    return [at for session in sessions if (at := session.facts.started) and EARLIEST < at < LATEST]


def _day(at: float | None) -> str | None:
    return None if at is None else day_of(int(at))
