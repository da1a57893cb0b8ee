"""Read Holdfast's own records as memories, without an index: an audit writes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.errors import HoldfastError, RecordsError
from holdfast.learn.refresh import status
from holdfast.measure.audit.memory import Memory
from holdfast.measure.audit.pages import read_page
from holdfast.repo import records
from holdfast.repo.branch import RecordsBranch
from holdfast.repo.fold import fold
from holdfast.repo.location import Repository
from holdfast.repo.records import Learning, RecordEvent

_HIDDEN = frozenset(["retired", "withheld", "superseded"])


def read_records(repository: Repository) -> Iterator[Memory]:
    """Yield each learning on record that still holds; its path is that on the records branch."""
    branch = RecordsBranch(repository)
    learnings: dict[str, Learning] = {}
    events: list[RecordEvent] = []
    try:
        paths = {
            entry.blob: entry.path
            for entry in branch.added()
            if entry.path.startswith(("learnings/", "events/"))
        }
        for blob, data in branch.read(paths):
            try:
                record = records.decode(paths[blob], data)
            except RecordsError:
                continue  # `holdfast doctor` names it
            if isinstance(record, Learning):
                learnings[record.id] = record
            elif isinstance(record, RecordEvent):
                events.append(record)
    except HoldfastError:
        return
    states = fold(events)
    for id_, learning in sorted(learnings.items(), key=lambda item: item[1].path):
        if status(states.get(id_)) not in _HIDDEN:
            yield _memory(repository, learning)


def _memory(repository: Repository, learning: Learning) -> Memory:
    text = learning.text.split("\n## Details")[0]
    return Memory(
        path=learning.path,
        file=None,
        root=repository.directory,
        place="",
        format="record",
        text=text,
        entries=list(read_page(learning.path, text)),
    )
