"""Read OpenCode's sessions: its export (one JSON document), and its database as lines of JSON.

``opencode export`` gives ``{info, messages[]{info, parts[]}}``. `opencode_database.lines` gives the same
messages one a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import msgspec

from holdfast.transcripts.events import AnyEvent
from holdfast.transcripts.opencode_messages import OpenCodeMessages
from holdfast.transcripts.records import RecordDecoder
from holdfast.transcripts.values import items, table, text_of

SESSION_LINE = "opencode.session"
MESSAGE_LINE = "opencode.message"
_BEGINS = re.compile(rb'\{\s*"info"\s*:')
_SIGNS = (b'"ses_', b'"projectID"', b'"messageID"')


class _Line(msgspec.Struct, gc=False):
    type: Any = None
    info: Any = None
    parts: Any = None


class _Export(msgspec.Struct, gc=False):
    info: Any = None
    messages: Any = None


_LINES = RecordDecoder(_Line)
_EXPORTS = RecordDecoder(_Export)


class OpenCodeReader(OpenCodeMessages):
    """Turn the lines that `opencode_database` makes of a session into events."""

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes whether these are the lines of a session of OpenCode's database."""
        return head.lstrip().startswith(b'{"type":"opencode.')

    def feed(self, line: bytes) -> Iterable[AnyEvent]:
        """Return the events of one line."""
        found, malformed = _LINES.decode(line)
        self.counts.malformed += malformed
        events: list[AnyEvent] = []
        for record in found:
            if record.type == MESSAGE_LINE:
                events.extend(self.read_message(record.info, record.parts))
            elif record.type == SESSION_LINE:
                self.read_session(record.info)
            else:
                self.counts.records += 1
                self.note_unknown(text_of(record.type) or "(no type)")
        return events


class OpenCodeExportReader(OpenCodeMessages):
    """Turn what ``opencode export`` wrote into events."""

    whole: ClassVar[bool] = True

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file whether it is an export of OpenCode's."""
        start = _from_brace(head)[:4096]
        return _BEGINS.match(start) is not None and any(sign in start for sign in _SIGNS)

    def feed(self, data: bytes) -> Iterator[AnyEvent]:
        """Give the events of the document, message by message."""
        found, malformed = _EXPORTS.decode(_from_brace(data))
        self.counts.malformed += malformed
        for export in found[:1]:
            self.read_session(export.info)
            for self.position, message in enumerate(items(export.messages), start=1):
                fields = table(message)
                yield from self.read_message(fields.get("info"), fields.get("parts"))


def _from_brace(data: bytes) -> bytes:
    """Return a document without a line or two that the program printed before it."""
    start = data.find(b"{", 0, 4096)
    return data[start:] if start > 0 and data[:1] not in b'["' else data
