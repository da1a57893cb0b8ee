"""What a reader of one agent's logs is, and what all readers share."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, ClassVar, Protocol, TypeVar

import msgspec

from holdfast.transcripts.events import AnyEvent, Counts, SessionInfo
from holdfast.transcripts.paths import SessionPaths, is_below
from holdfast.transcripts.records import RecordDecoder
from holdfast.transcripts.values import some_text, table

T = TypeVar("T")

GLOBAL_ID = 16
"""Characters from which an id is taken to be unique across sessions, not only within one."""

UNKNOWN_NAMES = 200
"""How many names of unknown record types are counted apart."""


class SeenCalls(Protocol):
    """Remember across files which calls were read before.

    Forks and resumes copy calls into further files. A caller that reads many files passes one
    object for all of them; each call, result and usage then counts once.
    """

    def add(self, call_id: str) -> bool:
        """Remember an id; return True when it is new."""
        ...


class SeenInMemory:
    """Remember ids in memory, as 64-bit digests: `SeenCalls` for as long as a process runs."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def add(self, call_id: str) -> bool:
        """Remember an id; return True when it is new."""
        digest = blake2b(call_id.encode("utf-8", "replace"), digest_size=8).digest()
        if digest in self._digests:
            return False
        self._digests.add(digest)
        return True

    def dump(self) -> str:
        """Return what is remembered as one text."""
        return base64.b64encode(b"".join(sorted(self._digests))).decode("ascii")

    def load(self, dumped: str) -> None:
        """Remember what `dump` returned."""
        packed = base64.b64decode(dumped)
        self._digests.update(packed[start : start + 8] for start in range(0, len(packed), 8))


class Source(msgspec.Struct, kw_only=True):
    """What a reader is given to begin with.

    Attributes:
        root: The session's root when the caller knows better than the log; else None.
        roots: Directories of which the one that a session begins in, or below, is its root.
        seen: What the caller has read before, in other files; None to look at this file alone.
        sidecar: The JSON object beside the log (``agent-<id>.meta.json``), when there is one.
        directory: Where the session began, when the log's place tells it and the log may not.
    """

    root: str | None = None
    roots: tuple[str, ...] = ()
    seen: Any = None
    sidecar: dict[str, Any] = {}
    directory: str | None = None


class Reader(Protocol):
    """Turn the lines of one agent's log into events.

    Register one by the entry point group ``holdfast.readers``. A class is made once a file with a
    `Source`; `feed` is then called for each line in order, `finish` once at the end of what there is.

    A format that is one document (a JSON file, rewritten whole as the session grows) says so by a class
    attribute ``whole = True``. `feed` is then called once, with all of it, and returns an iterator that
    keeps the attribute ``position`` at the number of the message, from 1, that the event it gives stands
    in. Such a reader is never restored: what was given before is left out for it.

    A reader that never saw a real log says so by a class attribute ``verified = False``.

    Attributes:
        agent: The agent's name, as in `SessionInfo.agent`.
        session, counts: Filled while lines are fed.
    """

    agent: ClassVar[str]
    session: SessionInfo
    counts: Counts

    def __init__(self, source: Source) -> None: ...

    @classmethod
    def recognizes(cls, head: bytes) -> bool:
        """Tell from the first bytes of a file (at most `HEAD`) whether this reader reads it."""
        ...

    def feed(self, line: bytes) -> Iterable[AnyEvent]:
        """Return the events of one line; count what cannot be read, raise nothing."""
        ...

    def finish(self) -> Iterable[AnyEvent]:
        """Return the events that were held back until the log's end."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on after this line, as JSON values."""
        ...

    def restore(self, state: Mapping[str, Any], session: SessionInfo) -> None:
        """Go on from what `state` returned."""
        ...


class RecordReader:
    """Hold what the readers of logs of JSON records share: counts, times, copies and paths."""

    agent: ClassVar[str] = ""
    verified: ClassVar[bool] = True
    whole: ClassVar[bool] = False

    def __init__(self, source: Source) -> None:
        self.position = 0
        self.session = SessionInfo(agent=self.agent, root=source.root)
        self.counts = Counts()
        self.paths = SessionPaths([source.root] if source.root else [])
        self.sidecar = source.sidecar
        self._known_roots = source.roots
        self._here: str | None = None
        self._seen: SeenCalls | None = source.seen
        self._in_file = SeenInMemory()
        self.note_place(source.directory)

    def finish(self) -> Iterable[AnyEvent]:
        """Return the events that were held back until the log's end: none."""
        return ()

    def records_in(self, data: bytes, decoder: RecordDecoder[T]) -> list[T]:
        """Return the records of a line or document; count them, and what in it is none."""
        found, malformed = decoder.decode(data)
        self.counts.records += len(found)
        self.counts.malformed += malformed
        return found

    def is_new(self, kind: str, identity: str, at: float | None = None) -> bool:
        """Tell whether something is met for the first time; count it as repeated when not.

        Args:
            kind: Empty for a call; ``result``, ``usage``, … for what else has an identity.
            identity: The agent's id of it. A short one counts across files only at its own time.
            at: When it happened.
        """
        key = f"{kind}:{identity}" if kind else identity
        new = self._in_file.add(key)
        if new and self._seen is not None:
            new = self._seen.add(key if len(identity) >= GLOBAL_ID else f"{key}@{at}")
        if not new:
            self.counts.repeated += 1
        return new

    def note_time(self, at: float | None) -> None:
        """Take note of a record's time."""
        if at is not None:
            if self.session.started is None:
                self.session.started = at
            self.session.ended = at

    def note_place(self, directory: Any) -> None:
        """Take note of the directory that the session is in."""
        place = some_text(directory)
        if place is None or place == self._here or len(place) > 4096:
            return
        self._here = place
        above = [root for root in self._known_roots if is_below(place, root)] if not self.paths.roots else []
        root = max(above, key=len, default=place)
        self.paths.learn(root)
        self.paths.enter(place)
        if self.session.root is None and self.paths.roots:
            self.session.root = root

    def note_unknown(self, name: str) -> None:
        """Count a record of a kind that this reader does not know."""
        self.counts.unknown += 1
        names = self.counts.unknown_types
        name = name[:80]
        if name in names or len(names) < UNKNOWN_NAMES:
            names[name] = names.get(name, 0) + 1

    def state(self) -> dict[str, Any]:
        """Return what is needed to go on after this line, as JSON values."""
        return {"seen": self._in_file.dump(), "paths": self.paths.state()}

    def restore(self, state: Mapping[str, Any], session: SessionInfo) -> None:
        """Go on from what `state` returned."""
        self._in_file.load(state["seen"])
        self.paths.restore(state["paths"])
        self.session = session


def is_whole_reader(kind: type[Reader]) -> bool:
    """Tell whether a reader reads a document at once, not line by line."""
    return bool(getattr(kind, "whole", False))


def is_verified(kind: type[Reader]) -> bool:
    """Tell whether a reader was checked against real logs."""
    return bool(getattr(kind, "verified", True))


def read_sidecar(data: bytes) -> dict[str, Any]:
    """Return the JSON object of a file beside a log; empty when it holds anything else."""
    try:
        return table(msgspec.json.decode(data))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
