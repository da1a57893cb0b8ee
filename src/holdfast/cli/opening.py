"""Open what is known for a command: say when it may be old, and read on in what is not read yet."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from holdfast.cli.output import progress, wrapped
from holdfast.errors import HoldfastError

if TYPE_CHECKING:
    from holdfast.learn.view import View

SECONDS = 30.0
"""How long `read_on` reads at most."""
LONG = 2.0
"""Seconds that a person is let wait for what hooks may tell to be published."""


@contextmanager
def open_view(directory: Path | str, *, due: bool = True) -> Iterator[View]:
    """Open the view of the repository that a directory lies in; say so when its index cannot be used.

    With ``due``, sessions that ended since the last use are read before it is used, for a few seconds.
    """
    from holdfast.learn import view as views

    with views.open_view(directory) as view:
        if view.stale:
            say = "Another process keeps the index locked: this answers from what could be read without it."
            click.echo(wrapped(say, first=""), err=True)
        if due:
            from holdfast.cli.ingest_due import read_what_is_due

            read_what_is_due(view)
        yield view
        publish_if_changed(view)


def publish_if_changed(view: View, *, wait: bool = False) -> None:
    """Let hooks tell what became known; a quick look where nothing changed.

    Where it took long the last time, as among ten thousand learnings, a process of its own does it, unless
    the caller can wait.
    """
    from holdfast.hook import due, published
    from holdfast.repo import config

    with contextlib.suppress(HoldfastError):  # damaged settings are for the command itself to name
        if config.settings(view.repository) is None:
            return  # not set up: nothing is published, and nothing need be loaded to find that out
    held = published.meta_of(str(view.repository.state_dir / published.NAME))
    if held.get("revision") == view.index.revision() and not _instructed_anew(view, held):
        return
    if not wait and held.get("seconds", 0) > LONG and view.repository.root:
        due.spawn(str(view.repository.root))
        return
    from holdfast.recall.publish import publish

    with contextlib.suppress(OSError, HoldfastError):  # hooks then tell what they told before
        publish(view)


def _instructed_anew(view: View, held: dict[str, Any]) -> bool:
    """Tell whether the instructions of the main worktree changed since; linked ones would take turns."""
    if view.repository.git_dir != view.repository.common_dir or "instructed" not in held:
        return False
    from holdfast.recall.publish import instructed

    try:
        return bool(held["instructed"] != instructed(view))
    except (OSError, HoldfastError):
        return False


def read_on(view: View) -> None:
    """Read what is not read yet for up to `SECONDS`, with progress on a terminal; say what is left."""
    if not view.unread:
        return
    left = view.commits_left() if sys.stderr.isatty() else 0
    with progress(left, "Reading commits", sizes=False) as advance:
        view.fill(SECONDS, advance)
    if view.unread:
        click.echo(wrapped(left_to_read(view.unread), first=""), err=True)


def left_to_read(names: list[str]) -> str:
    """Say which sources are not read to their end, and what becomes of it."""
    from holdfast.learn.sources.taking import in_words

    return f"Not all read yet: {in_words(names)}. Each use reads on a little, `holdfast ingest` for longer."
