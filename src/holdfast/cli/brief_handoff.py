"""``holdfast brief --handoff``: what the last session on a branch handed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import dim, emit, plain

if TYPE_CHECKING:
    from holdfast.flow.handoff_answer import HandoffAnswer


def show_handoff(
    directory: Path | None,
    branch: str | None,
    issues: Sequence[str],
    as_json: bool,
    *,
    asked: bool,
    beside: bool,
) -> int:
    """Print a handoff; exits with 1 when nothing was handed over, or nothing is told here.

    Args:
        directory: Where the repository is.
        branch: The branch, when not the one that is checked out.
        issues: Issues, of which the first that has a handoff is shown.
        as_json: Print the JSON document.
        asked: Whether ``--handoff`` was given.
        beside: Whether options were given that belong to a brief and not to a handoff.

    Raises:
        UsageError: The options do not go together.
    """
    from holdfast.errors import UsageError
    from holdfast.flow.handoff_answer import handed_over
    from holdfast.repo.location import Repository

    if not asked:
        raise UsageError("--branch belongs to --handoff.", f"`holdfast brief --handoff --branch {branch}`")
    if beside:
        raise UsageError(
            "--handoff goes with --branch and --issue alone.",
            "Ask for the rest by itself: `holdfast brief --prompt TEXT`",
        )
    answer = handed_over(Repository.find(directory or "."), branch, issues)
    emit(answer, "holdfast.brief-handoff/1", as_json, _lines)
    if not answer.trusted:
        hint = "Nothing is told here until you have looked at it: `holdfast trust`"
        click.echo(f"holdfast: {plain(answer.reason)}\n  {hint}", err=True)
    elif not answer.text:
        click.echo(f"holdfast: {_nothing(answer)}", err=True)
    return 0 if answer.text else 1


def _lines(answer: HandoffAnswer) -> Iterator[str]:
    if answer.text:
        yield answer.text
    if answer.patch:
        yield dim(f"Its uncommitted work, should it be lost: git apply {plain(answer.patch)}")


def _nothing(answer: HandoffAnswer) -> str:
    from holdfast.hook.handoff import spoken

    if answer.issue:
        told = f"no session that named {plain(answer.issue)} handed anything over."
    elif answer.branch:
        told = f"no session handed anything over {plain(spoken(answer.branch))}."
    else:
        told = "no branch is checked out here."
    if not answer.others:
        return f"{told}\n  Handoffs are written when a session was read: `holdfast ingest --due`"
    others = ", ".join(plain(name) for name in answer.others)
    return f"{told}\n  There is one of: {others} (`--branch NAME`)"
