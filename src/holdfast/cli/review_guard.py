"""``holdfast review guard``: hold agents to rules of the user's own, each proven on past sessions first."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from holdfast.cli.output import emit, json_option, repository_option

if TYPE_CHECKING:
    from holdfast.cli.review_guard_text import Decided, Guarding
    from holdfast.measure.guard_proposals import Proposal
    from holdfast.repo.location import Repository
    from holdfast.transcripts.origin import Origin


DAYS = 90
"""Days that a guard stands unless told otherwise: `holdfast.learn.guards.DAYS`."""

_STOP = ("q", "\x03", "\x04", "\x1b")

_days = click.option(
    "--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True, help="How long it stands."
)
_shared = click.option("--shared", is_flag=True, help="Write it into the tree, for everybody who works here.")


@click.group(
    "guard",
    invoke_without_command=True,
    epilog="""\b
Example:
  holdfast review guard                       rules that agents break; guards and how they did
  holdfast review guard accept npm-install    hold agents to it from now on
  holdfast review guard test "npm i lodash"   what a guard would say to that
  holdfast review guard test                  what each would have done in past sessions
""",
)
@click.option("--yes", is_flag=True, help="Read your home's session logs of this repository without asking.")
@click.option(
    "--sessions", "paths", multiple=True, metavar="PATH", type=click.Path(path_type=Path, exists=True),
    help="Prove guards on these transcripts; a file or a folder of them.",
)  # fmt: skip
@json_option
@repository_option
@click.pass_context
def command(
    ctx: click.Context, yes: bool, paths: tuple[Path, ...], as_json: bool, directory: Path | None
) -> int:
    """Hold agents to your own rules: a call that breaks one is stopped once, with the rule as the reason.

    Listed are rules of your instruction files that at least three sessions broke, each with what a guard
    would have done in past sessions. A guard acts only after you accepted it.
    """
    outer_json, outer_directory = ctx.obj if isinstance(ctx.obj, tuple) else (False, None)
    ctx.obj = (as_json or outer_json, directory or outer_directory)
    if ctx.invoked_subcommand is not None:
        return 0
    from holdfast.cli import review_guard_text as text
    from holdfast.repo.location import Repository

    as_json, directory = ctx.obj
    repository = Repository.find(directory or ".")
    _read_sessions(repository, paths, yes=yes, ask=not as_json)
    found = _guarding(repository)
    emit(found, "holdfast.review-guard/1", as_json, text.guarding_lines)
    if found.proposals and not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        _decide(repository, found.proposals)
    return 0


@command.command(
    epilog="""\b
Example:
  holdfast review guard accept npm-install             stop it
  holdfast review guard accept npm-install --rewrite   run what the rule names in its place
  holdfast review guard accept npm-install --shared    for everybody, in .holdfast/guards.toml
"""
)
@click.argument("name")
@click.option("--rewrite", is_flag=True, help="Where the agent allows it, replace the call instead.")
@_shared
@_days
@json_option
@repository_option
@click.pass_context
def accept(
    ctx: click.Context,
    name: str,
    rewrite: bool,
    shared: bool,
    days: int,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Make a proposed rule a guard."""
    from holdfast.cli import review_guard_text as text

    repository, as_json = _there(ctx, as_json, directory)
    offered = _offered(repository, name)
    done = _made(repository, offered, rewrite=rewrite, shared=shared, days=days)
    _publish(repository)
    emit(done, "holdfast.review-guard-done/1", as_json, text.decided_lines)
    return 0


@command.command(
    epilog="""\b
Example:
  holdfast review guard add no-force --command "git push --force" --rule "Never force-push."
  holdfast review guard add migrations --path "db/migrations/**" --rule "Migrations are never edited."
"""
)
@click.argument("name")
@click.option("--rule", required=True, help="What agents are told, in your words.")
@click.option("--command", "commands", multiple=True, metavar="PATTERN", help="A command that is stopped.")
@click.option("--path", "paths", multiple=True, metavar="PATTERN", help="A file that is not to be edited.")
@click.option("--unless", multiple=True, metavar="PATTERN", help="What fits and is not meant.")
@click.option("--instead", default="", help="What to do instead.")
@click.option("--rewrite", default=None, metavar="COMMAND", help="Put this in place of the command.")
@_shared
@_days
@json_option
@repository_option
@click.pass_context
def add(
    ctx: click.Context,
    name: str,
    rule: str,
    commands: tuple[str, ...],
    paths: tuple[str, ...],
    unless: tuple[str, ...],
    instead: str,
    rewrite: str | None,
    shared: bool,
    days: int,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Write a guard of your own."""
    from holdfast.cli import review_guard_text as text
    from holdfast.learn import guards

    repository, as_json = _there(ctx, as_json, directory)
    told: dict[str, Any] = {
        "rule": rule, "commands": commands, "paths": paths, "unless": unless, "instead": instead,
        "rewrite": rewrite, "until": guards.day_after(days),
    }  # fmt: skip
    made = guards.activate(repository, guards.name_of(name), guards.made_of(told), shared=shared)
    done = text.Decided(
        name=guards.name_of(name), done="made", guard=made, shared=shared, notes=_needs(repository)
    )
    _publish(repository)
    emit(done, "holdfast.review-guard-done/1", as_json, text.decided_lines)
    return 0


@command.command(
    epilog="""\b
Example:
  holdfast review guard drop npm-install
"""
)
@click.argument("name")
@json_option
@repository_option
@click.pass_context
def drop(ctx: click.Context, name: str, as_json: bool, directory: Path | None) -> int:
    """Set a proposal aside for good."""
    from holdfast.cli import review_guard_text as text
    from holdfast.learn import guards

    repository, as_json = _there(ctx, as_json, directory)
    _offered(repository, name)
    guards.drop(repository, name)
    emit(
        text.Decided(name=name, done="set aside"), "holdfast.review-guard-done/1", as_json, text.decided_lines
    )
    return 0


@command.command(
    epilog="""\b
Example:
  holdfast review guard keep npm-install --days 30
"""
)
@click.argument("name")
@_days
@json_option
@repository_option
@click.pass_context
def keep(ctx: click.Context, name: str, days: int, as_json: bool, directory: Path | None) -> int:
    """Keep a guard that expired or rests: its false alarms so far are forgotten."""
    from holdfast.cli import review_guard_text as text
    from holdfast.learn import guards

    repository, as_json = _there(ctx, as_json, directory)
    guard = guards.keep_on(repository, name, days)
    _publish(repository)
    done = text.Decided(name=name, done="kept on", guard=guard, notes=_needs(repository))
    emit(done, "holdfast.review-guard-done/1", as_json, text.decided_lines)
    return 0


@command.command(
    epilog="""\b
Example:
  holdfast review guard remove npm-install
"""
)
@click.argument("name")
@json_option
@repository_option
@click.pass_context
def remove(ctx: click.Context, name: str, as_json: bool, directory: Path | None) -> int:
    """Enforce a guard no longer."""
    from holdfast.cli import review_guard_text as text
    from holdfast.learn import guards

    repository, as_json = _there(ctx, as_json, directory)
    kept = guards.remove(repository, name)
    _publish(repository)
    done = text.Decided(name=name, done="removed", shared=kept.shared)
    emit(done, "holdfast.review-guard-done/1", as_json, text.decided_lines)
    return 0


@command.command(
    epilog="""\b
Example:
  holdfast review guard test "cd web && npm i lodash"   1 and the reason when a guard stands against it
  holdfast review guard test --path db/schema.rb        the same for an edit
  holdfast review guard test                            every guard on past sessions
"""
)
@click.argument("line", metavar="[COMMAND]", required=False)
@click.option("--path", "paths", multiple=True, metavar="FILE", help="A file that would be edited.")
@json_option
@repository_option
@click.pass_context
def test(
    ctx: click.Context, line: str | None, paths: tuple[str, ...], as_json: bool, directory: Path | None
) -> int:
    """Try guards, those in force and those proposed, on a command or on past sessions. Nothing is run."""
    from holdfast.cli import review_guard_text as text
    from holdfast.measure.guard_trial import on_history, tried

    repository, as_json = _there(ctx, as_json, directory)
    if line is None and not paths:
        emit(on_history(repository), "holdfast.review-guard-test/1", as_json, text.tested_lines)
        return 0
    found = tried(repository, line or "", paths)
    emit(found, "holdfast.review-guard-test/1", as_json, text.tested_lines)
    return 1 if any(one.standing == "on" for one in found.guards) else 0


# -- what the commands share


def _there(ctx: click.Context, as_json: bool, directory: Path | None) -> tuple[Repository, bool]:
    from holdfast.repo.location import Repository

    outer_json, outer_directory = ctx.obj if isinstance(ctx.obj, tuple) else (False, None)
    return Repository.find(directory or outer_directory or "."), as_json or outer_json


def _guarding(repository: Repository) -> Guarding:
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
        notes=_needs(repository) if any(one.standing == "on" for one in standing) else [],
    )


def _offered(repository: Repository, name: str) -> Proposal:
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


def _made(repository: Repository, offered: Proposal, *, rewrite: bool, shared: bool, days: int) -> Decided:
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
    return text.Decided(name=offered.name, done="made", guard=made, shared=shared, notes=_needs(repository))


def _needs(repository: Repository) -> list[str]:
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


def _publish(repository: Repository) -> None:
    """Let hooks know at once."""
    from holdfast.learn.view import View
    from holdfast.recall.publish import publish

    with View(repository) as view:
        publish(view)


def _decide(repository: Repository, offered: Sequence[Proposal]) -> None:
    """Ask for one key a proposal; hooks know of all that became guards at the end."""
    made: list[Decided] = []
    try:
        _ask_each(repository, offered, made)
    finally:
        if made:
            _publish(repository)
    for note in _needs(repository):
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
            made.append(_made(repository, one, rewrite=key == "r", shared=False, days=DAYS))
            click.echo(good("guarded" if key == "g" else "replaced from now on"))
        elif key == "d":
            guards.drop(repository, one.name)
            click.echo("set aside")
        else:
            click.echo("later")


def _read_sessions(repository: Repository, paths: Sequence[Path], *, yes: bool, ask: bool) -> None:
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
