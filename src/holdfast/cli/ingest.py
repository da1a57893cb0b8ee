"""``holdfast ingest``: read agent sessions into knowledge."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import bad, count, emit, json_option, progress, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.learn.ingest import IngestReport, NotRead
    from holdfast.learn.view import View
    from holdfast.repo.location import Repository
    from holdfast.transcripts.origin import Origin

_NAMED = 10
_VECTOR_SECONDS = 30.0


@click.command(
    "ingest",
    epilog="""\b
Example:
  holdfast ingest                        this repository's sessions, found in your home
  holdfast ingest session.jsonl logs/    these files and folders
  holdfast ingest --from-ref origin/entire/checkpoints/v1
                                         sessions that your team commits to git
  holdfast ingest --symptoms             have your agent word what decisions are met by
""",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Read your home's session logs without asking.")
@click.option("--everywhere", is_flag=True, help="Sessions of every directory, not only of this repository.")
@click.option(
    "--from-ref",
    "refs",
    multiple=True,
    metavar="REF",
    help="Sessions in the files of a branch, tag, commit, or glob of refs; nothing is checked out.",
)
@click.option(
    "--due",
    is_flag=True,
    help="Read the sessions that hooks saw end, for a minute at most; agents start this by themselves.",
)
@click.option(
    "--archive/--no-archive",
    default=None,
    help="From now on keep a compressed copy of each transcript here, because agents delete theirs; or stop.",
)
@click.option(
    "--semantic",
    metavar="FOLDER|off",
    help="From now on let `recall --semantic` find by meaning, with the model in this folder.",
)
@click.option(
    "--hold-out",
    metavar="SHARE|off",
    help="From now on leave this share of hazards and warnings untold, such as 0.1, to measure what telling "
    "agents does. Counts from level knowledge on; 0.1 unless chosen otherwise.",
)
@click.option(
    "--symptoms",
    is_flag=True,
    help="Read no sessions: ask the agent chosen by `learn --wording` how people come upon what was decided, "
    "so that a task in other words finds it. It is sent redacted commits, documents and what people said.",
)
@click.option(
    "--calls",
    type=click.IntRange(1),
    metavar="N",
    help="With --symptoms: run the agent N times at most [25].",
)
@json_option
@repository_option
def command(
    paths: tuple[Path, ...],
    yes: bool,
    everywhere: bool,
    refs: tuple[str, ...],
    due: bool,
    archive: bool | None,
    semantic: str | None,
    hold_out: str | None,
    symptoms: bool,
    calls: int | None,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Read agent sessions and keep what they teach.

    Give transcripts, folders of them, or refs that hold some; without any, the sessions of this repository
    are looked for in your home, after asking. Exits with 1 when nothing could be read.
    """
    from holdfast.cli.ingest_due import follow_up, read_what_is_due
    from holdfast.cli.opening import open_view, read_on
    from holdfast.errors import UsageError
    from holdfast.learn.ingest import ingest
    from holdfast.transcripts.discovery import expand

    if hold_out is not None:
        from holdfast.cli.held_out import choose_share

        if paths or refs or everywhere or due or symptoms or archive is not None or semantic is not None:
            raise UsageError("--hold-out goes with no other option.", "`holdfast ingest --hold-out off`")
        return choose_share(directory, hold_out, as_json)
    if due:
        if paths or refs or everywhere or symptoms or archive is not None or semantic is not None:
            raise UsageError("--due goes with no other option.", "Read more: `holdfast ingest`")
        from holdfast.cli.ingest_due import capture_due

        return capture_due(directory, as_json)
    if symptoms:
        if paths or refs or everywhere or archive is not None or semantic is not None:
            raise UsageError("--symptoms reads no sessions.", "Ingest them first: `holdfast ingest PATH…`")
        from holdfast.cli.ingest_symptoms import ask

        return ask(directory, calls, as_json)
    if calls is not None:
        raise UsageError("--calls belongs to --symptoms.", "`holdfast ingest --symptoms --calls 5`")
    with open_view(directory or ".", due=False) as view:
        if archive is not None:
            _choose_archive(view.repository, archive)
        if semantic is not None:
            from holdfast.recall.semantic import choose

            choose(view.repository, semantic)
        committed, missing = _committed(view, refs)
        chosen: list[Path | Origin] = [*paths, *committed]
        if not paths and not refs:
            found, missing = _discovered(view, yes, everywhere)
            chosen += found
        with progress(_size_of(chosen), "Reading sessions") as advance:
            report = ingest(view, chosen, advance)
        follow_up(view, list(expand(chosen)))
        read_what_is_due(view, seconds=3600.0, given_up=True)
        read_on(view)
        _fill_vectors(view)
    report.not_read += missing
    emit(report, "holdfast.ingest/1", as_json, _lines)
    return 0 if report.transcripts or report.unchanged else 1


def _fill_vectors(view: View) -> None:
    """Make vectors of what is new where a model was chosen; what is wrong with it is a line, no failure."""
    from holdfast.errors import HoldfastError
    from holdfast.recall import semantic

    try:
        if semantic.chosen(view.repository).model:
            semantic.fill(view, seconds=_VECTOR_SECONDS)
    except HoldfastError as error:
        click.echo(wrapped(f"No vectors were made: {error.message} {error.hint}", first=""), err=True)


def _choose_archive(repository: Repository, archive: bool) -> None:
    """Remember whether transcripts are kept, and say what that means when it was not so before."""
    from holdfast.repo import config
    from holdfast.transcripts.archive import FOLDER

    before = config.settings(repository)
    config.choose(repository, archive=archive)
    if before is None or before.archive == archive:
        return
    folder = repository.state_dir / FOLDER
    if archive:
        told = (
            f"From now on `holdfast ingest` keeps a compressed copy of each transcript it reads in {folder}: "
            "whole, not redacted, for you alone, and never sent. `holdfast ingest --no-archive` ends that."
        )
    else:
        told = f"No further transcripts are kept. Those in {folder} stay; they are yours to delete."
    click.echo(wrapped(told), err=True)


def _size_of(paths: list[Path | Origin]) -> int:
    """Return the bytes to read; nobody looks at it without a terminal."""
    if not sys.stderr.isatty():
        return 0
    from holdfast.transcripts.discovery import expand

    return sum(origin.size for origin in expand(paths))


def _committed(view: View, refs: tuple[str, ...]) -> tuple[list[Origin], list[NotRead]]:
    """Return the transcripts in some refs, and those that this clone lacks."""
    from holdfast.learn.report import NotRead
    from holdfast.transcripts.in_git import find_in_refs

    if not refs:
        return [], []
    found = find_in_refs(view.repository.directory, refs)
    lacking = "this clone does not have it; `git fetch --refetch --no-filter` brings back what was left out"
    return list(found.origins), [NotRead(path=name, reason=lacking) for name in found.missing]


def _discovered(view: View, yes: bool, everywhere: bool) -> tuple[list[Origin], list[NotRead]]:
    """Return the sessions in the home, and what in it was not looked at."""
    from holdfast.errors import UsageError
    from holdfast.learn.report import NotRead
    from holdfast.transcripts.archive import archived
    from holdfast.transcripts.discovery import WHERE, discover
    from holdfast.transcripts.walking import Skipped

    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(
                f"Which sessions? Your home's logs ({WHERE}) are not read without your word.",
                "Allow it: `holdfast ingest --yes`, or name files: `holdfast ingest PATH…`",
            )
        scope = "of every directory" if everywhere else "of this repository"
        click.confirm(f"Look in {WHERE} for sessions {scope}?", default=True, abort=True, err=True)
    skipped: list[Skipped] = []
    found = discover(view.repository.worktrees(), Path.home(), everywhere=everywhere, told=skipped)
    gone = archived(view.repository, [item.origin.key for item in found])
    missing = [NotRead(path=place, reason=reason) for place, reason in skipped]
    if not found and not gone:
        of_this = "" if everywhere else " of this repository"
        wider = "" if everywhere else ", or look further: `holdfast ingest --everywhere`"
        unread = "".join(f"\nNot read: {item.path}: {item.reason}" for item in missing[:_NAMED])
        raise UsageError(
            f"No sessions{of_this} were found in {WHERE}.",
            f"Name transcripts: `holdfast ingest PATH…`{wider}{unread}",
        )
    return [*gone, *(item.origin for item in found)], missing


def _lines(report: IngestReport) -> Iterator[str]:
    yield from _read_lines(report)
    yield from _learned_lines(report)
    if report.malformed or report.oversized or report.unknown:
        yield (
            f"  Of {count(report.records, 'line')}, {report.malformed:,} could not be read, "
            f"{report.unknown:,} were of an unknown kind, {report.oversized:,} were too long."
        )
    yield from _chosen_lines(report)
    for item in report.not_read[:_NAMED]:
        yield wrapped(f"{item.path}: {item.reason}", indent="    ", first=f"  {bad('not read:')} ")
    if len(report.not_read) > _NAMED:
        yield f"  … and {count(len(report.not_read) - _NAMED, 'more file', 'more files')} not read."
    if report.transcripts:
        yield f"Next: {strong('holdfast status')}"


def _read_lines(report: IngestReport) -> Iterator[str]:
    agents = ", ".join(f"{number:,} {name}" for name, number in sorted(report.agents.items()))
    if report.transcripts:
        read = strong(f"Read {count(report.transcripts, 'transcript')}")
        unchanged = f"; {report.unchanged:,} had nothing new" if report.unchanged else ""
        yield f"{read} ({agents}), {_size(report.size)}{unchanged}."
    elif report.unchanged:
        yield f"Nothing new in {count(report.unchanged, 'transcript')}."
    else:
        yield "Nothing was read: no transcript was found there."
    if report.failures or report.resolved:
        past = f"a failure was got past {count(report.resolved, 'time')}"
        yield f"  {count(report.failures, 'failed call')}; {past}."


def _learned_lines(report: IngestReport) -> Iterator[str]:
    learned = f"{count(len(report.learned), 'fix', 'fixes')} learned" if report.learned else ""
    again = f"a known fix worked again {count(report.confirmed, 'time')}" if report.confirmed else ""
    if learned or again:
        yield f"  {'; '.join(part for part in (learned, again) if part)}."
    if report.conventions:
        yield f"  {count(len(report.conventions), 'convention')} that most sessions keep."
    if report.waiting:
        waits = "waits" if len(report.waiting) == 1 else "wait"
        yield (
            f"  {count(len(report.waiting), 'decision or cause', 'decisions and causes')} in "
            f"somebody's words {waits} for you: `holdfast review`"
        )
    if report.refused:
        refused = ", ".join(f"{number:,} not {name}" for name, number in sorted(report.refused.items()))
        yield f"  {count(sum(report.refused.values()), 'candidate')} refused by the gate ({refused})."


def _chosen_lines(report: IngestReport) -> Iterator[str]:
    """Yield what was done because this clone's owner chose it."""
    if report.archived:
        yield f"  {count(report.archived, 'transcript')} copied into the archive on this machine."
    if report.worded or report.wording_failed:
        told = f"  Your agent worded {report.worded} of {report.worded + report.wording_failed}"
        yield f"{told}, in {report.wording_seconds:.0f} s."
    if report.wording_problem:
        yield wrapped(report.wording_problem, first="  ", indent="  ")


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
