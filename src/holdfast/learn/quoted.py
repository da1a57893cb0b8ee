"""Let an agent propose what its user said, once a session, after their words were found in its log.

The words are ground truth, the agent's own sentence is not: so a proposal names them, the session's log must
hold them as something a person said, and it waits in local state until that person has seen both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from holdfast.errors import HoldfastError, Refused, UsageError
from holdfast.evidence import journal as journals
from holdfast.hook import clock
from holdfast.hook.journal import Journal
from holdfast.hook.moment import session_key
from holdfast.hook.signature import plain
from holdfast.learn import waiting
from holdfast.learn.proposing import propose
from holdfast.learn.view import View
from holdfast.repo.records import Applies, Author, Kind
from holdfast.transcripts.events import Call, Prompt, Question, Result
from holdfast.transcripts.origin import FileOrigin
from holdfast.transcripts.questions import read_answers
from holdfast.transcripts.transcript import open_transcript

WORD = "proposed"
"""What the journal of a session notes once it has proposed something."""
LEAD = "In the user's words: "
LONGEST = 300
"""Characters of a quote."""
SHORTEST = 12
"""Bytes of a quote: less than that anybody said."""

_SESSIONS = {
    "CLAUDE_CODE_SESSION_ID": ("claude-code", "CLAUDE_CONFIG_DIR", ".claude", "projects/*/{}.jsonl"),
    "CODEX_THREAD_ID": ("codex", "CODEX_HOME", ".codex", "sessions/*/*/*/rollout-*-{}.jsonl"),
}
"""Variables by which agents name their session to what they run, and where its log is (seen with Claude Code
2.1.330 and Codex 0.169.0)."""
_ID = re.compile(r"[\w-]{8,80}")
_LIVE = 15 * 60.0
"""Seconds within which a journal was written that may be that of the session which asks."""


class Session(NamedTuple):
    """A session that may be the one which proposes: its agent, its own id, its log."""

    agent: str
    id: str
    log: Path | None

    @property
    def key(self) -> str:
        """Return its key on record."""
        return session_key(self.agent, self.id)


class Quoted(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a proposal that quotes the user.

    Attributes:
        id: The id under which it waits, or of what says the same.
        state: ``waiting``; ``known`` when the same is on record; ``dropped`` when a person set it aside.
        text: What would be recorded, as far as an agent is shown it.
        quote: The user's words.
        found: Whether the session's log holds them; False when no log was found.
    """

    id: str
    state: str
    text: str
    quote: str
    found: bool


def propose_quoted(
    view: View,
    text: str,
    quote: str,
    *,
    kind: Kind = "gotcha",
    applies: Applies | None = None,
    agent: str = "",
    home: Path,
    environ: Mapping[str, str],
) -> Quoted:
    """Let a learning wait that a user's words in this session stand behind.

    Args:
        view: The repository's view.
        text: The learning.
        quote: The user's words, copied exactly.
        kind: What sort of thing it is.
        applies: What it applies to.
        agent: The agent's name, where it is known.
        home: Where agents keep their logs.
        environ: The variables that name the session.

    Raises:
        Refused: The user did not say so, the session has proposed something already, or the gate refuses.
        UsageError: The quote is empty, or much too long.
    """
    words = " ".join(plain(quote).split())
    if len(_folded(words).encode()) < SHORTEST or len(words) > LONGEST:
        raise UsageError(
            f"A quote is what the user said: some words of it, at most {LONGEST} characters.",
            "Copy one sentence of theirs.",
        )
    session, found = _said_in(sessions(view, agent, home, environ), words)
    _refuse_second(view, session)
    by = Author(
        kind="agent",
        agent=(session.agent if session else agent) or None,
        session=session.key if session else None,
    )
    whole = f"{text.strip()}\n\n## Details\n\n{LEAD}“{words}”" if text.strip() else ""
    done = propose(view, whole, kind=kind, applies=applies, by=by, proven=found)
    if session is not None and not done.already:
        Journal(str(view.repository.ensure_state()), session.key).add(clock.now(), WORD, ids=[done.id])
    lead = next(
        (one.learning.lead for one in waiting.read(view.repository) if one.learning.id == done.id), ""
    )
    return Quoted(id=done.id, state=done.state, text=lead or " ".join(text.split()), quote=words, found=found)


def environment_of(agent: str, session: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return variables that name a session which its client told otherwise; a server's own names none.

    Args:
        agent: The agent's name.
        session: Its own id of the session; empty where it is not known.
        environ: The variables that say where agents keep their logs.
    """
    named = {name: value for name, value in environ.items() if name not in _SESSIONS}
    return named | {name: session for name, (known, *_) in _SESSIONS.items() if session and known == agent}


def sessions(view: View, agent: str, home: Path, environ: Mapping[str, str]) -> list[Session]:
    """Return the sessions that may be asking, the likeliest first.

    An agent says so in the environment of what it runs. Of others the journal tells: the one session of the
    agent that was written of a moment ago.
    """
    found = []
    for variable, (name, moved, folder, pattern) in _SESSIONS.items():
        id = environ.get(variable, "")  # noqa: A001 - what it is called everywhere
        if _ID.fullmatch(id) and agent in ("", name):
            found.append(
                Session(name, id, _log(view, name, id, _folder(home, environ, moved, folder), pattern))
            )
    return found or _journaled(view, agent)


def _folder(home: Path, environ: Mapping[str, str], moved: str, folder: str) -> Path:
    named = Path(environ.get(moved, ""))
    return named if named.is_absolute() else home / folder


def _log(view: View, agent: str, id: str, folder: Path, pattern: str) -> Path | None:  # noqa: A002
    journal = journals.read(view.repository, session_key(agent, id))
    if journal is not None and journal.started is not None and Path(journal.started.transcript).is_file():
        return Path(journal.started.transcript)
    return next(folder.glob(pattern.format(id)), None)


def _journaled(view: View, agent: str) -> list[Session]:
    live = [
        one.started
        for one in journals.read_all(view.repository, clock.now() - _LIVE)
        if one.started is not None and not one.ended and agent in ("", one.started.agent)
    ]
    if len(live) != 1:
        return []
    (one,) = live
    return [Session(one.agent, one.session, Path(one.transcript) if one.transcript else None)]


def _said_in(candidates: Sequence[Session], words: str) -> tuple[Session | None, bool]:
    """Return the session whose log holds the words, and whether one does.

    Raises:
        Refused: There are logs, and none holds them.
    """
    looked = False
    for session in candidates:
        for said in _said(session):
            looked = True
            if _folded(words) in _folded(said):
                return session, True
    if looked:
        raise Refused(
            "Not noted: the user did not say that in this session.",
            "Copy their words exactly as they wrote them. If they did not say it, leave it.",
        )
    return (candidates[0] if candidates else None), False


def _said(session: Session) -> Iterator[str]:
    """Yield what a person said in a session: prompts, answers to questions, words with which they refused."""
    if session.log is None:
        return
    asked: dict[str, Sequence[Question]] = {}
    try:
        for event in open_transcript(FileOrigin(session.log)).events():
            if isinstance(event, Prompt) and not event.injected:
                yield event.text
            elif isinstance(event, Result):
                yield event.words or ""
                yield from read_answers(asked.get(event.call_id, ()), event.text)
            elif isinstance(event, Call) and event.questions:
                asked[event.id] = event.questions
    except (HoldfastError, OSError):
        return


def _refuse_second(view: View, session: Session | None) -> None:
    if session is None:
        return
    if Journal(str(view.repository.state_dir), session.key).last(WORD) is not None:
        raise Refused(
            "Not noted: this session has proposed one thing already.",
            "One a session is enough; the user can write down more: `holdfast learn`",
        )


def _folded(text: str) -> str:
    """Return a text without what copying it may change: case, white space, quotes, what stands around it."""
    folded = re.sub(r"[\"'“”‘’«»`*_]", "", text.casefold())
    return " ".join(folded.split()).strip(" .,;:!?…()[]-–—")
