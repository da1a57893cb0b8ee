"""From transcripts to records: read, pair, judge, redact, and write in one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from holdfast.errors import EnvironmentProblem, HoldfastError, TranscriptError
from holdfast.evidence.episodes import Episode
from holdfast.evidence.segments import session_key, signature_statistics
from holdfast.hook import clock
from holdfast.learn import failures, outlines, over_sessions, waiting
from holdfast.learn.candidates import Candidate, key_of
from holdfast.learn.coverage import Coverage
from holdfast.learn.gate import judge
from holdfast.learn.journals import Journals
from holdfast.learn.neutral import neutral_record, neutral_text
from holdfast.learn.reading_position import ProgressStore, discard
from holdfast.learn.report import IngestReport as IngestReport
from holdfast.learn.report import NotRead as NotRead
from holdfast.learn.report import Refusal as Refusal
from holdfast.learn.stretch import Stretch
from holdfast.learn.view import HIDDEN, View
from holdfast.learn.wording import Wording
from holdfast.repo import config, records
from holdfast.repo.ids import new_id
from holdfast.repo.lock import held
from holdfast.repo.records import Author, ItemEvidence, Learning, Segment, Source
from holdfast.transcripts.archive import Archive
from holdfast.transcripts.discovery import expand
from holdfast.transcripts.origin import Origin

BATCH = 400
"""Transcripts that are written in one commit; a longer ingest commits as it goes, so little is lost."""
WAIT = 600.0
"""Seconds to wait for another ingest of this repository; a large one takes minutes."""
_REFUSALS = 50


def ingest(
    view: View, paths: Iterable[Path | Origin], progress: Callable[[int], None] | None = None
) -> IngestReport:
    """Read transcripts into this repository's records.

    A path given here is read whatever directory its session worked in; paths in it are taken relative to
    the session's own root. What was read before is read on from where it was left.

    Args:
        view: The repository's view.
        paths: Transcripts, folders of them, or other origins such as a transcript in git.
        progress: Called with the bytes of each file that was dealt with.

    Raises:
        NewerRecords: The records were written by a newer Holdfast.
        RecordsBusy: Another ingest of this repository goes on for longer than ten minutes.
        RecordsError: The records branch cannot be written.
        EnvironmentProblem: The disk is full or read-only.
    """
    return ingest_within(view, paths, WAIT, progress)


def ingest_within(
    view: View,
    paths: Iterable[Path | Origin],
    wait: float,
    progress: Callable[[int], None] | None = None,
) -> IngestReport:
    """Do what `ingest` does, and wait so many seconds for another ingest of this repository."""
    view.refuse_newer()
    with held(view.repository, wait, name="ingest.lock"):
        view.refresh()  # another ingest may have ended while this one waited
        reading = view.repository.state_dir / "reading.db"
        if not view.branch.tips():  # nothing is on record, so nothing was read, whatever a cache says
            discard(reading)
        store = ProgressStore(reading)
        try:
            work = _Ingest(view, store)
            for origin in expand(paths):
                work.read(origin)
                if progress is not None:
                    progress(origin.size)
            work.write()
            work.compare_sessions()
            work.account()
        finally:
            store.close()
    return work.report


class _Ingest:
    """One run: what is known, what was found, and what is to be written."""

    def __init__(self, view: View, store: ProgressStore) -> None:
        self.view = view
        self.store = store
        self.report = IngestReport()
        self.coverage = Coverage(view.transcripts_read())
        self.files: dict[str, bytes] = {}
        self.sessions: set[str] = set()
        self.held_back: list[waiting.Waiting] = []
        self.outlines: list[outlines.Outline] = []
        self.roots = tuple(str(top) for top in view.repository.worktrees())
        self.journals = Journals(view, self.roots)
        self.read_since_write = 0
        believed = view.believed()  # what others recorded is not told here, so it is not known here
        known = [document for document in view.learnings() if document.author in believed]
        known.sort(key=lambda document: (document.state in HIDDEN, document.id))
        self.by_key = {document.digest: document.id for document in reversed(known)}
        self.texts = [document.text for document in known]
        self.waiting_keys = {item.key for item in waiting.read(view.repository)}
        chosen = config.settings(view.repository)
        self.archive = Archive(view.repository) if chosen is not None and chosen.archive else None
        self.wording = Wording.from_settings(chosen, view.repository)

    def read(self, origin: Origin) -> None:
        """Read one transcript; one that cannot be read is named in the report."""
        try:
            self._read(origin)
        except (TranscriptError, EnvironmentProblem, OSError) as error:
            self.store.forget()
            reason = error.message if isinstance(error, HoldfastError) else error.strerror or str(error)
            reason = reason.removeprefix(f"{origin.name} ").removeprefix(f"cannot read {origin.name}: ")
            self.report.not_read.append(NotRead(path=origin.name, reason=reason))
            return
        self.read_since_write += 1
        if self.read_since_write >= BATCH:
            self.write()

    def _read(self, origin: Origin) -> None:
        stretch = Stretch(origin, self.store, self.coverage, self.roots)
        self._count(stretch)
        segment_id = new_id()
        items = self.journals.fold(stretch, origin, segment_id)
        self._observe(stretch, segment_id if stretch.worth_keeping or items else None)
        if stretch.is_new:
            self.report.transcripts += 1
            agent = stretch.session.agent
            self.report.agents[agent] = self.report.agents.get(agent, 0) + 1
            self._keep(stretch, segment_id, items)
        else:
            self.report.unchanged += 1
        outline = outlines.outline_of(stretch.session, stretch.outline)
        if outline is not None:
            self.outlines.append(outline)
        self.store.note(origin, stretch.position())
        if self.archive is not None:
            self.report.archived += self.archive.keep(origin, stretch.session.id)

    def _count(self, stretch: Stretch) -> None:
        counts, report = stretch.counts, self.report
        report.records += counts.records
        report.unknown += counts.unknown
        report.malformed += counts.malformed
        report.oversized += counts.oversized
        report.size += stretch.size

    def _keep(self, stretch: Stretch, segment_id: str, items: tuple[ItemEvidence, ...]) -> None:
        """Learn from a stretch of a session, and keep its statistics when anything happened in it.

        That something was told or withheld is enough, or sessions that a warning spared would not count.
        """
        session = stretch.session
        by = Author(kind="agent", agent=session.agent, session=session_key(session))
        for episode in stretch.closed:
            self._learn(episode, by, segment_id, session.root)
        if not (stretch.worth_keeping or items):
            return
        segment = stretch.builder.build(
            session,
            Source(digest=stretch.span.digest, start=stretch.span.start, end=stretch.span.end),
            segment_id,
            signature_statistics(stretch.closed, stretch.still_open, stretch.findings),
            tuple(stretch.commits),
            clock.today(),
        )
        segment = msgspec.structs.replace(segment, items=items, **stretch.new_counts)
        self.coverage.add(segment.session, stretch.span)
        self.sessions.add(segment.session)
        self.report.segments += 1
        self.report.failures += sum(row.occurrences for row in segment.signatures)
        self.report.resolved += sum(row.resolved for row in segment.signatures)
        said = [text for episode in (*stretch.closed, *stretch.still_open) for text in said_in(episode)]
        self._add(neutral_record(segment, session.root, said))

    def _learn(self, episode: Episode, by: Author, segment: str, root: str | None) -> None:
        candidate = failures.candidate(episode)
        if candidate is None:
            return
        key = self._key(candidate, root)
        known = self.by_key.get(key)
        if known is not None:
            episode.learning = known
            self.report.confirmed += 1
            return
        learning = self._judged(candidate, key, by, segment, root, said_in(episode))
        if learning is None:
            return
        episode.learning = learning.id
        worded = self.wording.word(learning) if self.wording is not None else learning
        self._record(worded, key, self.report.learned)

    def _observe(self, stretch: Stretch, segment: str | None) -> None:
        """Take in what a stretch teaches besides its fixes, unless it is known, waits or was dropped.

        What quotes a person or an agent is kept for a person's review.
        """
        session = stretch.session
        by = Author(kind="agent", agent=session.agent, session=session_key(session))
        for candidate in stretch.observations.candidates():
            key = self._key(candidate, session.root)
            if key in self.waiting_keys or key in self.by_key:
                continue
            learning = self._judged(candidate, key, by, segment, session.root)
            if learning is None:
                continue
            if candidate.quotes_person:
                if session.ended is not None:  # it is as old as what was said, whenever that is read
                    learning = msgspec.structs.replace(learning, created=clock.day_of(session.ended))
                self.waiting_keys.add(key)
                self.report.waiting.append(learning.id)
                self.held_back.append(waiting.Waiting(key=key, learning=learning))
            else:
                self._record(learning, key, self.report.learned)

    def compare_sessions(self) -> None:
        """Record what only many sessions together teach, when this run brought new ones."""
        if not self.report.segments:
            return
        by = Author(kind="agent")
        for candidate in over_sessions.candidates(self.view):
            key = self._key(candidate, None)
            if key in self.by_key:
                continue
            learning = self._judged(candidate, key, by, None, None)
            if learning is not None:
                self._record(learning, key, self.report.conventions)
        self.write()

    def account(self) -> None:
        """Say what the user's agent did for the words of this run, and keep what it cost."""
        if self.wording is None:
            return
        report, wording = self.report, self.wording
        report.worded, report.wording_failed = wording.worded, wording.failed
        report.wording_seconds, report.wording_problem = round(wording.seconds, 1), wording.problem
        wording.note(self.view.repository)

    def _record(self, learning: Learning, key: str, told: list[str]) -> None:
        self.by_key[key] = learning.id
        self.texts.append(learning.lead)
        told.append(learning.id)
        self._add(learning)

    @staticmethod
    def _key(candidate: Candidate, root: str | None) -> str:
        return key_of(*(neutral_text(part, root) for part in candidate.same))

    def _judged(
        self,
        candidate: Candidate,
        key: str,
        by: Author,
        segment: str | None,
        root: str | None,
        said: Iterable[str] = (),
    ) -> Learning | None:
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
                same_as=key,
            ),
            root,
            said,
            is_new=True,
        )
        verdict = judge(learning.lead, kind=learning.kind, proven=candidate.proven, known=self.texts)
        if verdict.accepted:
            return learning
        refused = self.report.refused
        refused[verdict.criterion] = refused.get(verdict.criterion, 0) + 1
        if len(self.report.refusals) < _REFUSALS:
            reason = neutral_text(verdict.reason, root)
            refusal = Refusal(text=learning.lead[:300], criterion=verdict.criterion, reason=reason)
            self.report.refusals.append(refusal)
        return None

    def _add(self, record: Learning | Segment) -> None:
        self.files[record.path] = records.encode(record)

    def write(self) -> None:
        """Write what was found: local state, records in one commit, positions last."""
        for item in self.held_back:
            waiting.write(self.view.repository, item)
        self.held_back.clear()
        outlines.append(self.view.repository, self.outlines)
        self.outlines.clear()
        if self.files:
            number = len(self.sessions)
            subject = (
                f"Record {number} session{'s' if number != 1 else ''}" if number else "Record conventions"
            )
            self.report.commit = self.view.branch.append(self.files, subject)
            self.files, self.sessions = {}, set()
        self.store.commit()
        self.read_since_write = 0
        self.view.refresh()


def said_in(episode: Episode) -> Iterator[str]:
    """Yield the commands of an episode, in which a secret is told as such."""
    yield episode.failure.command
    yield from episode.between
    if episode.fix is not None:
        yield episode.fix.command
        yield from episode.fix.between
