"""``holdfast ledger``: check that no record was changed or removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from holdfast.cli.output import bad, count, dim, emit, good, json_option, repository_option, wrapped

_EXAMPLE = """\b
Example:
  holdfast ledger verify
"""


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    ok: bool
    commits: int
    problems: list[str]
    notes: list[str]
    anchors: dict[str, str]


@click.group("ledger", epilog=_EXAMPLE)
def command() -> None:
    """Check that no record was changed or removed."""


@command.command("verify", epilog=_EXAMPLE)
@json_option
@repository_option
def verify(as_json: bool, directory: Path | None) -> int:
    """Walk the history of the records: it may only ever have grown.

    What each remote was last seen at is compared too, so that a history replaced as a whole is found.
    Exits with 1 when something is wrong.
    """
    from holdfast.repo import config
    from holdfast.repo import verify as ledger
    from holdfast.repo.branch import RecordsBranch
    from holdfast.repo.location import Repository

    repository = Repository.find(directory or ".")
    branch = RecordsBranch(repository, private=config.mode(repository) == "private")
    report = ledger.verify(branch)
    answer = _Answer(ok=report.ok, **msgspec.structs.asdict(report))
    emit(answer, "holdfast.ledger/1", as_json, _show)
    return 0 if answer.ok else 1


def _show(answer: _Answer) -> Iterator[str]:
    if not answer.commits:
        yield "There are no records here yet."
    elif answer.ok:
        commits = count(answer.commits, "commit")
        yield good(f"The ledger holds: {commits}, and none changes or removes a record.")
    for told in answer.problems:
        yield bad(wrapped(told, first="! "))
    for told in answer.notes:
        yield dim(wrapped(told, first="- "))
    if not answer.ok:
        yield ""
        yield "Look at those commits: `git log --stat holdfast`. Nothing was changed by this check."
