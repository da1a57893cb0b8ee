"""``holdfast recall``: find what is known, or what fixed a failing command before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import dim, emit, json_option, plain, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.recall.failures import FailureAnswer
    from holdfast.recall.search import Found


@click.command(
    epilog="""Examples:

  holdfast recall "port already in use"
  go test ./... 2>&1 | holdfast recall --command "go test ./..." --output -
"""
)
@click.argument("query", nargs=-1)
@click.option("--command", "failing", metavar="CMD", help="A command that failed: what fixed it before?")
@click.option(
    "--output", "output", type=click.Path(allow_dash=True), help="What it printed; - is standard input."
)
@click.option(
    "-n", "--limit", type=click.IntRange(1, 100), default=8, show_default=True, help="Items, at most."
)
@json_option
@repository_option
def command(
    query: tuple[str, ...],
    failing: str | None,
    output: str | None,
    limit: int,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Find what is known about something, or what fixed a failing command before.

    Exits with 1 when nothing is recorded.
    """
    from holdfast.errors import UsageError
    from holdfast.learn.view import open_view

    if bool(query) == bool(failing):
        raise UsageError(
            "Ask for words or for a command, one of the two.", 'For instance: holdfast recall "go test"'
        )
    with open_view(directory or ".") as view:
        if failing is None:
            from holdfast.recall.search import recall

            found = recall(view, " ".join(query), limit)
            emit(found, "holdfast.recall/1", as_json, _found_lines)
            return 0 if found.items else 1
        from holdfast.recall.failures import recall_failure

        answer = recall_failure(view, failing, _read(output))
        emit(answer, "holdfast.recall-failure/1", as_json, _answer_lines)
        return 0 if answer.fixes else 1


def _read(output: str | None) -> str:
    import sys

    from holdfast.errors import EnvironmentProblem, UsageError

    if output is None:
        raise UsageError(
            "What did the command print? A failure is recognised by its output.",
            "Pipe it: CMD 2>&1 | holdfast recall --command CMD --output -",
        )
    if output == "-":
        return sys.stdin.buffer.read(1 << 20).decode("utf-8", "replace")
    try:
        with Path(output).open("rb") as file:
            return file.read(1 << 20).decode("utf-8", "replace")
    except OSError as error:
        raise EnvironmentProblem(f"Cannot read {output}: {error.strerror}.", "Check the path.") from error


def _found_lines(found: Found) -> Iterator[str]:
    if not found.items:
        yield f"Nothing recorded that is near to “{plain(found.query)}”."
    for item in found.items:
        yield wrapped(item.text, first=f"{strong(item.id)}  ", indent="      ")
        times = f", worked in {item.sessions} session{'s' * (item.sessions != 1)}" if item.sessions else ""
        yield dim(
            f"      {item.kind} · {item.confidence}{times} · {plain(item.origin)}{f' · {item.day}' if item.day else ''}"
        )
    if found.withheld:
        yield f"{found.withheld} more near, but retired or superseded."
    if found.note:
        yield found.note


def _answer_lines(answer: FailureAnswer) -> Iterator[str]:
    yield f"Failure: {plain(answer.message) or plain(answer.family)}"
    if not answer.fixes:
        before = (
            f"It occurred in {answer.seen} session{'s' * (answer.seen != 1)} before; " if answer.seen else ""
        )
        yield f"{before}nothing recorded that fixed it."
        return
    for fix in answer.fixes:
        yield wrapped(fix.text, first=f"{strong(fix.id)}  ", indent="      ")
        which = "this failure" if fix.exact else "a failure of this family"
        yield dim(f"      ended {which} in {fix.worked} of {fix.seen} sessions · {fix.confidence}")
