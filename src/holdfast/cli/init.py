"""``holdfast init``: set a repository up and have its agents call Holdfast, or undo it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from holdfast.cli.output import bad, count, dim, emit, json_option, plain, repository_option, strong, wrapped
from holdfast.hook import levels

if TYPE_CHECKING:
    from holdfast.connect.setup import Report
    from holdfast.connect.wiring.installing import AgentReport, Plan, Wiring
    from holdfast.repo.location import Repository

_EXAMPLE = """\b
Example:
  holdfast init                        shared records, and hooks in the agents found here
  holdfast init --dry-run              say what would be written, and write nothing
  holdfast init --agent codex --yes    wire Codex, without asking
  holdfast init --tracked              hooks in files of this repository, for colleagues
  holdfast init --agent none           records alone; agents' settings are left alone
  holdfast init --undo                 remove what was set up; what was learned stays
"""

_EVENTS = {
    "start": "a session starts",
    "prompt": "you ask something",
    "call": "a tool is called",
    "result": "a tool has answered",
    "failure": "a tool fails",
    "compact": "the context is compacted",
    "stop": "a turn ends",
    "end": "a session ends",
}


@click.command("init", epilog=_EXAMPLE)
@click.option("--agent", "agents", multiple=True, metavar="NAME", help="Wire this agent, found or not.")
@click.option("--level", type=click.Choice(levels.NAMES), help="How much of Holdfast. [default: foundation]")
@click.option("--tracked", is_flag=True, help="Write hooks into files of the repository, for colleagues.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--private/--shared", "private", default=None, help="Where records go. [default: shared]")
@click.option("--undo", is_flag=True, help="Remove what was set up, and nothing that was learned.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--config", "with_config", is_flag=True, help="Also write a commented .holdfast/config.toml.")
@json_option
@repository_option
def command(
    agents: tuple[str, ...],
    level: str | None,
    tracked: bool,
    yes: bool,
    private: bool | None,
    undo: bool,
    dry_run: bool,
    with_config: bool,
    as_json: bool,
    directory: Path | None,
) -> int:
    """Set this repository up, and have your coding agents call Holdfast in it.

    It shows what it will write into their settings, and asks. It touches no file or branch of the
    repository unless you say --tracked or --config, and sends nothing anywhere.
    """
    from msgspec.structs import replace

    from holdfast.cli.opening import open_view, read_on
    from holdfast.connect import setup
    from holdfast.connect.wiring.agents import named
    from holdfast.connect.wiring.installing import Plan
    from holdfast.repo.location import Repository

    if undo and (private is not None or with_config or level or tracked):
        raise click.UsageError("--undo goes with --agent, --dry-run, --json and -C alone.")
    chosen = named(agents) if agents else None
    repository = Repository.find(directory or ".")
    if undo:
        return _undo(repository, agents, dry_run=dry_run, as_json=as_json)
    before = setup.init(repository, private=private, level=level, with_config=with_config, dry_run=True)
    plan = Plan(repository, level=before.level, agents=chosen, tracked=tracked)
    wiring = plan.preview()
    asked = not wiring.changes or dry_run or yes or _asked(plan, wiring, named=bool(agents), as_json=as_json)
    if not asked and not as_json and _is_terminal():
        click.echo("Nothing was done. To set up without agents: `holdfast init --agent none`")
        return 0
    report = before
    if not dry_run:
        report = setup.init(repository, private=private, level=level, with_config=with_config)
        wiring = plan.do() if asked else wiring
    report = replace(report, wiring=wiring) if asked else _without_agents(report, wiring)
    if chosen is None and not wiring.agents and levels.speaks(report.level, "start"):
        note = "No coding agent was found here that could call Holdfast: name one with --agent."
        report = replace(report, notes=(*report.notes, note))
    shown = asked and wiring.changes and not (yes or dry_run or as_json) and _is_terminal()
    emit(report, "holdfast.init/1", as_json, _show_rest if shown else _show)
    if not dry_run:
        with open_view(repository.directory) as view:
            read_on(view)
    return 1 if any(file.problem for each in wiring.agents for file in each.files) and asked else 0


def _undo(repository: Repository, agents: tuple[str, ...], *, dry_run: bool, as_json: bool) -> int:
    from msgspec.structs import replace

    from holdfast.connect import removal, setup
    from holdfast.connect.wiring.agents import named
    from holdfast.connect.wiring.installing import Plan
    from holdfast.repo import config, own_state

    some = named(agents) if agents else None
    before = None if some is None else config.settings(repository)
    plan = Plan(repository, level=before.level if before else levels.DEFAULT, agents=some, undo=True)
    if some is None:
        report = removal.undo(repository, dry_run=dry_run)
    else:
        report = setup.Report(did=(), dry_run=dry_run, level=plan.level, next="holdfast status")
    wiring = plan.preview() if dry_run else plan.do()
    if some is None and not dry_run:
        own_state.remove_if_empty(repository)
    if wiring.changes and report.did == removal.NOTHING_MADE:
        report = replace(report, did=())
    emit(replace(report, wiring=wiring), "holdfast.init/1", as_json, _show)
    return 1 if any(file.problem for each in wiring.agents for file in each.files) else 0


def _asked(plan: Plan, wiring: Wiring, *, named: bool, as_json: bool) -> bool:
    """Show what would be written into agents' settings, and ask; who cannot be asked has to name agents."""
    if as_json or not _is_terminal():
        return named or plan.tracked
    click.echo("\n".join(_wired(wiring, done=False)))
    click.echo("")
    return click.confirm("Write this?", default=True)


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _without_agents(report: Report, wiring: Wiring) -> Report:
    from msgspec.structs import replace

    titles = " and ".join(each.title for each in wiring.agents)
    note = f"The settings of {titles} are as they were: `holdfast init --yes` has them call Holdfast."
    return replace(report, notes=(*report.notes, note))


def _show_rest(report: Report) -> Iterator[str]:
    """Show a report whose changes to agents' settings were shown before it was asked about them."""
    problems = [file for each in report.wiring.agents for file in each.files] if report.wiring else []
    yield bad("Not all of it could be written:") if any(file.problem for file in problems) else "Written."
    for file in problems:
        if file.problem:
            yield bad(wrapped(f"{plain(file.path)} {plain(file.problem)}"))
    yield from _show(report, with_agents=False)


def _show(report: Report, *, with_agents: bool = True) -> Iterator[str]:
    if report.dry_run:
        yield strong("Nothing was done. This would be:")
    for sentence in report.did:
        yield wrapped(sentence, first="", indent="")
    if report.wiring is not None and with_agents:
        yield from _wired(report.wiring, done=not report.dry_run)
    for sentence in (*report.notes, *report.left):
        yield dim(wrapped(sentence, first="- "))
    if report.identity:
        yield dim(f"Records are signed {plain(report.identity)}.")
    yield ""
    yield f"Next: {strong(report.next)}"


def _wired(wiring: Wiring, *, done: bool) -> Iterator[str]:
    """Say what was, or would be, written where, and what each agent will ask."""
    if any(each.events for each in wiring.agents):
        from holdfast.connect.levels import events

        wanted = events(wiring.level)
        told = _listed([words for event, words in _EVENTS.items() if event in wanted])
        verb = "call" if done else "would call"
        yield wrapped(f"Agents {verb} Holdfast when {told} (level {wiring.level}):", first="", indent="")
    width = max((len(each.title) for each in wiring.agents), default=0)
    for each in wiring.agents:
        yield from _agent(each, width)
    if wiring.launcher:
        yield dim(wrapped(f"What they call: {plain(wiring.launcher)}", first="  "))
    if wiring.launcher_removed:
        yield dim(wrapped(f"Removed what they called: {plain(wiring.launcher_removed)}", first="  "))
    for sentence in wiring.more:
        yield wrapped(plain(sentence), first="", indent="")


def _agent(each: AgentReport, width: int) -> Iterator[str]:
    name = f"  {each.title:<{width}}  "
    indent = " " * len(name)
    lines = [_file(file.path, file.added, file.removed) for file in each.files if file.added or file.removed]
    if not lines and not any(file.problem or file.left for file in each.files):
        lines = ["as it is"] if not each.tells else []
    for line in lines:
        yield wrapped(line, first=name, indent=indent)
        name = indent
    for file in each.files:
        for sentence in file.left:
            yield dim(wrapped(f"{plain(file.path)}: {plain(sentence)}", first=name, indent=indent))
            name = indent
        if file.problem:
            yield bad(wrapped(f"{plain(file.path)} {plain(file.problem)}", first=name, indent=indent))
            name = indent
    for sentence in (each.asks, each.tells):
        if sentence:
            arrow = f"{name}→ " if name == indent else name
            yield wrapped(sentence, first=arrow, indent=indent + ("  " if name == indent else ""))
            name = indent


def _file(path: str, added: tuple[str, ...], removed: tuple[str, ...]) -> str:
    done = []
    for words, verb in ((added, "adds"), (removed, "removes")):
        hooks = [word for word in words if " " not in word]
        others = [word for word in words if " " in word]
        parts = [count(len(hooks), "hook")] if hooks else []
        if parts or others:
            done.append(f"{verb} {_listed([*parts, *others])}")
    return f"{plain(path)}: {'; '.join(done)}"


def _listed(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
