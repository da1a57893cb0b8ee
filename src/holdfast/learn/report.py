"""What an ingest did, as commands show it."""

from __future__ import annotations

import msgspec


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate that the gate refused."""

    text: str
    criterion: str
    reason: str


class NotRead(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was not read, and why."""

    path: str
    reason: str


class IngestReport(msgspec.Struct, kw_only=True):
    """What an ingest did.

    Attributes:
        transcripts: Transcripts with something new in them; ``unchanged`` had nothing new.
        agents: Transcripts with something new, by agent.
        size: Bytes read.
        records: Records read; of them ``unknown`` were of no known kind. ``malformed`` lines held none,
            ``oversized`` ones were passed over.
        segments: Stretches of sessions that were recorded; the others held no edit and no failure.
        failures: Failed calls; ``resolved`` counts the successes that ended one or more of them, or of those
            that were read earlier.
        learned: Ids of new learnings about a fix; ``confirmed`` counts how often a known one worked again.
        conventions: Ids of new conventions, which only many sessions together show.
        waiting: Ids of new candidates that quote a person or an agent and wait for `holdfast review`.
        refused: Candidates that the gate refused, by criterion; ``refusals`` holds the first fifty.
        not_read: Files that could not be read.
        archived: Transcripts of which a compressed copy was written, because that was chosen.
        worded: New learnings that bear the words of the user's agent; ``wording_failed`` those for which it
            gave none that count, ``wording_seconds`` what its calls took, ``wording_problem`` why it was not
            run.
        commit: The last commit on the records branch, when something was written.
    """

    transcripts: int = 0
    unchanged: int = 0
    agents: dict[str, int] = {}
    size: int = 0
    records: int = 0
    unknown: int = 0
    malformed: int = 0
    oversized: int = 0
    segments: int = 0
    failures: int = 0
    resolved: int = 0
    learned: list[str] = []
    conventions: list[str] = []
    confirmed: int = 0
    waiting: list[str] = []
    refused: dict[str, int] = {}
    refusals: list[Refusal] = []
    not_read: list[NotRead] = []
    archived: int = 0
    worded: int = 0
    wording_failed: int = 0
    wording_seconds: float = 0.0
    wording_problem: str = ""
    commit: str | None = None
