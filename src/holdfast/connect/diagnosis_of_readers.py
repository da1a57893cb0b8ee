"""The checks of `holdfast doctor` that look at transcripts: how well they are read, how long they stay."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from holdfast.connect.finding import Finding, note, ok, problem
from holdfast.errors import RecordsError
from holdfast.repo import config, records
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.location import Repository
from holdfast.repo.records import Segment
from holdfast.transcripts import readers
from holdfast.transcripts.reader import Reader, is_verified
from holdfast.transcripts.retention import retention

WORTH_NOTING = 0.02
"""The share of records not understood from which an agent's version is named."""
WORTH_MENDING = 0.1
"""The share from which what is learned from its sessions is not to be relied on."""
FEWEST = 50
"""Records below which a share says nothing."""

_UPGRADE = "python -m pip install --upgrade holdfast"


class Tally(msgspec.Struct):
    """How many records of one version of an agent were read, and how many of them not understood.

    Attributes:
        since: The first day on which a share worth noting was not understood.
    """

    agent: str
    version: str
    records: int
    lost: int
    since: str

    @property
    def share(self) -> float:
        """Return the share of records that were not understood."""
        return self.lost / self.records if self.records else 0.0

    @property
    def name(self) -> str:
        """Return agent and version, as a person is told."""
        return f"{self.agent} {self.version}".strip()


def check_readers() -> Iterator[Finding]:
    """Name the agents whose sessions can be read, the readers not checked, and those that failed to load."""
    others = readers.third_party_readers()
    known: tuple[type[Reader], ...] = (*readers.BUILT_IN, *others.readers)
    yield ok("readers", f"sessions of {', '.join(sorted({reader.agent for reader in known}))} can be read")
    unverified = sorted({reader.agent for reader in known if not is_verified(reader)})
    if unverified:
        yield note(
            "readers",
            f"unverified, never tried on a real session: {', '.join(unverified)}",
            hint="Look at what `holdfast ingest` says of such a session before you rely on it.",
        )
    for told in others.problems:
        yield problem("readers", told, hint="Upgrade or remove the package that brings it.")


def check_retention() -> Iterator[Finding]:
    """Say which agents delete their transcripts, and after how long."""
    for kept in retention(Path.home(), os.environ):
        days = "one day" if kept.days == 1 else f"{kept.days} days"
        yield note(
            "transcripts kept",
            f"{kept.agent} deletes its transcripts after {days}{'' if kept.stated else ', its default'}",
            kept.setting_path,
            hint=f"What was ingested stays. To keep the transcripts longer, set `{kept.setting}` there.",
        )


def check_understood(repository: Repository) -> Iterator[Finding]:
    """Say what share of the records of each agent's version was not understood, and since when."""
    tallies = _tallied(_segments(repository))
    counted = sum(tally.records for tally in tallies)
    if not counted:
        return
    lost = sum(tally.lost for tally in tallies)
    yield ok("transcripts", f"of {counted:,} records read, {_percent(lost / counted)} were not understood")
    for place, tally in enumerate(tallies):
        if tally.records >= FEWEST and tally.share >= WORTH_NOTING:
            make = problem if tally.share >= WORTH_MENDING else note
            yield make("transcripts", _told(tally, tallies[:place]), hint=_hint(tally))


def _told(tally: Tally, earlier: list[Tally]) -> str:
    """Return what is not understood of a version, since when, and how it was before."""
    before = [other for other in earlier if other.agent == tally.agent and other.records >= FEWEST]
    compared = f" ({before[-1].version or 'before'}: {_percent(before[-1].share)})" if before else ""
    share = _percent(tally.share)
    return f"{tally.name}: {share} of {tally.records:,} records not understood since {tally.since}{compared}"


def _hint(tally: Tally) -> str:
    return (
        f"Its log has changed. {_UPGRADE}; if that is the newest, report `{tally.name}`: what is learned "
        "from its sessions lacks what stood in those records."
    )


def _segments(repository: Repository) -> Iterator[Segment]:
    found = RecordsBranch(repository, private=config.mode(repository) == "private")
    paths = {entry.blob: entry.path for entry in found.added() if entry.path.startswith("segments/")}
    for blob, data in found.read(paths):
        try:
            record = records.decode(paths[blob], data)
        except RecordsError:
            continue  # named by the check of the records
        if isinstance(record, Segment):
            yield record


def _tallied(segments: Iterable[Segment]) -> list[Tally]:
    """Return the sums of each agent's version, in the order in which the versions were first met."""
    found: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
    for segment in sorted(segments, key=lambda segment: segment.day):
        days = found.setdefault((segment.agent, segment.version or ""), {})
        records, lost = days.get(segment.day, (0, 0))
        lost += segment.unknown + segment.malformed
        days[segment.day] = records + segment.records + segment.malformed, lost
    tallies = []
    for (agent, version), days in found.items():
        records, lost = (sum(numbers) for numbers in zip(*days.values(), strict=True))
        rose = (day for day, (read, missed) in days.items() if missed >= WORTH_NOTING * read)
        tallies.append(Tally(agent, version, records, lost, next(rose, "")))
    return tallies


def _percent(share: float) -> str:
    if 0 < share < 0.001:
        return "less than 0.1 %"
    digits = 0 if share == 0 or share >= 0.1 else 1
    return f"{100 * share:.{digits}f} %"
