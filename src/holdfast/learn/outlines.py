"""Outlines of sessions: what people said and which files were edited, kept on this machine alone.

One JSON line for each stretch of a session that was read, in local state, readable by its owner alone; the
lines of one session are merged when they are read, so that nothing counts twice, however often and in
whatever pieces its log is read. The first line names the file's content: as long as it stays the same, lines
are only added. What is kept is redacted. It can be made again from the transcripts as long as these exist.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from holdfast.evidence.outline import OutlineTracker, Turn
from holdfast.evidence.segments import session_key
from holdfast.hook.patterns import regex
from holdfast.learn.neutral import neutral_text
from holdfast.learn.redact import redact
from holdfast.repo import git
from holdfast.repo.ids import new_id
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace
from holdfast.transcripts.events import SessionInfo
from holdfast.transcripts.paths import is_absolute

FILE = "outlines.jsonl"
MAX_TEXT = 1500
"""Characters of one thing said that are kept."""
MAX_ASKED = 400
"""Characters of the question that it answers."""
MAX_LINE = 256 * 1024
"""Bytes of a line; what was said last in a longer one is left out."""
_MAX_READ = 4 * MAX_LINE
_COMPACT = 50
"""Lines beyond three for each session from which the file is written anew, one line a session."""
NAMED = len('{"session":"') + 16
"""Bytes at the beginning of a line that tell its session."""
_HOME = regex(r"(/home/[^/]+|/Users/[^/]+|/root|/var/root|[A-Za-z]:[\\/]Users[\\/][^\\/]+)(?=[\\/]|$)")


class Outline(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Hold what one stretch of a session said and edited, or all its stretches together.

    Attributes:
        session: The session's key; of a subagent, that of the session that began it.
        developer: Digest of the home folder that the session worked in; empty when it was in none.
        started, ended: Seconds since the epoch.
        turns: What was said, in order, and the files edited upon each.
        edited: The files, relative to the session's root, with the time of the first edit.
        removed: What a person had purged: the words of the session, or all that is known of it. It holds for
            every line of the session, so that reading its log again brings nothing back.
    """

    session: str
    agent: str = ""
    version: str = ""
    branch: str = ""
    developer: str = ""
    started: float | None = None
    ended: float | None = None
    turns: list[Turn] = []
    edited: dict[str, float | None] = {}
    removed: Literal["", "words", "all"] = ""


class _Heading(msgspec.Struct, kw_only=True, tag_field="file", tag="outlines"):
    id: str
    schema: int = 1


def outline_of(session: SessionInfo, tracker: OutlineTracker) -> Outline | None:
    """Return the outline of a stretch as it is kept; None when nothing was said or edited in it."""
    if not (tracker.turns or tracker.edited):
        return None
    root = session.root
    inside = {path: _neutral_path(path) for path in tracker.edited if _is_inside(path)}
    turns = [_neutral_turn(turn, root, inside) for turn in tracker.turns]
    known = session
    if tracker.by_subagent and session.parent:
        known = SessionInfo(agent=session.agent, id=session.parent)
    return Outline(
        session=session_key(known),
        agent=session.agent,
        version=redact(session.version or "")[:80],
        branch=redact(session.branch or "")[:200],
        developer=developer_of(root),
        started=session.started,
        ended=session.ended,
        turns=[turn for turn in turns if turn.text or turn.edited],
        edited={inside[path]: at for path, at in tracker.edited.items() if path in inside},
    )


def developer_of(folder: str | None) -> str:
    """Return the digest of the home folder that a folder lies in: 16 hex digits, empty when in none."""
    home = _HOME.match(folder or "")
    if home is None:
        return ""
    name = home.group().replace("\\", "/").lower()
    return hashlib.sha256(f"home\n{name}".encode("utf-8", "replace")).hexdigest()[:16]


def append(repository: Repository, outlines: Iterable[Outline]) -> None:
    """Add outlines of stretches, leaving out lines that are there already. The caller holds the ingest lock.

    Raises:
        EnvironmentProblem: They cannot be written.
    """
    lines = [_line(outline) for outline in outlines]
    if not lines:
        return
    path = repository.ensure_state() / FILE
    held, sessions, whole = _held(path)
    added = [line for line in dict.fromkeys(lines) if _digest(line) not in held]
    try:
        if not whole:
            _write(path, read(repository).values())
            held = set()
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC), "ab") as file:
            file.write(b"".join(added))
        if len(held) + len(added) > 3 * sessions + _COMPACT:
            _compact(repository, path)
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def read(repository: Repository) -> dict[str, Outline]:
    """Return the outlines by session, in the order in which the sessions were first read."""
    path = repository.state_dir / FILE
    try:
        data = path.read_bytes()
    except OSError:
        return {}
    return merged(decode(line) for line in data.split(b"\n"))


def decode(line: bytes) -> Outline | None:
    """Return the outline of a line; None for a line that is none."""
    if len(line) > _MAX_READ or not line.startswith(b'{"session":'):
        return None
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(line, type=Outline)
    return None


def heading_of(line: bytes) -> str:
    """Return what the file's first line names its content by; empty when it is not such a line."""
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(line, type=_Heading).id
    return ""


def merged(outlines: Iterable[Outline | None]) -> dict[str, Outline]:
    """Merge the outlines of stretches by session, without what was purged."""
    grouped: dict[str, list[Outline]] = {}
    for outline in outlines:
        if outline is not None:
            grouped.setdefault(outline.session, []).append(outline)
    return {key: _merge(stretches) for key, stretches in grouped.items()}


def forget(repository: Repository, session: str, *, words_alone: bool = False) -> bool:
    """Remove a session's outline, or what was said in it, for good; False when there is none.

    What is left is a line that says so, so that reading its log again brings nothing back. The caller
    holds the ingest lock, and empties the index, so that nothing stays in its free pages.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    outlines = read(repository)
    known = session in outlines
    _mark(repository, outlines, [session], "words" if words_alone else "all")
    return known


def forget_text(repository: Repository, text: str) -> int:
    """Remove whatever was said that holds a text, in any session; return in how many sessions it was.

    Raises:
        EnvironmentProblem: It cannot be written.
    """
    wanted = _plain(text)
    outlines = read(repository)
    found = [
        key
        for key, outline in outlines.items()
        if wanted and any(wanted in _plain(turn.text) for turn in outline.turns)
    ]
    if found:
        _mark(repository, outlines, found, "words")
    return len(found)


def _mark(
    repository: Repository,
    outlines: dict[str, Outline],
    sessions: Iterable[str],
    removed: Literal["words", "all"],
) -> None:
    """Write the outlines anew, what was removed of some sessions replaced by a line that says so."""
    for session in sessions:
        mark = Outline(session=session, removed=removed)
        outlines[session] = _merge([outlines[session], mark]) if session in outlines else mark
    path = repository.ensure_state() / FILE
    try:
        _write(path, outlines.values())
    except OSError as error:
        raise git.disk_problem(error, f"Cannot write {path}") from error


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _merge(stretches: list[Outline]) -> Outline:
    """Put the stretches of one session together; what two of them hold is there once."""
    whole = Outline(session=stretches[0].session)
    whole.removed = max((one.removed for one in stretches), key=("", "words", "all").index)
    if whole.removed == "all":
        return whole
    said: dict[tuple[object, ...], Turn] = {}
    for one in sorted(stretches, key=lambda one: (one.ended is None, one.ended or 0.0)):
        for name in ("agent", "version", "branch", "developer"):
            setattr(whole, name, getattr(one, name) or getattr(whole, name))
        whole.started = _edge(min, whole.started, one.started)
        whole.ended = _edge(max, whole.ended, one.ended)
        for path, at in one.edited.items():
            whole.edited[path] = _edge(min, whole.edited.get(path), at)
        _take_turns(said, one.turns)
    turns = sorted(said.values(), key=_moment)
    whole.turns = [] if whole.removed else turns
    return whole


def _take_turns(said: dict[tuple[object, ...], Turn], turns: list[Turn]) -> None:
    """Add the turns of a stretch; what was edited before anything was said belongs to what was said last."""
    for turn in turns:
        key: tuple[object, ...] = (turn.kind, turn.text, turn.line if turn.at is None else turn.at)
        if not turn.kind:
            last = max((one for one in said.values() if _is_before(one, turn)), key=_moment, default=None)
            key = ("",) if last is None else (last.kind, last.text, last.line if last.at is None else last.at)
        known = said.get(key)
        paths = dict.fromkeys([*(known.edited if known else ()), *turn.edited])
        said[key] = msgspec.structs.replace(known or turn, edited=list(paths))


def _is_before(one: Turn, turn: Turn) -> bool:
    return one.at is None or turn.at is None or one.at <= turn.at


def _moment(turn: Turn) -> tuple[float, int]:
    return turn.at or 0.0, turn.line


def _edge(choose: Callable[[Iterable[float]], float], one: float | None, other: float | None) -> float | None:
    return choose([at for at in (one, other) if at is not None]) if (one, other) != (None, None) else None


def _neutral_turn(turn: Turn, root: str | None, inside: Mapping[str, str]) -> Turn:
    # redacted before it is cut, so that no half of a secret is left
    return Turn(
        kind=turn.kind,
        text=neutral_text(turn.text, root).strip()[:MAX_TEXT],
        asked=neutral_text(turn.asked, root).strip()[-MAX_ASKED:],
        at=turn.at,
        line=turn.line,
        edited=[inside[path] for path in turn.edited if path in inside],
    )


def _is_inside(path: str) -> bool:
    return bool(path) and not is_absolute(path) and not path.startswith(("..", "~")) and "\n" not in path


def _neutral_path(path: str) -> str:
    return redact(path)


def _line(outline: Outline) -> bytes:
    """Return an outline as a line of bounded length."""
    line = msgspec.json.encode(outline)
    while len(line) >= MAX_LINE and (outline.turns or outline.edited):
        half = len(outline.turns) // 2
        edited = dict(list(outline.edited.items())[: None if half else len(outline.edited) // 2])
        outline = msgspec.structs.replace(outline, turns=outline.turns[:half], edited=edited)
        line = msgspec.json.encode(outline)
    return line + b"\n"


def _digest(line: bytes) -> bytes:
    return hashlib.blake2b(line, digest_size=12).digest()


def _held(path: Path) -> tuple[set[bytes], int, bool]:
    """Return digests of the lines, how many sessions they are of, and whether lines can be added as it is."""
    held: set[bytes] = set()
    sessions: set[bytes] = set()
    whole, last = False, b""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        whole = bool(heading_of(file.readline(1024)))
        for last in file:
            held.add(_digest(last))
            sessions.add(last[:NAMED])
    return held, len(sessions), whole and (not last or last.endswith(b"\n"))


def _compact(repository: Repository, path: Path) -> None:
    _write(path, read(repository).values())


def _write(path: Path, outlines: Iterable[Outline]) -> None:
    """Write the file anew, under another heading."""
    replace(path, b"".join([msgspec.json.encode(_Heading(id=new_id())) + b"\n", *map(_line, outlines)]))
