"""``holdfast learn``: write down one thing worth knowing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import emit, good, json_option, repository_option, wrapped

if TYPE_CHECKING:
    from holdfast.learn.write import Written
    from holdfast.repo.records import Kind

_LONGEST = 1 << 16
"""Bytes of a learning, at most."""


@click.command(
    "learn",
    epilog="""\b
Example:
  holdfast learn "Run 'make gen' after editing api/*.proto: CI fails on stale files otherwise"
""",
)
@click.argument("text", nargs=-1)
@click.option(
    "-k",
    "--kind",
    type=click.Choice(["failure", "gotcha", "decision", "pattern", "convention", "model"]),
    default="gotcha",
    show_default=True,
    help="What sort of thing it is.",
)
@click.option("--command", "commands", multiple=True, metavar="CMD", help="A command it applies to.")
@click.option("--path", "paths", multiple=True, help="A file or folder it applies to.")
@click.option("--tag", "tags", multiple=True, help="A word to find it by.")
@click.option("--supersedes", multiple=True, metavar="ID", help="A learning that this one replaces.")
@click.option("--agent", metavar="NAME", help="An agent says so, not a person.")
@click.option(
    "--anyway", metavar="REASON", default="", help="Record it although the gate refuses; the reason is kept."
)
@json_option
@repository_option
def command(
    text: tuple[str, ...],
    kind: Kind,
    commands: tuple[str, ...],
    paths: tuple[str, ...],
    tags: tuple[str, ...],
    supersedes: tuple[str, ...],
    agent: str | None,
    anyway: str,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Write down one thing worth knowing; `-` reads it from standard input.

    The first paragraph is what an agent is shown: what to do, because of what failed otherwise. A gate
    refuses what would not help the next session, with exit code 3, and says how to mend it.
    """
    from holdfast.hook.commands import family
    from holdfast.learn.view import open_view
    from holdfast.learn.write import learn_text
    from holdfast.repo.records import Applies, Author

    said = _read() if text == ("-",) else " ".join(text)
    applies = Applies(commands=tuple(family(name) or name for name in commands), paths=paths, tags=tags)
    by = Author(kind="agent", agent=agent) if agent else Author(kind="person")
    with open_view(directory or ".") as view:
        written = learn_text(
            view, said, kind=kind, applies=applies, supersedes=supersedes, by=by, anyway=anyway
        )
    emit(written, "holdfast.learn/1", as_json, _lines)
    return 0


def _read() -> str:
    from holdfast.errors import UsageError

    data = sys.stdin.buffer.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise UsageError(
            f"The text is longer than {_LONGEST >> 10} KiB; nothing was recorded.",
            "Say one thing at a time: each learning stands for itself.",
        )
    return data.decode("utf-8", "replace")


def _lines(written: Written) -> Iterator[str]:
    if written.already:
        yield f"Already on record as {written.id[:6]}."
    else:
        yield f"{good('Learned')} {written.kind} {written.id[:6]}."
    yield wrapped(written.text)
    if written.redacted:
        yield "  Something private was taken out of the text."
