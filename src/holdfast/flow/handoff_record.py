"""What one session hands to the next: a record in local state, made from events and from git alone.

It is for this machine, and a private original: it quotes what a person said. Everything in it is redacted.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Stopped = Literal["", "interrupted", "cut off", "waiting"]


class Commit(msgspec.Struct, frozen=True):
    """A commit that the session made, and the first line of its message."""

    id: str
    subject: str


class Handoff(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What was to be done, what was done, and what is left.

    Attributes:
        schema: The version of the format.
        session: The session's key; ``agent`` whose it is.
        place: The number of the repository's git directory on its disk: a copy of the repository has another.
        branch: The branch that the session ended on; empty when none is known.
        issues: The issues that the branch or the person named.
        started, ended: Seconds since the epoch.
        stopped: How it ended when it did not end its turn: ``interrupted`` by the person, ``cut off`` in the
            middle, or ``waiting`` for the person's answer. ``stopped_at`` says where.
        goal: What the person wanted; ``asked_last`` what they asked last, when that is something else.
        commits: What was committed, oldest first.
        files: The files that the session edited, relative to the top of the worktree.
        uncommitted: Those of the worktree's changes that are the session's and were in no commit when this
            was written; None where nobody could look.
        head: The commit that the branch was at then.
        patch: The name of the file beside this one that holds the uncommitted work; empty for none.
        decisions: What was asked and answered, or agreed.
        constraints: What the person forbade, demanded or corrected, in their words.
        tried: What was tried and given up, and why.
        open: What failed to the end, and what a list of tasks has left.
        next: What the agent said was to come.
        blockers: What stands in the way and no change of code mends: a right, a limit, the network.
    """

    schema: int = 1
    session: str
    agent: str
    place: int = 0
    branch: str = ""
    issues: list[str] = []
    started: float | None = None
    ended: float | None = None
    stopped: Stopped = ""
    stopped_at: str = ""
    goal: str = ""
    asked_last: str = ""
    commits: list[Commit] = []
    files: list[str] = []
    uncommitted: list[str] | None = None
    head: str = ""
    patch: str = ""
    decisions: list[str] = []
    constraints: list[str] = []
    tried: list[str] = []
    open: list[str] = []
    next: list[str] = []
    blockers: list[str] = []

    @property
    def left_open(self) -> bool:
        """Tell whether anything is left to do."""
        return bool(self.stopped or self.uncommitted or self.open or self.next or self.blockers)
