"""``holdfast cite``: say how a learning did: it helped, it is wrong, it is stale."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import emit, good, json_option, plain, repository_option, wrapped

if TYPE_CHECKING:
    from holdfast.learn.citing import Cited, Outcome


@click.command(
    "cite",
    epilog="""\b
Example:
  holdfast cite k3p2 --outcome helped
  holdfast cite k3p2 --outcome wrong --note "the flag is gone since version 3"
  holdfast cite k3p2 --outcome stale --note "scripts/build.sh was removed"
""",
)
@click.argument("id", metavar="ID")
@click.option(
    "--outcome",
    type=click.Choice(["helped", "wrong", "stale"]),
    required=True,
    help="`wrong` withholds it at once, until a person decides; `stale` asks for a look.",
)
@click.option("--note", default="", metavar="TEXT", help="What was seen; `wrong` needs it.")
@click.option("--agent", default="", metavar="NAME", help="An agent says so, not a person.")
@json_option
@repository_option
def command(
    id: str,  # noqa: A002
    outcome: Outcome,
    note: str,
    agent: str,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Say how a learning did in use.

    What is called wrong is not told to agents from then on, until somebody decides with `holdfast review`.
    """
    from holdfast.cli.opening import open_view
    from holdfast.learn.citing import cite

    with open_view(directory or ".") as view:
        cited = cite(view, id, outcome, note=note, agent=agent)
    emit(cited, "holdfast.cite/1", as_json, _lines)
    return 0


def _lines(cited: Cited) -> Iterator[str]:
    name = cited.id[:6]
    if cited.already:
        yield f"Noted before: {name}, {cited.outcome}."
    else:
        yield f"{good('Noted')}: {name}, {cited.outcome}."
    yield wrapped(plain(cited.text))
    if cited.redacted:
        yield "  Something private was taken out of the note."
    if cited.withheld:
        yield wrapped("It is not told any more. A person decides: `holdfast review`.")
    elif cited.outcome == "stale":
        yield wrapped("It is still told, and waits for a look: `holdfast review`.")
