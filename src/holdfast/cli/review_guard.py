"""``holdfast review guard``: hold agents to rules of the user's own, each proven on past sessions first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from holdfast.cli.output import emit, json_option, repository_option
from holdfast.cli.review_guard_steps import (
    DAYS,
    accepted,
    decide,
    end,
    guarding,
    needs,
    proposal_of,
    read_past_sessions,
    there,
)

_days = click.option(
    "--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True, help="How long it stands."
)
_which = click.option("--shared/--own", default=None, help="Which, where two have this name.")
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
    read_past_sessions(repository, paths, yes=yes, ask=not as_json)
    found = guarding(repository)
    emit(found, "holdfast.review-guard/1", as_json, text.guarding_lines)
    if found.proposals and not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        decide(repository, found.proposals)
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
    repository, as_json = there(ctx, as_json, directory)
    offered = proposal_of(repository, name)
    done = accepted(repository, offered, rewrite=rewrite, shared=shared, days=days)
    return end(repository, done, as_json=as_json)


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

    repository, as_json = there(ctx, as_json, directory)
    told: dict[str, Any] = {
        "rule": rule, "commands": commands, "paths": paths, "unless": unless, "instead": instead,
        "rewrite": rewrite, "until": guards.day_after(days),
    }  # fmt: skip
    made = guards.activate(repository, guards.name_of(name), guards.made_of(told), shared=shared)
    done = text.Decided(
        name=guards.name_of(name), done="made", guard=made, shared=shared, notes=needs(repository)
    )
    return end(repository, done, as_json=as_json)


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

    repository, as_json = there(ctx, as_json, directory)
    proposal_of(repository, name)
    guards.drop(repository, name)
    return end(repository, text.Decided(name=name, done="set aside"), as_json=as_json)


@command.command(
    epilog="""\b
Example:
  holdfast review guard keep npm-install --days 30
"""
)
@click.argument("name")
@_which
@_days
@json_option
@repository_option
@click.pass_context
def keep(
    ctx: click.Context, name: str, shared: bool | None, days: int, as_json: bool, directory: Path | None
) -> int:
    """Keep a guard that expired or rests: its false alarms so far are forgotten."""
    from holdfast.cli import review_guard_text as text
    from holdfast.learn import guards

    repository, as_json = there(ctx, as_json, directory)
    kept = guards.keep_on(repository, name, days, shared=shared)
    done = text.Decided(
        name=name, done="kept on", guard=kept.guard, shared=kept.shared, notes=needs(repository)
    )
    return end(repository, done, as_json=as_json)


@command.command(
    epilog="""\b
Example:
  holdfast review guard remove npm-install
  holdfast review guard remove npm-install --own   where everybody has one of this name too
"""
)
@click.argument("name")
@_which
@json_option
@repository_option
@click.pass_context
def remove(ctx: click.Context, name: str, shared: bool | None, as_json: bool, directory: Path | None) -> int:
    """Enforce a guard no longer."""
    from holdfast.cli import review_guard_text as text
    from holdfast.learn import guards

    repository, as_json = there(ctx, as_json, directory)
    kept = guards.remove(repository, name, shared=shared)
    done = text.Decided(name=name, done="removed", shared=kept.shared)
    return end(repository, done, as_json=as_json)


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

    repository, as_json = there(ctx, as_json, directory)
    if line is None and not paths:
        emit(on_history(repository), "holdfast.review-guard-test/1", as_json, text.tested_lines)
        return 0
    found = tried(repository, line or "", paths)
    emit(found, "holdfast.review-guard-test/1", as_json, text.tested_lines)
    return 1 if any(one.standing == "on" for one in found.guards) else 0
