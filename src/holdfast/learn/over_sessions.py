"""What only many sessions together teach: conventions, from the segments on record."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.errors import RecordsError
from holdfast.learn.candidates import Candidate
from holdfast.learn.conventions import candidate, conventions, row_of_segment
from holdfast.learn.refresh import author_of
from holdfast.learn.view import View
from holdfast.repo import records
from holdfast.repo.records import Segment

LATEST = 600
"""Segments that are looked at: those of the last months."""
MOST = 8
"""Conventions that one look may bring: the surest."""


def candidates(view: View) -> Iterator[Candidate]:
    """Yield the conventions that the latest sessions keep, the surest first.

    That two files change together says too little without its reason, so it is left to statistics. Segments
    of people who were not accepted here do not count.
    """
    rows = [row_of_segment(segment) for segment in _latest(view)]
    told = [found for found in conventions(rows) if found.kind != "edit together"]
    for found in told[:MOST]:
        yield candidate(found)


def _latest(view: View) -> Iterator[Segment]:
    believed = view.believed()
    added = [
        entry
        for entry in view.branch.added()
        if entry.path.startswith("segments/") and author_of(entry) in believed
    ]
    added.sort(key=lambda entry: (entry.path.rsplit("/", 1)[0], entry.day), reverse=True)
    paths = {entry.blob: entry.path for entry in added[:LATEST]}
    for blob, data in view.branch.read(paths):
        try:
            record = records.decode(paths[blob], data)
        except RecordsError:
            continue
        if isinstance(record, Segment):
            yield record
