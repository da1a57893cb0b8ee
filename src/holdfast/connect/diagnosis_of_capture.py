"""The check of `holdfast doctor` that looks at what hooks wrote down: sessions to read, and journals."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.connect.finding import Finding, note, ok
from holdfast.evidence import journal
from holdfast.hook import due
from holdfast.learn.due import MOST_TRIES, DueList
from holdfast.repo.location import Repository


def check_capture(repository: Repository) -> Iterator[Finding]:
    """Name sessions that could not be read in the background, and journals that are damaged."""
    lines = DueList(repository).lines
    given_up = sum(line.tries >= MOST_TRIES for line in lines)
    if given_up:
        sessions = "session was" if given_up == 1 else "sessions were"
        yield note(
            "sessions",
            f"{given_up} {sessions} not read within a minute, or left no log",
            repository.state_dir / due.NAME,
            hint="Read them with all the time it takes: `holdfast ingest`",
        )
    journals = list(journal.read_all(repository))
    malformed = sum(each.malformed for each in journals)
    folder = repository.state_dir / journal.FOLDER
    if malformed:
        counted = "line is" if malformed == 1 else "lines are"
        yield note("journal", f"{malformed} {counted} damaged and passed over", folder)
    if journals and not given_up:
        waiting = len(lines)
        what = f"; {waiting} to be read at the next start" if waiting else ""
        yield ok("sessions", f"hooks wrote down {len(journals)} of them in the last month{what}", folder)
