"""Read Gemini CLI's chats: ``~/.gemini/tmp/<project>/chats/session-<time>-<id>.jsonl``, earlier ``.json``.

The newer format is a log of records: a header, messages, and ``$set`` patches of the header and of the
whole history. The older one is a single JSON document, rewritten after each message; it was also kept
under the suffix .jsonl. Neither has a directory or a branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import msgspec

from holdfast.transcripts.events import AnyEvent
from holdfast.transcripts.gemini_messages import Header, Message, MessageReader
from holdfast.transcripts.records import RecordDecoder, decode_as

_DOCUMENT = re.compile(
    rb'\s*\{\s*"(?:sessionId|projectHash)"\s*:\s*"[^"\\]{1,200}"\s*,\s*"(?:sessionId|projectHash)"\s*:\s*"'
)
_LINES = 20
"""Lines at the start of a file among which the header is looked for."""

_SETTINGS = frozenset(
    {"lastUpdated", "summary", "memoryScratchpad", "projectHash", "messageCount", "userMessageCount",
     "firstUserMessage", "hasResumableContent", "memoryScratchpadIsStale"}
)  # fmt: skip
"""What a patch may set that carries nothing for the stream of events."""

_HEADER = ("sessionId", "startTime", "kind", "directories")
_READ = frozenset({"messages", *_HEADER})
_NO_RAW = msgspec.Raw()


class _Record(Message, gc=False):
    """Any record of the newer format: its fields tell which it is."""

    sessionId: Any = None  # noqa: N815  (the log's own names)
    projectHash: Any = None  # noqa: N815
    startTime: Any = None  # noqa: N815
    kind: Any = None
    directories: Any = None
    messages: msgspec.Raw = _NO_RAW
    patch: msgspec.Raw = msgspec.field(default=_NO_RAW, name="$set")
    rewind: msgspec.Raw = msgspec.field(default=_NO_RAW, name="$rewindTo")


class _Document(Header, gc=False):
    """The older format."""

    messages: list[msgspec.Raw] = msgspec.field(default_factory=list)


class _Sign(msgspec.Struct, gc=False):
    sessionId: Any = None  # noqa: N815
    projectHash: Any = None  # noqa: N815
    messages: msgspec.Raw = _NO_RAW


_RECORDS = RecordDecoder(_Record)
_DOCUMENTS = RecordDecoder(_Document)


class GeminiReader(MessageReader):
    """Turn the records of Gemini CLI's newer chats into events."""

    agent: ClassVar[str] = "gemini-cli"

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file whether it is a chat in the newer format."""
        for line in head.split(b"\n", _LINES)[:_LINES]:
            sign = decode_as(_Sign, line)
            if sign is not None and isinstance(sign.sessionId, str) and isinstance(sign.projectHash, str):
                return not bytes(sign.messages)
        return False

    def feed(self, line: bytes) -> Iterable[AnyEvent]:
        """Return the events of one line."""
        return [event for record in self.records_in(line, _RECORDS) for event in self._read(record)]

    def _read(self, record: _Record) -> Iterable[AnyEvent]:
        if bytes(record.patch):
            return self._patch(decode_as(dict[str, msgspec.Raw], record.patch) or {})
        if bytes(record.rewind):
            self.counts.ignored += 1
            return ()
        if record.sessionId is not None and record.type is None:
            self.counts.understood += 1
            return self._header(record)
        return self._read_message(record)

    def _header(self, record: _Record) -> Iterator[AnyEvent]:
        yield from self._head(Header(record.sessionId, record.startTime, record.kind, record.directories))
        yield from self._read_history(record.messages)

    def _patch(self, fields: dict[str, msgspec.Raw]) -> Iterable[AnyEvent]:
        strange = [name for name in fields if name not in _SETTINGS and name not in _READ]
        if strange:
            self.note_unknown(f"$set/{strange[0]}")
        elif _READ.isdisjoint(fields):
            self.counts.ignored += 1
        else:
            self.counts.understood += 1
        return self._patched(fields)

    def _patched(self, fields: dict[str, msgspec.Raw]) -> Iterator[AnyEvent]:
        known = {name: decode_as(object, fields[name]) for name in _HEADER if name in fields}
        yield from self._head(Header(**known))
        if "messages" in fields:
            yield from self._read_history(fields["messages"])


class GeminiDocumentReader(MessageReader):
    """Turn a chat in Gemini CLI's older format, one document, into events."""

    agent: ClassVar[str] = "gemini-cli"
    whole: ClassVar[bool] = True

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file whether it is a chat in the older format."""
        if _DOCUMENT.match(head) is None or GeminiReader.recognizes(head):
            return False
        indented = b"\n" in head[: head.index(b'"')]
        return indented or b'"messages"' in head  # else the header of a log that is being written

    def feed(self, line: bytes) -> Iterator[AnyEvent]:
        """Give the events of the whole document."""
        for document in self.records_in(line, _DOCUMENTS):
            self.counts.understood += 1
            yield from self._head(document)
            for self.position, raw in enumerate(document.messages, 1):
                message = decode_as(Message, raw)
                if message is None:
                    self.counts.malformed += 1
                    continue
                self.counts.records += 1
                yield from self._read_message(message)
