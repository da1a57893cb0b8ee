"""Take what journals say of a session into its segments: each line once, whatever is lost in between.

What was folded is marked in the journal by a line that names the segment. It is written before the segment
and counts only when the segment is on record, so a fold that was broken off is done again and none is
doubled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from holdfast.errors import UsageError
from holdfast.evidence import journal
from holdfast.evidence.happenings import HappeningsBuilder
from holdfast.evidence.journal import Journal
from holdfast.evidence.segments import session_key
from holdfast.evidence.told import About, evidence_of, has_evidence
from holdfast.hook.patterns import regex
from holdfast.learn.stretch import Stretch
from holdfast.learn.view import View
from holdfast.repo import ids
from holdfast.repo.records import ItemEvidence
from holdfast.transcripts.origin import Origin
from holdfast.transcripts.transcript import open_transcript

_CODE = regex(r"`([^`\n]{4,200})`")
_COUNTED = regex(r"(?:family|fix)-[0-9a-f]{8}\Z")
_KIND = regex(r"[a-z]{2,20}\Z")
_COMMIT = regex(r"commit:[0-9a-f]{7,64}\Z")


class Journals:
    """The journals of one ingest's sessions.

    Args:
        view: The repository's view.
        roots: The repository's worktrees.
    """

    def __init__(self, view: View, roots: tuple[str, ...]) -> None:
        self._view, self._roots = view, roots
        self._made: set[str] = set()
        self._resolved: dict[str, str] = {}

    def fold(self, stretch: Stretch, origin: Origin, segment: str) -> tuple[ItemEvidence, ...]:
        """Return what the journal says of a stretch that is new, for the segment of it."""
        found = journal.read(self._view.repository, session_key(stretch.session))
        if found is None or not stretch.is_new or not has_evidence(found):
            return ()
        builder = HappeningsBuilder(stretch.first_new)
        transcript = open_transcript(origin, roots=self._roots)
        for event in transcript.events():
            builder.feed(event, transcript.line)
        about = About(self._name, self._codes)
        rows = evidence_of(found, self._since(found), builder.found, stretch.closed, about)
        if not rows:
            return ()
        if not journal.mark_folded(self._view.repository, found, segment):
            return ()  # it would be counted again with the next stretch
        self._made.add(segment)
        return rows

    def _since(self, found: Journal) -> int:
        marks = [(entry.to, entry.segment) for _, entry in found.entries if entry.do == "folded"]
        return max((to for to, segment in marks if self._is_recorded(segment)), default=0)

    def _is_recorded(self, segment: str) -> bool:
        if segment in self._made:
            return True
        sql = "SELECT 1 FROM stretches WHERE segment = ?"
        return self._view.index.ask(lambda file: file.execute(sql, (segment,)).fetchone() is not None, False)

    # -- what items are

    def _name(self, item: str) -> str:
        """Return what an item is called in shared records: an id, else only what kind of thing it is."""
        kind, colon, rest = item.partition(":")
        if _COMMIT.match(item):
            return item
        if colon:
            if kind == "guard" and ids.is_id(rest.partition("#")[0]):
                return f"guard:{rest.partition('#')[0]}"
            return kind if _KIND.match(kind) else "document"
        if _COUNTED.match(item):
            return item
        if item.startswith("call-"):  # a command that mostly fails; its family says which
            return "call"
        found = self._resolve(item)
        return found if ids.is_id(found) else "file"

    def _codes(self, item: str) -> Sequence[str]:
        """Return what an item says to use: the first code of its text; of a file its path."""
        document = self._view.index.get(self._resolve(item))
        if document is None:
            return (item,) if "." in item or "/" in item else ()
        span = _CODE.search(document.text)
        return (span[1],) if span else ()

    def _resolve(self, item: str) -> str:
        """Return the whole id that a shortened one stands for; what is none, or not one alone, as it is."""
        if item not in self._resolved:
            self._resolved[item] = item
            if not ids.is_id(item) and re.fullmatch(r"[a-z2-7]{4,15}", item):
                try:
                    known = self._view.index.ids("record", item)
                    self._resolved[item] = ids.resolve(item, known)
                except UsageError:
                    pass
        return self._resolved[item]
