"""How commands print: for people as plain lines, for programs as JSON with a schema name.

Everything that came from a transcript, a record or a file is stripped of terminal escapes first.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click
import msgspec

from holdfast.hook.signature import plain as plain

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
repository_option = click.option(
    "-C",
    "--directory",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Work as if started there.",
)


def emit(result: msgspec.Struct, schema: str, as_json: bool, show: Callable[[Any], Iterable[str]]) -> None:
    """Print a result: as JSON under its schema name, else as the lines that ``show`` makes of it.

    The schema of each name is shipped as ``holdfast/schemas/<name>-<version>.json``; see `cli.schemas`.
    """
    if as_json:
        body = {"schema": schema, **msgspec.to_builtins(result)}
        text = json.dumps(body, indent=1, ensure_ascii=False)
        click.echo(text.encode("utf-8", "replace").decode())  # a file's name need not be UTF-8
        return
    for line in show(result):
        click.echo(line)


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a command failed: what happened, what to do next, and its exit code."""

    message: str
    hint: str
    exit_code: int


class FailureDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What a failed command prints with ``--json``."""

    error: Failure


def emit_failure(failure: Failure) -> None:
    """Print why a command failed as JSON."""
    emit(FailureDocument(error=failure), "holdfast.error/1", as_json=True, show=lambda _: [])


def colour() -> bool:
    """Tell whether to colour: a terminal, and no ``NO_COLOR``."""
    return sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def strong(text: str) -> str:
    """Return text in bold on a terminal."""
    return click.style(text, bold=True) if colour() else text


def dim(text: str) -> str:
    """Return text dimmed on a terminal."""
    return click.style(text, dim=True) if colour() else text


def good(text: str) -> str:
    """Return text in green on a terminal."""
    return click.style(text, fg="green") if colour() else text


def bad(text: str) -> str:
    """Return text in red on a terminal."""
    return click.style(text, fg="red") if colour() else text


def count(number: int, thing: str, things: str = "") -> str:
    """Return a number with its noun: ``1 session``, ``3 sessions``."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def thousands(number: int) -> str:
    """Return a number shortened: ``966``, ``12k``, ``1.4M``."""
    if number >= 1_000_000:
        return f"{number / 1_000_000:.1f}M"
    return f"{number / 1000:.0f}k" if number >= 1000 else str(number)


def wrapped(text: str, indent: str = "  ", first: str | None = None) -> str:
    """Fold text to the terminal's width, at most 96 columns."""
    import shutil
    import textwrap

    width = min(shutil.get_terminal_size((96, 24)).columns, 96)
    return textwrap.fill(
        plain(text), width, initial_indent=indent if first is None else first, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def progress(total: int, label: str, *, sizes: bool = True) -> AbstractContextManager[Callable[[int], None]]:
    """Show progress on a terminal; in a pipe say nothing.

    Args:
        total: How much there is to do.
        label: What is done.
        sizes: Whether the amounts are bytes, else they are counted.

    Returns:
        A context that gives a function to call with the amount done since the last call.
    """
    if not sys.stderr.isatty() or total <= 0:
        return nullcontext(lambda _: None)
    return _RichProgress(total, label, sizes=sizes)


class _RichProgress(AbstractContextManager[Callable[[int], None]]):
    def __init__(self, total: int, label: str, *, sizes: bool) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        amount = DownloadColumn() if sizes else MofNCompleteColumn()
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), amount, TimeRemainingColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task(label, total=total)

    def __enter__(self) -> Callable[[int], None]:
        self._bar.start()
        return lambda done: self._bar.advance(self._task, done)

    def __exit__(self, *error: object) -> None:
        self._bar.stop()
