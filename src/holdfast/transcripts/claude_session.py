"""Fill what Claude Code's records say about their session."""

from __future__ import annotations

from holdfast.transcripts.claude_records import Record
from holdfast.transcripts.events import SessionInfo
from holdfast.transcripts.values import some_text, table


def note_session(session: SessionInfo, record: Record) -> None:
    """Fill a session's facts from one more record of it.

    A fork or a resume copies the records of its origin to its beginning: the last session named is
    the log's own, the one before it is the parent. A subagent's file names the subagent, and its
    parent is the session that began it.
    """
    own = some_text(record.sessionId)
    agent = some_text(record.agentId) if record.isSidechain is True else None
    if agent is not None and session.id in ("", agent):
        session.id = agent
        session.parent = own or session.parent
    elif own is not None and own not in (session.id, session.parent):
        session.parent = session.id or session.parent
        session.id = own
    origin = some_text(table(record.forkedFrom).get("sessionId"))
    if origin is not None and origin != session.id:
        session.parent = origin
    asked = some_text(record.requestSessionId)
    if asked is not None and agent is None and asked != session.id:
        session.parent = asked  # a fork's copy of a message names the session that it was asked in
    session.branch = some_text(record.gitBranch) or session.branch
    session.version = some_text(record.version) or session.version
