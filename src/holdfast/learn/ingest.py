"""From transcripts to records: read, pair, judge, redact, and write in one commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from holdfast.errors import EnvironmentProblem, NewerRecords, TranscriptError
from holdfast.evidence.corrections import CorrectionTracker
from holdfast.evidence.episodes import Episode, EpisodeTracker
from holdfast.evidence.segments import SegmentBuilder, session_key, signature_statistics
from holdfast.hook import clock
from holdfast.learn import corrections, failures, waiting
from holdfast.learn.candidates import Candidate
from holdfast.learn.gate import judge
from holdfast.learn.neutral import neutral_record
from holdfast.learn.reading_position import Position, ProgressStore
from holdfast.learn.view import View
from holdfast.repo import records
from holdfast.repo.ids import new_id
from holdfast.repo.lock import held
from holdfast.repo.records import Author, Learning, Segment, Source
from holdfast.transcripts.discovery import expand
from holdfast.transcripts.transcript import Transcript, open_transcript

BATCH = 400
"""Transcripts that are written in one commit; a longer ingest commits as it goes, so little is lost."""


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
        agents: Transcripts by agent.
        learned: Ids of new learnings; ``confirmed`` counts fixes that were already known and worked again.
        waiting: Ids of new candidates that quote a person and wait for `holdfast review`.
        refused: Candidates that the gate refused, by criterion; ``refusals`` holds the first fifty.
        records: Lines read; ``unknown`` and ``malformed`` are among them.
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
    confirmed: int = 0
    waiting: list[str] = []
    refused: dict[str, int] = {}
    refusals: list[Refusal] = []
    not_read: list[NotRead] = []
    commit: str | None = None


def ingest(view: View, paths: Iterable[Path], progress: Callable[[int], None] | None = None) -> IngestReport:
    """Read transcripts into this repository's records.

    A path given here is read whatever directory its session worked in; paths in it are taken relative to
    the session's own root. What was read before is read on from where it was left.

    Args:
        view: The repository's view.
        paths: Transcripts, or folders of them.
        progress: Called with the bytes read since the last call.

    Raises:
        NewerRecords: The records were written by a newer Holdfast.
        RecordsError: The records branch cannot be written.
    """
    if view.newer:
        raise NewerRecords(
            "The records here were written by a newer Holdfast; this one can read them, not add to them.",
            "Upgrade: `python -m pip install -U holdfast`",
        )
    state = view.repository.ensure_state()
    with held(view.repository, name="ingest.lock"):
        store = ProgressStore(state / "reading.db")
        try:
            work = _Ingest(view, store)
            for path in expand(paths):
                work.read(path)
                if progress is not None:
                    progress(path.stat().st_size)
            work.write()
        finally:
            store.close()
    return work.report


class _Ingest:
    """One run: what is known, what was found, and what is to be written."""

    def __init__(self, view: View, store: ProgressStore) -> None:
        self.view = view
        self.store = store
        self.report = IngestReport()
        self.files: dict[str, bytes] = {}
        self.pending = 0
        self.held_back: list[waiting.Waiting] = []
        self.by_key = {document.digest: document.id for document in view.learnings()}
        self.texts = [document.text for document in view.learnings()]
        self.waiting_keys = {item.key for item in waiting.read(view.repository)}
        self.refused: Counter[str] = Counter()
        self.agents: Counter[str] = Counter()
        self.counted: set[tuple[str, int, int]] = set()

    def read(self, path: Path) -> None:
        """Read one transcript; a file that cannot be read is named in the report."""
        key = path.resolve()
        position = self.store.position(key)
        try:
            transcript = open_transcript(
                path, since=position.checkpoint if position else None, seen=self.store
            )
            self._read_events(key, transcript, position)
        except (TranscriptError, EnvironmentProblem) as error:
            self.report.not_read.append(NotRead(path=str(path), reason=error.message))

    def _read_events(self, key: Path, transcript: Transcript, position: Position | None) -> None:
        resumed = position is not None and transcript.resumed
        tracker = EpisodeTracker(position.episodes if position and resumed else None)
        told = CorrectionTracker(position.corrections if position and resumed else None)
        builder = SegmentBuilder()
        for event in transcript.events():
            line = transcript.line
            builder.feed(event, tracker.feed(event, line))
            told.feed(event, line)
        self._count(transcript)
        start, end = transcript.byte_range
        source = (transcript.digest, start, end)
        if end > start and source not in self.counted and not self.view.knows_source(*source):
            self.counted.add(source)
            self.report.transcripts += 1
            self.agents[transcript.session.agent] += 1
            self._keep(transcript, tracker, told, builder)
        else:
            self.report.unchanged += 1
        for episode in tracker.state.open:
            episode.reported = episode.occurrences
        self.store.note(
            key, Position(checkpoint=transcript.checkpoint(), episodes=tracker.state, corrections=told.state)
        )
        self.pending += 1
        if self.pending >= BATCH:
            self.write()

    def _count(self, transcript: Transcript) -> None:
        counts, report = transcript.counts, self.report
        report.records += counts.records
        report.unknown += counts.unknown
        report.malformed += counts.malformed
        report.oversized += counts.oversized
        start, end = transcript.byte_range
        report.size += end - start

    def _keep(
        self,
        transcript: Transcript,
        tracker: EpisodeTracker,
        told: CorrectionTracker,
        builder: SegmentBuilder,
    ) -> None:
        session, root = transcript.session, transcript.session.root
        segment_id = new_id()
        by = Author(kind="agent", agent=session.agent, session=session_key(session))
        for episode in tracker.closed:
            self._learn(episode, by, segment_id, root)
        for correction in told.found:
            candidate = corrections.candidate(correction)
            if candidate is not None:
                self._hold_back(candidate, by, segment_id, root)
        if not builder.worth_keeping:
            return
        start, end = transcript.byte_range
        segment = builder.build(
            session,
            Source(digest=transcript.digest, start=start, end=end),
            segment_id,
            signature_statistics(tracker.closed, tracker.finish()),
            tuple(tracker.commits),
            clock.today(),
        )
        self.report.segments += 1
        self.report.failures += sum(row.occurrences for row in segment.signatures)
        self.report.resolved += sum(row.resolved for row in segment.signatures)
        self._add(neutral_record(segment, root))

    def _learn(self, episode: Episode, by: Author, segment: str, root: str | None) -> None:
        candidate = failures.candidate(episode)
        if candidate is None:
            return
        known = self.by_key.get(candidate.key)
        if known is not None:
            episode.learning = known
            self.report.confirmed += 1
            return
        learning = self._judged(candidate, by, segment, root)
        if learning is None:
            return
        episode.learning = learning.id
        self.by_key[candidate.key] = learning.id
        self.texts.append(learning.lead)
        self.report.learned.append(learning.id)
        self._add(learning)

    def _hold_back(self, candidate: Candidate, by: Author, segment: str, root: str | None) -> None:
        if candidate.key in self.waiting_keys or candidate.key in self.by_key:
            return
        learning = self._judged(candidate, by, segment, root)
        if learning is not None:
            self.waiting_keys.add(candidate.key)
            self.report.waiting.append(learning.id)
            self.held_back.append(waiting.Waiting(key=candidate.key, learning=learning))

    def _judged(self, candidate: Candidate, by: Author, segment: str, root: str | None) -> Learning | None:
        """Return the candidate as a learning, neutral and judged; None when the gate refuses it."""
        learning = neutral_record(
            Learning(
                id=new_id(),
                kind=candidate.kind,
                created=clock.today(),
                text=candidate.text,
                by=by,
                applies=candidate.applies,
                evidence=(msgspec.structs.replace(candidate.evidence, segment=segment),),
                same_as=candidate.key,
            ),
            root,
        )
        verdict = judge(learning.lead, kind=learning.kind, proven=candidate.proven, known=self.texts)
        if verdict.accepted:
            return learning
        self.refused[verdict.criterion] += 1
        if len(self.report.refusals) < 50:
            refusal = Refusal(text=learning.lead[:300], criterion=verdict.criterion, reason=verdict.reason)
            self.report.refusals.append(refusal)
        return None

    def _add(self, record: Learning | Segment) -> None:
        self.files[record.path] = records.encode(record)

    def write(self) -> None:
        """Write what was found: candidates to local state, records in one commit, positions last."""
        for item in self.held_back:
            waiting.write(self.view.repository, item)
        self.held_back.clear()
        if self.files:
            subject = f"Record {self.pending} session{'s' if self.pending != 1 else ''}"
            self.report.commit = self.view.branch.append(self.files, subject)
            self.files = {}
        self.store.commit()
        self.pending = 0
        self.report.agents = dict(self.agents)
        self.report.refused = dict(self.refused)
        self.view.refresh()
