"""``holdfast mcp``: serve the tools that agents call."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import emit, json_option, plain, repository_option

if TYPE_CHECKING:
    from holdfast.connect.mcp.http import Address


@click.command(
    "mcp",
    epilog="""\b
Example:
  claude mcp add --scope user holdfast -- holdfast mcp
  codex mcp add holdfast -- holdfast mcp
  holdfast mcp --http --port 0
""",
)
@click.option("--http", is_flag=True, help="Serve over HTTP, on this machine alone, with a token.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="With --http: the port; 0 takes a free one.  [default: 4653]",
)
@json_option
@repository_option
def command(http: bool, port: int | None, as_json: bool, directory: Path | None) -> int:
    """Serve agents the tools recall, learn, cite and brief, by the Model Context Protocol.

    An agent starts it, talks with it over standard input and output, and ends it. With --http it serves one
    repository to whoever shows the token, until it is stopped.
    """
    from holdfast.connect.mcp import wiring
    from holdfast.errors import EnvironmentProblem, UsageError

    if not wiring.is_installed():
        raise EnvironmentProblem(
            "The tools for agents need the official SDK of the Model Context Protocol.",
            f"Install it: {wiring.INSTALL}",
        )
    where = (directory or Path()).resolve()
    if http:
        from holdfast.connect.mcp import http as over_http

        over_http.serve(where, over_http.PORT if port is None else port, lambda at: _announce(at, as_json))
        return 0
    if port is not None or as_json:
        given = "--port" if port is not None else "--json"
        raise UsageError(f"{given} goes with --http.", "For instance: holdfast mcp --http --port 0")
    if sys.stdin.isatty():
        raise UsageError(
            "This talks with an agent, which starts it itself.",
            "Tell yours to: claude mcp add --scope user holdfast -- holdfast mcp",
        )
    from holdfast.connect.mcp import stdio

    stdio.serve(where)
    return 0


def _announce(address: Address, as_json: bool) -> None:
    emit(address, "holdfast.mcp/1", as_json, _lines)
    sys.stdout.flush()


def _lines(address: Address) -> Iterator[str]:
    yield f"Serving {plain(address.repository)} at {address.url} until Ctrl-C."
    yield f"The token is in {plain(address.token_file)}, which you alone can read. For instance:"
    shown = f'"Authorization: Bearer $(cat {plain(address.token_file)})"'
    yield f"  claude mcp add --transport http holdfast {address.url} --header {shown}"
