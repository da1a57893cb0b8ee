"""Find the log of the session whose context is asked for: the one named, else the one going on here."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from holdfast.errors import UsageError
from holdfast.evidence import journal
from holdfast.evidence.segments import session_key
from holdfast.hook.journal import Journal
from holdfast.repo.location import Repository
from holdfast.transcripts.discovery import WHERE, discover
from holdfast.transcripts.events import SessionInfo
from holdfast.transcripts.origin import FileOrigin, Origin

_HINT = "Name one: `holdfast status --context --session ID`, or the path of its log."


def find_session(
    repository: Repository, wanted: str, may_look: Callable[[], bool], environ: Mapping[str, str] = os.environ
) -> Origin:
    """Return where a session's log stands.

    Args:
        repository: The repository that it worked in.
        wanted: The session's id, the beginning of it, or the path of its log; "" for the one going on here:
            that of the agent that asks, else the last one that was heard of.
        may_look: Tells whether the agents' folders in the home may be looked into; asked only when needed.
        environ: Where an agent says which session it is.

    Raises:
        UsageError: There is none, or several, or the home may not be looked into.
    """
    if wanted and Path(wanted).is_file():
        return FileOrigin(Path(wanted))
    named = wanted or environ.get("CLAUDE_CODE_SESSION_ID", "")
    heard = _heard_of(repository, named)
    if heard is not None:
        return FileOrigin(heard)
    if not named and not may_look():
        message = f"No session was heard of here yet, and your home's logs ({WHERE}) are not read unasked."
        raise UsageError(message, _HINT)
    return _in_home(repository, named)


def _heard_of(repository: Repository, named: str) -> Path | None:
    """Return the log of the session that hooks heard of last: in this worktree, if one was."""
    best: tuple[bool, float, Path] | None = None
    for kept in journal.read_all(repository):
        started = kept.started
        if started is None or not started.transcript or not started.session.startswith(named):
            continue
        path = Path(started.transcript)
        if path.is_file():
            here = bool(named) or started.root == str(repository.root)
            best = max(best, (here, kept.changed, path)) if best else (here, kept.changed, path)
    return best[2] if best else None


def _in_home(repository: Repository, named: str) -> Origin:
    found = [log for log in discover(repository.worktrees(), Path.home()) if not _is_subagent(log.path)]
    if not named:
        if found:
            return found[-1].origin
        raise UsageError(f"No session of this repository was found in {WHERE}.", _HINT)
    fitting = [log.origin for log in found if named in log.path.name]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UsageError(
            f"The logs of {len(fitting)} sessions have '{named}' in their name.", "Give more of its id."
        )
    raise UsageError(f"There is no session '{named}' of this repository in {WHERE}.", _HINT)


def _is_subagent(path: Path) -> bool:
    return path.name.startswith("agent-")


def tokens_told(repository: Repository, session: SessionInfo) -> int:
    """Return how many tokens hooks told a session in its present context, as they wrote down."""
    total = 0
    for line in Journal(str(repository.state_dir), session_key(session)).lines:
        if line.get("do") == "context":
            total = 0
        elif line.get("do") == "told" and not line.get("sub"):
            tokens = line.get("text_tokens")
            total += int(tokens) if isinstance(tokens, int | float) else 0
    return total
