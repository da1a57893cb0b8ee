"""Tombstones: what was purged from the records, and must not come back.

A purge leaves a `RecordEvent` of kind ``record.purged`` whose data are ``blobs`` (the contents that
were removed), ``old_tip``, ``new_tip`` and ``reason``. Its subject is the purged record's id. The path
is not written down, because a learning's file name holds its first words. The commit that adds it
has a subject that begins with `SUBJECT`, so tombstones are found without reading every event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from holdfast.errors import GitError, RecordsError
from holdfast.repo import chain, ids, records
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace

KIND = "record.purged"
SUBJECT = "purge record "
"""How the subject of a commit that adds a tombstone begins."""


class Tombstone(NamedTuple):
    """One purged record."""

    id: str
    """The purged record."""
    blobs: tuple[str, ...]
    old_tip: str
    new_tip: str
    reason: str
    person: str
    event: str
    """Path of the event on the records branch."""

    def covers(self, path: str, blob: str) -> bool:
        """Tell whether this file is what was purged: the record's own path, or the same content."""
        return blob in self.blobs or ids.of_path(path) == self.id


def covering(tombstones: Iterable[Tombstone], path: str, blob: str) -> list[Tombstone]:
    """Return those of the tombstones that are for this file."""
    return [tombstone for tombstone in tombstones if tombstone.covers(path, blob)]


def find(repository: Repository, tips: Collection[str]) -> list[Tombstone]:
    """Return the tombstones in the history of ``tips``, from what was known and what is new since.

    What was found is kept in local state, where losing it costs one walk of the history.
    """
    cache = repository.state_dir / "tombstones.json"
    known = _Known.load(cache)
    if set(known.tips) != set(tips):
        if not chain.within(repository, known.tips, tips):
            known = _Known([], {})
        events = dict(known.events)
        for step in chain.walk(repository, tips, known.tips, subject=SUBJECT):
            if step.subject.startswith(SUBJECT):
                added = [change for change in step.changes if change.status == "A"]
                events.update((c.path, c.blob) for c in added if c.path.startswith("events/"))
        known = _Known(sorted(tips), events)
        known.save(cache)
    found = [_read(repository, path, blob) for path, blob in sorted(known.events.items())]
    return [tombstone for tombstone in found if tombstone is not None]


def held(repository: Repository, tip: str, purged: Collection[Tombstone]) -> list[Tombstone]:
    """Return those of the tombstones whose record is still in the tree of ``tip``."""
    if not purged:
        return []
    there = chain.files(repository, tip).items()
    return [stone for stone in purged if any(stone.covers(path, blob) for path, (_, blob) in there)]


class _Known(NamedTuple):
    tips: list[str]
    events: dict[str, str]

    @classmethod
    def load(cls, path: Path) -> _Known:
        try:
            return msgspec.json.decode(path.read_bytes(), type=cls)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return cls([], {})

    def save(self, path: Path) -> None:
        try:
            replace(path, msgspec.json.encode(self), durable=False)
        except OSError:
            return  # a cache: on a read-only disk the next reader walks again


def _read(repository: Repository, path: str, blob: str) -> Tombstone | None:
    try:
        event = records.decode(path, repository.git("cat-file", "blob", blob))
    except (RecordsError, GitError):
        return None
    if not isinstance(event, records.RecordEvent) or event.kind != KIND or not ids.is_id(event.subject):
        return None
    blobs = event.data.get("blobs")
    return Tombstone(
        id=event.subject,
        blobs=tuple(str(name) for name in blobs) if isinstance(blobs, list) else (),
        old_tip=str(event.data.get("old_tip", "")),
        new_tip=str(event.data.get("new_tip", "")),
        reason=str(event.data.get("reason", "")),
        person=event.by,
        event=path,
    )
