"""What past sessions did, kept in local state so that a guard can be proven on it without reading logs again.

Agents delete their logs, and a rule may change: so each session's calls are kept, one file a session in
``guard-history/``, without secrets and without a word of a person. It is derived: it may be deleted.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from holdfast.errors import HoldfastError
from holdfast.evidence.session_facts import FactsBuilder, SessionFacts
from holdfast.hook import commands
from holdfast.hook.patterns import regex
from holdfast.learn.redact import redact_findings
from holdfast.repo.location import Repository
from holdfast.repo.replacing import replace
from holdfast.transcripts.events import Call, Prompt, Result, Status
from holdfast.transcripts.origin import Origin
from holdfast.transcripts.transcript import open_transcript

FOLDER = "guard-history"
VERSION = 1
MOST_SESSIONS = 500
"""Sessions that are kept: the latest."""
MOST_DEEDS = 3000
"""Calls of one session that are kept: the first."""
LONGEST = 2000
"""Characters of a command that are kept."""
_PROMPTS = 3
"""Prompts back that a person may have asked for a command in."""
_MOST_NAMED = 20
_NEGATIONS = frozenset("don't dont don’t not never avoid without no stop instead rather can't cannot".split())
_REACH = 8
"""Words behind a negation that are taken to be meant by it, in one sentence."""
_WORD = regex(r"[\w./@:’'-]+|[\n;!?]")


class Deed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One call of a session that a guard could stand against.

    Attributes:
        line: The line of the transcript that holds it.
        command: The shell line, or "".
        paths: The files that it edits.
        status: What became of it; ``rejected`` when a person or a rule of the agent refused it.
        named: Words of the command, and names of the files, that the person had named before without
            forbidding them.
    """

    line: int
    command: str
    paths: tuple[str, ...]
    status: Status
    named: tuple[str, ...] = ()


class SessionDeeds(msgspec.Struct, frozen=True, kw_only=True):
    """What one session did.

    Attributes:
        facts: Its commands and edited files as `measure.broken_lines` reads them; failures are left out.
        deeds: Its calls, in order.
        log: The transcript's size and time, to tell whether it grew.
    """

    version: int = VERSION
    facts: SessionFacts
    deeds: tuple[Deed, ...]
    log: tuple[int, float]


def note_sessions(
    repository: Repository,
    origins: Sequence[Origin],
    advance: Callable[[int], object] = lambda _: None,
    *,
    unreadable: list[str] | None = None,
) -> int:
    """Keep what sessions did; return how many of them were read, those that did not change left out.

    Args:
        repository: Whose sessions they are.
        origins: Their transcripts; one that cannot be read is left out, and so is one older than all that
            are kept when as many are kept as may be.
        advance: Called with the bytes of each transcript that was dealt with.
        unreadable: Is given the names of those that could not be read.
    """
    folder = repository.ensure_state() / FOLDER
    known = {one.facts.name: one.log for one in read_sessions(repository)}
    times = {name: mtime for name, (_, mtime) in known.items()} | {each.name: each.mtime for each in origins}
    oldest = sorted(times.values())[-MOST_SESSIONS:][0] if times else 0.0
    roots = [str(top) for top in repository.worktrees()]
    count = 0
    for origin in origins:
        log = (origin.size, origin.mtime)
        if known.get(origin.name) != log and origin.mtime >= oldest:
            try:
                _keep(folder, _read(origin, roots, log))
                count += 1
            except (HoldfastError, OSError):
                if unreadable is not None:
                    unreadable.append(origin.name)
        advance(origin.size)
    if count:
        _forget_oldest(folder)
    return count


def read_sessions(repository: Repository) -> list[SessionDeeds]:
    """Return what is kept of past sessions, the oldest first."""
    found = []
    for path in (repository.state_dir / FOLDER).glob("*.msgpack"):
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            session = msgspec.msgpack.decode(path.read_bytes(), type=SessionDeeds)
            if session.version == VERSION:
                found.append(session)
    return sorted(found, key=lambda one: (one.facts.started or 0.0, one.facts.name))


def _keep(folder: Path, session: SessionDeeds) -> None:
    if not session.deeds:
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{session.facts.key}.msgpack"
    replace(path, msgspec.msgpack.encode(session), durable=False)
    os.utime(path, (session.log[1], session.log[1]))  # the latest sessions are kept, whenever they were read


def _forget_oldest(folder: Path) -> None:
    paths = sorted(folder.glob("*.msgpack"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in paths[MOST_SESSIONS:]:
        path.unlink(missing_ok=True)


def _read(origin: Origin, roots: Sequence[str], log: tuple[int, float]) -> SessionDeeds:
    transcript = open_transcript(origin, roots=roots)
    facts, deeds = FactsBuilder(), _Deeds()
    for event in transcript.events():
        facts.feed(event, transcript.line)
        if isinstance(event, Prompt) and not event.injected:
            deeds.hear(event.text)
        elif isinstance(event, Call):
            deeds.begin(event, transcript.line)
        elif isinstance(event, Result):
            deeds.end(event)
    built = facts.build(transcript.session, origin.name)
    slim = msgspec.structs.replace(built, episodes=(), failed_calls=(), started_at=(), first_edit=None)
    slim.runs = tuple(msgspec.structs.replace(run, text=_redacted(run.text)) for run in slim.runs)
    return SessionDeeds(facts=slim, deeds=tuple(deeds.found), log=log)


class _Deeds:
    """Gather the calls of one session."""

    def __init__(self) -> None:
        self.found: list[Deed] = []
        self._prompts: list[frozenset[str]] = []
        self._begun: dict[str, Deed] = {}

    def hear(self, text: str) -> None:
        self._prompts = [*self._prompts, _named(text)][-_PROMPTS:]

    def begin(self, call: Call, line: int) -> None:
        paths = tuple(dict.fromkeys(edit.path for edit in call.edits))
        if call.command is None and not paths:
            return
        command = (call.command or "")[:LONGEST]
        words = {word.lower() for _, found in commands.split(command) for word in found}
        words |= {path.rsplit("/", 1)[-1].lower() for path in (*paths, *words)}
        named = sorted(words.intersection(frozenset[str]().union(*self._prompts)))[:_MOST_NAMED]
        self._begun[call.id] = Deed(line, _redacted(command), paths, "ok", tuple(named))

    def end(self, result: Result) -> None:
        deed = self._begun.pop(result.call_id, None)
        if deed is not None and len(self.found) < MOST_DEEDS:
            self.found.append(msgspec.structs.replace(deed, status=result.status))


def _named(text: str) -> frozenset[str]:
    """Return the words of a prompt without those that stand behind a negation."""
    found: set[str] = set()
    left = 0
    for word in _WORD.findall(text[:20_000].lower()):
        bare = word.strip(".:'’")
        if bare in _NEGATIONS:
            left = _REACH
        elif not bare or word in ";!?\n":
            left = 0
        elif left:
            left = 0 if word.endswith(".") else left - 1
        else:
            found.update((bare, bare.rsplit("/", 1)[-1]))
    return frozenset(found)


def _redacted(text: str) -> str:
    """Return a text without secrets; home directories alone are left, to tell what ran elsewhere."""
    clean, found = redact_findings(text)
    return clean if any(each.kind != "home" for each in found) else text
