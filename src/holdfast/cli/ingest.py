"""``holdfast ingest``: read agent sessions into knowledge."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import emit, json_option, plain, repository_option

if TYPE_CHECKING:
    from holdfast.learn.ingest import IngestReport
    from holdfast.learn.view import View


@click.command(
    epilog="""Examples:

  holdfast ingest                     this repository's sessions, found in your home
  holdfast ingest session.jsonl logs/ these files and folders
"""
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Read your home's session logs without asking.")
@click.option("--everywhere", is_flag=True, help="Sessions of every directory, not only of this repository.")
@json_option
@repository_option
def command(
    paths: tuple[Path, ...], yes: bool, everywhere: bool, as_json: bool, directory: Path | None
) -> int:
    """Read agent sessions and keep what they teach.

    Give transcripts or folders of them; without any, the sessions of this repository are looked for in
    your home, after asking.
    """
    from holdfast.cli.output import progress
    from holdfast.learn.ingest import ingest
    from holdfast.learn.view import open_view

    with open_view(directory or ".") as view:
        chosen = list(paths) or _discovered(view, yes, everywhere)
        size = sum(path.stat().st_size for path in _files(chosen))
        with progress(size, "Reading sessions") as advance:
            report = ingest(view, chosen, advance)
        emit(report, "holdfast.ingest/1", as_json, _lines)
    return 1 if report.not_read and not (report.transcripts or report.unchanged) else 0


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (below for below in path.rglob("*") if below.is_file())
        elif path.is_file():
            yield path


def _discovered(view: View, yes: bool, everywhere: bool) -> list[Path]:
    from holdfast.errors import UsageError
    from holdfast.transcripts.discovery import discover

    where = "~/.claude and ~/.codex"
    if not yes:
        import sys

        if not sys.stdin.isatty():
            raise UsageError(
                f"Which sessions? Your home's logs ({where}) are not read without your word.",
                "Allow it: `holdfast ingest --yes`, or name files: `holdfast ingest PATH…`",
            )
        scope = "of every directory" if everywhere else "of this repository"
        click.confirm(f"Look in {where} for sessions {scope}?", default=True, abort=True)
    found = discover(view.repository.worktrees(), Path.home(), everywhere=everywhere)
    if not found:
        raise UsageError(
            f"No sessions {'' if everywhere else 'of this repository '}were found in {where}.",
            "Name transcripts: `holdfast ingest PATH…`, or look further: `holdfast ingest --everywhere`",
        )
    return [item.path for item in found]


def _lines(report: IngestReport) -> Iterator[str]:
    from holdfast.cli.output import bad, count, strong, wrapped

    agents = ", ".join(f"{number} {name}" for name, number in sorted(report.agents.items()))
    read = strong(f"Read {count(report.transcripts, 'session')}")
    unchanged = f"; {report.unchanged} unchanged" if report.unchanged else ""
    yield f"{read}{f' ({agents})' if agents else ''}, {_size(report.size)}{unchanged}."
    if report.failures:
        yield f"  {count(report.failures, 'failure')}, {report.resolved} of them got past."
    if report.learned or report.confirmed:
        yield f"  {count(len(report.learned), 'fix', 'fixes')} learned; known ones worked again {count(report.confirmed, 'time')}."
    if report.waiting:
        waits = "waits" if len(report.waiting) == 1 else "wait"
        yield f"  {count(len(report.waiting), 'correction')} in a person's words {waits} for you: `holdfast review`"
    if report.refused:
        refused = ", ".join(f"{number} not {name}" for name, number in sorted(report.refused.items()))
        yield f"  {count(sum(report.refused.values()), 'candidate')} refused by the gate ({refused})."
    if report.malformed or report.oversized or report.unknown:
        yield (
            f"  Of {report.records} lines, {report.malformed} could not be read, {report.unknown} were of an "
            f"unknown kind, {report.oversized} were too long."
        )
    for item in report.not_read[:10]:
        yield wrapped(
            f"not read: {plain(item.path)}: {plain(item.reason)}", indent="    ", first=f"  {bad('!')} "
        )
    if len(report.not_read) > 10:
        yield f"  … and {len(report.not_read) - 10} more files not read."
    if report.transcripts:
        yield "Next: `holdfast status`"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
