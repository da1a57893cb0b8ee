"""What one session hands to the next: made when a session is captured, from its events and from git.

    write_handoffs(repository, [Path("session.jsonl")])

The next session that starts on the branch is told the few lines that matter, once and only when something was
left open (`holdfast.hook.handoff`); `holdfast brief --handoff` gives the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from holdfast.errors import EnvironmentProblem, TranscriptError
from holdfast.evidence.segments import session_key
from holdfast.flow import handoff_findings as findings
from holdfast.flow import handoff_store as store
from holdfast.flow import handoff_words as words
from holdfast.flow.handoff_cleaning import Cleaning
from holdfast.flow.handoff_events import SessionEvents
from holdfast.flow.handoff_record import Commit, Handoff
from holdfast.flow.handoff_work import Work, branch_of, uncommitted, work_of, worktree_of
from holdfast.flow.task_lists import TaskLists
from holdfast.hook.handoff import FOLDER as FOLDER
from holdfast.hook.handoff import place_of
from holdfast.hook.issue_names import names_in, names_in_branch
from holdfast.repo.location import Repository
from holdfast.transcripts.events import SessionInfo
from holdfast.transcripts.origin import Origin, origin_of
from holdfast.transcripts.transcript import open_transcript

MOST_DECISIONS, MOST_BOUNDS, MOST_TRIED, MOST_OPEN, MOST_NEXT = 5, 6, 4, 5, 5
LEAST_CALLS = 3
"""Calls of a session that changed nothing and still has something to hand over, when it was broken off."""
CARRIED = 14 * 86400.0
"""Seconds for which uncommitted work is handed on over sessions that left nothing open themselves."""
MAX_FILES = 100
"""Files that a handoff names."""
_BRANCH_PER_RECORD = ("claude-code", "qwen-code")
"""Agents whose log names the branch in every record, not only at the start."""


def write_handoffs(repository: Repository, transcripts: Sequence[Path | Origin]) -> list[Path]:
    """Write what the sessions of some transcripts hand over; return the records that were written.

    What was handed over before and has not gone on since is left as it is. A transcript that cannot be read
    is passed over: it is for `holdfast ingest` to say so.

    Raises:
        EnvironmentProblem: The disk is full or read-only.
    """
    written: list[Path] = []
    branches: dict[str, None] = {}
    for transcript in transcripts:
        try:
            made = _made(repository, origin_of(transcript))
        except (TranscriptError, EnvironmentProblem, OSError):
            continue
        if made is None:
            continue
        handoff, patch = made
        before = store.known(repository, handoff.branch, handoff.session)
        if before is not None and before.ended == handoff.ended:
            continue
        written.append(store.write(repository, handoff, patch))
        branches[handoff.branch] = None
    for branch in branches:
        _tell(repository, branch)
    return written


def _made(repository: Repository, origin: Origin) -> tuple[Handoff, bytes] | None:
    """Return what a session hands over, and its uncommitted work as a patch; None for nothing."""
    roots = [str(top) for top in repository.worktrees()]
    transcript, events = open_transcript(origin, roots=roots), SessionEvents()
    for event in transcript.events():
        events.feed(event, transcript.line)
    events.finish()
    if not events.is_of_person:
        return None
    session = transcript.session
    worktree = worktree_of(repository, session.root)
    branch = _branch(repository, session, events, worktree)
    work = work_of(
        repository,
        worktree,
        branch,
        edited=events.edited,
        runs=events.commits,
        started=session.started,
        ended=session.ended,
    )
    handoff = _handoff(session, events, work, branch, _tasks_left(origin, events))
    handoff.place = place_of(str(repository.common_dir))
    return (handoff, work.patch) if _is_worth_keeping(handoff, events) else None


def _branch(
    repository: Repository, session: SessionInfo, events: SessionEvents, worktree: Path | None
) -> str:
    """Return the branch that a session ended on; empty when none is known."""
    logged = "" if session.branch in (None, "HEAD") else str(session.branch)
    if logged and session.agent in _BRANCH_PER_RECORD:
        return logged
    known = events.branch or _journaled_branch(repository, session_key(session)) or logged
    return known or (branch_of(worktree) if worktree is not None else "")


def _journaled_branch(repository: Repository, key: str) -> str:
    """Return the branch that the session's journal names last; empty without one."""
    try:
        lines = (repository.state_dir / "journal" / f"{key}.jsonl").read_bytes().split(b"\n")
    except OSError:
        return ""
    for line in reversed(lines):
        try:
            told = msgspec.json.decode(line) if line else None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        if isinstance(told, dict) and told.get("do") == "start" and isinstance(told.get("branch"), str):
            return str(told["branch"])
    return ""


def _tasks_left(origin: Origin, events: SessionEvents) -> list[str]:
    """Return the tasks of the agent's own list that are left; at a turn's end one forgotten is none."""
    tasks = TaskLists()
    tasks.read(origin)
    left = tasks.left()
    return [] if len(left) <= 1 and not events.stopped else left


def _handoff(
    session: SessionInfo, events: SessionEvents, work: Work, branch: str, tasks: list[str]
) -> Handoff:
    clean = Cleaning(session.root, [*events.ran, *events.orders])
    goal, last = (events.orders[0], events.orders[-1]) if events.orders else ("", "")
    failing, blocking = findings.failing(events)
    return Handoff(
        session=session_key(session),
        agent=session.agent,
        branch=branch,
        issues=list(dict.fromkeys([*names_in_branch(branch), *names_in(" ".join(events.orders[:50]))]))[:8],
        started=session.started,
        ended=session.ended,
        stopped=events.stopped,
        stopped_at=clean.line(events.stopped_at),
        goal=clean.line(goal),
        asked_last=clean.line(last) if last != goal else "",
        commits=[Commit(one.id, clean.line(one.subject, 30)) for one in work.commits][-20:],
        files=_paths(clean, events.edited),
        uncommitted=None if work.uncommitted is None else _paths(clean, work.uncommitted),
        head=work.head,
        patch=f"{session_key(session)}.patch" if work.patch else "",
        decisions=clean.lines(findings.decided(events.agreements.found), MOST_DECISIONS),
        constraints=clean.lines([*events.bounds, *findings.refused(events.agreements.found)], MOST_BOUNDS),
        tried=clean.lines(findings.tried(events), MOST_TRIED),
        open=clean.lines(failing, MOST_OPEN),
        next=clean.lines((tasks or words.to_come(events.said))[:MOST_NEXT], MOST_NEXT),
        blockers=clean.lines(blocking, MOST_OPEN),
    )


def _paths(clean: Cleaning, paths: Iterable[str]) -> list[str]:
    inside = [path for path in paths if not path.startswith(("/", "..", "~"))]
    return [clean.line(path.encode("utf-8", "replace").decode()) for path in inside[:MAX_FILES]]


def _is_worth_keeping(handoff: Handoff, events: SessionEvents) -> bool:
    """Tell whether a session changed or settled anything, or was broken off at work."""
    changed = handoff.files or handoff.commits or handoff.uncommitted
    settled = handoff.decisions or handoff.constraints or handoff.tried
    broken_off = handoff.stopped in ("interrupted", "cut off") and events.calls >= LEAST_CALLS
    return bool(changed or settled or broken_off or handoff.open or handoff.blockers)


def _tell(repository: Repository, branch: str) -> None:
    """Write what the next start on a branch is told.

    It is the latest handoff. When that left nothing open, an earlier one whose work is uncommitted still.
    """
    found = store.read(repository, branch)
    if not found:
        return
    latest = found[0]
    if latest.left_open:
        store.tell(repository, branch, latest)
        return
    store.tell(repository, branch, _still_uncommitted(repository, found) or latest)


def _still_uncommitted(repository: Repository, found: list[Handoff]) -> Handoff | None:
    """Return an earlier handoff with what of its work is in no commit to this day; None without one."""
    tops = [top for top in repository.worktrees() if top.is_dir() and branch_of(top) == found[0].branch]
    if not tops:
        return None
    for earlier in found[1:]:
        if (found[0].ended or 0.0) - (earlier.ended or 0.0) > CARRIED:
            return None
        left = set(uncommitted(tops[0], earlier.uncommitted or ())) if earlier.uncommitted else set()
        if left & set(earlier.uncommitted or ()):
            still = [path for path in earlier.uncommitted or () if path in left]
            return Handoff(
                session=earlier.session,
                agent=earlier.agent,
                place=earlier.place,
                branch=earlier.branch,
                ended=earlier.ended,
                goal=earlier.asked_last or earlier.goal,
                uncommitted=still,
                head=earlier.head,
            )
    return None
