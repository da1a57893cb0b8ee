"""``holdfast why``: the evidence behind a learning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import count, dim, emit, json_option, plain, repository_option, strong, wrapped

if TYPE_CHECKING:
    from holdfast.recall.why import Reason
    from holdfast.repo.records import Evidence, RecordEvent

_EVENTS = {
    "learning.accepted": "accepted by a person",
    "learning.retired": "retired",
    "learning.superseded": "superseded",
    "learning.withheld": "withheld",
    "learning.restored": "restored",
    "learning.promoted": "promoted",
    "gate.overridden": "recorded although the gate refused it",
}


@click.command(
    "why",
    epilog="""\b
Example:
  holdfast why k3p2
""",
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
    facts = [item.kind, item.confidence, reason.state, item.day or "", f"by {plain(reason.by)}"]
    if item.origin != "recorded":
        facts[-1] = plain(item.origin)
    yield dim(f"      {' · '.join(fact for fact in facts if fact)}")
    for evidence in reason.evidence:
        yield from _evidence(evidence)
    if reason.sessions:
        yield (
            f"  Its fix worked in {count(len(reason.sessions), 'session')}; "
            f"the failure occurred in {count(reason.failed_in, 'session')}."
        )
    for event in reason.events:
        yield from _event(event)
    if reason.ref and reason.path:
        yield dim(f"  git show {plain(_short(reason.ref))}:{plain(reason.path)}")


def _evidence(evidence: Evidence) -> Iterator[str]:
    if evidence.failed:
        first = f"  failed ({_where(evidence.line, evidence.failed_exit, 'no exit code')}): "
        yield wrapped(evidence.failed, first=first, indent="      ")
    if evidence.fixed:
        first = f"  worked ({_where(evidence.fixed_line, evidence.fixed_exit, 'ok')}): "
        yield wrapped(evidence.fixed, first=first, indent="      ")
    if evidence.edited:
        yield wrapped(", ".join(evidence.edited), first="  edited between: ", indent="      ")
    if evidence.commit:
        yield f"  committed after: {plain(evidence.commit)}"
    if evidence.segment:
        yield dim(f"  segment {plain(evidence.segment)}")


def _where(line: int | None, code: int | None, otherwise: str) -> str:
    at = f"line {line}, " if line else ""
    return at + (f"exit {code}" if code is not None else otherwise)


def _event(event: RecordEvent) -> Iterator[str]:
    what = _EVENTS.get(event.kind, event.kind)
    replaced = event.kind == "learning.superseded" and "by" in event.data
    by = f" by {str(event.data['by'])[:6]}" if replaced else ""
    reason = f": {event.data['reason']}" if event.data.get("reason") else ""
    yield wrapped(f"{what}{by}{reason}", first=f"  {event.day}  ", indent="              ")


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
