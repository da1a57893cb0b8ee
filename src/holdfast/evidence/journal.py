"""Journals: what each session was told and when, as hooks wrote it down (`holdfast.hook.journal`).

One file a session in ``journal/`` of local state, one JSON object a line, only ever added to. A journal is a
private original until it is folded into the session's segment (`holdfast.evidence.told`); what was folded is
marked in the journal itself, by a line that counts only when the segment it names is on record.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from holdfast.repo.location import Repository

FOLDER = "journal"
OLD = "old"
"""Below it: journals of sessions that have been silent for `AGE` seconds, so that hooks look at few."""
AGE = 30 * 86_400.0
LONGEST = 1 << 25
"""Bytes of one journal that are read; a session that wrote more was no session."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a journal.

    Attributes:
        at: Seconds since the epoch.
        do: What happened: ``start``, ``prompted``, ``told``, ``withheld``, ``asked``, ``followed``,
            ``cited``, ``proposed``, ``denied``, ``passed``, ``context``, ``end``, ``folded``, or what a later
            version writes. Of ``eligible``, ``shown`` and ``met`` segments alone speak, computed from these.
        surface: Where: ``start``, ``prompt``, ``failure``, ``call``, ``guard``, ``meter``.
        ids: What it is about; ``family`` what that is a matter of: a family of failures, at ``call`` of
            commands; ``families`` the same for each of several ids.
        codes: Texts by which following it is seen.
        text_tokens: Tokens of the text that was told, about.
        guard, call, digest: Of a guard that denied a call, or let it through.
        reason: Why a session or a context ended.
        agent, session, transcript, root, branch, model, source: Of the session, at its start.
        outcome: Of a citation.
        segment, to: Of what was folded: the segment, and the bytes of the journal that are in it.
        sub: The agent inside the session that it happened in.
    """

    at: float = 0.0
    do: str = ""
    surface: str = ""
    ids: tuple[str, ...] = ()
    family: str = ""
    families: dict[str, str] = {}
    codes: tuple[str, ...] = ()
    text_tokens: int = 0
    guard: str = ""
    call: str = ""
    digest: str = ""
    reason: str = ""
    agent: str = ""
    session: str = ""
    transcript: str = ""
    root: str = ""
    branch: str = ""
    model: str = ""
    source: str = ""
    outcome: str = ""
    segment: str = ""
    to: int = 0
    sub: str = ""


class Journal(msgspec.Struct, frozen=True, kw_only=True):
    """The journal of one session.

    Attributes:
        key: The session's key (`holdfast.evidence.segments.session_key`).
        entries: What was written, each with the offset of its line, oldest first.
        size: Bytes of whole lines; a line still being written is not one.
        changed: When it was last written, in seconds since the epoch.
        malformed: Lines that are no entry.
    """

    key: str
    entries: tuple[tuple[int, Entry], ...] = ()
    size: int = 0
    changed: float = 0.0
    malformed: int = 0

    @property
    def started(self) -> Entry | None:
        """Return the session's last start; None when that was not written."""
        return next((entry for _, entry in reversed(self.entries) if entry.do == "start"), None)

    @property
    def ended(self) -> bool:
        """Tell whether the session said that it ended, and did not start again since."""
        told = [entry.do for _, entry in self.entries if entry.do in ("start", "end")]
        return bool(told) and told[-1] == "end"


def read(repository: Repository, key: str) -> Journal | None:
    """Return the journal of a session; None when there is none that can be read.

    A session that is resumed after its journal was put away has a second file. Both are one journal, the
    older lines first: an offset in it stays what it was, whichever file a line is in.
    """
    folder = repository.state_dir / FOLDER
    parts = [_whole_lines(place / f"{key}.jsonl") for place in (folder / OLD, folder)]
    found = [part for part in parts if part is not None]
    if not found:
        return None
    return _decoded(key, b"".join(data for data, _ in found), max(changed for _, changed in found))


def read_all(repository: Repository, since: float = 0.0) -> Iterator[Journal]:
    """Yield the journals that were written at ``since`` (seconds since the epoch) or later, by their keys."""
    with contextlib.suppress(OSError):
        for path in sorted((repository.state_dir / FOLDER).glob("*.jsonl")):
            with contextlib.suppress(OSError):
                if path.lstat().st_mtime < since:
                    continue
            found = read(repository, path.name.removesuffix(".jsonl"))
            if found is not None:
                yield found


def put_away(repository: Repository, now: float) -> int:
    """Move journals of sessions long silent out of the hooks' way; return how many. None is ever deleted."""
    folder, moved = repository.state_dir / FOLDER, 0
    with contextlib.suppress(OSError):
        for path in sorted(folder.glob("*.jsonl")):
            there = folder / OLD / path.name
            if path.lstat().st_mtime >= now - AGE or there.exists():
                continue
            there.parent.mkdir(mode=0o700, exist_ok=True)
            path.rename(there)
            moved += 1
    return moved


def mark_folded(repository: Repository, journal: Journal, segment: str) -> bool:
    """Note in a journal that what was read of it is in a segment; tell whether that could be written.

    The line bears the time of the last one, since the session itself did nothing.
    """
    last = journal.entries[-1][1].at if journal.entries else 0.0
    mark = {"at": last, "do": "folded", "segment": segment, "to": journal.size}
    folder = repository.state_dir / FOLDER
    for place in (folder, folder / OLD):
        with contextlib.suppress(OSError):
            path = place / f"{journal.key}.jsonl"
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                before = os.fstat(descriptor)
                os.write(descriptor, msgspec.json.encode(mark) + b"\n")
                # the file's time says when the session last did something
                os.utime(descriptor, ns=(before.st_atime_ns, before.st_mtime_ns))
            finally:
                os.close(descriptor)
            return True
    return False


def _whole_lines(path: Path) -> tuple[bytes, float] | None:
    """Return the lines of a file that are written to their end, and when it was last changed."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            changed = os.fstat(descriptor).st_mtime
            data = file.read(LONGEST)
    except OSError:
        return None
    return data[: data.rfind(b"\n") + 1], changed


def _decoded(key: str, whole: bytes, changed: float) -> Journal:
    entries: list[tuple[int, Entry]] = []
    malformed = offset = 0
    for line in whole.split(b"\n")[:-1]:
        if line.strip():
            try:
                entries.append((offset, msgspec.json.decode(line, type=Entry, strict=False)))
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                malformed += 1
        offset += len(line) + 1
    return Journal(
        key=key,
        entries=tuple(entries),
        size=offset,
        changed=changed,
        malformed=malformed,
    )
