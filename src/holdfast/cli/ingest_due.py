"""``holdfast ingest --due``: read the sessions that hooks saw end; what a session's start runs by itself."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.opening import publish_if_changed
from holdfast.cli.output import count, dim, emit

if TYPE_CHECKING:
    from holdfast.learn.capture import Captured
    from holdfast.learn.view import View
    from holdfast.transcripts.origin import Origin

SECONDS = 5.0
"""How long a command goes on with what is due before it does what it was called for."""
HANDED_OVER = 7 * 86400.0
"""Seconds since it was last written after which a session hands nothing over any more."""
MOST_LOOKED_AT = 100 << 20
"""Bytes of logs in which broken rules are looked for at one time; `review guard` looks further."""
STOP, KILL = 52, 58
"""Seconds after which it stops, and after which it ends whatever it does: none outlives a minute."""


def capture_due(directory: Path | None, as_json: bool) -> int:
    """Read what is due and say what came of it."""
    from holdfast.learn.capture import capture
    from holdfast.learn.view import open_view
    from holdfast.repo.trust import TrustStore

    with _within_a_minute(), open_view(directory or ".") as view:
        if not TrustStore().state(view.repository).trusted:
            from holdfast.errors import UsageError

            raise UsageError("This repository is not trusted, so nothing is due.", "holdfast trust")
        logs: list[Origin] = []
        done = capture(view, logs=logs)
        follow_up(view, logs)
        publish_if_changed(view, wait=True)
    emit(done, "holdfast.ingest-due/1", as_json, _lines)
    return 0


def read_what_is_due(view: View, *, seconds: float = SECONDS, given_up: bool = False) -> None:
    """Read sessions that ended since the last use, if any did; whatever is wrong with that waits.

    Args:
        view: The repository's view.
        seconds: How long to go on with further sessions.
        given_up: Read those too that took too long when they were read by themselves.
    """
    from holdfast.errors import HoldfastError
    from holdfast.learn.capture import capture, is_due, is_given_up
    from holdfast.repo.trust import TrustStore

    if not (is_due(view.repository) or (given_up and is_given_up(view.repository))):
        return
    if not TrustStore().state(view.repository).trusted:
        return
    if sys.stderr.isatty():
        click.echo(dim("Reading sessions that ended since the last time …"), err=True)
    logs: list[Origin] = []
    with suppress(HoldfastError, OSError):
        capture(view, seconds=seconds, logs=logs, given_up=given_up)
    follow_up(view, logs)


def follow_up(view: View, logs: Sequence[Origin]) -> None:
    """Do what comes after sessions were read: write their handoffs, look for rules that they broke."""
    from holdfast.errors import HoldfastError
    from holdfast.flow.handoff import write_handoffs
    from holdfast.hook import clock
    from holdfast.learn.guard_history import note_sessions
    from holdfast.learn.instruction_files import instruction_files
    from holdfast.measure.guard_proposals import remember

    if not logs or view.repository.root is None:
        return
    with suppress(HoldfastError, OSError):
        write_handoffs(view.repository, logs, since=clock.now() - HANDED_OVER)
    with suppress(HoldfastError, OSError):
        rules = any(True for _ in instruction_files(view.repository.root))
        if rules and note_sessions(view.repository, _newest(logs)):
            remember(view.repository)


def _newest(logs: Sequence[Origin]) -> list[Origin]:
    """Return the logs that were last written, as many as are read in a few seconds."""
    found: list[Origin] = []
    left = MOST_LOOKED_AT
    for log in sorted(logs, key=lambda each: -each.mtime):
        left -= log.size
        if left < 0 and found:
            break
        found.append(log)
    return found


@contextmanager
def _within_a_minute() -> Iterator[None]:
    """End this process in time: first by an exit that cleans up behind it, then by force."""
    killer = threading.Timer(KILL, os._exit, [1])
    killer.daemon = True
    killer.start()
    before = signal.signal(signal.SIGALRM, _stop)
    signal.alarm(STOP)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        killer.cancel()


def _stop(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _lines(done: Captured) -> Iterator[str]:
    report = done.report
    if done.busy:
        yield "Another process reads what is due here."
        return
    if not (done.sessions or done.missing or done.left):
        yield "Nothing is due." + (
            f" {count(done.open, 'session')} may still be at work." if done.open else ""
        )
        return
    failed = count(report.failures, "failed call")
    yield f"Read {count(done.sessions, 'session')} that ended, with {failed}."
    if report.learned:
        yield f"  {count(len(report.learned), 'fix', 'fixes')} learned."
    if report.waiting:
        yield f"  {len(report.waiting)} in somebody's words wait for you: `holdfast review`"
    if done.missing:
        yield f"  {count(done.missing, 'session')} left no log."
    if done.left:
        yield f"  {count(done.left, 'session')} still to be read: `holdfast ingest`"
