"""``holdfast review``: decide on what waits for a person; remove a record for good."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from holdfast.cli import review_guard, review_keys
from holdfast.cli.output import dim, emit, good, json_option, plain, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.learn.purging import Traces
    from holdfast.learn.view import View
    from holdfast.learn.write import Written
    from holdfast.recall.queue import Queue


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with one record."""

    id: str
    done: str
    notes: list[str] = []


@click.group(
    "review",
    invoke_without_command=True,
    epilog="""\b
Example:
  holdfast review                       what waits
  holdfast review accept k3p2           record it for everybody
  holdfast review drop k3p2             set it aside for good
  holdfast review purge k3p2 --reason "names a customer"
""",
)
@json_option
@repository_option
@click.pass_context
def command(ctx: click.Context, as_json: bool, directory: Path | None) -> int:
    """List what waits for a person: candidates that quote someone's words stay here until accepted.

    On a terminal each is shown with what it rests on, and one key decides on it.
    """
    ctx.obj = (as_json, directory)
    if ctx.invoked_subcommand is not None:
        return 0
    from holdfast.cli.opening import open_view
    from holdfast.recall.queue import queue

    with open_view(directory or ".") as view:
        waiting = queue(view)
        if waiting.items and not as_json and review_keys.asks():
            for line in _doubted_lines(waiting) if waiting.doubted else ():
                click.echo(line)
            review_keys.ask(view, [item.id for item in waiting.items])
            return 0
    emit(waiting, "holdfast.review/1", as_json, _queue_lines)
    return 0


@command.command(
    epilog="""\b
Example:
  holdfast review accept k3p2
"""
)
@click.argument("id", metavar="ID")
@json_option
@repository_option
@click.pass_context
def accept(ctx: click.Context, id: str, as_json: bool, directory: Path | None) -> int:  # noqa: A002
    """Record a candidate for everybody who shares the records; tell again what was called wrong or stale."""
    from holdfast.cli.opening import open_view
    from holdfast.learn import citing
    from holdfast.learn.write import accept as accept_candidate

    as_json, directory = _inherited(ctx, as_json, directory)
    with open_view(directory or ".") as view:
        doubt = citing.doubted(view, id)
        written = citing.uphold(view, doubt) if doubt else accept_candidate(view, id)
    emit(written, "holdfast.learn/1", as_json, _upheld_lines if doubt else _written_lines)
    return 0


@command.command(
    epilog="""\b
Example:
  holdfast review drop k3p2
"""
)
@click.argument("id", metavar="ID")
@json_option
@repository_option
@click.pass_context
def drop(ctx: click.Context, id: str, as_json: bool, directory: Path | None) -> int:  # noqa: A002
    """Set a candidate aside for good, so that it does not come back."""
    from holdfast.cli.opening import open_view
    from holdfast.learn.write import drop as drop_candidate

    as_json, directory = _inherited(ctx, as_json, directory)
    with open_view(directory or ".") as view:
        dropped = drop_candidate(view, id)
    emit(Done(id=dropped, done="dropped"), "holdfast.review-done/1", as_json, _done_lines)
    return 0


@command.command(
    epilog="""\b
Example:
  holdfast review retire k3p2 --reason "the script is gone"
"""
)
@click.argument("id", metavar="ID")
@click.option("--reason", default="", help="Why it no longer holds.")
@json_option
@repository_option
@click.pass_context
def retire(ctx: click.Context, id: str, reason: str, as_json: bool, directory: Path | None) -> int:  # noqa: A002
    """Say that a learning no longer holds: it stays on record and is not told any more."""
    from holdfast.cli.opening import open_view
    from holdfast.learn.write import retire as retire_learning

    as_json, directory = _inherited(ctx, as_json, directory)
    with open_view(directory or ".") as view:
        retired = retire_learning(view, id, reason)
    emit(Done(id=retired, done="retired"), "holdfast.review-done/1", as_json, _done_lines)
    return 0


@command.command(
    epilog="""\b
Example:
  holdfast review purge k3p2 --reason "names a customer"
"""
)
@click.argument("id", metavar="ID")
@click.option("--reason", required=True, help="Why it must go; the reason itself stays on record.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@repository_option
@click.pass_context
def purge(
    ctx: click.Context,
    id: str,  # noqa: A002
    reason: str,
    yes: bool,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Remove a record from the whole history of the records, leaving a tombstone.

    This is the one command that rewrites records. What must be done at each remote is printed. What was
    said in a session, kept on this machine alone, is named session:KEY or statement:KEY:NUMBER.
    """
    from holdfast.cli.opening import open_view
    from holdfast.learn import purging, waiting
    from holdfast.repo.purge import purge as purge_record

    as_json, directory = _inherited(ctx, as_json, directory)
    with open_view(directory or ".") as view:
        local = purging.named(view, id)
        if local is not None:
            if not yes:
                _ask(f"Remove what was kept here of {id}? This cannot be undone.")
            notes = purging.forget(view, local)
            _forget_told(view, local)
            done = Done(id=local.session, done="purged", notes=notes)
            emit(done, "holdfast.review-done/1", as_json, _done_lines)
            return 0
        found = view.record_id(id)
        if not yes:
            _ask(f"Rewrite the records without {found}? This cannot be undone.")
        person = view.branch.person()
        known, traces = view.index.get(found), purging.traces_of(view, found)
        report = purge_record(view.branch, found, reason, person.name)
        if known is not None and known.digest != known.id:
            waiting.remember_purged(view.repository, found, known.digest)
        notes = [*purging.forget(view, traces), *report.notes, *report.remote_steps]
        _forget_told(view, traces)
        view.refresh()
    done = Done(id=found, done="purged", notes=notes)
    emit(done, "holdfast.review-done/1", as_json, _done_lines)
    return 0


def _forget_told(view: View, traces: Traces) -> None:
    """Remove what handoffs quote of a record, and what hooks may tell; the latter is published anew."""
    from holdfast.flow.handoff_purging import forget
    from holdfast.hook.published import NAME

    forget(view.repository, session=traces.session, text=traces.text)
    (view.repository.state_dir / NAME).unlink(missing_ok=True)


def _ask(question: str) -> None:
    """Ask a person; where none can answer, say how to answer beforehand."""
    from holdfast.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody can be asked here.", "Say yes beforehand: add --yes.")
    click.confirm(question, abort=True, err=True)


def _inherited(ctx: click.Context, as_json: bool, directory: Path | None) -> tuple[bool, Path | None]:
    """Let `holdfast review --json accept ID` mean the same as `holdfast review accept ID --json`."""
    outer_json, outer_directory = ctx.obj if isinstance(ctx.obj, tuple) else (False, None)
    return as_json or outer_json, directory or outer_directory


def _queue_lines(queue: Queue) -> Iterator[str]:
    if queue.doubted:
        yield from _doubted_lines(queue)
    if not queue.items:
        if not queue.doubted:
            yield "Nothing waits for you."
        return
    yield "These quote a person or notes, so they stay on this machine until you accept them:"
    for item in queue.items:
        yield wrapped(item.text, first=f"{strong(item.id)}  ", indent="      ")
    yield dim("Record it: `holdfast review accept ID` · set it aside: `holdfast review drop ID`")
    yield dim("Where it comes from: `holdfast why ID`")


def _doubted_lines(queue: Queue) -> Iterator[str]:
    yield "Somebody called these wrong or stale; what is wrong is told to nobody until you decide:"
    for each in queue.doubted:
        yield wrapped(each.item.text, first=f"{strong(each.item.id)}  ", indent="      ")
        said = f"“{each.note}”" if each.note else "no note"
        yield wrapped(f"{each.outcome}, said {each.by or 'a person'} on {each.day}: {said}", indent="      ")
    yield dim("It holds: `holdfast review accept ID` · it does not: `holdfast review retire ID`")
    if queue.items:
        yield ""


def _upheld_lines(written: Written) -> Iterator[str]:
    yield f"{good('It holds')}: {written.id[:6]} is told again."
    yield wrapped(plain(written.text))


def _written_lines(written: Written) -> Iterator[str]:
    yield f"{good('Recorded')} {written.kind} {written.id[:6]}."
    yield wrapped(plain(written.text))


def _done_lines(done: Done) -> Iterator[str]:
    yield f"{done.id[:6]} {done.done}."
    for note in done.notes:
        yield f"  {plain(note)}"


command.add_command(review_guard.command)
