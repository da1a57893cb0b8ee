"""Capture: read the sessions that hooks saw end, soon, apart from the agent, and within a minute.

Sessions that ended without a word, by an error, a limit or a kill, are read when nothing was heard of them
for ten minutes. What is read is what `holdfast ingest` would read; reading it again changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from holdfast.errors import RecordsBusy
from holdfast.evidence import journal
from holdfast.hook import clock
from holdfast.hook import due as waiting
from holdfast.learn.due import MOST_TRIES, Due, DueList, Finder, is_idle, note_looked, silent
from holdfast.learn.ingest import ingest_within
from holdfast.learn.report import IngestReport
from holdfast.learn.view import View
from holdfast.repo.location import Repository
from holdfast.repo.lock import held
from holdfast.transcripts.origin import Origin

SECONDS = 40.0
"""How long one capture goes on with further sessions."""
LOCK = waiting.LOCK
_PATIENCE = 5.0
"""Seconds that a capture waits for an ingest that a person started."""


class Captured(msgspec.Struct, kw_only=True):
    """What a capture did.

    Attributes:
        sessions: Sessions that were read; ``open`` may still be at work, ``left`` wait for the next time,
            ``missing`` have no log.
        transcripts: Names of the logs that were read, those of subagents left out.
        busy: True when another process captures in this repository; then nothing was done.
        report: What reading them taught.
    """

    sessions: int = 0
    open: int = 0
    left: int = 0
    missing: int = 0
    transcripts: list[str] = []
    busy: bool = False
    report: IngestReport = msgspec.field(default_factory=IngestReport)


def is_due(repository: Repository) -> bool:
    """Tell whether a session ended, or fell silent, and was not read since."""
    return waiting.is_due(str(repository.state_dir), clock.now())


def is_given_up(repository: Repository) -> bool:
    """Tell whether a session was tried too often to be tried again by itself."""
    return any(line.tries >= MOST_TRIES for line in DueList(repository).lines)


def capture(
    view: View,
    *,
    seconds: float = SECONDS,
    home: Path | None = None,
    logs: list[Origin] | None = None,
    given_up: bool = False,
) -> Captured:
    """Read the sessions that are due.

    Args:
        view: The repository's view.
        seconds: How long to go on with further sessions.
        home: Where agents keep their logs; the user's home by default.
        logs: Filled with the logs that were read, those of subagents left out.
        given_up: Read those too that were tried too often.

    Raises:
        NewerRecords: The records were written by a newer Holdfast.
        RecordsBusy: A person's ingest goes on; what is due stays so.
    """
    view.refuse_newer()
    try:
        with held(view.repository, 0.0, name=LOCK):
            run = _Capture(view, seconds, home or Path.home(), [] if logs is None else logs)
            return run.all(given_up=given_up)
    except RecordsBusy as error:
        if LOCK in error.message:
            return Captured(busy=True)
        raise


class _Capture:
    """One run: what waits, what may still be at work, and what was taken up."""

    def __init__(self, view: View, seconds: float, home: Path, read: list[Origin]) -> None:
        self._read = read
        self._view, self._repository = view, view.repository
        self._end = time.monotonic() + seconds
        self._now = clock.now()
        self._finder = Finder(view.repository, home)
        self._list = DueList(view.repository)
        self._waiting: list[Due] = []
        self._taken: list[Due] = []
        self._open: list[Due] = []
        self._done = Captured()
        self._most = MOST_TRIES

    def all(self, patience: float = _PATIENCE, *, given_up: bool = False) -> Captured:
        self._most = 1 << 30 if given_up else MOST_TRIES
        self._sort()
        try:
            self._done.report = ingest_within(self._view, self._logs(), patience)
            self._taken.clear()
        finally:  # stopped in the middle, what was taken up is tried again, a few times
            self._list.keep([*self._taken, *self._waiting, *self._open])
        note_looked(self._repository, self._now)
        journal.put_away(self._repository, self._now)
        self._done.open, self._done.left = len(self._open), len(self._waiting)
        return self._done

    def _sort(self) -> None:
        """Tell apart what is to be read now and what may still be at work; a session is named once."""
        lines = {line.key: line for line in self._list.lines}  # the last line of a session stands
        ended = {line.key for line in self._list.lines if line.reason != waiting.OPEN}
        for line in [*lines.values(), *silent(self._repository, self._now, lines.values())]:
            if line.key in ended or is_idle(self._repository, line, self._now):
                self._waiting.append(line)
            else:
                self._open.append(msgspec.structs.replace(line, at=self._now))

    def _logs(self) -> Iterator[Origin]:
        """Yield the logs of one session after the other while there is time, the latest first."""
        for line in sorted(self._waiting, key=lambda line: (line.tries, -line.at)):
            if time.monotonic() > self._end:
                return
            given_up, is_late = line.tries >= self._most, self._now - line.at >= waiting.IDLE
            if given_up and not is_late:
                continue
            logs = self._finder.logs(line)
            if given_up and logs:
                continue
            self._waiting.remove(line)
            again = msgspec.structs.replace(line, tries=line.tries + 1)
            if not logs:
                self._done.missing += 1
                if not is_late:
                    self._waiting.append(again)  # it may come yet
                continue
            self._taken.append(again)
            yield from logs
            self._read.append(logs[0])
            self._done.transcripts.append(logs[0].name)
            self._done.sessions += 1
