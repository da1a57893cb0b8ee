"""What the commands of ``holdfast review guard`` share: asking, accepting, and letting hooks know."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from holdfast.cli.review_guard_text import Decided, Guarding
    from holdfast.measure.guard_proposals import Proposal
    from holdfast.repo.location import Repository
    from holdfast.transcripts.origin import Origin

DAYS = 90
"""Days that a guard stands unless told otherwise: `holdfast.learn.guards.DAYS`."""

_STOP = ("q", "\x03", "\x04", "\x1b")


def there(ctx: click.Context, as_json: bool, directory: Path | None) -> tuple[Repository, bool]:
    """Return the repository a command acts on, and whether it prints JSON: as it or its group was told."""
    from holdfast.repo.location import Repository

    outer_json, outer_directory = ctx.obj if isinstance(ctx.obj, tuple) else (False, None)
    return Repository.find(directory or outer_directory or "."), as_json or outer_json


def guarding(repository: Repository) -> Guarding:
    """Return the guards of a repository and those to offer."""
    from holdfast.cli import review_guard_text as text
    from holdfast.learn import guards
    from holdfast.learn.guard_history import read_sessions
    from holdfast.measure.guard_proposals import remember
    from holdfast.recall.guarding import enforced

    standing = enforced(repository)
    return text.Guarding(
        guards=standing,
        proposals=remember(repository),
        sessions=len(read_sessions(repository)),
        problems=guards.read_guards(repository).problems,
        notes=needs(repository) if any(one.standing == "on" for one in standing) else [],
    )


def proposal_of(repository: Repository, name: str) -> Proposal:
    """Return the proposal of a name, set aside or not."""
    from holdfast.errors import UsageError
    from holdfast.measure.guard_proposals import proposals

    found = next((one for one in proposals(repository, dropped=True) if one.name == name), None)
    if found is None:
        raise UsageError(
            f"No guard `{name}` is proposed.",
            "See which are: `holdfast review guard`; write one yourself: `holdfast review guard add`",
        )
    return found


def accepted(repository: Repository, offered: Proposal, *, rewrite: bool, shared: bool, days: int) -> Decided:
    """Make a proposal a guard; hooks know of it after `publish_guards`."""
    import msgspec

    from holdfast.cli import review_guard_text as text
    from holdfast.errors import UsageError
    from holdfast.learn import guards

    put = offered.rewrite if rewrite else None
    if rewrite and put is None:
        raise UsageError(
            f"What `{offered.name}` stops cannot be replaced: its rule names no plain command instead.",
            f"Let it be stopped: `holdfast review guard accept {offered.name}`",
        )
    guard = msgspec.structs.replace(offered.guard, rewrite=put, until=guards.day_after(days))
    made = guards.activate(repository, offered.name, guard, shared=shared)
    return text.Decided(name=offered.name, done="made", guard=made, shared=shared, notes=needs(repository))


def needs(repository: Repository) -> list[str]:
    """Say what keeps guards from being enforced here."""
    from holdfast.hook import levels
    from holdfast.repo import config
    from holdfast.repo.trust import TrustStore

    settings = config.settings(repository)
    if settings is None:
        return ["Guards act once this repository is set up: `holdfast init --level knowledge`"]
    found = []
    if not levels.speaks(settings.level, "guards"):
        found.append("Agents call guards from level knowledge on: `holdfast init --level knowledge`")
    if not TrustStore().state(repository).trusted:
        found.append("Guards act only in a trusted repository: `holdfast trust`")
    return found


def publish_guards(repository: Repository) -> None:
    """Let hooks know at once."""
    from holdfast.learn.view import View
    from holdfast.recall.publish import publish

    with View(repository) as view:
        publish(view)


def end(repository: Repository, done: Decided, *, as_json: bool) -> int:
    """Let hooks know of what was decided, and say it; return the exit code."""
    from holdfast.cli import review_guard_text as text
    from holdfast.cli.output import emit

    publish_guards(repository)
    emit(done, "holdfast.review-guard-done/1", as_json, text.decided_lines)
    return 0


def decide(repository: Repository, offered: Sequence[Proposal]) -> None:
    """Ask for one key a proposal; hooks know of all that became guards at the end."""
    made: list[Decided] = []
    try:
        _ask_each(repository, offered, made)
    finally:
        if made:
            publish_guards(repository)
    for note in needs(repository):
        click.echo(note)


def _ask_each(repository: Repository, offered: Sequence[Proposal], made: list[Decided]) -> None:
    from holdfast.cli.output import dim, good, plain
    from holdfast.learn import guards

    click.echo()
    for one in offered:
        replaces = "" if one.rewrite is None else " · r replace the call"
        keys = f"g guard{replaces} · d set aside · s later · q quit"
        click.echo(f"{plain(one.name)}  {dim(keys)} ", nl=False)
        key = click.getchar().lower()
        if key in _STOP:
            click.echo()
            break
        if key == "g" or (key == "r" and one.rewrite is not None):
            made.append(accepted(repository, one, rewrite=key == "r", shared=False, days=DAYS))
            click.echo(good("guarded" if key == "g" else "replaced from now on"))
        elif key == "d":
            guards.drop(repository, one.name)
            click.echo("set aside")
        else:
            click.echo("later")


def read_past_sessions(repository: Repository, paths: Sequence[Path], *, yes: bool, ask: bool) -> None:
    """Keep what past sessions did, so that guards can be proven on it."""
    from holdfast.cli.output import plain, progress
    from holdfast.learn.guard_history import note_sessions, read_sessions

    origins = _origins(repository, paths, yes=yes, ask=ask and not read_sessions(repository))
    if not origins:
        return
    unreadable: list[str] = []
    with progress(sum(origin.size for origin in origins), "Reading sessions") as advance:
        note_sessions(repository, origins, advance, unreadable=unreadable)
    if unreadable:
        more = f" and {len(unreadable) - 1} more" if len(unreadable) > 1 else ""
        click.echo(plain(f"Could not be read, and left out: {unreadable[0]}{more}."), err=True)


def _origins(repository: Repository, paths: Sequence[Path], *, yes: bool, ask: bool) -> list[Origin]:
    from holdfast.transcripts.archive import archived
    from holdfast.transcripts.discovery import WHERE, discover, expand

    if paths:
        return list(expand(paths))
    if not yes and not (ask and sys.stdin.isatty()):
        return []
    if not yes:
        click.confirm(f"Look in {WHERE} for sessions of this repository?", default=True, abort=True, err=True)
    found: list[Origin] = [item.origin for item in discover(repository.worktrees(), Path.home())]
    return found + list(archived(repository, [origin.key for origin in found]))
