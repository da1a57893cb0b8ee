"""``holdfast tuition``: what your agents keep paying for, and the cheapest cure of each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from holdfast.cli.output import json_option, repository_option

if TYPE_CHECKING:
    from holdfast.measure.tuition.report import Tuition
    from holdfast.measure.tuition.sessions import Read
    from holdfast.repo.location import Repository
    from holdfast.transcripts.origin import Origin
    from holdfast.transcripts.retention import Retention
    from holdfast.transcripts.walking import Skipped


@click.command(
    "tuition",
    epilog="""\b
Example:
  holdfast tuition                      this repository's sessions, found in your home
  holdfast tuition logs/ --html t.html  these transcripts, as one page with charts
  holdfast tuition --fix                look at each change, and make those you accept
  holdfast tuition --since-fix          what ended since it was mended
""",
)
@click.argument("transcripts", nargs=-1, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Read your home's session logs without asking.")
@click.option("--everywhere", is_flag=True, help="Sessions of every directory, not only of this repository.")
@click.option("--since", metavar="WHEN", help="Only sessions since a day (2026-11-01) or a while (30d, 8w).")
@click.option("--fix", is_flag=True, help="Show each cure as a change of a file; make those you accept.")
@click.option("--since-fix", is_flag=True, help="Show what ended since its cause was mended.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write one page with charts.")
@json_option
@repository_option
def command(
    transcripts: tuple[Path, ...],
    yes: bool,
    everywhere: bool,
    since: str | None,
    fix: bool,
    since_fix: bool,
    html: Path | None,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Show what your agents keep failing at, what it costs, and the cheapest cure that lasts.

    It works in any repository as it is: nothing is set up, written or sent. Give transcripts or folders of
    them; without any, the sessions of this repository are looked for in your home, after asking once.
    """
    from holdfast.cli import tuition_text
    from holdfast.cli.output import emit
    from holdfast.hook.clock import now
    from holdfast.measure.tuition.report import tuition

    after = _moment(since, now()) if since else None
    repository = _repository(directory)
    found = _found(transcripts, repository, yes=yes, everywhere=everywhere)
    origins = _recent(found.origins, after)
    if not as_json:
        click.echo(tuition_text.found(origins))
    report = tuition(
        _read(origins, repository),
        repository,
        after=after,
        since_fix=since_fix,
        skipped=found.skipped,
        kept_for=found.kept_for,
    )
    if html is not None:
        _write_page(html, report)
    emit(report, "holdfast.tuition/1", as_json, tuition_text.since_fix if since_fix else tuition_text.lines)
    if html is not None and not as_json:
        click.echo(f"\nThe page is {html}")
    if fix and not as_json:
        _fix(report, repository)
    return 0 if report.sessions or report.findings else 1


def _repository(directory: Path | None) -> Repository | None:
    """Return the repository that the command was started in; None outside one."""
    from holdfast.errors import HoldfastError
    from holdfast.repo.location import Repository

    try:
        return Repository.find(directory or ".")
    except HoldfastError:
        if directory is not None:
            raise
        return None


class _Found(NamedTuple):
    """Logs, what was not looked at, and the agents that delete theirs."""

    origins: list[Origin]
    skipped: list[Skipped]
    kept_for: list[Retention]


def _found(
    transcripts: tuple[Path, ...], repository: Repository | None, *, yes: bool, everywhere: bool
) -> _Found:
    from holdfast.errors import UsageError
    from holdfast.transcripts.transcript import expand

    if transcripts:
        return _Found(list(expand(transcripts)), [], [])
    if repository is None and not everywhere:
        raise UsageError(
            "This is no git repository, so there are no sessions of it to look for.",
            "Start it in one, name transcripts, or read all there are: `holdfast tuition --everywhere`",
        )
    return _of_home(repository, yes=yes, everywhere=everywhere)


def _recent(origins: list[Origin], after: float | None) -> list[Origin]:
    """Return the logs to read, the newest first, so that something is known soon."""
    recent = [origin for origin in origins if after is None or not origin.mtime or origin.mtime >= after]
    return sorted(recent, key=lambda origin: -origin.mtime)


def _read(origins: list[Origin], repository: Repository | None) -> Iterator[Read]:
    from holdfast.cli.output import progress
    from holdfast.measure.tuition.sessions import read_sessions

    roots = [str(top) for top in repository.worktrees()] if repository else []
    total = sum(origin.size for origin in origins)
    with progress(total, "Reading sessions") as advance:
        for read in read_sessions(origins, roots=roots, processes=os.cpu_count() or 1):
            advance(read.size)
            yield read


def _of_home(repository: Repository | None, *, yes: bool, everywhere: bool) -> _Found:
    from holdfast.errors import UsageError
    from holdfast.transcripts.archive import archived
    from holdfast.transcripts.discovery import WHERE, discover
    from holdfast.transcripts.retention import retention

    scope = "of every directory" if everywhere or repository is None else "of this repository"
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(
                f"Which sessions? Your home's logs ({WHERE}) are not read without your word.",
                "Allow it: `holdfast tuition --yes`, or name files: `holdfast tuition PATH…`",
            )
        click.confirm(f"Look in {WHERE} for sessions {scope}?", default=True, abort=True, err=True)
    roots = repository.worktrees() if repository else []
    skipped: list[Skipped] = []
    found = discover(roots, Path.home(), everywhere=everywhere, told=skipped)
    origins: list[Origin] = [item.origin for item in found]
    if repository is not None:
        origins += archived(repository, [origin.key for origin in origins])
    return _Found(origins, skipped, retention(Path.home(), os.environ))


def _moment(since: str, now: float) -> float:
    """Return the time that a day or a while ago stands for, in seconds since the epoch.

    Raises:
        UsageError: It is neither.
    """
    import datetime
    import re

    from holdfast.errors import UsageError

    ago = re.fullmatch(r"(\d{1,4})\s*([hdwmy])", since.strip())
    if ago:
        hours = {"h": 1, "d": 24, "w": 168, "m": 730, "y": 8766}[ago[2]]
        return now - int(ago[1]) * hours * 3600
    try:
        day = datetime.date.fromisoformat(since.strip())
    except ValueError:
        raise UsageError(
            f"`--since {since}` is no day and no while.", "Say `2026-11-01`, `30d` or `8w`."
        ) from None
    return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp()


def _write_page(path: Path, report: Tuition) -> None:
    from holdfast.cli.tuition_page import page
    from holdfast.errors import EnvironmentProblem
    from holdfast.repo.safe_read import overwrite

    data, hint = page(report).encode(), "Name a place that this user may write to."
    try:
        if path.is_file() and not path.is_symlink():
            overwrite(path.parent, path.name, data)  # an older page stays whole when the disk is full
        else:
            path.write_bytes(data)
    except EnvironmentProblem as problem:
        raise EnvironmentProblem(problem.message, hint) from problem
    except OSError as error:
        raise EnvironmentProblem(f"Cannot write {path}: {error.strerror}.", hint) from error


def _fix(report: Tuition, repository: Repository | None) -> None:
    """Show each change; on a terminal make those that the person accepts."""
    from holdfast.cli.output import good, plain, strong
    from holdfast.errors import EnvironmentProblem
    from holdfast.hook.clock import now
    from holdfast.measure.tuition.change import apply_change
    from holdfast.measure.tuition.choose import made_anew
    from holdfast.measure.tuition.since import Mended, note

    offered = [finding for finding in report.findings if finding.cure.change is not None]
    if repository is None or repository.root is None or not offered:
        click.echo("\nThere is no change to offer.")
        return
    asks = sys.stdin.isatty() and sys.stdout.isatty()
    for number, finding in enumerate(offered, 1):
        change = made_anew(repository.root, finding.cure)
        if change is None:
            click.echo(f"\n{number}. {plain(finding.cure.text)}\nIts file changed meanwhile.")
            continue
        click.echo(f"\n{strong(f'{number}. {plain(finding.cure.text)}')}\n{_coloured(change.diff)}")
        if asks and click.confirm("Make this change?", default=False):
            apply_change(repository.root, change)
            click.echo(good(f"Changed {change.path}; nothing is staged or committed."))
            where = f"{change.path}:{change.line}"
            mended = Mended(at=now(), where=where, command=finding.command, family=finding.family)
            try:
                note(repository, mended)
            except EnvironmentProblem as problem:
                click.echo(f"`--since-fix` will not know of it: {plain(problem.message)}", err=True)
    if not asks:
        click.echo("Nothing was changed: started on a terminal, `--fix` asks for each of these.")


def _coloured(diff: str) -> str:
    from holdfast.cli.output import bad, dim, good, plain

    shown = []
    for line in diff.rstrip("\n").split("\n"):
        colour = good if line.startswith("+") else bad if line.startswith("-") else dim
        shown.append(colour(plain(line)))
    return "\n".join(shown)
