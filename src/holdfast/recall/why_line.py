"""Why a line is as it is: the commit that wrote it, the session it was written in, and what was said then."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

import msgspec

from holdfast.errors import HoldfastError
from holdfast.evidence.segments import session_key
from holdfast.hook import clock
from holdfast.hook.patterns import regex
from holdfast.learn.redact import redact
from holdfast.learn.view import View
from holdfast.repo.blame import Line, LineCommit, commit_of
from holdfast.repo.records import Segment
from holdfast.transcripts.events import Call, Edit, Prompt, Result, Say
from holdfast.transcripts.origin import Origin
from holdfast.transcripts.transcript import open_transcript

MAX_WORDS = 600
"""Characters of what was said that are given."""
SLACK = 3600.0
"""Seconds by which an edit may be later than the commit that holds it: clocks differ, commits are amended."""
_TELLING = regex(r"\w.*\w.*\w.*\w.*\w.*\w")
"""A line with so many letters is known by itself; ``}`` only by its neighbours."""


class SessionOfLine(msgspec.Struct, frozen=True, kw_only=True):
    """The session that a line was written in.

    Attributes:
        agent: Which agent; ``session`` its session's key.
        day: The UTC day.
        transcript: Its log, and ``line`` where the edit stands in it; None when no log has it.
        by: ``edit`` when the edit itself was found, ``commit`` when the session made the commit.
    """

    agent: str
    session: str
    day: str | None = None
    transcript: str | None = None
    line: int | None = None
    by: str = "edit"


class LineReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a line is as it is.

    Attributes:
        path, line, text: The line.
        commit: The commit that wrote it last; None while it is not committed.
        session: The session that it was written in, when one was found.
        asked: What the person had asked for then; ``said`` what the agent said just before the edit. Both
            are redacted, and from this machine's logs alone.
        looked_in: Transcripts that were looked through.
    """

    path: str
    line: int
    text: str
    commit: LineCommit | None
    session: SessionOfLine | None
    asked: str = ""
    said: str = ""
    looked_in: int = 0


def why_line(view: View, line: Line, origins: Iterable[Origin]) -> LineReason:
    """Return why a line is as it is.

    Args:
        view: The repository's view.
        line: Which (`blame.line_at`).
        origins: The logs in which its edit is looked for.
    """
    commit = commit_of(view.repository, line)
    until = commit.at + SLACK if commit else None
    roots = [str(top) for top in view.repository.worktrees()]
    best: _Written | None = None
    looked_in = 0
    for origin in origins:
        looked_in += 1
        found = _written_in(origin, line, roots, until)
        if found is not None and (best is None or found.rank > best.rank):
            best = found
    session = best.session if best else _committed_in(view, commit) if commit else None
    return LineReason(
        path=line.path,
        line=line.line,
        text=line.text,
        commit=commit,
        session=session,
        asked=_cut(best.asked) if best else "",
        said=_cut(best.said) if best else "",
        looked_in=looked_in,
    )


class _Written(NamedTuple):
    """An edit that wrote the line: how much of its surroundings it wrote too, and when."""

    rank: tuple[int, float]
    session: SessionOfLine
    asked: str
    said: str


class _Awaited(NamedTuple):
    """An edit whose outcome is still to come."""

    score: int
    line: int
    asked: str
    said: str


def _written_in(origin: Origin, line: Line, roots: list[str], until: float | None) -> _Written | None:
    """Return the last edit in a log that wrote the line; None when there is none, or no reading it."""
    best: _Written | None = None
    awaited: dict[str, _Awaited] = {}
    asked = ""
    said: dict[str | None, str] = {}
    try:
        if not _mentions(origin, PurePosixPath(line.path).name):
            return None
        transcript = open_transcript(origin, roots=roots)
        for event in transcript.events():
            if isinstance(event, Prompt) and not event.injected:
                asked, said = event.text, {}
            elif isinstance(event, Say):
                said[event.subagent] = event.text
            elif isinstance(event, Call) and (score := _score(event.edits, line)):
                awaited[event.id] = _Awaited(score, transcript.line, asked, said.get(event.subagent, ""))
            elif isinstance(event, Result) and (edit := awaited.pop(event.call_id, None)):
                late = until is not None and event.at is not None and event.at > until
                rank = edit.score, event.at or 0.0
                if event.status == "ok" and not late and (best is None or rank >= best.rank):
                    session = SessionOfLine(
                        agent=transcript.session.agent,
                        session=session_key(transcript.session),
                        day=clock.recorded_day(event.at),
                        transcript=origin.name,
                        line=edit.line,
                    )
                    best = _Written(rank, session, edit.asked, edit.said)
    except (HoldfastError, OSError):
        return best
    return best


def _mentions(origin: Origin, name: str) -> bool:
    """Tell whether a log holds a file's name at all; most do not, and need not be read."""
    spellings = (name, json.dumps(name)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1])
    wanted = {spelling.encode("utf-8", "surrogateescape") for spelling in spellings}
    longest = max(map(len, wanted))
    tail = b""
    with origin.open() as file:
        while chunk := file.read(1 << 20):
            held = tail + chunk
            if any(one in held for one in wanted):
                return True
            tail = held[-longest:]
    return False


def _score(edits: tuple[Edit, ...], line: Line) -> int:
    """Return how surely edits wrote a line: 0 not at all, more with each neighbour that they wrote too."""
    target = line.text.strip()
    best = 0
    for edit in edits:
        if not _same_file(edit.path, line.path):
            continue
        added = {text.strip() for text in edit.added.split("\n")}
        if target not in added or target in {text.strip() for text in edit.removed.split("\n")}:
            continue
        near = sum(text.strip() in added for text in line.around if text.strip())
        if near or _TELLING.search(target):
            best = max(best, 1 + near)
    return best


def _same_file(edited: str, path: str) -> bool:
    return edited == path or edited.endswith("/" + path) or path.endswith("/" + edited)


def _committed_in(view: View, commit: LineCommit) -> SessionOfLine | None:
    """Return the session on record that made a commit."""
    start = commit.id[:7]
    for tip in view.branch.tips().values():
        found = view.repository.git("grep", "-l", "-F", f'"{start}', tip, "--", "segments", check=False)
        for name in found.decode("utf-8", "replace").splitlines():
            data = view.repository.git("cat-file", "blob", name, check=False)
            try:
                segment = msgspec.json.decode(data, type=Segment)
            except msgspec.MsgspecError:
                continue
            if any(commit.id.startswith(made) for made in segment.commits):
                return SessionOfLine(
                    agent=segment.agent, session=segment.session, day=segment.day, by="commit"
                )
    return None


def _cut(words: str) -> str:
    text = " ".join(redact(words).split())
    return text if len(text) <= MAX_WORDS else text[: MAX_WORDS - 1].rstrip() + "…"
