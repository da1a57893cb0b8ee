"""``holdfast brief``: what the next session is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import emit, json_option, plain, repository_option

if TYPE_CHECKING:
    from holdfast.recall.brief import Brief


@click.command(
    "brief",
    epilog="""\b
Example:
  holdfast brief --prompt "add a flag to the export command"
""",
)
@click.option("--prompt", default="", metavar="TEXT", help="The task the session begins with.")
@json_option
@repository_option
def command(prompt: str, as_json: bool, directory: Path | None) -> int:
    """Print what the next session is told: at its start, and for a task.

    Prints nothing when nothing known is near. In a repository that is not trusted on this machine it says so
    and exits with 1.
    """
    from holdfast.learn.view import open_view
    from holdfast.recall.brief import brief

    with open_view(directory or ".") as view:
        told = brief(view, prompt)
    emit(told, "holdfast.brief/1", as_json, _lines)
    if not told.trusted:
        hint = "Nothing is told here until you have looked at it: `holdfast trust`"
        click.echo(f"holdfast: {plain(told.reason)}\n  {hint}", err=True)
    elif not told.text and not as_json and sys.stderr.isatty():
        click.echo("(nothing to tell)", err=True)
    return 0 if told.trusted else 1


def _lines(told: Brief) -> Iterator[str]:
    if told.text:
        yield told.text
