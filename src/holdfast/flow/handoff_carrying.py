"""What a handoff takes over from the one before it, when a session went on with the same work."""

from __future__ import annotations

from collections.abc import Collection

from holdfast.flow import handoff_store as store
from holdfast.flow.handoff_record import Handoff
from holdfast.flow.handoff_work import is_at, uncommitted
from holdfast.repo.location import Repository

LONGEST = 7 * 86400.0
"""Seconds for which what was left open is handed on by later sessions."""
MOST = 6
"""Lines of one kind that are kept, the latest."""


def earlier(repository: Repository, branch: str, session: str, began: float | None) -> Handoff | None:
    """Return what was handed over on a branch when a session began there; None when nothing was left open."""
    for one in store.read(repository, branch):
        if one.session == session or one.ended is None or began is None or one.ended > began:
            continue
        return one if one.left_open and began - one.ended <= LONGEST else None
    return None


def is_continued(
    before: Handoff, *, orders: Collection[str], issues: Collection[str], edited: Collection[str]
) -> bool:
    """Tell whether a session went on with what was left open.

    It gave no order of its own ("go on"), named the same issue, or edited one of the same files.
    """
    return not orders or bool(set(issues) & set(before.issues)) or bool(set(edited) & set(before.files))


def take_over(handoff: Handoff, before: Handoff) -> None:
    """Let a handoff say what holds of the one before it: its goal, decisions and bounds."""
    handoff.goal = handoff.goal or before.goal
    handoff.issues = list(dict.fromkeys([*handoff.issues, *before.issues]))[:8]
    handoff.decisions = list(dict.fromkeys([*before.decisions, *handoff.decisions]))[-MOST:]
    handoff.constraints = list(dict.fromkeys([*before.constraints, *handoff.constraints]))[-MOST:]


def still_uncommitted(repository: Repository, branch: str) -> Handoff | None:
    """Return an earlier handoff of a branch with what of its work is in no commit to this day; else None."""
    found = store.read(repository, branch)
    top = next((top for top in repository.worktrees() if top.is_dir() and is_at(top, branch)), None)
    if top is None or not found:
        return None
    since = (found[0].ended or 0.0) - LONGEST
    recent = [one for one in found[1:] if one.uncommitted and (one.ended or 0.0) >= since]
    if not recent:
        return None
    left = set(uncommitted(top, (path for one in recent for path in one.uncommitted or ())))
    for before in recent:
        still = [path for path in before.uncommitted or () if path in left]
        if still:
            return Handoff(
                session=before.session,
                agent=before.agent,
                place=before.place,
                branch=before.branch,
                issues=before.issues,
                ended=before.ended,
                goal=before.goal,
                asked_last=before.asked_last,
                uncommitted=still,
                head=before.head,
            )
    return None


def tell(repository: Repository, branch: str) -> None:
    """Write what the next start on a branch is told.

    It is the latest handoff. When that left nothing open, an earlier one whose work is uncommitted still.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    latest = next(iter(store.read(repository, branch)), None)
    if latest is not None:
        open_one = None if latest.left_open else still_uncommitted(repository, branch)
        store.tell(repository, branch, open_one or latest)
