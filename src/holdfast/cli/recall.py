"""``holdfast recall``: find what is known, or what fixed a failing command before."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import count, dim, emit, json_option, plain, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.recall.failures import FailureAnswer, Fixed
    from holdfast.recall.items import Item
    from holdfast.recall.search import Found

_LONGEST = 1 << 20
"""Bytes of a failed command's output that are read."""


@click.command(
    "recall",
    epilog="""\b
Example:
  holdfast recall "port already in use"
  go test ./... 2>&1 | holdfast recall --command "go test ./..." --output -
""",
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

    words = " ".join(query).strip()
    if bool(words) == (failing is not None):
        raise UsageError(
            "Ask for words or for a command, one of the two.", 'For instance: holdfast recall "go test"'
        )
    if failing is None and output is not None:
        raise UsageError(
            "What a command printed says little without the command.",
            "Name it: holdfast recall --command CMD --output FILE",
        )
    printed = _read(output) if failing is not None else ""
    with open_view(directory or ".") as view:
        if failing is None:
            from holdfast.recall.search import recall_words

            found = recall_words(view, words, limit)
            emit(found, "holdfast.recall/1", as_json, _found_lines)
            return 0 if found.items else 1
        from holdfast.recall.failures import recall_failure

        answer = recall_failure(view, failing, printed, strangers=True)
        emit(answer, "holdfast.recall-failure/1", as_json, _answer_lines)
        return 0 if answer.fixes else 1


def _read(output: str | None) -> str:
    from holdfast.errors import EnvironmentProblem, UsageError

    if output is None:
        raise UsageError(
            "What did the command print? A failure is recognised by its output.",
            "Pipe it: CMD 2>&1 | holdfast recall --command CMD --output -",
        )
    if output == "-":
        return sys.stdin.buffer.read(_LONGEST).decode("utf-8", "replace")
    try:
        with Path(output).open("rb") as file:
            return file.read(_LONGEST).decode("utf-8", "replace")
    except OSError as error:
        raise EnvironmentProblem(f"Cannot read {output}: {error.strerror}.", "Check the path.") from error


def _found_lines(found: Found) -> Iterator[str]:
    if not found.items:
        yield wrapped(f"Nothing recorded that is near to “{found.query}”.", first="")
    for item in found.items:
        yield wrapped(item.text, first=f"{strong(item.id)}  ", indent="      ")
        yield dim(f"      {' · '.join(_facts(item))}")
    if found.withheld:
        more = count(found.withheld, "more is", "more are")
        yield f"{more} near, but no longer told: retired or superseded."
    if found.note:
        yield found.note


def _facts(item: Item) -> Iterator[str]:
    yield item.kind
    if item.confidence != "unreviewed":
        yield item.confidence
    if item.sessions > 1:
        yield f"worked in {count(item.sessions, 'session')}"
    if item.origin != item.id:
        yield plain(item.origin)
    if item.day:
        yield item.day


def _answer_lines(answer: FailureAnswer) -> Iterator[str]:
    yield wrapped(answer.message or answer.family, first="Failure: ", indent="         ")
    if not answer.fixes:
        if answer.seen:
            yield f"It occurred in {count(answer.seen, 'session')} before; nothing is recorded that ended it."
        else:
            yield "Nothing is recorded about it."
    for fix in answer.fixes:
        yield wrapped(fix.text, first=f"{strong(fix.id)}  ", indent="      ")
        theirs = f" · {plain(fix.origin)}" if fix.origin != "recorded" else ""
        yield dim(f"      {_ended(fix)} · {fix.confidence}{theirs}")


def _ended(fix: Fixed) -> str:
    which = "this failure" if fix.exact else "a failure of this family"
    if not fix.worked:
        return f"recorded for {which}"
    return f"ended {which} in {fix.worked} of {count(fix.seen, 'session')}"
