"""``holdfast recall``: find what is known about words, a command or an approach."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import emit, json_option, repository_option

if TYPE_CHECKING:
    from holdfast.learn.view import View

_LONGEST = 1 << 20
"""Bytes of a failed command's output that are read."""


@click.command(
    "recall",
    epilog="""\b
Example:
  holdfast recall "port already in use"
  holdfast recall --command "npm ci"                        before it is run
  go test ./... 2>&1 | holdfast recall --command "go test ./..." --output -
  holdfast recall --approach "cache it in redis" --context "slow product page"
""",
)
@click.argument("query", nargs=-1)
@click.option("--command", "called", metavar="CMD", help="A command: how it went here, what to run instead.")
@click.option(
    "--output",
    "output",
    type=click.Path(allow_dash=True),
    help="What CMD printed when it failed: what fixed that before? - is standard input.",
)
@click.option("--approach", metavar="TEXT", help="What is about to be tried: was it tried, what went better?")
@click.option("--context", metavar="TEXT", help="What the approach is for.")
@click.option("--anyway", metavar="REASON", help="Go on with the approach all the same; that is recorded.")
@click.option("--agent", metavar="NAME", help="With --anyway: an agent goes on, not a person.")
@click.option("--semantic", is_flag=True, help="Find WORDS by meaning too; see `holdfast ingest --semantic`.")
@click.option("--explain", is_flag=True, help="With --command: what telling an agent so is worth.")
@click.option(
    "-n", "--limit", type=click.IntRange(1, 100), default=8, show_default=True, help="Items, at most."
)
@json_option
@repository_option
def command(
    query: tuple[str, ...],
    called: str | None,
    output: str | None,
    approach: str | None,
    context: str | None,
    anyway: str | None,
    agent: str | None,
    semantic: bool,
    explain: bool,
    limit: int,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Find what is known about something: words, a command that is run or failed, or an approach.

    Exits with 1 when nothing is recorded.
    """
    from holdfast.cli.opening import open_view
    from holdfast.errors import UsageError

    words = " ".join(query).strip()
    _check(words, called, output, approach, context, anyway, agent)
    if semantic and not words:
        raise UsageError("--semantic goes with words.", 'For instance: holdfast recall --semantic "go test"')
    printed = None if output is None else _read(output)
    with open_view(directory or ".") as view:
        if approach is not None:
            return _approach(view, approach, context or "", anyway, agent or "", as_json)
        if called is None:
            return _words(view, words, limit, semantic, as_json)
        if printed is None:
            return _call(view, called, explain, as_json)
        return _failure(view, called, printed, explain, as_json)


def _check(
    words: str,
    called: str | None,
    output: str | None,
    approach: str | None,
    context: str | None,
    anyway: str | None,
    agent: str | None,
) -> None:
    from holdfast.errors import UsageError

    asked = [bool(words), called is not None, approach is not None]
    if sum(asked) != 1:
        raise UsageError(
            "Ask for words, for a command or for an approach: one of the three.",
            'For instance: holdfast recall "go test"',
        )
    if output is not None and called is None:
        raise UsageError(
            "What a command printed says little without the command.",
            "Name it: holdfast recall --command CMD --output FILE",
        )
    beside = {"--context": context, "--anyway": anyway, "--agent": agent}
    for name, given in beside.items():
        if given is not None and approach is None:
            raise UsageError(f"{name} goes with an approach.", f"Say which: --approach TEXT {name} …")
    if agent is not None and anyway is None:
        raise UsageError("--agent names who goes on all the same.", "Add why: --anyway REASON")
    if called is not None and not called.strip():
        raise UsageError("Which command?", 'For instance: holdfast recall --command "npm ci"')
    if approach is not None and not approach.strip():
        raise UsageError("Which approach?", 'For instance: holdfast recall --approach "cache it in redis"')


def _words(view: View, words: str, limit: int, semantic: bool, as_json: bool) -> int:
    from holdfast.cli.recall_text import found_lines

    if semantic:
        from holdfast.recall.semantic import recall_meaning

        found = recall_meaning(view, words, limit)
    else:
        from holdfast.recall.search import recall_words

        found = recall_words(view, words, limit)
    emit(found, "holdfast.recall/1", as_json, found_lines)
    return 0 if found.items else 1


def _call(view: View, called: str, explain: bool, as_json: bool) -> int:
    from holdfast.cli.recall_text import call_lines, with_worth
    from holdfast.recall.before_call import recall_call

    answer = recall_call(view, called)
    show = with_worth(call_lines) if explain else call_lines
    emit(answer, "holdfast.recall-call/1", as_json, show)
    return 0 if answer.runs or answer.instead else 1


def _failure(view: View, called: str, printed: str, explain: bool, as_json: bool) -> int:
    from holdfast.cli.recall_text import failure_lines, with_worth
    from holdfast.recall.failures import recall_failure
    from holdfast.recall.hazard_rates import is_tool

    tool = called if is_tool(called) else "Bash"
    answer = recall_failure(view, called, printed, tool, strangers=True)
    show = with_worth(failure_lines) if explain else failure_lines
    emit(answer, "holdfast.recall-failure/1", as_json, show)
    return 0 if answer.fixes else 1


def _approach(view: View, approach: str, context: str, anyway: str | None, agent: str, as_json: bool) -> int:
    from holdfast.cli.recall_text import approach_lines
    from holdfast.recall.approach import go_on, recall_approach

    answer = recall_approach(view, approach, context)
    if anyway is not None:
        answer = go_on(view, answer, anyway, agent)
    emit(answer, "holdfast.recall-approach/1", as_json, approach_lines)
    return 1 if answer.risk == "unknown" else 0


def _read(output: str) -> str:
    from holdfast.errors import EnvironmentProblem

    if output == "-":
        return sys.stdin.buffer.read(_LONGEST).decode("utf-8", "replace")
    try:
        with Path(output).open("rb") as file:
            return file.read(_LONGEST).decode("utf-8", "replace")
    except OSError as error:
        raise EnvironmentProblem(f"Cannot read {output}: {error.strerror}.", "Check the path.") from error
