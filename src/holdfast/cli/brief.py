"""``holdfast brief``: what the next session is told, and why that is worth its tokens."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import count, dim, emit, json_option, plain, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.recall.brief import Brief
    from holdfast.recall.figures import Figure, Figures


@click.command(
    "brief",
    epilog="""\b
Example:
  holdfast brief --prompt "add a flag to the export command"
  holdfast brief --path src/export.py --explain
  holdfast brief --handoff                 what the last session on this branch left
""",
)
@click.option("--prompt", default="", metavar="TEXT", help="The task the session begins with.")
@click.option(
    "--files",
    is_flag=False,
    flag_value="5",
    default="0",
    type=click.IntRange(0, 50),
    metavar="[N]",
    help="Name N files likely to be edited (5), whatever that is worth.",
)
@click.option("--issue", "issues", multiple=True, metavar="NAME", help="What names an issue, such as #12.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="What bears a tag.")
@click.option("--path", "paths", multiple=True, metavar="FILE", help="What applies to a file.")
@click.option("--id", "ids", multiple=True, metavar="ID", help="One item.")
@click.option(
    "--budget", type=click.IntRange(0, 100_000), metavar="TOKENS", help="Tokens of the whole, at most."
)
@click.option("--explain", is_flag=True, help="Show of each line what it is worth, and what was left out.")
@click.option(
    "--handoff",
    is_flag=True,
    help="What the last session on this branch handed over, whole; with --issue the last that named it.",
)
@click.option("--branch", metavar="NAME", help="With --handoff: of another branch.")
@json_option
@repository_option
def command(
    prompt: str,
    files: int,
    issues: tuple[str, ...],
    tags: tuple[str, ...],
    paths: tuple[str, ...],
    ids: tuple[str, ...],
    budget: int | None,
    explain: bool,
    handoff: bool,
    branch: str | None,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Print what the next session is told: at its start, and for a task.

    A line is told only when it is worth its tokens; what is asked for by name (--files, --issue, --tag,
    --path, --id) is given without that test. Prints nothing when nothing known is near. In a repository that
    is not trusted on this machine it says so and exits with 1; so does --handoff when nothing was handed
    over.
    """
    if handoff or branch is not None:
        from holdfast.cli.brief_handoff import show_handoff

        beside = prompt or files or tags or paths or ids or budget is not None or explain
        return show_handoff(directory, branch, issues, as_json, asked=handoff, beside=bool(beside))
    from holdfast.cli.opening import open_view
    from holdfast.recall.brief import brief
    from holdfast.recall.named import Asked

    asked = Asked(ids=ids, paths=paths, tags=tags, issues=issues, files=files)
    with open_view(directory or ".") as view:
        told = brief(view, prompt, asked=asked, budget=budget)
    emit(told, "holdfast.brief/1", as_json, _explained if explain else _lines)
    if not told.trusted:
        hint = "Nothing is told here until you have looked at it: `holdfast trust`"
        click.echo(f"holdfast: {plain(told.reason)}\n  {hint}", err=True)
        return 1
    if not explain:
        for name in told.named:
            if not name.items and not name.withheld:
                click.echo(f"holdfast: nothing is recorded for {plain(name.name)}", err=True)
    if not told.text and not told.named and not as_json and not explain and sys.stderr.isatty():
        click.echo("(nothing to tell)", err=True)
    return 0


def _lines(told: Brief) -> Iterator[str]:
    if told.text:
        yield told.text


def _explained(told: Brief) -> Iterator[str]:
    yield from _lines(told)
    if not told.trusted or told.figures is None:
        return
    yield from (
        ["", strong(f"≈ {count(told.tokens, 'token')} told. What a line must save:")]
        if told.text
        else [strong("Nothing told. What a line must save:")]
    )
    yield from _costs(told.figures)
    for one in told.considered:
        worth = "" if one.worth is None else f" {one.worth.why}"
        yield wrapped(f"{one.id}:{worth}", first=f"  {one.verdict:<16}", indent=" " * 18)
    for old in told.withheld:
        by = f", replaced by {old.by}" if old.by else ""
        yield wrapped(
            f"{old.id}{by}: {old.text}", first=f"  {'holds no more':<13} ", indent="               "
        )
    for name in told.named:
        if not name.items and not name.withheld:
            yield wrapped(f"nothing is recorded for {name.name}", first=f"  {'asked for':<13} ")
    if not told.considered:
        yield dim("  nothing near was found")


def _costs(figures: Figures) -> Iterator[str]:
    from holdfast.recall.worth import short

    of, prices = figures.all, figures.prices
    yield wrapped(
        f"a call reads ≈ {short(of.context.value)} tokens of context ({_behind(of.context)}) "
        f"at {prices.cache_read:g} and writes ≈ {short(of.output.value)} ({_behind(of.output)}) "
        f"at {prices.output:g}: ≈ {short(figures.step())} input tokens"
    )
    yield wrapped(
        f"a text is written once at {prices.cache_write:g} and read at ≈ {figures.reads_after(0):.0f} calls "
        f"to the next compaction or end ({_behind(of.reads)}); a failure takes "
        f"≈ {of.steps.value:.1f} calls to get past ({_behind(of.steps)})"
    )


def _behind(figure: Figure) -> str:
    if not figure.n:
        return "a prior"
    return f"{count(figure.n, 'session')}" + ("" if figure.measured else " and a prior")
