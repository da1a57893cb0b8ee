"""The ``holdfast`` command: a group whose commands are imported only when they are called."""

from __future__ import annotations

import contextlib
import signal
import sys
from importlib import import_module

import click

from holdfast.errors import HoldfastError, UsageError

COMMANDS = {
    "tuition": "What your agents keep failing at, and the cheapest cure.",
    "init": "Set this repository up: shared records, or private ones.",
    "trust": "Show what this repository would run or inject, and accept it.",
    "status": "What was learned, what repeats, and what needs you.",
    "doctor": "Find what is broken or missing, and say how to mend it.",
    "ingest": "Read agent sessions into knowledge.",
    "learn": "Write down one thing worth knowing.",
    "recall": "Find what is known, or what fixed a failing command before.",
    "brief": "What the next session is told for a task.",
    "audit": "What is wrong with a memory: junk, repeats, contradictions, secrets, stale lines.",
    "why": "The evidence behind a learning; the reason for a line of a file.",
    "report": "One page for a newcomer; the digest of a week.",
    "review": "Decide on what waits for a person; remove a record for good.",
    "sync": "Exchange records with a remote.",
    "mcp": "Serve agents the tools recall, learn, cite and brief.",
    "cite": "Say how a learning did: it helped, it is wrong, it is stale.",
    "ledger": "Check that no record was changed or removed.",
    "run": "Work side by side: a worktree of your own.",
    "hook": "What agents call at their events; for programs.",
}
"""Every command with its line in ``--help``; the module ``holdfast.cli.<name>`` holds it as ``command``."""

_ALL = "holdfast.all"


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"holdfast.cli.{cmd_name}").command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """See whether help is to list all commands, wherever the option stands."""
        options = args[: next((at for at, arg in enumerate(args) if not arg.startswith("-")), len(args))]
        ctx.meta[_ALL] = "--all" in options
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands of the level chosen here, or all by level, without importing them."""
        from holdfast.cli import listing

        level = None if ctx.meta.get(_ALL) else listing.level_here()
        sections = [*listing.by_level(COMMANDS)] if level is None else [listing.of_level(COMMANDS, level)]
        for title, rows in sections:
            with formatter.section(title):
                formatter.write_dl(rows, col_max=12)
        if level is not None and len(sections[0][1]) < len(COMMANDS):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(
                    f"Those of level {level}. All work at every level: holdfast --help --all"
                )

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write an example of the commands that are listed."""
        from holdfast.cli import listing

        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(
                f"\b\n{listing.example(None if ctx.meta.get(_ALL) else listing.level_here())}"
            )

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest ones."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = [f"`holdfast {name}`" for name in get_close_matches(args[0], COMMANDS, n=2)]
            hint = f"Did you mean {' or '.join(near)}?" if near else "See `holdfast --help`."
            raise UsageError(f"There is no command '{args[0]}'.", hint)
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="holdfast", message="holdfast %(version)s")
@click.option("--all", "everything", is_flag=True, help="With --help: list the commands of every level.")
@click.pass_context
def group(ctx: click.Context, everything: bool) -> None:
    """Show what your coding agents keep failing at; keep what they learn, in your own git repository.

    Without a command it shows `holdfast status`.
    """
    if everything and ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
    elif ctx.invoked_subcommand is None:
        command = group.get_command(ctx, "status")
        assert command is not None
        ctx.invoke(command)


def main() -> None:
    """Run the command line and exit: 0 ok, 1 negative answer, 2 usage or environment, 3 refused by a gate."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # so that what runs is ended and cleaned up behind us
            signal.signal(number, _stop)
    options = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    as_json = "--json" in options
    try:
        status = group.main(prog_name="holdfast", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.Abort:
        click.echo("holdfast: stopped; nothing more was done.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        sys.exit(_report(error.format_message(), _usage_hint(error), 2, as_json))
    except HoldfastError as error:
        sys.exit(_report(error.message, error.hint, error.exit_code, as_json))
    except PermissionError as error:
        hint = "Give this user the right to it, or leave it out."
        sys.exit(_report(f"Cannot use {error.filename or 'a file'}: {error.strerror}.", hint, 2, as_json))
    except OSError as error:
        from holdfast.repo.git import disk_problem

        problem = disk_problem(error, f"Cannot use {error.filename or 'standard output'}")
        sys.exit(_report(problem.message, problem.hint, problem.exit_code, as_json))


def _stop(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"See `{context.command_path} --help`." if context is not None else "See `holdfast --help`."


def _report(message: str, hint: str, code: int, as_json: bool) -> int:
    """Print an error for people on standard error and, when asked, for programs; return the exit code."""
    from holdfast.cli.output import Failure, emit_failure, plain

    if as_json:
        with contextlib.suppress(OSError):  # standard output may be what failed
            emit_failure(Failure(message=message, hint=hint, exit_code=code))
    lines = [f"holdfast: {plain(message)}", *(f"  {line}" for line in plain(hint).splitlines())]
    click.echo("\n".join(line for line in lines if line.strip()), err=True)
    return code
