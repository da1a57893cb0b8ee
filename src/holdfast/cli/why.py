"""``holdfast why``: the evidence behind a learning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import dim, emit, json_option, plain, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.recall.why import Reason
    from holdfast.repo.records import Evidence


@click.command(
    epilog="""Example:

  holdfast why k3p2
"""
)
@click.argument("id", metavar="ID")
@json_option
@repository_option
def command(id: str, as_json: bool, directory: Path | None) -> int:  # noqa: A002 - the argument's name in --help
    """Show the evidence behind a learning: session, line, command, exit codes, commit."""
    from holdfast.learn.view import open_view
    from holdfast.recall.why import why

    with open_view(directory or ".") as view:
        reason = why(view, id)
    emit(reason, "holdfast.why/1", as_json, _lines)
    return 0


def _lines(reason: Reason) -> Iterator[str]:
    item = reason.item
    yield wrapped(item.text, first=f"{strong(item.id)}  ", indent="      ")
    state = f" · {reason.state}" if reason.state else ""
    yield dim(f"      {item.kind} · {item.confidence}{state} · {item.day or ''} · by {plain(reason.by)}")
    for evidence in reason.evidence:
        yield from _evidence(evidence)
    if reason.sessions:
        yield (
            f"  Its fix ended this failure in {len(reason.sessions)} session{'s' * (len(reason.sessions) != 1)}; "
            f"the failure occurred in {reason.failed_in}."
        )
    for event in reason.events:
        yield f"  {event.day}  {plain(event.kind)} {plain(str(event.data.get('reason', '')))}".rstrip()
    if reason.path:
        yield dim(f"  git show holdfast:{reason.path}")


def _evidence(evidence: Evidence) -> Iterator[str]:
    if evidence.failed:
        code = f"exit {evidence.failed_exit}" if evidence.failed_exit is not None else "failed"
        yield wrapped(
            f"{evidence.failed}", first=f"  failed (line {evidence.line}, {code}): ", indent="      "
        )
    if evidence.fixed:
        code = f"exit {evidence.fixed_exit}" if evidence.fixed_exit is not None else "ok"
        yield wrapped(
            f"{evidence.fixed}", first=f"  worked (line {evidence.fixed_line}, {code}): ", indent="      "
        )
    if evidence.edited:
        yield wrapped(", ".join(evidence.edited), first="  edited between: ", indent="      ")
    if evidence.commit:
        yield f"  committed after: {plain(evidence.commit)}"
    if evidence.segment:
        yield dim(f"  segment {evidence.segment}")
