"""What one session hands to the next: made when a session is captured, from its events and from git.

    write_handoffs(repository, [Path("session.jsonl")])

The next session that starts on the branch is told the few lines that matter, once and only when something was
left open (`holdfast.hook.handoff`); `holdfast brief --handoff` gives the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from holdfast.errors import EnvironmentProblem, TranscriptError
from holdfast.evidence import journal
from holdfast.evidence.segments import session_key
from holdfast.flow import handoff_carrying as carrying
from holdfast.flow import handoff_findings as findings
from holdfast.flow import handoff_store as store
from holdfast.flow import handoff_words as words
from holdfast.flow.handoff_cleaning import Cleaning
from holdfast.flow.handoff_events import SessionEvents
from holdfast.flow.handoff_record import Commit, Handoff
from holdfast.flow.handoff_work import Work, branch_of, checked_out, detached_of, work_of, worktree_of
from holdfast.flow.task_lists import TaskLists
from holdfast.hook.handoff import FOLDER as FOLDER
from holdfast.hook.handoff import place_of
from holdfast.hook.issue_names import names_in, names_in_branch
from holdfast.learn.gate import is_safe
from holdfast.repo.location import Repository
from holdfast.transcripts.events import SessionInfo
from holdfast.transcripts.origin import Origin, origin_of
from holdfast.transcripts.transcript import open_transcript

MOST_DECISIONS, MOST_BOUNDS, MOST_TRIED, MOST_OPEN, MOST_NEXT = 5, 6, 4, 5, 5
LEAST_CALLS = 3
"""Calls of a session that changed nothing and still has something to hand over, when it was broken off."""
MAX_FILES = 100
"""Files that a handoff names."""
_COMMIT = re.compile(r"[0-9a-f]{12}")
"""What a journal has in place of a branch where none was checked out."""
_BRANCH_PER_RECORD = ("claude-code", "qwen-code")
"""Agents whose log names the branch in every record, not only at the start."""


class _Session(NamedTuple):
    """What was read of a session."""

    info: SessionInfo
    events: SessionEvents
    tasks: list[str]


def write_handoffs(
    repository: Repository, transcripts: Iterable[Path | Origin], *, since: float = 0.0
) -> list[Path]:
    """Write what the sessions of some transcripts hand over; return the records that were written.

    What was handed over before and has not gone on since is left as it is. A transcript that cannot be read
    is passed over: it is for `holdfast ingest` to say so.

    Args:
        repository: The repository.
        transcripts: The logs of sessions, in any order.
        since: Seconds since the epoch; logs that were last written before are passed over.

    Raises:
        EnvironmentProblem: The disk is full or read-only.
    """
    roots = [str(top) for top in repository.worktrees()]
    origins = [origin for each in transcripts if (origin := origin_of(each)).mtime >= since]
    sessions = [read for origin in origins if (read := _read(origin, roots)) is not None]
    written: list[Path] = []
    branches: dict[str, None] = {}
    for session in sorted(sessions, key=lambda session: session.info.ended or 0.0):
        made = _made(repository, session)
        if made is not None:
            written.append(store.write(repository, *made))
            branches[made[0].branch] = None
    for branch in branches:
        carrying.tell(repository, branch)
    return written


def _read(origin: Origin, roots: list[str]) -> _Session | None:
    """Read a session; None when no person said anything in it, or it cannot be read."""
    events, tasks = SessionEvents(), TaskLists()
    try:
        transcript = open_transcript(origin, roots=roots)
        for event in transcript.events():
            events.feed(event, transcript.line)
        tasks.read(origin)
    except (TranscriptError, EnvironmentProblem, OSError):
        return None
    events.finish()
    left = tasks.left()
    if len(left) == 1 and not events.stopped:
        left = []  # at the end of a turn one is forgotten rather than left
    info = transcript.session
    if info.ended is None:  # a format without times
        info = msgspec.structs.replace(info, ended=origin.mtime or None)
    return _Session(info, events, left) if events.is_of_person else None


def _made(repository: Repository, session: _Session) -> tuple[Handoff, bytes] | None:
    """Return what a session hands over, and its uncommitted work as a patch; None for nothing new."""
    info, events = session.info, session.events
    key, worktree = session_key(info), worktree_of(repository, info.root)
    if worktree is None and info.root and Path(info.root).is_dir():
        return None  # it worked somewhere else; in a worktree that was removed it was here
    branch = _branch(repository, info, events, worktree)
    known = store.known(repository, branch, key)
    if known is not None and known.ended == info.ended:
        return None
    issues = list(dict.fromkeys([*names_in_branch(branch), *names_in(" ".join(events.orders[:50]))]))[:8]
    before = carrying.earlier(repository, branch, key, info.started)
    if before is not None and not carrying.is_continued(
        before, orders=events.orders, issues=issues, edited=events.edited
    ):
        before = None
    work = work_of(
        repository,
        worktree,
        branch,
        edited=[*events.edited, *((before.uncommitted or ()) if before else ())],
        runs=events.commits,
        started=info.started,
        ended=info.ended,
    )
    handoff = _handoff(session, work)
    handoff.branch, handoff.issues, handoff.place = branch, issues, place_of(str(repository.common_dir))
    if not _is_worth_keeping(handoff, events):
        return None
    if before is not None:
        carrying.take_over(handoff, before)
    return handoff, work.patch


def _branch(
    repository: Repository, session: SessionInfo, events: SessionEvents, worktree: Path | None
) -> str:
    """Return the branch that a session ended on, or its worktree without one; empty when none is known."""
    logged = session.branch or ""
    if logged and session.agent in _BRANCH_PER_RECORD:
        known = logged
    else:
        known = events.branch or _journaled_branch(repository, session_key(session)) or logged
    if known and known != "HEAD" and not _COMMIT.fullmatch(known):
        return known
    if worktree is None:
        return ""
    return detached_of(worktree) if known and checked_out(worktree) else branch_of(worktree)


def _journaled_branch(repository: Repository, key: str) -> str:
    """Return the branch that the session's journal names last; empty without one."""
    found = journal.read(repository, key)
    return found.started.branch if found is not None and found.started is not None else ""


def _handoff(session: _Session, work: Work) -> Handoff:
    info, events = session.info, session.events
    clean = Cleaning(info.root, [*events.ran, *events.orders])
    goal, last = (events.orders[0], events.orders[-1]) if events.orders else ("", "")
    failing, blocking = findings.failing(events)
    return Handoff(
        session=session_key(info),
        agent=info.agent,
        started=info.started,
        ended=info.ended,
        stopped=events.stopped,
        stopped_at="".join(clean.lines([events.stopped_at], 1)),
        goal=clean.line(goal),
        asked_last=clean.line(last) if last != goal else "",
        commits=[Commit(one.id, "".join(clean.lines([one.subject], 1))) for one in work.commits[-20:]],
        files=_paths(clean, events.edited),
        uncommitted=None if work.uncommitted is None else _paths(clean, work.uncommitted),
        head=work.head,
        patch=f"{session_key(info)}.patch" if work.patch else "",
        decisions=clean.lines(findings.decided(events.agreements.found), MOST_DECISIONS),
        constraints=clean.lines(
            [*events.bounds, *findings.refused(events.agreements.found)], MOST_BOUNDS, of_person=True
        ),
        tried=clean.lines(findings.tried(events), MOST_TRIED),
        open=clean.lines(failing, MOST_OPEN),
        next=clean.lines((session.tasks or words.to_come(events.said))[:MOST_NEXT], MOST_NEXT),
        blockers=clean.lines(blocking, MOST_OPEN),
    )


def _paths(clean: Cleaning, paths: Iterable[str]) -> list[str]:
    inside = [path for path in paths if not path.startswith(("/", "..", "~"))]
    lines = (clean.line(path.encode("utf-8", "replace").decode()) for path in inside[:MAX_FILES])
    return [line for line in lines if is_safe(line)]


def _is_worth_keeping(handoff: Handoff, events: SessionEvents) -> bool:
    """Tell whether a session changed or settled anything, or was broken off at work."""
    changed = handoff.files or handoff.commits or handoff.uncommitted
    settled = handoff.decisions or handoff.constraints or handoff.tried
    broken_off = handoff.stopped in ("interrupted", "cut off") and events.calls >= LEAST_CALLS
    return bool(changed or settled or broken_off or handoff.open or handoff.blockers)
