"""``holdfast init``: set a repository up, or undo it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import dim, emit, json_option, plain, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.connect.setup import Report

_EXAMPLE = """\b
Example:
  holdfast init              records on the branch `holdfast`, made by the first record
  holdfast init --private    records on a ref of this clone that nothing fetches or pushes
  holdfast init --undo       remove what was set up; what was learned stays
"""


@click.command("init", epilog=_EXAMPLE)
@click.option("--yes", is_flag=True, help="Ask nothing. Setting up asks nothing today; for scripts.")
@click.option("--private/--shared", "private", default=None, help="Where records go. [default: shared]")
@click.option("--undo", is_flag=True, help="Remove what was set up, and nothing that was learned.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--config", "with_config", is_flag=True, help="Also write a commented .holdfast/config.toml.")
@json_option
@repository_option
def command(
    yes: bool,  # noqa: ARG001 - accepted so that scripts written today ask nothing tomorrow
    private: bool | None,
    undo: bool,
    dry_run: bool,
    with_config: bool,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Set this repository up.

    It touches no file, branch or setting of yours, and sends nothing anywhere.
    """
    from holdfast.cli.opening import open_view, read_on
    from holdfast.connect import setup
    from holdfast.repo.location import Repository

    repository = Repository.find(directory or ".")
    if undo and (private is not None or with_config):
        raise click.UsageError("--undo goes with --dry-run, --json and -C alone.")
    if undo:
        report = setup.undo(repository, dry_run=dry_run)
    else:
        report = setup.init(repository, private=private, with_config=with_config, dry_run=dry_run)
    emit(report, "holdfast.init/1", as_json, _show)
    if not undo and not dry_run:
        with open_view(repository.directory) as view:
            read_on(view)
    return 0


def _show(report: Report) -> Iterator[str]:
    if report.dry_run:
        yield strong("Nothing was done. This would be:")
    for sentence in report.did:
        yield wrapped(sentence, first="")
    for sentence in (*report.notes, *report.left):
        yield dim(wrapped(sentence, first="- "))
    if report.identity:
        yield dim(f"Records are signed {plain(report.identity)}.")
    yield ""
    yield f"Next: {strong(report.next)}"
