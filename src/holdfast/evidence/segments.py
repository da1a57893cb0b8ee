"""Segments: the statistics of one stretch of one session, enough for a fresh clone to compute with."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

from holdfast.evidence.episodes import MAX_PENDING, Episode, Failure, PendingCall
from holdfast.evidence.findings import TOOL as LINT
from holdfast.evidence.findings import Ended
from holdfast.evidence.fixes import fixes_of
from holdfast.evidence.token_counts import TokenCounter
from holdfast.hook import clock, commands
from holdfast.hook.patterns import regex
from holdfast.repo.records import Segment, SignatureStatistics, Source
from holdfast.transcripts.events import (
    AnyEvent,
    Call,
    Compaction,
    Interruption,
    Prompt,
    Result,
    SessionInfo,
    SubagentStart,
    Usage,
)

EXTRACTOR = "2"
"""The version of the rules that turn events into segments and candidates."""
_NAME = regex(r"[\w.:/+()-]{1,80}")
MAX_PATHS = 200
"""Edited files that a segment names: the first ones."""
MAX_PARTS = 8
"""Commands of one shell line that are counted."""
MAX_FAMILIES = 60
"""Command families that a segment counts: those that ran most often."""
MAX_FINDINGS = 40
"""Findings of linters that a segment names: those that a directive ended, then the first."""
MAX_FIXES = 12
"""What ended one failure in a segment: what did so most often."""


def session_key(session: SessionInfo) -> str:
    """Return the key of a session: 16 hex digits of a SHA-256.

    It is a digest because an agent's own id may hold the time of day.
    """
    return hashlib.sha256(f"{session.agent}\n{session.id}".encode("utf-8", "replace")).hexdigest()[:16]


class SegmentBuilder:
    """Count what happened in one stretch of a session; `build` gives the segment.

    Args:
        pending: The calls of an earlier stretch whose results are still to come (`EpisodeState.pending`).
    """

    def __init__(self, pending: Mapping[str, PendingCall] | None = None) -> None:
        self.tools: Counter[str] = Counter()
        self.interventions: Counter[str] = Counter()
        self.tokens: Counter[str] = Counter()
        self.contexts: list[int] = []
        self.edited: dict[str, None] = {}
        self.prompts = self.compactions = self.failures = 0
        self.subagents: set[str] = set()
        self.last: float | None = None
        self.active = 0.0
        self.first_edit: tuple[int, int] | None = None
        self._texts = TokenCounter()
        self._succeeded: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._calls = {key: item.call for key, item in (pending or {}).items() if _is_counted(item.call)}

    def feed(self, event: AnyEvent, failure: Failure | None = None) -> None:
        """Take the next event, and the failure that it was, if it was one."""
        self._texts.feed(event)
        if not isinstance(event, Usage):  # given when its message is complete, long after its time
            self._note_time(event.at)
        if isinstance(event, Call):
            self.tools[event.tool] += 1
            if _is_counted(event):
                self._calls[event.id] = event
                if len(self._calls) > MAX_PENDING:
                    del self._calls[next(iter(self._calls))]
        elif isinstance(event, Result):
            self._note_result(event, failure)
        elif isinstance(event, Usage):
            self._note_usage(event)
        elif isinstance(event, Prompt):
            self.prompts += not event.injected
        elif isinstance(event, Compaction):
            self.compactions += 1
        elif isinstance(event, Interruption):
            self.interventions["interrupted"] += 1
        elif isinstance(event, SubagentStart) and event.subagent:
            self.subagents.add(event.subagent)

    def _note_usage(self, event: Usage) -> None:
        self.contexts.append(event.context)
        self.tokens.update(
            input=event.input,
            output=event.output,
            cache_read=event.cache_read,
            cache_write=event.cache_write,
        )

    def _note_result(self, event: Result, failure: Failure | None) -> None:
        call = self._calls.pop(event.call_id, None)
        if failure is not None:
            self.failures += 1
        if event.status == "rejected":
            self.interventions["rejected"] += 1
            self.interventions["corrected"] += bool(event.words)
        elif call is not None and call.command:
            self._note_command(call.command, failure)
        elif event.status == "ok" and call is not None:
            self._note_edits(call)

    def _note_edits(self, call: Call) -> None:
        if self.first_edit is None:
            fresh = self.tokens["input"] + self.tokens["cache_write"] + self.tokens["output"]
            self.first_edit = max(0, self.tools.total() - 1), fresh
        for edit in call.edits:
            if len(self.edited) < MAX_PATHS:
                self.edited[edit.path] = None

    def _note_command(self, command: str, failure: Failure | None) -> None:
        """Count the families of a line: each when it succeeded, the one that failed when it did not."""
        if failure is not None:
            self._failed[failure.owner] += 1
            return
        mains = commands.mains(command)[:MAX_PARTS]
        self._succeeded.update({commands.family_of(commands.unwrapped(words)) for words in mains} - {""})

    def _note_time(self, at: float | None) -> None:
        if at is None:
            return
        if self.last is not None and 0 < at - self.last < 300:
            self.active += at - self.last
        self.last = at

    @property
    def worth_keeping(self) -> bool:
        """Tell whether anything happened: a stretch without edit or failure leaves no segment."""
        return bool(self.edited or self.failures)

    def build(
        self,
        session: SessionInfo,
        source: Source,
        record_id: str,
        signatures: tuple[SignatureStatistics, ...],
        commits: tuple[str, ...],
        today: str,
    ) -> Segment:
        """Return the segment.

        Args:
            session: What the transcript says about itself.
            source: The bytes that were read.
            record_id: The id of the new record.
            signatures: From `signature_statistics`.
            commits: Abbreviated ids of the commits made in the stretch.
            today: The UTC day, used when the transcript holds no time.
        """
        return Segment(
            id=record_id,
            session=session_key(session),
            agent=session.agent,
            version=_name(session.version),
            model=_name(session.model),
            day=clock.recorded_day(self.last) or today,
            extractor=EXTRACTOR,
            transcript=source,
            calls=self.tools.total(),
            failures=self.failures,
            prompts=self.prompts,
            calls_by_tool=dict(sorted(self.tools.items())),
            context=_quantiles(self.contexts),
            tokens={name: count for name, count in self.tokens.items() if count},
            minutes=round(self.active / 60),
            compactions=self.compactions,
            subagents=len(self.subagents),
            interventions={name: count for name, count in self.interventions.items() if count},
            signatures=signatures,
            edited=tuple(sorted(self.edited)),
            commits=commits,
            commands={
                family: (self._succeeded[family], self._failed[family])
                for family, _ in (self._succeeded + self._failed).most_common(MAX_FAMILIES)
            },
            first_edit=self.first_edit,
            token_sums={
                name: sums.flat() for model, sums in self._texts.sums().items() if (name := _name(model))
            },
        )


def _is_counted(call: Call) -> bool:
    return bool(call.edits or call.command)


def _name(text: str | None) -> str | None:
    """Return a name that a log states; anything else in its place may be words of a person."""
    return text if text and _NAME.fullmatch(text) else None


def signature_statistics(
    closed: list[Episode], still_open: list[Episode], findings: Iterable[Ended] = ()
) -> tuple[SignatureStatistics, ...]:
    """Sum episodes by signature; what an earlier stretch counted is not counted again.

    A linter's findings stand beside them, as of the tool ``lint``: that they were met, and what ended them.
    """
    grouped: dict[tuple[str, str], list[Episode]] = {}
    for episode in [*closed, *still_open]:
        grouped.setdefault((episode.failure.family, episode.failure.specific), []).append(episode)
    counted = [
        _sum(episodes)
        for _, episodes in sorted(grouped.items())
        if any(episode.fix or episode.occurrences > episode.reported for episode in episodes)
    ]
    return (*counted, *_finding_statistics(findings))


def _sum(episodes: list[Episode]) -> SignatureStatistics:
    failure = episodes[0].failure
    ended = [episode.fix for episode in episodes if episode.fix is not None]
    learned = Counter(episode.learning for episode in episodes if episode.fix and episode.learning)
    return SignatureStatistics(
        family=failure.family,
        specific=failure.specific,
        command=failure.owner,
        tool=failure.tool,
        generic=failure.generic,
        occurrences=sum(episode.occurrences - episode.reported for episode in episodes),
        resolved=len(ended),
        steps=tuple(fix.steps for fix in ended),
        tokens=sum(fix.tokens for fix in ended),
        seconds=sum(fix.seconds for fix in ended),
        fixed_by=dict(sorted(learned.items())),
        fixes=_most(Counter(fix for episode in episodes for fix in fixes_of(episode))),
    )


def _finding_statistics(findings: Iterable[Ended]) -> list[SignatureStatistics]:
    """Return the rows of a linter's findings, those that a directive ended first."""
    met: dict[tuple[str, str], Counter[str]] = {}
    for found in findings:
        written = met.setdefault((found.family, found.specific), Counter())
        if found.directive:
            written[f"directive {found.directive}"] += 1
    ordered = sorted(met.items(), key=lambda item: not item[1])[:MAX_FINDINGS]
    return [
        SignatureStatistics(family=family, specific=specific, command=LINT, tool=LINT, fixes=_most(written))
        for (family, specific), written in sorted(ordered)
    ]


def _most(fixes: Counter[str]) -> dict[str, int]:
    ordered = sorted(fixes.items(), key=lambda item: (-item[1], item[0]))[:MAX_FIXES]
    return dict(sorted(ordered))


def _quantiles(values: list[int]) -> dict[str, int]:
    if not values:
        return {}
    ordered = sorted(values)
    last = len(ordered) - 1
    return {
        "p10": ordered[round(last * 0.1)],
        "p50": ordered[round(last * 0.5)],
        "p90": ordered[round(last * 0.9)],
        "max": ordered[-1],
    }
