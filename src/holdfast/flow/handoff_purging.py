"""What a purge must remove besides a record: what handoffs kept here quote of the same session or words."""

from __future__ import annotations

from holdfast.flow import handoff_carrying as carrying
from holdfast.flow import handoff_store as store
from holdfast.flow.handoff_record import Handoff
from holdfast.repo.location import Repository


def forget(repository: Repository, *, session: str = "", text: str = "") -> int:
    """Remove the handoffs of a session, and those that hold a text; return how many.

    What is left of each is a record that says nothing, so that reading the session's log again brings nothing
    back. Its patch stays: it is the user's own work, and quotes nobody.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    wanted = _plain(text)
    found = [one for one in store.every(repository) if one.session == session or _holds(one, wanted)]
    for one in found:
        blank = Handoff(
            session=one.session, agent=one.agent, place=one.place, branch=one.branch, ended=one.ended
        )
        store.write(repository, blank, b"")
        for name in one.issues:
            tell_issue(repository, name, blank)
    for branch in dict.fromkeys(one.branch for one in found):
        carrying.tell(repository, branch)
    return len(found)


def tell_issue(repository: Repository, name: str, blank: Handoff) -> None:
    """Write what a session that names an issue is told, after a handoff of it was removed.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    left = next(iter(store.of_issue(repository, name)), blank)
    store.tell_issue(repository, name, left)


def _holds(handoff: Handoff, wanted: str) -> bool:
    told = [handoff.goal, handoff.asked_last, handoff.stopped_at, *(one.subject for one in handoff.commits)]
    told += [*handoff.decisions, *handoff.constraints, *handoff.tried]
    told += [*handoff.open, *handoff.next, *handoff.blockers]
    return bool(wanted) and any(wanted in _plain(each) for each in told)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
