"""What the asker knows of the session that asks: what it did, touched and was told so far."""

from __future__ import annotations

import msgspec


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """The session that asks, so far. Everything is optional: less known, more is told twice.

    Attributes:
        session: Its key, so that it never counts as an earlier session; empty when unknown.
        branch: The branch it works on; empty for that of the worktree.
        developer: Digest of who works in it, as outlines have it; empty for this machine's user.
        model: The model that reads what is told, for prices and the token estimate.
        now: Seconds since the epoch; None for the clock.
        commands: Shell command lines that it ran, in order.
        edited: Files that it edited, relative to the worktree.
        added: Lines that its edits added, for fixes that were applied already.
        told: Ids of items that were put before it in this context.
        started: Whether it was told what is told at a start, so that a first prompt does not repeat it.
        calls: Calls since its start; ``context`` the tokens its model read last.
    """

    session: str = ""
    branch: str = ""
    developer: str = ""
    model: str = ""
    now: float | None = None
    commands: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    told: frozenset[str] = frozenset()
    started: bool = False
    calls: int = 0
    context: int | None = None
