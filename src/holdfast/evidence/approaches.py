"""Abandoned approaches: what a session put in, took out again for a reason, and what stood in its place.

A hunk counts when nearly all of its lines went again and the names it brought are not in what replaced them,
and when something ended it: a person's words, a command's error line, or the agent saying that it takes it
back. Refinements, moves, renamings, tests, formatting and debugging output are no approaches.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

from holdfast.evidence import endings, hunks, resolution, taking_back
from holdfast.evidence.detours import Detours, GivenUp
from holdfast.evidence.endings import Said
from holdfast.evidence.given_up import AbandonedApproach as AbandonedApproach
from holdfast.evidence.given_up import Kind, Waiting, detour, given_up, made, may_be_approach
from holdfast.evidence.hunks import Hunk
from holdfast.evidence.outcomes import Outcomes, succeeded
from holdfast.hook import commands
from holdfast.transcripts.events import AnyEvent, Call, Edit, Prompt, Result, Say

MAX_SAID = 6
"""Messages of the agent, and words of the person, that are looked back at."""
MAX_PENDING = 50
"""Edits that wait for their result at one time; the oldest are given up."""
MAX_WORDS = 1500
"""Characters of one message that are kept."""
MAX_WHY = 600
"""Characters of what the agent said before an edit that are kept with it."""
MAX_EDITS = 12
"""Edits of one call that are looked at: the first."""
MAX_EDIT = 20_000
"""Characters of an edit's removed or added text; a longer edit is passed over: half of it tells wrong."""
MAX_WAITING = 40
"""Approaches that wait for the end of what there is."""
MAX_HUNKS = 12
"""Hunks that are put together as one approach: the first."""
GONE = 0.25
"""Share of a hunk's lines that may still stand when it counts as taken out."""


class ApproachState(msgspec.Struct, kw_only=True):
    """What must be carried over when a transcript is read on.

    Attributes:
        told: The line and the turn of endings whose approach was found: what else they end belongs to it.
    """

    calls: dict[str, Call] = {}
    hunks: list[Hunk] = []
    waiting: list[Waiting] = []
    said: list[Said] = []
    given_up: list[GivenUp] = []
    told: list[tuple[int, int]] = []
    turn: int = 0
    commits: int = 0


class ApproachTracker:
    """Collect what a session tried and gave up. `found` fills at `finish`, when it is known what stayed.

    Args:
        state: What was carried over.
        outcomes: The session's latest commands, when they are shared with another tracker.
    """

    def __init__(self, state: ApproachState | None = None, outcomes: Outcomes | None = None) -> None:
        self.state = state or ApproachState()
        self.found: list[AbandonedApproach] = []
        self._outcomes = outcomes or Outcomes()
        self._detours = Detours(self.state.given_up)

    def feed(self, event: AnyEvent, line: int = 0) -> None:
        """Take the next event, which stands at ``line``."""
        if isinstance(event, Say):
            self._hear("agent", event.text, line)
        elif isinstance(event, Prompt):
            if not event.injected and event.text.strip():
                self._hear("person", event.text, line)
        elif isinstance(event, Call):
            self._begin(event)
        elif isinstance(event, Result):
            self._end(event, line)

    def finish(self) -> None:
        """Add to `found` what was given up and is over; what was given here is not given again.

        What an error ended goes on waiting until the command that failed succeeds.
        """
        state, still = self.state, []
        for waiting in state.waiting:
            if waiting.ending.by == "error" and not waiting.confirmed:
                still.append(waiting)
            elif approach := made(waiting, state.hunks):
                self.found.append(approach)
                state.told.append((waiting.ending.line, waiting.turn))
        state.waiting = still
        del state.told[:-MAX_WAITING]
        self.found.extend(detour(command, failure) for command, failure in self._detours.take())

    def _hear(self, who: Literal["agent", "person"], text: str, line: int) -> None:
        if who == "person":
            self.state.turn += 1
        kept = text[:MAX_WORDS] if who == "person" else text[-MAX_WORDS:]
        self.state.said.append(Said(who, kept, line, self.state.turn))
        mine = [said for said in self.state.said if said.who == who]
        if len(mine) > MAX_SAID:
            self.state.said.remove(mine[0])

    def _begin(self, call: Call) -> None:
        self._outcomes.feed(call)
        if call.edits:
            edits = tuple(
                edit for edit in call.edits[:MAX_EDITS] if max(len(edit.removed), len(edit.added)) <= MAX_EDIT
            )
            self.state.calls[call.id] = Call(id=call.id, tool=call.tool, name=call.name, edits=edits)
            if len(self.state.calls) > MAX_PENDING:
                del self.state.calls[next(iter(self.state.calls))]

    def _end(self, result: Result, line: int) -> None:
        ended = self._outcomes.feed(result, line)
        call = self.state.calls.pop(result.call_id, None)
        if result.status == "rejected" and result.words and result.words.strip():
            self._hear("person", result.words, line)
        if ended is not None and ended.outcome is not None:
            self._detours.failed(ended.outcome)
        if result.status != "ok":
            return
        if ended is not None:
            if succeeded(ended):
                self._worked(ended.command, line)
            if taking_back.may_act(ended.command):
                self._take_back(ended.command, line)
        elif call is not None:
            for edit in call.edits:
                self._edited(edit, line, whole=call.tool == "Write" and not edit.removed)

    def _worked(self, command: str, line: int) -> None:
        """Take a command that succeeded: it may stand for one that was given up, or confirm an approach."""
        self._detours.worked(command, line, self._outcomes.state.step)
        for waiting in self.state.waiting:
            ending = waiting.ending
            if ending.by == "error" and commands.part_of(command, ending.owner):
                call = Call(id="", tool="Bash", name="Bash", command=command)
                waiting.confirmed = waiting.confirmed or resolution.resolves(
                    "Bash", ending.command, ending.words, (), call, owner=ending.owner
                )

    def _take_back(self, command: str, line: int) -> None:
        for action in taking_back.actions(command):
            if action.kind == "commit":
                self.state.commits += 1
            elif action.kind in ("stash", "pop", "drop"):
                self._stash(action.kind, line)
            else:
                self._undo(action, line)

    def _stash(self, kind: str, line: int) -> None:
        live = [hunk for hunk in self.state.hunks if hunk.left]
        if kind == "stash":
            for hunk in live:
                hunk.stashed = hunk.stashed or hunk.commits == self.state.commits
        elif kind == "pop":
            for hunk in live:
                hunk.stashed = False
        else:
            self._abandon("undone", [hunk for hunk in live if hunk.stashed], [], line)

    def _undo(self, action: taking_back.Action, line: int) -> None:
        mine = [
            hunk
            for hunk in self.state.hunks
            if hunk.left and action.reaches(hunk.path, hunk.commits, self.state.commits)
        ]
        self._abandon("undone", mine, [], line)

    def _edited(self, edit: Edit, line: int, *, whole: bool) -> None:
        """Take an edit that was applied: what it takes out of earlier hunks, and what it puts in."""
        added, removed = hunks.changed(edit)
        gone = Counter(removed)
        over = []
        present = Counter(hunks.lines_of(edit.added)) if whole else Counter[str]()
        for hunk in self.state.hunks:
            if hunk.path != edit.path or not hunk.left:
                continue
            taken = Counter(hunks.left_of(hunk)) - present if whole else gone
            if hunks.take_out(hunk, taken) and len(hunk.left) <= GONE * len(hunk.added):
                over.append(hunk)
        if over:
            self._abandon("rewritten", over, added[: hunks.MAX_LINES], line)
        if added:
            self._put_in(edit.path, added, removed, line)

    def _put_in(self, path: str, added: list[str], removed: list[str], line: int) -> None:
        said = next((said.text for said in reversed(self.state.said) if said.who == "agent"), "")
        hunk = Hunk(
            path=path,
            line=line,
            turn=self.state.turn,
            commits=self.state.commits,
            added=added[: hunks.MAX_LINES],
            left=list(range(len(added[: hunks.MAX_LINES]))),
            removed=removed[: hunks.MAX_LINES],
            said=said[-MAX_WHY:],
        )
        self.state.hunks.append(hunk)
        self._forget()

    def _abandon(self, kind: Kind, over: list[Hunk], put_in: list[str], line: int) -> None:
        state, taken = self.state, {id(hunk) for hunk in over}
        state.hunks = [hunk for hunk in state.hunks if id(hunk) not in taken]
        worth = [hunk for hunk in over if may_be_approach(hunk)]
        if not worth:
            return
        ending = endings.find(worth[0], state.said, self._outcomes, state.turn, undone=kind == "undone")
        if ending is None or (ending.line, state.turn) in state.told:
            return
        worth = [hunk for hunk in worth if hunk.line < ending.line] or worth
        for waiting in reversed(state.waiting):
            same = waiting.ending.line == ending.line and waiting.ending.by == ending.by
            if same and waiting.turn == state.turn:
                if worth[0].path == waiting.hunks[0].path and len(waiting.hunks) < MAX_HUNKS:
                    waiting.put_in.extend(put_in)
                waiting.hunks = [*waiting.hunks, *worth][:MAX_HUNKS]
                waiting.end_line = line
                return
        state.waiting.append(given_up(kind, ending, worth[:MAX_HUNKS], put_in, state.turn, line))
        del state.waiting[:-MAX_WAITING]

    def _forget(self) -> None:
        total = sum(len(hunk.added) + len(hunk.removed) for hunk in self.state.hunks)
        while total > hunks.MAX_TOTAL and len(self.state.hunks) > 1:
            oldest = self.state.hunks.pop(0)
            total -= len(oldest.added) + len(oldest.removed)
